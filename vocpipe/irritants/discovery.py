"""Find groups of opinions that say the same problem, among those that no known irritant takes."""

from dataclasses import dataclass

import numpy as np

from vocpipe.irritants.scores import Bools, Doubles, Floats, Ints, Profiles, on_grid, score_matrix, scores, unit
from vocpipe.irritants.settings import IrritantSettings

_SAMPLE = 4000
_ROUNDS = 5
_DEVIATIONS = 2.0


@dataclass(frozen=True)
class Group:
    """Hold one group: centroid (d, unit), theme code, threshold, spread, and its members as row numbers."""

    centroid: Floats
    theme: int
    threshold: float
    spread: float
    members: Ints


@dataclass(frozen=True)
class _Centres:
    centroids: Floats
    themes: Ints


def discover(vectors: Floats, themes: Ints, limit: float | None, settings: IrritantSettings) -> list[Group]:
    """Group n opinions (vectors n × d, unit, on the grid; theme codes, -1 for none), the largest group first.

    Ward's method on the vectors beside their themes gives the first groups (on a seeded sample when there are many opinions);
    near-identical ones are joined; a few rounds of "assign to the best, drop the far ones, move the centre" settle them.
    An opinion is far when its score is under `settings.min_score`, or among the `settings.residual` that fit worst when no irritant is known.
    `limit` is the spread that a group may have, null when no irritant is known: wider, it is no new irritant but what the others leave over.
    Words do not count here: a group has none before it is found. The result is a function of the rows in their order: the caller sorts them.
    """
    if len(vectors) < settings.min_size:
        return []
    settings = without_words(settings)
    labels, rows = _first_groups(vectors, themes, settings)
    centres = _joined(_centres(vectors[rows], themes[rows], labels), np.bincount(labels), settings)
    for _ in range(_ROUNDS):
        best, score = _assign(vectors, themes, centres, settings)
        near = score >= _floor(score, limit, settings)
        centres = _moved(vectors, themes, np.where(near, best, -1), centres, settings)
        if not len(centres.themes):
            return []
    best, score = _assign(vectors, themes, centres, settings)
    groups = _groups(vectors, themes, (best, score), centres, _floor(score, limit, settings), settings)
    return [group for group in groups if limit is None or group.spread <= limit]


def same(groups: list[Group], centroids: Floats, centroid_themes: Ints, settings: IrritantSettings) -> Bools:
    """Return, for each group, whether one of the centroids (k × d) is so close that it is the same irritant."""
    if not groups or not len(centroids):
        return np.zeros(len(groups), dtype=bool)
    own, themes = np.stack([group.centroid for group in groups]), np.array([group.theme for group in groups])
    found: Bools = score_matrix(_profiles(own, themes), _profiles(centroids, centroid_themes), without_words(settings)).max(axis=1) >= settings.same_score
    return found


def without_words(settings: IrritantSettings) -> IrritantSettings:
    """Return settings by which words do not count."""
    return settings.model_copy(update={"word_weight": 0.0})


def spread(vectors: Floats, themes: Ints, settings: IrritantSettings) -> float:
    """Return 1 minus the mean score between two members, words left aside; unlike the score to their own centre, it does not flatter small groups."""
    count = len(vectors)
    if count < 2:
        return 0.0
    total = vectors.sum(axis=0, dtype=np.float64)
    cosine = (float((total * total).sum()) - count) / (count * (count - 1))
    of_theme = np.bincount(themes + 1)[1:].astype(np.float64)
    agree = float((of_theme * (of_theme - 1)).sum()) / (count * (count - 1))
    return float(on_grid(1 - (1 - settings.theme_weight) * cosine - settings.theme_weight * agree))


def _profiles(vectors: Floats, themes: Ints) -> Profiles:
    return Profiles(vectors, themes, [()] * len(vectors))


def _wanted(count: int, settings: IrritantSettings) -> int:
    """Return how many groups to start from: grows as the square root of the opinions, with room for groups of twice the least size."""
    by_size = count / (2 * settings.min_size)
    return max(1, round(min(by_size, settings.granularity * float(np.sqrt(count / 1000)))))


def _first_groups(vectors: Floats, themes: Ints, settings: IrritantSettings) -> tuple[Ints, Ints]:
    """Return group numbers from 0, and the rows that they are of."""
    from scipy.cluster.hierarchy import fcluster, linkage

    rows = np.arange(len(vectors))
    if len(rows) > _SAMPLE:
        rows = np.sort(np.random.default_rng(settings.seed).choice(rows, _SAMPLE, replace=False))
    wanted = _wanted(len(vectors), settings)
    if wanted == 1 or len(rows) == 1:
        return np.zeros(len(rows), dtype=np.int64), rows
    one_hot = (themes[rows, None] == np.arange(themes.max() + 1)).astype(np.float64)
    weight = settings.theme_weight
    beside = np.hstack([np.sqrt(1 - weight) * vectors[rows], np.sqrt(weight) * one_hot])
    labels = fcluster(linkage(beside, "ward"), wanted, "maxclust").astype(np.int64) - 1
    return np.unique(labels, return_inverse=True)[1], rows


def _centre(vectors: Floats, themes: Ints) -> tuple[Floats, int]:
    known = np.bincount(themes + 1)
    known[0] = 0
    return unit(vectors.sum(axis=0, dtype=np.float64)), int(known.argmax()) - 1


def _centres(vectors: Floats, themes: Ints, labels: Ints) -> _Centres:
    found = [_centre(vectors[labels == label], themes[labels == label]) for label in range(labels.max() + 1)]
    return _Centres(np.stack([centroid for centroid, _ in found]), np.array([theme for _, theme in found]))


def _joined(centres: _Centres, sizes: Ints, settings: IrritantSettings) -> _Centres:
    """Join the closest two groups while they are the same irritant."""
    centroids, themes, weights = list(centres.centroids), list(centres.themes), list(sizes)
    while len(centroids) > 1:
        own = _profiles(np.stack(centroids), np.array(themes))
        between = score_matrix(own, own, settings)
        between[np.tril_indices(len(centroids))] = -np.inf
        one, other = np.unravel_index(between.argmax(), between.shape)
        if between[one, other] < settings.same_score:
            break
        if weights[other] > weights[one]:
            themes[one] = themes[other]
        centroids[one] = unit(weights[one] * centroids[one].astype(np.float64) + weights[other] * centroids[other].astype(np.float64))
        weights[one] += weights[other]
        del centroids[other], themes[other], weights[other]
    return _Centres(np.stack(centroids), np.array(themes))


def _assign(vectors: Floats, themes: Ints, centres: _Centres, settings: IrritantSettings) -> tuple[Ints, Doubles]:
    best, score = np.zeros(len(vectors), dtype=np.int64), np.zeros(len(vectors))
    for first, chunk in scores(_profiles(vectors, themes), _profiles(centres.centroids, centres.themes), settings):
        best[first : first + len(chunk)], score[first : first + len(chunk)] = chunk.argmax(axis=1), chunk.max(axis=1)
    return best, score


def _floor(score: Doubles, limit: float | None, settings: IrritantSettings) -> float:
    return max(settings.min_score, float(np.quantile(score, settings.residual, method="lower"))) if limit is None else settings.min_score


def _moved(vectors: Floats, themes: Ints, labels: Ints, centres: _Centres, settings: IrritantSettings) -> _Centres:
    """Move each centre to its members; a group that has become too small is dissolved."""
    rows = [np.flatnonzero(labels == label) for label in range(len(centres.themes))]
    moved = [_centre(vectors[members], themes[members]) for members in rows if len(members) >= settings.min_size]
    if not moved:
        return _Centres(centres.centroids[:0], centres.themes[:0])
    return _Centres(np.stack([centroid for centroid, _ in moved]), np.array([theme for _, theme in moved]))


def _groups(vectors: Floats, themes: Ints, assigned: tuple[Ints, Doubles], centres: _Centres, floor: float, settings: IrritantSettings) -> list[Group]:
    """Set each threshold: two deviations under the mean of the near members, never under the floor, so that a tight group stays tight."""
    best, score = assigned
    groups = []
    for label, (centroid, theme) in enumerate(zip(centres.centroids, centres.themes, strict=True)):
        near = score[(best == label) & (score >= floor)]
        if len(near) < settings.min_size:
            continue
        threshold = float(on_grid(max(floor, float(near.mean() - _DEVIATIONS * near.std()))))
        members = np.flatnonzero((best == label) & (score >= threshold))
        if len(members) >= settings.min_size:
            groups.append(Group(centroid, int(theme), threshold, spread(vectors[members], themes[members], settings), members))
    return sorted(groups, key=lambda group: (-len(group.members), group.members[:1].tolist()))
