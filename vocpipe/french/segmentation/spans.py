"""Stretches of a text: what is never cut, what is too long, what is too short to stand alone."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

Span = tuple[int, int]

LONG = 350
"""Characters above which a stretch without punctuation is cut at the most sensible place."""

_KEPT = "ˣ"
"""Letter that takes the place of characters that must stay together."""
_WHOLE = re.compile(
    r"""
      «[^«»\n]{1,300}+» | “[^“”\n]{1,300}+” | (?<![\w"])"(?=\S)[^"\n]{1,300}+(?<=\S)"(?!\w)   # a quotation, such as the firm's answer
    | \[[A-Z_]{2,20}(?::[a-z]{8})?\]                                                       # personal data redacted
    | (?i:https?://|\bwww\.)\S+
    """,
    re.VERBOSE,
)
_ADDRESS = re.compile(r"(?<!\S)[\w.+-]{1,64}+@[\w-]{1,64}+\.[\w.]{1,20}")
_CLOSING = " .!?…,;:)]»”\"'’"
_WORD = re.compile(r"(?<![#@\w])[^\W_]")
"""Where a word starts; hashtags and mentions are no words of the sentence."""
_CLAUSE = re.compile(
    r"[;:]\s|\s[-–—]\s|(?:,\s?|\s)(?=(?:et|car|donc|puis|ensuite|or|mais|je|j['’]|on|ils?|elles?|nous|c['’]est|depuis|quand|parce|alors)(?!\w))", re.IGNORECASE
)
"""What stands before a clause of a run-on, unless a word that binds the clause to what precedes stands there."""
_BOUND = re.compile(r"(?<!\w)(?:que|qu|qui|car|et|donc|si|quand|dont|où|mais|ou|comme|lorsque|puisque|ce|je|ne)\s$", re.IGNORECASE)
_COMMA = re.compile(r",\s")
_SPACE = re.compile(r"\s")


def whole(text: str) -> str:
    """Return the text, length unchanged, with quotations, redacted data, links and addresses written as one word each: nothing cuts a word.

    The marks that end a quotation stay: they end the sentence too.
    """
    if "@" in text:
        text = _ADDRESS.sub(_as_word, text)
    return _WHOLE.sub(_as_word, text)


def _as_word(match: re.Match[str]) -> str:
    found = match.group()
    inside = found if found[0] == "[" else found.rstrip(_CLOSING)
    return "X" + _KEPT * (len(inside) - 1) + found[len(inside) :] if inside else found


def has_words(text: str, start: int, end: int, least: int) -> bool:
    """Tell whether a stretch holds at least that many words."""
    return sum(1 for _ in islice(_WORD.finditer(text, start, end), least)) == least


def trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the stretch without the space around it, unless it is all space."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


def joined(text: str, pieces: Iterable[Span]) -> list[Span]:
    """Give a piece of one word to the piece before, which it comments ("Dommage."), or after when it opens, unless it exclaims ("Arnaque !")."""
    spans: list[Span] = []
    opening = 0
    for start, end in pieces:
        weight = _weight(text, start, end)
        if spans and (weight < 2 or (len(spans) == 1 and opening < 2)):
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
        if len(spans) == 1:
            opening += weight
    return spans


def _weight(text: str, start: int, end: int) -> int:
    """Return 2 for what can stand alone: two words, or one that exclaims; else how many words there are."""
    if not has_words(text, start, end, 1):
        return 0
    return 2 if has_words(text, start, end, 2) or "!" in text[start:end] else 1


def attached(text: str, spans: Iterable[Span]) -> list[Span]:
    """Give stretches without a word ("!!!", an emoji) to their neighbour, so that every opinion can be judged."""
    kept: list[Span] = []
    worded = True
    for start, end in spans:
        has_word = has_words(text, start, end, 1)
        if kept and not (has_word and worded):
            kept[-1] = (kept[-1][0], end)
            worded = worded or has_word
        else:
            kept.append((start, end))
            worded = has_word
    return kept


def short_enough(text: str, start: int, end: int) -> Iterator[Span]:
    """Cut a run-on near its middle until every piece is short enough."""
    pending = [(start, end)]
    while pending:
        start, end = pending.pop()
        if end - start <= LONG:
            yield from trimmed(text, start, end)
            continue
        middle = (start + end) // 2 if end - start < 3 * LONG else start + LONG * 3 // 4
        cut = _sensible_cut(text, middle - LONG // 2, middle, middle + LONG // 2)
        pending.extend([(cut, end), (start, cut)])


def _sensible_cut(text: str, first: int, middle: int, last: int) -> int:
    """Return the place nearest the middle where a clause begins, else after a comma, else after a space, else in a word."""
    clauses = [mark.end() for mark in _CLAUSE.finditer(text, first, last) if not _BOUND.search(text[mark.end() - 10 : mark.end()])]
    cuts = clauses or [mark.end() for mark in _COMMA.finditer(text, first, last)] or [mark.end() for mark in _SPACE.finditer(text, first, last)]
    return min(cuts, key=lambda place: (abs(place - middle), place)) if cuts else _within_word(text, middle, last)


def _within_word(text: str, cut: int, last: int) -> int:
    """Return where to cut a word hundreds of letters long: at `cut`, or after what must stay together there."""
    while cut < last and text[cut] == _KEPT:
        cut += 1
    return cut
