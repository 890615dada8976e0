"""Trends: intervals, comparison with the months before, control of false alarms."""

import time
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from vocpipe.feeds.ratios import wilson
from vocpipe.feeds.settings import TrendSettings
from vocpipe.feeds.trends import TREND_COLUMNS, benjamini_hochberg, trends, two_proportions

MONTHS = ("2024-01", "2024-02", "2024-03", "2024-04")


def counts_of(met: Mapping[str, Sequence[int]], analysed: Sequence[int]) -> pa.Table:
    rows = [
        {"month": month, "irritant_id": irritant, "verbatims": met[irritant][place], "analysed": analysed[place]}
        for place, month in enumerate(MONTHS[: len(analysed)])
        for irritant in sorted(met)
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema({"month": pa.string(), "irritant_id": pa.string(), "verbatims": pa.int64(), "analysed": pa.int64()}))


def column(table: pa.Table, name: str, irritant: str) -> list[float | None]:
    return [row[name] for row in table.to_pylist() if row["irritant_id"] == irritant]


@pytest.mark.parametrize(("met", "of"), [(0, 20), (1, 20), (7, 50), (50, 50), (300, 10_000)])
def test_wilson_is_scipys(met: int, of: int) -> None:
    known = stats.binomtest(met, of).proportion_ci(method="wilson")
    low, high = wilson(np.array([float(met)]), np.array([float(of)]))
    assert (low[0], high[0]) == pytest.approx((known.low, known.high), abs=1e-12)


@given(st.integers(1, 10**7).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of))))
def test_wilson_holds_the_share_and_stays_between_0_and_1(case: tuple[int, int]) -> None:
    met, of = case
    low, high = wilson(np.array([float(met)]), np.array([float(of)]))
    assert 0 <= low[0] <= met / of <= high[0] <= 1
    assert low[0] < high[0]


def _contingency(case: tuple[int, int, int, int]) -> tuple[float, list[list[int]]]:
    met, others, met_before, others_before = case
    p = two_proportions(*(np.array([float(value)]) for value in (met, met + others, met_before, met_before + others_before)))
    return float(p[0]), [[met, others], [met_before, others_before]]


@given(st.tuples(st.integers(0, 9), st.integers(0, 400), st.integers(0, 30), st.integers(1, 2000)))
def test_small_counts_are_compared_exactly(case: tuple[int, int, int, int]) -> None:
    p, table = _contingency(case)
    if sum(table[0]) == 0 or case[0] + case[2] == 0:
        assert np.isnan(p)
    elif stats.contingency.expected_freq(table).min() < 5:
        assert p == pytest.approx(stats.fisher_exact(table).pvalue, rel=1e-6)


@given(st.tuples(*[st.integers(5, 5000)] * 4))
def test_large_counts_are_compared_by_the_score_test(case: tuple[int, int, int, int]) -> None:
    p, table = _contingency(case)
    if stats.contingency.expected_freq(table).min() >= 5:
        assert p == pytest.approx(stats.chi2_contingency(table, correction=False).pvalue, rel=1e-6, abs=1e-300)


@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=1, max_size=30))
def test_q_values_are_scipys_and_keep_the_order_of_p_values(given_p: list[float | None]) -> None:
    p = np.array([np.nan if value is None else value for value in given_p])
    q = benjamini_hochberg(p[None, :])[0]
    tested = ~np.isnan(p)
    assert (np.isnan(q) == ~tested).all()
    if tested.any():
        assert q[tested] == pytest.approx(stats.false_discovery_control(p[tested]))
        assert (q[tested] >= p[tested]).all()
        assert (np.diff(q[tested][np.argsort(p[tested])]) >= 0).all()


def test_each_month_is_compared_with_the_pooled_months_before() -> None:
    table = trends(counts_of({"IRR-0001": (4, 6, 5, 30), "IRR-0002": (0, 0, 0, 2)}, (100, 200, 100, 100)), TrendSettings(months=2, average=3))
    assert table.column_names == ["month", "irritant_id", *TREND_COLUMNS]
    assert column(table, "baseline", "IRR-0001") == [None, 4 / 100, 10 / 300, 11 / 300]
    assert column(table, "moving_average", "IRR-0001") == pytest.approx([0.04, (0.04 + 0.03) / 2, (0.04 + 0.03 + 0.05) / 3, (0.03 + 0.05 + 0.3) / 3])
    p = column(table, "p_value", "IRR-0001")
    assert p[0] is None
    assert p[1] == pytest.approx(stats.fisher_exact([[6, 194], [4, 96]]).pvalue)
    assert p[3] == pytest.approx(stats.chi2_contingency([[30, 70], [11, 289]], correction=False).pvalue)
    assert column(table, "p_value", "IRR-0002")[:3] == [None, None, None], "nobody spoke of it yet: there is nothing to compare"
    assert column(table, "p_value", "IRR-0002")[3] == pytest.approx(stats.fisher_exact([[2, 98], [0, 300]]).pvalue)
    assert column(table, "q_value", "IRR-0001")[2] == p[2], "it is alone in its month"
    assert column(table, "q_value", "IRR-0001")[3] == pytest.approx(2 * p[3])


def test_a_month_without_analysed_verbatims_has_no_figures_and_weighs_on_none() -> None:
    table = trends(counts_of({"IRR-0001": (10, 0, 12)}, (100, 0, 100)), TrendSettings())
    assert {name: column(table, name, "IRR-0001")[1] for name in TREND_COLUMNS} == {**dict.fromkeys(TREND_COLUMNS), "baseline": 0.1}
    assert column(table, "baseline", "IRR-0001")[2] == 0.1
    assert column(table, "moving_average", "IRR-0001")[2] == pytest.approx(0.11)


def test_rows_come_back_in_their_order_with_the_same_figures() -> None:
    counts = counts_of({"IRR-0001": (4, 6, 5, 30), "IRR-0002": (9, 9, 8, 7)}, (100, 200, 100, 100))
    order = np.random.default_rng(0).permutation(counts.num_rows)
    assert trends(counts.take(order), TrendSettings()) == trends(counts, TrendSettings()).take(order)


def test_no_rows_give_no_rows() -> None:
    assert trends(counts_of({}, ()), TrendSettings()).num_rows == 0


@pytest.mark.parametrize("spoil", [lambda counts: counts.slice(1), lambda counts: pa.concat_tables([counts, counts.slice(0, 1)])])
def test_an_incomplete_grid_is_refused(spoil) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="every month and irritant once"):
        trends(spoil(counts_of({"IRR-0001": (1, 2), "IRR-0002": (3, 4)}, (10, 10))), TrendSettings())


def test_impossible_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and analysed"):
        trends(counts_of({"IRR-0001": (11,)}, (10,)), TrendSettings())


def _steady(months: int, irritants: int, analysed: int, seed: int) -> pa.Table:
    """Return counts of irritants whose share never changes."""
    rng = np.random.default_rng(seed)
    shares = rng.uniform(0.001, 0.05, irritants)
    names = [f"IRR-{number:04d}" for number in range(irritants)]
    return pa.table(
        {
            "month": np.repeat([f"{2000 + m // 12}-{m % 12 + 1:02d}" for m in range(months)], irritants),
            "irritant_id": names * months,
            "verbatims": rng.binomial(analysed, np.tile(shares, months)),
            "analysed": np.full(months * irritants, analysed),
        }
    )


def test_when_nothing_changes_few_months_raise_a_false_alarm() -> None:
    table = trends(_steady(61, 170, 3000, seed=3), TrendSettings())
    q = table["q_value"].to_numpy().reshape(61, 170)[1:]
    assert 0 < np.mean(np.nanmin(q, axis=1) < 0.05) < 0.15, "the settings accept one month in twenty"


def test_a_large_feed_takes_less_than_a_second() -> None:
    counts = _steady(60, 170, 20_000, seed=1)
    started = time.process_time()
    trends(counts, TrendSettings())
    assert time.process_time() - started < 1
