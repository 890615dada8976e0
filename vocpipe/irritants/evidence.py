"""Choose the quotes that prove an irritant."""

from collections.abc import Iterable

from vocpipe.french.lemmas import words

SHORTEST, LONGEST = 25, 220
_ALIKE = 0.6
_LOOKED_AT = 300


def choose(ranked: Iterable[int], texts: list[str], verbatims: list[str], limit: int) -> list[int]:
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


def _alike(one: str, other: str) -> bool:
    """Tell whether two texts share most of their words."""
    left, right = ({word.surface for word in words(text)} for text in (one, other))
    return one == other or len(left & right) > _ALIKE * len(left | right)
