"""What a kind of personal data is: where it is found, and what is put in its place."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

Span = tuple[int, int]
_Found = TypeVar("_Found", tuple[int, int], tuple[int, int, str])

GAP = r"[ .\-\u00a0\u202f\t]"
"""What people put between the digits of one number."""


def letters_and_digits(value: str) -> str:
    """Return a value in lower case, without accents and without anything but letters and digits: the same for two spellings of it."""
    plain = unicodedata.normalize("NFKD", value.casefold())
    return "".join(character for character in plain if character.isalnum())


@dataclass(frozen=True)
class Rule:
    """Describe one kind of personal data, and the marker that replaces it, such as `[EMAIL]`.

    `find` yields (start, end) from left to right, without overlap, in linear time. It is called only on texts in which `hint`, a cheap search, finds
    something. `same` brings two spellings of one value to the same string, from which its pseudonym is made.
    """

    kind: str
    marker: str
    hint: re.Pattern[str]
    find: Callable[[str], Iterable[Span]]
    same: Callable[[str], str] = letters_and_digits


def longest_valid(text: str, start: int, end: int, valid: Callable[[str], bool], goes_on: Callable[[str], bool] = str.isalnum) -> int:
    """Return the largest end that makes a valid number and after which it does not go on, or 0: what follows a number often looks like more of it."""
    for stop in range(end, start, -1):
        if text[stop - 1].isalnum() and not goes_on(text[stop : stop + 1]) and valid(text[start:stop]):
            return stop
    return 0


def find_validated(text: str, candidate: re.Pattern[str], valid: Callable[[str], bool], goes_on: Callable[[str], bool] = str.isalnum) -> Iterator[Span]:
    """Yield the candidates that are valid once shortened. Linear, because a candidate's length is bounded by its pattern.

    `goes_on` tells of the character after a number whether it belongs to it: letters do, unless they are known to be the next word.
    """
    position = 0
    while match := candidate.search(text, position):
        end = longest_valid(text, match.start(), match.end(), valid, goes_on)
        if end:
            yield match.start(), end
        position = end or match.start() + 1


def without_overlap(found: Iterable[_Found]) -> Iterator[_Found]:
    """Yield what was found, sorted by start, without what begins before the end of the one before."""
    last = 0
    for item in found:
        if item[0] >= last:
            yield item
            last = item[1]
