"""The lists that names of persons are told by: first names, family names, words beside names, and what looks like a name and is none."""

import re
import unicodedata
from collections.abc import Iterator
from enum import IntEnum
from functools import lru_cache
from importlib.resources import files

from vocpipe.french.lemmas import LANGUAGE, STOP_WORDS

_ACCENTS = re.compile(r"[\u0300-\u036f]+")
_LONGEST_KEPT = 40


class Proof(IntEnum):
    """Say how much a first name proves by itself; `first_names.txt` says what each means."""

    WORD = 1
    EVIDENCE = 2
    CAPITAL = 3
    SURE = 4


def plain(word: str) -> str:
    """Return a word in lower case without accents."""
    if word.isascii():
        return word.lower()
    return _plain_word(word) if len(word) <= _LONGEST_KEPT else _without_accents(word)


def _without_accents(text: str) -> str:
    # Long runs of marks go first: putting them in order would take quadratic time.
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", _ACCENTS.sub("", text.casefold())))


_plain_word = lru_cache(maxsize=65536)(_without_accents)


def _groups(file: str) -> Iterator[tuple[str, str]]:
    """Yield (group, line) for the lines of a list; a line "= group: what it means" opens a group, # a comment."""
    group = ""
    for line in files("vocpipe.french.redaction").joinpath(file).read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            group = line[2:].split(":")[0]
        elif line and not line.startswith("#"):
            yield group, line


@lru_cache(maxsize=1)
def first_names() -> dict[str, Proof]:
    """Return first names, plain, and how much each proves."""
    return {plain(name): Proof[group.upper()] for group, line in _groups("first_names.txt") for name in line.split()}


@lru_cache(maxsize=1)
def family_names() -> frozenset[str]:
    """Return common family names, plain."""
    return frozenset(plain(name) for _, line in _groups("family_names.txt") for name in line.split())


@lru_cache(maxsize=1)
def cues() -> dict[str, frozenset[str]]:
    """Return the words beside which names stand, plain, by group of `name_cues.txt`."""
    found: dict[str, set[str]] = {}
    for group, line in _groups("name_cues.txt"):
        found.setdefault(group, set()).update(line.split())
    return {group: frozenset(words) for group, words in found.items()}


@lru_cache(maxsize=1)
def _not_names() -> dict[str, frozenset[tuple[str, ...]]]:
    found: dict[str, set[tuple[str, ...]]] = {}
    for group, line in _groups("not_names.txt"):
        found.setdefault(group, set()).update(tuple(plain(entry).replace("'", " ").split()) for entry in line.split(","))
    return {group: frozenset(entries) for group, entries in found.items()}


def streets() -> frozenset[str]:
    """Return the words after which a name is a place's, also with "de" between: rue, saint, lycée."""
    return _single("street")


@lru_cache(maxsize=1)
def shops() -> frozenset[str]:
    """Return the words beside which a name is a firm's or a product's: chez, restaurant, matelas."""
    return _single("shop") | _single("thing")


@lru_cache(maxsize=8)
def _single(group: str) -> frozenset[str]:
    return frozenset(entry[0] for entry in _not_names()[group] if len(entry) == 1)


@lru_cache(maxsize=1)
def phrases() -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return the firms and products of several words by their first word."""
    found: dict[str, set[tuple[str, ...]]] = {}
    for entry in _not_names()["firm"]:
        if len(entry) > 1:
            found.setdefault(entry[0], set()).add(entry)
    return {first: tuple(sorted(entries)) for first, entries in found.items()}


@lru_cache(maxsize=1)
def _beside_names() -> frozenset[str]:
    stop_words = frozenset(plain(word).rstrip("'") for word in STOP_WORDS)
    called = frozenset(word for group, words in cues().items() if group not in {"particle", "own"} for word in words)
    return stop_words | called | _single("word") | _single("firm")


@lru_cache(maxsize=1)
def _dictionary() -> frozenset[str]:
    """Return all forms of French words, plain. Takes half a second and 30 MB, once, and only when a candidate needs it."""
    from simplemma.strategies.dictionaries.dictionary_factory import DefaultDictionaryFactory

    entries = DefaultDictionaryFactory().get_dictionary(LANGUAGE)
    return frozenset(plain("\n".join({*entries, *(str(entry) for entry in entries.values())})).split("\n"))


def is_beside_names(word: str) -> bool:
    """Tell whether a plain word is one that stands beside names with a capital and is no part of them: grammar, greetings, roles, towns, firms."""
    return word in _beside_names()


def is_word(word: str) -> bool:
    """Tell whether a plain word is a French word, a town or a firm, whatever else it is."""
    return word in _beside_names() or word in _dictionary()
