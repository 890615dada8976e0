"""Choose the quotes that prove an irritant, and the words in them that do."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from vocpipe.french.lemmas import content_words, words

SHORTEST, LONGEST = 25, 220
_ALIKE = 0.6
_LOOKED_AT = 300
_SHORT = 90
_CLAUSE = re.compile(r"[^,;:.!?…\n()]+[,;:.!?…\n()]*")


def choose(ranked: Iterable[int], texts: Sequence[str], verbatims: Sequence[str], limit: int) -> list[int]:
    """Return up to `limit` rows of `ranked` (most central first): distinct verbatims, no two nearly the same words.

    Quotes of 25 to 220 characters come first; the others only fill up.
    """
    looked_at = list(ranked)[:_LOOKED_AT]
    fit = [row for row in looked_at if SHORTEST <= len(texts[row]) <= LONGEST]
    preferred = set(fit)
    chosen: list[int] = []
    for row in (*fit, *(row for row in looked_at if row not in preferred)):
        if len(chosen) == limit:
            break
        if all(verbatims[row] != verbatims[other] and not _alike(texts[row], texts[other]) for other in chosen):
            chosen.append(row)
    return chosen


def span(text: str, terms: Sequence[str]) -> tuple[int, int]:
    """Return where the words stand, in an opinion, that tell an irritant known by these terms.

    A short opinion proves it as a whole; in a long one it is the first of the clauses that hold most of the terms' words, the whole when none holds any.
    """
    start, end = _trimmed(text, 0, len(text))
    wanted = _lemmas(tuple(terms))
    if end - start <= _SHORT or not wanted:
        return start, end
    clauses = [_trimmed(text, match.start(), match.end()) for match in _CLAUSE.finditer(text)]
    held = [len(wanted & {word.lemma for word in words(text[first:last])}) for first, last in clauses]
    best = max(held, default=0)
    if not best:
        return start, end
    return clauses[held.index(best)]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    stretch = text[start:end]
    return start + len(stretch) - len(stretch.lstrip()), end - (len(stretch) - len(stretch.rstrip()))


@lru_cache(maxsize=4096)
def _lemmas(terms: tuple[str, ...]) -> frozenset[str]:
    return frozenset(lemma for term in terms for _, lemma in content_words(term))


def _alike(one: str, other: str) -> bool:
    """Tell whether two texts share most of their words."""
    left, right = ({word.surface for word in words(text)} for text in (one, other))
    return one == other or len(left & right) > _ALIKE * len(left | right)
