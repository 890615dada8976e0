"""Find names of persons, by what stands around them: civilities, roles, thanks, signatures, and lists of first names."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from vocpipe.french.redaction.name_lists import Proof, cues, first_names, plain
from vocpipe.french.redaction.name_search import PHRASES, Search, is_signed_below
from vocpipe.french.redaction.name_words import GLUED, WORD
from vocpipe.french.redaction.rule import Span

MAYBE_NAME = re.compile(r"[^\W\d_]{2}")


def _letter(byte: int) -> str:
    first = unicodedata.normalize("NFKD", bytes([byte]).decode("cp1252", "replace"))[0]
    return first if first.isascii() and first.isalpha() else " "


# Every byte of Windows-1252 becomes its letter without accent, or a space.
_LETTERS = "".join(_letter(byte) for byte in range(256)).encode()
_ACCENTS = re.compile(r"[\u0300-\u036f]+")


# A word with a capital, inside a sentence.
_CAPITAL_INSIDE = re.compile(r"[A-ZÀ-ÖØ-Þ](?<=[^.!?\n]{2}.)(?=[a-zß-öø-ÿ])")


@lru_cache(maxsize=1)
def _signals() -> frozenset[bytes]:
    """Return the words, as written but without accents, of which a text with a name holds one, unless `_signals_before_a_capital` tells of it."""
    groups, listed = cues(), first_names()
    any_case = {name for name, proof in listed.items() if proof >= Proof.CAPITAL} | groups["named"] | groups["closing"] | PHRASES
    any_case |= groups["title"] - {"m", "me", "pr"}
    with_capital = {name for name, proof in listed.items() if proof < Proof.CAPITAL}
    return _spellings(any_case) | frozenset(word for word in _spellings(with_capital) if not word.islower()) | {b"M", b"Me", b"Pr"}


@lru_cache(maxsize=1)
def _signals_before_a_capital() -> frozenset[bytes]:
    return _spellings(cues()["person"])


def _spellings(words: Iterable[str]) -> frozenset[bytes]:
    return frozenset(spelling.encode("ascii", "replace") for word in words for spelling in (word, word.title(), word.upper()))


def _has_signal(text: str) -> bool:
    """Tell whether a text may hold a name. Most do not, and learn it here at a tenth of the cost of the search."""
    if not text.isascii():
        text = _ACCENTS.sub("", text)
    words = text.encode("cp1252", "replace").translate(_LETTERS).split()
    if not _signals().isdisjoint(words) or GLUED.search(text) or is_signed_below(text):
        return True
    return not _signals_before_a_capital().isdisjoint(words) and _CAPITAL_INSIDE.search(text) is not None


def find_names(text: str) -> Iterator[Span]:
    """Yield the names of persons, first and family name together, without the civility."""
    if _has_signal(text):
        yield from Search(text).names()


def same_name(value: str) -> str:
    """Bring a name to one form: no civility, case or accents, and its words in one order, for "DUPONT Jean" is Jean Dupont."""
    words = [plain(word) for word in WORD.findall(value)]
    return " ".join(sorted([word for word in words if word not in cues()["title"]] or words))
