"""The words of a text as the search for names needs them: where they stand, whether their capital means anything, what forbids that they are a name."""

import re
from collections.abc import Iterator
from functools import cached_property

from vocpipe.french.redaction.name_lists import first_names, is_word, phrases, plain, shops, streets
from vocpipe.french.redaction.rule import Span

WORD = re.compile(r"\[[A-Z_]{2,20}(?::[a-z]{8})?\]|(?:https?://|www\.)\S+|[^\W\d_]+(?:[\u0300-\u036f]+[^\W\d_]*)*")
"""A marker of this package or an address of the web, so that their letters are not read, or the letters of one word, also with combining accents."""

GLUED = re.compile(r"[A-ZÀ-ÖØ-Þ](?<=[a-zß-öø-ÿ].)(?=[a-zß-öø-ÿ]{2})")
"""A capital in the middle of a word."""

_BEFORE_HANDLES = frozenset({"@", "#", "_", "/", "\\"})
_SPACES = frozenset({" ", "  ", "\u00a0", "\u202f", " \u00a0", "\u00a0 "})
_APOSTROPHES = frozenset("'’`´")
_HYPHENS = frozenset("-‑")
_PERSONS = frozenset({"m", "mr", "mme", "mlle", "monsieur", "madame"})
_LINKS = frozenset({"de", "du", "des", "la", "le", "les", "l", "d"})
_IN_PLACES = frozenset({"en", "sur", "les", "de", "du", "la", "le", "aux", "sous"})
_HOSTS = frozenset({"fr", "com", "net", "org", "eu"})
# Letters that are words of their own in French, so that they stand for a name only with a full stop.
_ONE_LETTER_WORDS = frozenset("AÀYOÔ")
_AFTER_TITLE = re.compile(r"[.:]?[ \u00a0\u202f]{0,3}")
_QUOTES = frozenset({"", '"', "“", "«"})
_NEAR = 3
_LONGEST_PART = 30


def _spans(text: str) -> Iterator[Span]:
    for match in WORD.finditer(text):
        word = match.group()
        whole = word.islower() or word[1:].islower() or word.isupper() or word[0] == "["
        if whole or text[max(0, match.start() - 1) : match.start()] in _BEFORE_HANDLES:
            yield match.span()
        else:
            yield from _unglued(word, match.start())


def _unglued(word: str, start: int) -> Iterator[Span]:
    """Part the words that an export glued where it dropped a line break: "CordialementSophie"."""
    first = 0
    for match in GLUED.finditer(word):
        if 3 < match.start() - first < _LONGEST_PART and is_word(plain(word[first : match.start()])):
            yield start + first, start + match.start()
            first = match.start()
    yield start + first, start + len(word)


def _plain_if_letters(word: str) -> str:
    return "" if word[0] == "[" or ":" in word or "." in word else plain(word)


class Words:
    """Hold the words of a text: as written (`raw`), in lower case without accents (`plain`, empty for what is not read), with their offsets."""

    def __init__(self, text: str) -> None:
        self.text = text
        spans = list(_spans(text))
        self.raw = [text[start:end] for start, end in spans]
        self.plain = [plain(word) if word.isalpha() else _plain_if_letters(word) for word in self.raw]
        self.starts = [start for start, _ in spans]
        self.ends = [end for _, end in spans]

    def __len__(self) -> int:
        return len(self.raw)

    def word(self, index: int) -> str:
        """Return a word in lower case without accents, or nothing outside the text."""
        return self.plain[index] if 0 <= index < len(self.plain) else ""

    def gap(self, index: int) -> str:
        """Return what stands between a word and the next, or after the last word."""
        if index + 1 < len(self.starts):
            return self.text[self.ends[index] : self.starts[index + 1]]
        return self.text[self.ends[index] :]

    def is_spaced(self, index: int) -> bool:
        """Tell whether only one or two spaces part a word from the one before."""
        return 0 < index < len(self.raw) and self.text[self.ends[index - 1] : self.starts[index]] in _SPACES

    def is_hyphenated(self, index: int) -> bool:
        """Tell whether a hyphen ties a word to the one before."""
        return 0 < index < len(self.raw) and self.gap(index - 1) in _HYPHENS

    def is_elided(self, index: int) -> bool:
        """Tell whether an apostrophe ties a word to the one before."""
        return 0 < index < len(self.raw) and self.gap(index - 1) in _APOSTROPHES

    def is_tied(self, index: int) -> bool:
        """Tell whether a word may belong to one name with the one before: a space, a hyphen, or the full stop of an initial between them."""
        return self.is_spaced(index) or self.is_hyphenated(index) or (self.gap(index - 1) in {". ", ".", ".-"} and self.is_initial(index - 1))

    def is_after_title(self, index: int) -> bool:
        """Tell whether a word stands where a name does after a civility."""
        return _AFTER_TITLE.fullmatch(self.gap(index - 1)) is not None

    def capital(self, index: int) -> bool:
        """Tell whether a word stands out by its capital: not so among words that are all in capitals, or that all begin with one.

        Names, and words that begin a sentence, say nothing about the habits of who writes.
        """
        word = self.raw[index]
        if not word[0].isupper():
            return False
        if word.isupper():
            near = self._near(index)
            return not near or any(not other.isupper() for other in near)
        near = [other for other in self._near(index) if not other.isupper() and plain(other) not in first_names()]
        return len(near) < _NEAR or any(other[0].islower() for other in near)

    def stands_in_capitals(self, index: int) -> bool:
        """Tell whether a word is all in capitals among words that are not, as family names often are."""
        return len(self.raw[index]) > 3 and self.raw[index].isupper() and self.capital(index)

    def _near(self, index: int) -> list[str]:
        around = (*range(max(0, index - _NEAR), index), *range(index + 1, min(len(self.raw), index + 1 + _NEAR)))
        return [self.raw[other] for other in around if len(self.raw[other]) > 1 and self.plain[other] and (self.raw[index].isupper() or self.is_spaced(other))]

    def is_initial(self, index: int) -> bool:
        """Tell whether a word is one capital that stands for a name: "L.", or "L" where the words around are not all in capitals."""
        if index >= len(self.raw) or len(self.raw[index]) != 1 or not self.raw[index].isupper():
            return False
        after = self.text[self.ends[index] : self.ends[index] + 1]
        if after == ".":
            return True
        if after.isalnum() or after in {"'", "’", "&", "+", "/", "@", "_"}:
            return False
        return self.raw[index] not in _ONE_LETTER_WORDS and self.capital(index)

    def is_glued(self, index: int) -> bool:
        """Tell whether a word is part of a handle, an address or a code."""
        before, after = self.text[max(0, self.starts[index] - 1) : self.starts[index]], self.text[self.ends[index] : self.ends[index] + 1]
        if before in _BEFORE_HANDLES or after in {"@", "_"} or before.isdigit() or after.isdigit():
            return True
        return after == "." and self.word(index + 1) in _HOSTS and self.gap(index) == "."

    def is_part(self, index: int) -> bool:
        """Tell whether a hyphen makes a word part of one that is no name: Plessis-Robinson, Luc-en-Provence."""
        after_other = self.is_hyphenated(index) and self.plain[index - 1] not in first_names()
        return after_other or (self.is_hyphenated(index + 1) and self.plain[index + 1] in _IN_PLACES)

    def ends_line(self, index: int) -> bool:
        """Tell whether nothing of a sentence follows a word: the end, a new line, a marker or punctuation."""
        return index + 1 == len(self.raw) or bool(self.gap(index).strip(" \u00a0\u202f")) or not self.plain[index + 1]

    @cached_property
    def in_phrase(self) -> set[int]:
        """The words that are part of a firm or product of several words: Leroy Merlin."""
        known = phrases()
        covered: set[int] = set()
        for index, word in enumerate(self.plain):
            for phrase in known.get(word, ()):
                if tuple(self.plain[index : index + len(phrase)]) == phrase:
                    covered.update(range(index, index + len(phrase)))
        return covered

    @cached_property
    def in_street(self) -> set[int]:
        """The words that name a place, from what stands before them: rue Jean Moulin, place du Général Leclerc."""
        opening = streets()
        covered: set[int] = set()
        if opening.isdisjoint(self.plain):
            return covered
        inside = False
        for index, word in enumerate(self.plain):
            if word in opening or word in _PERSONS:
                inside = word in opening
                continue
            tied = inside and (self.is_spaced(index) or self.is_hyphenated(index) or self.is_elided(index))
            if tied and (word in _LINKS or self.raw[index][0].isupper() or self.word(index - 1) in opening):
                covered.add(index)
                inside = word in _LINKS or self.raw[index][0].isupper()
            else:
                inside = False
        return covered

    @cached_property
    def in_shop(self) -> set[int]:
        """The words that name a firm or a product, from what stands before them: chez Paul, matelas Emma, DVD "Gigi"."""
        opening = shops()
        covered: set[int] = set()
        if opening.isdisjoint(self.plain):
            return covered
        for index, word in enumerate(self.plain):
            after_shop = self.word(index - 1) in opening or (index - 1 in covered and self.raw[index][0].isupper())
            if after_shop and word not in _LINKS and self.gap(index - 1).strip(" \u00a0-") in _QUOTES:
                covered.add(index)
        return covered
