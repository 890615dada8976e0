"""Lines of a text, and the items of lists written in one line."""

import re
from collections.abc import Iterator
from itertools import pairwise

from vocpipe.french.segmentation.spans import Span

WIDTHS = range(50, 121)
"""Widths, in characters, at which programs break the lines of a text."""

_BREAK = re.compile(r"\r?\n\s*+")
_FIRST_WORD = re.compile(r"\S+")
_UNFINISHED = re.compile(
    r"""(?:,|(?<![\w'’-])(?:à|a|au|aux|avec|car|ce|ces|cet|cette|chez|dans|de|des|depuis|du|en|et|la|le|les|leur|leurs|ma|mais|mes|mon|ne|nos|notre|on|ou|par
        |pas|pour|qu['’]|que|qui|sa|sans|ses|si|son|sur|très|tres|trop|un|une|vers|votre|vos|je|il|ils|elle|nous|vous|est|sont|ai|j['’]|l['’]|d['’]|n['’]))$""",
    re.VERBOSE | re.IGNORECASE,
)
_BULLET = re.compile(r"\s*([-–—+*])\s*(?=[^\W_])")
_DASH_ITEM = re.compile(r"(?<=\s)[-–—+](?=\s|[^\W\d_])")
_STAR_ITEM = re.compile(r"(?<=\s)\*(?=\s|[^\W\d_])")
_EMOJI_ITEM = re.compile(r"(?:(?<![✅❌✔✖➕➖👉👍👎🔴🟢➡])[✅❌✔✖➕➖👉👍👎🔴🟢➡]|[\d#*]\ufe0f?\u20e3)")
_SIGN = re.compile(r"[•▪●◦■□►▶➤✓✗✘☑·]|\([+-]\)")
_LABEL = re.compile(
    r"""
    (?<![\w'’-])
    (?:
        (?:Les\s+p|P|(?<=[.!?,;:/)-]\s)(?:les\s+)?p)oints?\s+(?:positifs?|n[ée]gatifs?|forts?|faibles?|noirs?)
      | POINTS?\s+(?:POSITIFS?|N[ÉE]GATIFS?|FORTS?|FAIBLES?|NOIRS?)
      | [Ll]es?\s+[-+] | Pour | Contre | Qualités | Défauts
      | Avantages? | (?:Inconv[ée]nient|D[ée]savantage)s? | AVANTAGES? | INCONV[ÉE]NIENTS?
      | Positifs? | N[ée]gatifs? | POSITIFS? | N[ÉE]GATIFS?
    )
    (?=\s*:)
    """,
    re.VERBOSE,
)
_NUMBER = re.compile(r"(?<!\S)(\d{1,2})\s?[).°/-](?=\s|[^\W\d_])")


def lines(text: str) -> Iterator[Span]:
    """Yield the lines of a text; a sentence that a program broke over several lines is one line."""
    first = 0
    breaks = [match.span() for match in _BREAK.finditer(text)]
    wrapped = _wrapped(text, breaks)
    for start, end in breaks:
        if (start, end) not in wrapped and not _goes_on(text, start, end):
            yield first, start
            first = end
    yield first, len(text)


def _goes_on(text: str, start: int, end: int) -> bool:
    """Tell whether the line before a break cannot end there: it ends in "la", "de" or a comma, and the next line starts small."""
    return text[end : end + 1].islower() and text.count("\n", start, end) == 1 and bool(_UNFINISHED.search(text[max(0, start - 12) : start]))


def _wrapped(text: str, breaks: list[Span]) -> set[Span]:
    """Return the breaks that a program made: two or more lines end where the next word, in small letters, would have been too much for the width."""
    begins = [0, *(end for _, end in breaks)]
    width = max(end - begin for begin, end in zip(begins, [*(start for start, _ in breaks), len(text)], strict=True))
    if width not in WIDTHS:
        return set()
    found = set()
    for begin, (start, following) in zip(begins, breaks, strict=False):
        word = _FIRST_WORD.match(text, following)
        too_much = word is not None and start - begin + 1 + len(word.group()) > width
        if too_much and text[following].islower() and text[max(begin, start - 1) : start] not in (*".!?…:;", ""):
            found.add((start, following))
    return found if len(found) > 1 else set()


def items(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the items of a list written in one line ("- accueil - prix", "1) … 2) …", "Points forts : … Points faibles : …"), or the line."""
    cuts = {mark.start() for mark in _SIGN.finditer(text, start, end)} | set(_numbers(text, start, end))
    if text.find(":", start, end) >= 0:
        cuts |= {mark.start() for mark in _LABEL.finditer(text, start, end)}
    bullet = _BULLET.match(text, start, end)
    if bullet:
        item = _STAR_ITEM if bullet[1] == "*" else _DASH_ITEM
        cuts |= {mark.start() for mark in item.finditer(text, bullet.end(), end)}
    if _EMOJI_ITEM.match(text, start, end):
        cuts |= {mark.start() for mark in _EMOJI_ITEM.finditer(text, start, end)}
    yield from pairwise([start, *sorted(cut for cut in cuts if start < cut < end), end])


def _numbers(text: str, start: int, end: int) -> list[int]:
    """Return where the numbers 1, 2, 3… of a list stand; none when there is no 2."""
    found: list[int] = []
    for number in _NUMBER.finditer(text, start, end):
        if int(number[1]) == len(found) + 1:
            found.append(number.start())
    return found if len(found) > 1 else []
