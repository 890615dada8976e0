"""Tell a month's share of an irritant that moved from one that chance explains."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from scipy import special

from vocpipe.feeds.ratios import ratio, wilson
from vocpipe.feeds.settings import TrendSettings

_Doubles = npt.NDArray[np.float64]
_LEAST_EXPECTED = 5.0  # under this expected count, the score test's normal law is not to be trusted
_AS_LIKELY = 1 + 1e-7  # tables within rounding of the observed one are as likely as it

TREND_COLUMNS = ("share_low", "share_high", "moving_average", "baseline", "p_value", "q_value")


def trends(counts: pa.Table, settings: TrendSettings) -> pa.Table:
    """Measure each irritant in each month against the months before it.

    `counts` has month, irritant_id, verbatims (with the irritant) and analysed (verbatims of the month): one row for every month and irritant,
    zeros included, in any order. Months are ordered by name; "before" counts the months of `counts`, whatever months of the year lack.
    Returns, row for row, month, irritant_id and these float64, shares being 0 to 1:
    share_low and share_high, the Wilson 95 % interval; moving_average, mean share of the last `settings.average` months, this one included;
    baseline, the pooled share of the `settings.months` months before, null in the first month;
    p_value, the two-sided chance of such a difference from the baseline when nothing changed: Fisher's exact test when an expected count is under 5,
    else the score test of two proportions; null without baseline, and where nobody spoke of the irritant then or now;
    q_value, the same after Benjamini and Hochberg over the month's irritants that have a p_value.
    All are null in a month without analysed verbatims. Raises `ValueError` when a month and irritant lacks, is told twice or holds impossible counts.
    """
    months, month = np.unique(np.array(counts["month"].to_pylist(), dtype=str), return_inverse=True)
    irritants, irritant = np.unique(np.array(counts["irritant_id"].to_pylist(), dtype=str), return_inverse=True)
    shape = (len(months), len(irritants))
    if len(np.unique(month * max(1, shape[1]) + irritant)) != counts.num_rows or counts.num_rows != shape[0] * shape[1]:
        raise ValueError("counts must hold every month and irritant once")
    met, analysed = np.zeros(shape), np.zeros(shape)
    met[month, irritant] = counts["verbatims"].to_numpy()
    analysed[month, irritant] = counts["analysed"].to_numpy()
    if (met < 0).any() or (met > analysed).any():
        raise ValueError("verbatims must be between 0 and analysed")

    share = ratio(met, analysed)
    low, high = wilson(met, analysed)
    met_before, analysed_before = _sum_before(met, settings.months), _sum_before(analysed, settings.months)
    p_value = two_proportions(met, analysed, met_before, analysed_before)
    columns = (low, high, _moving_average(share, settings.average), ratio(met_before, analysed_before), p_value, benjamini_hochberg(p_value))
    measured = {name: pa.array(values[month, irritant], from_pandas=True) for name, values in zip(TREND_COLUMNS, columns, strict=True)}
    return pa.table({"month": counts["month"], "irritant_id": counts["irritant_id"], **measured})


def two_proportions(met: _Doubles, of: _Doubles, met_before: _Doubles, of_before: _Doubles) -> _Doubles:
    """Return the two-sided p-value of each pair of shares being equal; NaN where one has no verbatims, or neither meets any."""
    all_met, everyone = met + met_before, of + of_before
    testable = (of > 0) & (of_before > 0) & (all_met > 0)
    pooled = ratio(all_met, everyone)
    expected = np.minimum(of, of_before) * np.minimum(pooled, 1 - pooled)
    exact = testable & (expected < _LEAST_EXPECTED)
    found = np.full(met.shape, np.nan)
    score = testable & ~exact
    deviation = (met[score] / of[score] - met_before[score] / of_before[score]) ** 2
    variance = pooled[score] * (1 - pooled[score]) * (1 / of[score] + 1 / of_before[score])
    found[score] = special.erfc(np.sqrt(deviation / variance / 2))
    found[exact] = _fisher(met[exact], of[exact], all_met[exact], everyone[exact])
    return found


def _fisher(met: _Doubles, of: _Doubles, all_met: _Doubles, everyone: _Doubles) -> _Doubles:
    """Return Fisher's two-sided p-values: the chance of a table as unlikely as the observed one, or more, with its margins.

    The possible tables of every pair are laid end to end, so that thousands of pairs are tested at once.
    """
    if not len(met):
        return np.zeros(0)
    least = np.maximum(0, of + all_met - everyone)
    lengths = (np.minimum(of, all_met) - least + 1).astype(np.int64)
    starts = np.cumsum(lengths) - lengths
    pair = np.repeat(np.arange(len(met)), lengths)
    possible = least[pair] + np.arange(lengths.sum()) - starts[pair]
    log_weight = -(
        special.gammaln(possible + 1)
        + special.gammaln(all_met[pair] - possible + 1)
        + special.gammaln(of[pair] - possible + 1)
        + special.gammaln((everyone - all_met - of)[pair] + possible + 1)
    )
    weight = np.exp(log_weight - np.maximum.reduceat(log_weight, starts)[pair])
    observed = weight[starts + (met - least).astype(np.int64)]
    unlikely = np.where(weight <= observed[pair] * _AS_LIKELY, weight, 0.0)
    chance: _Doubles = np.add.reduceat(unlikely, starts) / np.add.reduceat(weight, starts)
    return chance.clip(max=1)


def benjamini_hochberg(p_values: _Doubles) -> _Doubles:
    """Return the q-values of each row's p-values (m × k); NaN is no test and stays NaN."""
    order = np.argsort(p_values, axis=1, kind="stable")
    sorted_p = np.take_along_axis(p_values, order, axis=1)
    tests = np.sum(~np.isnan(p_values), axis=1, keepdims=True)
    scaled = sorted_p * (tests / np.arange(1, p_values.shape[1] + 1))
    worst_after = np.fmin.accumulate(scaled[:, ::-1], axis=1)[:, ::-1]
    found = np.empty_like(p_values)
    np.put_along_axis(found, order, np.where(np.isnan(sorted_p), np.nan, np.minimum(worst_after, 1)), axis=1)
    return found


def _sum_before(values: _Doubles, months: int) -> _Doubles:
    """Return, for each month (row), the sum of up to so many months before it."""
    total = np.zeros(values.shape)
    for lag in range(1, min(months, len(values) - 1) + 1):
        total[lag:] += values[:-lag]
    return total


def _moving_average(share: _Doubles, months: int) -> _Doubles:
    """Return, for each month (row), the mean of up to so many shares, its own the last; months without share are left out, and have none."""
    known = ~np.isnan(share)
    total = np.where(known, share, 0.0)
    total += _sum_before(total, months - 1)
    return np.where(known, ratio(total, known + _sum_before(known.astype(float), months - 1)), np.nan)
