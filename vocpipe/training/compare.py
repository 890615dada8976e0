"""Intervals around figures, and differences between models: verbatims are drawn again with replacement, for neighbours in one verbatim are not independent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from vocpipe.training.measures import Classes, Heads, Labels, kappa, labels_f1

DRAWS = 500
LEAST_VERBATIMS = 10
"""With fewer verbatims no interval is given: drawing a handful again tells little."""
_TAILS = (2.5, 97.5)


@dataclass(frozen=True)
class Tally:
    """Hold what the figures are made of, summed by verbatim: `counts` is verbatims × cells, `places` where each head's cells are.

    Figures are functions of sums of rows, so that a draw of verbatims is a matrix product.
    """

    counts: sparse.csr_matrix
    places: dict[str, slice]
    heads: dict[str, tuple[str, int]]


def tally(heads: Heads, verbatim: np.ndarray) -> Tally:
    """Return the cells of every head of the summary; `verbatim` is the index of each segment's verbatim, without gaps."""
    chosen = {name: head for name, head in _of_summary(heads).items() if bool(head.judged.any())}
    blocks, places, kinds = [], {}, {}
    start = 0
    for name, head in chosen.items():
        block = _class_cells(head) if isinstance(head, Classes) else _label_cells(head)
        kinds[name] = ("sentiment" if name == "sentiment" else "classes" if isinstance(head, Classes) else "labels", len(head.codes))
        places[name] = slice(start, start + block.shape[1])
        start += block.shape[1]
        blocks.append(block)
    size = len(verbatim)
    owner = sparse.csr_matrix((np.ones(size), (verbatim, np.arange(size))), shape=(int(verbatim.max()) + 1 if size else 0, size))
    cells = sparse.hstack(blocks).tocsr() if blocks else sparse.csr_matrix((size, 0))
    return Tally((owner @ cells).tocsr(), places, kinds)


def _of_summary(heads: Heads) -> Heads:
    emotions = heads.get("emotions:ekman", heads["emotions"])
    return {name: emotions if name == "emotions" else heads[name] for name in ("polarity", "sentiment", "step", "theme", "emotions", "irritant", "flags")}


def _class_cells(head: Classes) -> sparse.csr_matrix:
    size = len(head.codes)
    rows = np.nonzero(head.judged)[0]
    columns = head.truth[rows] * size + head.said[rows]
    return sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(head.truth), size * size))


def _label_cells(head: Labels) -> sparse.csr_matrix:
    judged = head.judged[:, None]
    truth, said = head.truth & judged, head.said & judged
    return sparse.csr_matrix(np.concatenate([truth & said, truth, said], axis=1).astype(np.float64))


def figures(found: Tally, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Return each head's figure per draw; `weights` (draws × verbatims) says how often each verbatim was drawn. NaN: nothing to measure in a draw."""
    totals = np.asarray(weights @ found.counts)
    drawn = {}
    for name, (kind, size) in found.heads.items():
        cells = totals[:, found.places[name]]
        if kind == "labels":
            hits, positives, claimed = (cells[:, part * size : (part + 1) * size] for part in range(3))
            drawn[name] = labels_f1(hits, positives, claimed)
        else:
            drawn[name] = kappa(cells.reshape(-1, size, size), quadratic=kind == "sentiment")
    return drawn


def values(found: Tally) -> dict[str, float]:
    """Return each head's figure on all verbatims; heads with nothing to measure are left out."""
    whole = figures(found, np.ones((1, found.counts.shape[0])))
    return {name: float(value[0]) for name, value in whole.items() if not np.isnan(value[0])}


def resamples(verbatims: int, draws: int = DRAWS, seed: int = 0) -> np.ndarray:
    """Return how often each verbatim is drawn, draws × verbatims: each draw takes as many as there are, with replacement."""
    random = np.random.default_rng(seed)
    return random.multinomial(verbatims, np.full(verbatims, 1 / verbatims), size=draws).astype(np.float64)


def intervals(found: Tally, weights: np.ndarray) -> dict[str, dict[str, Any]]:
    """Return per head `value` and the 95 % interval `low` … `high`; both ends are None with fewer than `LEAST_VERBATIMS` verbatims."""
    drawn = figures(found, weights)
    return {name: {"value": _rounded(value), **_ends(drawn[name], weights)} for name, value in values(found).items()}


def differences(ours: Tally, theirs: Tally, weights: np.ndarray) -> dict[str, dict[str, Any]]:
    """Return per head by how much `ours` is better than `theirs`, on the same verbatims drawn together: `value`, `low`, `high` as in `intervals`."""
    mine, other = values(ours), values(theirs)
    drawn, against = figures(ours, weights), figures(theirs, weights)
    return {name: {"value": _rounded(mine[name] - other[name]), **_ends(drawn[name] - against[name], weights)} for name in mine if name in other}


def regressions(compared: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the heads whose whole interval of difference lies below zero."""
    return [name for name, difference in compared.items() if difference["high"] is not None and difference["high"] < 0]


def _ends(values: np.ndarray, weights: np.ndarray) -> dict[str, float | None]:
    known = values[~np.isnan(values)]
    if weights.shape[1] < LEAST_VERBATIMS or not len(known):
        return {"low": None, "high": None}
    low, high = np.percentile(known, _TAILS)
    return {"low": _rounded(low), "high": _rounded(high)}


def _rounded(value: float) -> float:
    return round(float(value), 4)
