"""Estimate what each irritant and enchantment costs or brings to the ratings."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from scipy import sparse
from threadpoolctl import threadpool_limits

from vocpipe.feeds.ratios import ratio
from vocpipe.feeds.ridge import Moments, Patterns, choose_penalty
from vocpipe.feeds.settings import ImpactSettings

_Doubles = npt.NDArray[np.float64]
_Ints = npt.NDArray[np.int64]
_Bools = npt.NDArray[np.bool_]

MEASURES = ("stars", "nps", "csat", "ces")
ALL_MONTHS = "all"
IMPACTS = pa.schema(
    {
        "period": pa.string(),
        "irritant_id": pa.string(),
        "kind": pa.string(),
        "measure": pa.string(),
        "n_with": pa.int64(),
        "n_without": pa.int64(),
        "mean_with": pa.float64(),
        "mean_without": pa.float64(),
        "leave_one_out": pa.float64(),
        "leave_one_out_low": pa.float64(),
        "leave_one_out_high": pa.float64(),
        "effect": pa.float64(),
        "effect_low": pa.float64(),
        "effect_high": pa.float64(),
        "enough": pa.bool_(),
        "reason": pa.string(),
    }
)
_ESTIMATES = ("leave_one_out", "leave_one_out_low", "leave_one_out_high", "effect", "effect_low", "effect_high")
_DIGITS = 6  # further ones depend on the processor that solves the equations


@dataclass(frozen=True)
class _Presence:
    """Hold who met what: verbatims × items, 1 where met; items are (irritant_id, kind), sorted."""

    items: list[tuple[str, str]]
    matrix: sparse.csr_array


def impacts(verbatims: pa.Table, met: pa.Table, settings: ImpactSettings) -> pa.Table:
    """Estimate the impact of every irritant and enchantment on every rating, in each month and in all of them.

    `verbatims` has verbatim_id (unique), month and the ratings stars, nps, csat, ces (null: not given); `met` has verbatim_id, irritant_id and kind,
    as often as one likes; verbatims that `verbatims` lacks are ignored. Neither's order matters.
    Returns the columns of `IMPACTS` by period (`all` is the last), measure, irritant_id: what was met in the period, for the measures given in it.
    n_with and n_without count the rated verbatims; leave_one_out is the mean without those that met it minus the mean of all: the points that it costs
    (negative: that it brings). effect is the coefficient of a ridge regression of the measure on all that has enough verbatims:
    the points that come with it, the others being equal, shrunk towards 0. Low and high end the percentile bootstrap 95 % interval over verbatims,
    the penalty of the regression being kept. With fewer than `settings.min_verbatims` with it or without it, or ratings that are all the same,
    `enough` is false, `reason` tells why and the estimates are null. Raises `ValueError` when a verbatim_id comes twice.
    """
    verbatims = verbatims.take(pc.sort_indices(verbatims, [("verbatim_id", "ascending")]))
    if pc.count_distinct(verbatims["verbatim_id"]).as_py() != verbatims.num_rows:
        raise ValueError("verbatim_id must be unique")
    presence = _presence(verbatims["verbatim_id"], met)
    ratings = {measure: verbatims[measure].cast(pa.float64()).to_numpy() for measure in MEASURES}
    with threadpool_limits(1, user_api="blas"):  # thousands of small systems: several threads only wait for one another
        parts = [
            _estimates(period, measure, inside, presence, ratings[measure], settings)
            for period, inside in _periods(verbatims["month"])
            for measure in MEASURES
            if np.isfinite(ratings[measure][inside]).any()
        ]
    return pa.concat_tables([IMPACTS.empty_table(), *parts])


def _presence(verbatim_ids: pa.ChunkedArray, met: pa.Table) -> _Presence:
    rows = pc.index_in(met["verbatim_id"], value_set=verbatim_ids)
    known = met.append_column("row", rows).filter(pc.is_valid(rows))
    found = known.group_by(["row", "irritant_id", "kind"]).aggregate([])
    keys = list(zip(found["irritant_id"].to_pylist(), found["kind"].to_pylist(), strict=True))
    items = sorted(set(keys))
    place = {item: column for column, item in enumerate(items)}
    cells = (found["row"].to_numpy(), np.array([place[key] for key in keys], dtype=np.int64))
    matrix = sparse.csr_array((np.ones(len(keys)), cells), shape=(len(verbatim_ids), len(items)))
    matrix.sort_indices()
    return _Presence(items, matrix)


def _periods(months: pa.ChunkedArray) -> Iterator[tuple[str, _Bools]]:
    """Yield each month, in order, and the verbatims in it; then all of them."""
    names, month = np.unique(np.array(months.to_pylist(), dtype=str), return_inverse=True)
    for place, name in enumerate(names):
        if name != ALL_MONTHS:
            yield str(name), month == place
    yield ALL_MONTHS, np.ones(len(month), dtype=bool)


def _estimates(period: str, measure: str, inside: _Bools, presence: _Presence, ratings: _Doubles, settings: ImpactSettings) -> pa.Table:
    """Return the rows of one period and measure."""
    items = np.flatnonzero(presence.matrix[inside].sum(axis=0))
    rated = inside & np.isfinite(ratings)
    matrix, values = presence.matrix[rated][:, items], ratings[rated]
    n_with = np.asarray(matrix.sum(axis=0), dtype=np.int64)
    n_without = len(values) - n_with
    reasons = _reasons(n_with, n_without, values, settings.min_verbatims)
    enough = np.array([reason is None for reason in reasons], dtype=bool)
    sum_with, columns = matrix.T @ values, {name: np.full(len(items), np.nan) for name in _ESTIMATES}
    if enough.any():
        for name, estimate in _measured(matrix[:, np.flatnonzero(enough)], values, settings).items():
            columns[name][enough] = estimate
    columns["mean_with"] = ratio(sum_with, n_with.astype(np.float64))
    columns["mean_without"] = ratio(values.sum() - sum_with, n_without.astype(np.float64))
    return pa.table(
        {
            "period": [period] * len(items),
            "irritant_id": [presence.items[item][0] for item in items],
            "kind": [presence.items[item][1] for item in items],
            "measure": [measure] * len(items),
            "n_with": n_with,
            "n_without": n_without,
            **{name: pa.array(np.round(column, _DIGITS) + 0.0, from_pandas=True) for name, column in columns.items()},  # 0.0 is never negative
            "enough": enough,
            "reason": pa.array(reasons, pa.string()),
        },
        schema=IMPACTS,
    )


def _reasons(n_with: _Ints, n_without: _Ints, values: _Doubles, least: int) -> list[str | None]:
    """Tell of each item why nothing can be said of it; null when something can."""
    if np.ptp(values) == 0:
        return ["all ratings are the same"] * len(n_with)
    return [
        f"{few} < {least} rated verbatims with it" if few < least else f"{others} < {least} rated verbatims without it" if others < least else None
        for few, others in zip(n_with.tolist(), n_without.tolist(), strict=True)
    ]


def _measured(matrix: sparse.csr_array, values: _Doubles, settings: ImpactSettings) -> dict[str, _Doubles]:
    """Return the estimates of items that all have enough verbatims, with their intervals."""
    patterns = Patterns.of(matrix, values)
    moments = patterns.moments(patterns.counts[None, :])
    penalty = choose_penalty(moments, settings.min_verbatims)

    def estimate(of: Moments) -> _Doubles:
        both: _Doubles = np.stack([of.leave_one_out(), of.ridge(penalty)], axis=1)
        return both

    drawn = np.concatenate([estimate(patterns.moments(weights)) for weights in patterns.resamples(settings.resamples, settings.seed)])
    low, high = np.nanpercentile(drawn, [2.5, 97.5], axis=0)
    return dict(zip(_ESTIMATES, np.stack([estimate(moments)[0], low, high], axis=1).reshape(len(_ESTIMATES), -1), strict=True))
