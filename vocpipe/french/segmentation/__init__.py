"""Split a French verbatim into opinions: lines and list items, then sentences, then clauses at contrast markers, with exact offsets."""

from vocpipe.french.segmentation.clauses import clauses
from vocpipe.french.segmentation.lines import items, lines
from vocpipe.french.segmentation.sentences import sentences
from vocpipe.french.segmentation.spans import LONG, Span, attached, joined, short_enough, whole

__all__ = ["LONG", "Span", "segment"]


def segment(text: str) -> list[Span]:
    """Return the opinions of a text as ordered, disjoint `(start, end)` offsets that together cover every letter and digit."""
    text = whole(text)
    spans: list[Span] = []
    for line in lines(text):
        for item in items(text, *line):
            pieces = [clause for sentence in sentences(text, *item) for clause in clauses(text, *sentence)]
            spans.extend(short for piece in joined(text, pieces) for short in short_enough(text, *piece))
    return attached(text, spans)
