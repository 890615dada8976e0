"""Suggest the scale of a rating from its values: where it ends, which way it goes, and the words it is told in."""

import math
import statistics
from collections import Counter

from vocpipe.sources.config import DEFAULT_SCALES, Scale
from vocpipe.sources.headers import scale_of
from vocpipe.sources.profile import Profile
from vocpipe.sources.values import label_key
from vocpipe.sources.wordings import rank_of

_BESTS = (5, 7, 10, 20, 100)
_SMALL_BESTS = (3, 4, 5, 6, 7, 10, 20, 100)
# With fewer ratings than that, or with notes between that nobody gave, the best note may well not have been given.
_ENOUGH = 100
_ENOUGH_PAIRS = 30
_OPPOSED = -0.3


def suggest_scale(rating: str, values: Profile) -> tuple[Scale, str]:
    """Return the (worst, best) that a rating seems to have, and why. Values given once or twice in a thousand are taken for mistakes."""
    stated = scale_of(values.header)
    if stated:
        return stated, "the header says so"
    if values.best_told:
        return (1.0 if values.best_told <= 7 else 0.0, values.best_told), f"the values say /{values.best_told:g}"
    given = Counter(number for number in values.numbers if number is not None)
    often = sorted(number for number, times in given.items() if times >= max(2, given.total() * 0.003)) or sorted(given)
    seen = f"seen {often[0]:g} to {often[-1]:g}"
    if rating == "nps" and often[-1] <= 10:
        return DEFAULT_SCALES["nps"], seen
    top = math.ceil(often[-1])
    enough = given.total() >= _ENOUGH and top > 2 and set(range(2, top + 1)) <= set(often)
    usual = DEFAULT_SCALES[rating]
    if not enough and usual[0] <= often[0] and often[-1] <= usual[1]:
        return usual, seen
    best = next((float(each) for each in (_SMALL_BESTS if enough else _BESTS) if each >= top), float(top))
    from_zero = often[0] < 1 or best > 10 or (best == 10 and given.total() < _ENOUGH)
    return (0.0 if from_zero else 1.0, best), seen


def is_opposed(values: Profile, to: Profile) -> float | None:
    """Return the correlation of two ratings of the same rows when one clearly goes down where the other goes up, else None."""
    pairs = [(one, other) for one, other in zip(values.points, to.points, strict=True) if one is not None and other is not None]
    if len(pairs) < _ENOUGH_PAIRS:
        return None
    try:
        correlation = statistics.correlation(*zip(*pairs, strict=True))
    except statistics.StatisticsError:  # one of them is always the same
        return None
    return correlation if correlation < _OPPOSED else None


def suggest_labels(values: Profile) -> tuple[str, ...]:
    """Return the words of a scale among the values, from the worst to the best, each as it is written most often; () when there are not two."""
    times = Counter(cell for cell in values.cells if rank_of(cell) is not None)
    best_spelling: dict[str, str] = {}
    for cell, _ in times.most_common():
        best_spelling.setdefault(label_key(cell), cell)
    labels = sorted(best_spelling.values(), key=lambda cell: (rank_of(cell), label_key(cell)))
    return tuple(labels) if len(labels) > 1 else ()
