"""Split a French verbatim into opinions: sentences, then clauses at contrast markers, with exact offsets."""

import re
from collections.abc import Iterator
from itertools import islice

Span = tuple[int, int]

LONG = 240
"""Characters above which a stretch without punctuation is cut at the most sensible place."""
MIN_WORDS = 2
"""Words that a clause needs on each side of a contrast marker to stand alone."""

_ABBREVIATIONS = frozenset(
    [
        "m",
        "mm",
        "mme",
        "mmes",
        "mlle",
        "melle",
        "mr",
        "mrs",
        "dr",
        "pr",
        "me",
        "st",
        "ste",
        "cf",
        "ex",
        "p.ex",
        "env",
        "tel",
        "tél",
        "av",
        "bd",
        "art",
        "vol",
        "max",
        "min",
        "etc",
        "n",
        "no",
        "nb",
        "svp",
        "resp",
        "réf",
        "ref",
    ]
)
_EMOJI = "[\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55\ufe0f\u200d\U0001f1e6-\U0001f1ff]"
_SENTENCE_END = re.compile(
    r"""
      (?<![.!?…]) [.!?…]++ [)"»”']*+ (?=\s|$|[A-ZÀÂÇÉÈÊËÎÏÔÙÛÜŒ«“"(-]|[^\W\d]{2})   # end marks, the space after them may be missing
    | \n\s*+                                                                         # a line break
    | (?:EMOJI)++                                                                     # a run of emoji closes what it comments
    """.replace("EMOJI", _EMOJI),
    re.VERBOSE,
)
_CONTRAST = re.compile(
    r"""
      (?<![\w'’-])
      (?: mais (?!\s+(?:aussi|également|egalement|surtout\b|pas\b|bon\b|encore\b))
        | par\s+contre | en\s+revanche | sauf\s+qu(?:e\b|['’]) | cependant | toutefois | n[ée]anmoins | pourtant | malheureusement | h[ée]las
        | alors\s+qu(?:e\b|['’]) | seul\s+b[ée]mol | (?:petit|gros)\s+b[ée]mol | seul\s+hic | dommage\b(?!\s*[.!?]*$)
        | (?<=,\ )et (?=\s) | (?<=,)et (?=\s)
      ) (?!\w)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SOFT_CUT = re.compile(r"(?:[,;:]\s+|\s+-+\s+|\s+(?=(?:et|car|donc|puis|ensuite|or|je|j['’]|on|ils?|nous|c['’]est|depuis|quand|parce)\b))", re.IGNORECASE)
_SPACE = re.compile(r"\s")
_WORD = re.compile(r"[^\W_]+")
_LAST_WORD = re.compile(r"([^\W\d_][\w.]*)\.$")


def segment(text: str) -> list[Span]:
    """Return the opinions of a text as ordered, disjoint `(start, end)` offsets that together cover every letter and digit."""
    spans: list[Span] = []
    for start, end in _sentences(text):
        for clause in _clauses(text, start, end):
            spans.extend(_cut_long(text, *clause))
    return _attach_wordless(text, spans)


def _sentences(text: str) -> Iterator[Span]:
    start = 0
    for mark in _SENTENCE_END.finditer(text):
        if mark.end() <= start or _is_abbreviation(text, mark):
            continue
        yield from _trimmed(text, start, mark.end())
        start = mark.end()
    yield from _trimmed(text, start, len(text))


def _is_abbreviation(text: str, mark: re.Match[str]) -> bool:
    """Tell whether the full stop belongs to an abbreviation, an initial, a number or a web address."""
    if mark.group() != ".":
        return False
    before = _LAST_WORD.search(text[max(0, mark.start() - 12) : mark.end()])
    word = before.group(1).lower().rstrip(".") if before else ""
    if word == "www":
        return True
    following = text[mark.end() : mark.end() + 1]
    if following.isspace() or not following:
        return (word in _ABBREVIATIONS and word not in ("etc", "max", "min", "svp")) or (len(word) == 1 and word not in "àay")
    return (
        following.islower()
        and not following.isspace()
        and bool(re.match(r"(?:com|fr|net|org|eu|be|ch|ca|io|co|html?|pdf|jpe?g)\b", text[mark.end() : mark.end() + 5]))
    )


def _clauses(text: str, start: int, end: int) -> Iterator[Span]:
    for marker in _CONTRAST.finditer(text, start, end):
        if _has_words(text, start, marker.start()) and _has_words(text, marker.end(), end):
            yield from _trimmed(text, start, marker.start())
            start = marker.start()
    yield from _trimmed(text, start, end)


def _cut_long(text: str, start: int, end: int) -> Iterator[Span]:
    """Cut a run-on near its middle, at punctuation or before a word that opens a clause, until every piece is short enough."""
    pending = [(start, end)]
    while pending:
        start, end = pending.pop()
        if end - start <= LONG:
            yield from _trimmed(text, start, end)
            continue
        first, last = start + LONG // 4, min(end - LONG // 4, start + 2 * LONG)
        cuts = [mark.end() for mark in _SOFT_CUT.finditer(text, first, last)] or [mark.end() for mark in _SPACE.finditer(text, first, last)] or [last]
        middle = (start + end) // 2 if end - start < 3 * LONG else start + LONG * 3 // 4
        cut = min(cuts, key=lambda place: (abs(place - middle), place))
        pending.extend([(cut, end), (start, cut)])


def _attach_wordless(text: str, spans: list[Span]) -> list[Span]:
    """Give stretches without a word ("!!!", an emoji) to their neighbour, so that every opinion can be judged."""
    joined: list[Span] = []
    for start, end in spans:
        wordless = not _WORD.search(text, start, end)
        if joined and (wordless or not _WORD.search(text, *joined[-1])):
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end


def _has_words(text: str, start: int, end: int) -> bool:
    return sum(1 for _ in islice(_WORD.finditer(text, start, end), MIN_WORDS)) == MIN_WORDS
