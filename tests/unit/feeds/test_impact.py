"""Impact on ratings: known answers, not enough data, and figures that depend on no order."""

import time
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from sklearn.linear_model import Ridge

from vocpipe.feeds.impact import ALL_MONTHS, IMPACTS, MEASURES, impacts
from vocpipe.feeds.ridge import Patterns
from vocpipe.feeds.settings import ImpactSettings

VERBATIMS = pa.schema({"verbatim_id": pa.string(), "month": pa.string(), **dict.fromkeys(MEASURES, pa.float32())})
MET = pa.schema({"verbatim_id": pa.string(), "irritant_id": pa.string(), "kind": pa.string()})
FEW = ImpactSettings(min_verbatims=2, resamples=100)


def tables(rows: Sequence[tuple[str, float | None, Sequence[str]]], measure: str = "stars") -> tuple[pa.Table, pa.Table]:
    """Return verbatims and what they met, from (month, rating, items)."""
    verbatims = [{"verbatim_id": f"v{place:06d}", "month": month, measure: rating} for place, (month, rating, _) in enumerate(rows)]
    met = [
        {"verbatim_id": f"v{place:06d}", "irritant_id": item, "kind": "irritant" if item.startswith("IRR") else "enchantment"}
        for place, (_, _, items) in enumerate(rows)
        for item in items
    ]
    return pa.Table.from_pylist(verbatims, VERBATIMS), pa.Table.from_pylist(met, MET)


def simulated(number: int, effects: dict[str, tuple[float, float]], noise: float = 0.5, seed: int = 0) -> tuple[pa.Table, pa.Table]:
    """Return verbatims whose stars are 3.5 plus the effect of each item met plus noise; `effects` gives (share of verbatims, effect)."""
    rng = np.random.default_rng(seed)
    present = {item: rng.random(number) < share for item, (share, _) in effects.items()}
    stars = 3.5 + sum(present[item] * effect for item, (_, effect) in effects.items()) + rng.normal(0, noise, number)
    rows = [("2024-01", round(float(value), 1), [item for item in effects if present[item][place]]) for place, value in enumerate(stars)]
    return tables(rows)


def one(table: pa.Table, irritant: str, period: str = ALL_MONTHS) -> dict[str, object]:
    (row,) = [row for row in table.to_pylist() if row["irritant_id"] == irritant and row["period"] == period]
    return row


def test_leave_one_out_is_the_points_that_it_costs() -> None:
    rows = [("2024-01", 1.0, ["IRR-0001"]), ("2024-01", 2.0, ["IRR-0001", "ENC-0001"]), *[("2024-01", 5.0, ["ENC-0001"])] * 3, ("2024-01", 4.0, [])]
    table = impacts(*tables(rows), FEW)
    irritant, enchantment = one(table, "IRR-0001"), one(table, "ENC-0001")
    assert (irritant["n_with"], irritant["n_without"], irritant["mean_with"], irritant["mean_without"]) == (2, 4, 1.5, 4.75)
    assert irritant["leave_one_out"] == pytest.approx(19 / 4 - 22 / 6, abs=1e-6)
    assert enchantment["leave_one_out"] == pytest.approx(5 / 2 - 22 / 6, abs=1e-6), "it brings points: the mean is lower without"
    assert [row["kind"] for row in table.to_pylist()] == ["enchantment", "irritant"] * 2
    assert table.schema == IMPACTS


def test_ridge_is_the_closed_form_with_a_constant_that_is_not_shrunk() -> None:
    verbatims, met = simulated(400, {"IRR-0001": (0.3, -1.0)}, noise=1.0)
    row = one(impacts(verbatims, met, ImpactSettings(resamples=100)), "IRR-0001")
    ratings, present = verbatims["stars"].to_numpy().astype(float), np.isin(verbatims["verbatim_id"].to_pylist(), met["verbatim_id"].to_pylist())
    spread = present.sum() * (1 - present.mean())
    shrinking = spread / (spread + 30 * np.geomspace(0.001, 0.5, 28))
    difference = ratings[present].mean() - ratings[~present].mean()
    fitted = [ratings.mean() + difference * factor * (present - present.mean()) for factor in shrinking]
    errors = [np.sum((ratings - fit) ** 2) / (len(ratings) - 1 - factor) ** 2 for fit, factor in zip(fitted, shrinking, strict=True)]
    assert row["effect"] == pytest.approx(difference * shrinking[int(np.argmin(errors))], abs=1e-6)


def test_a_resample_of_patterns_is_a_weighted_regression_of_verbatims() -> None:
    rng = np.random.default_rng(2)
    items = (rng.random((300, 4)) < [0.1, 0.3, 0.5, 0.2]).astype(float)
    ratings = np.clip(np.round(3 - items @ [1.5, -0.5, 0.3, 0.0] + rng.normal(0, 1, 300)), 1, 5)
    patterns = Patterns.of(sparse.csr_array(items), ratings)
    assert patterns.counts.sum() == 300
    assert len(patterns.counts) < 100
    (weights,) = patterns.resamples(3, seed=1)
    assert weights.sum(axis=1).tolist() == [300.0] * 3
    moments = patterns.moments(weights)
    for drawn, found, without in zip(weights, moments.ridge(7.0), moments.leave_one_out(), strict=True):
        dense = patterns.items.toarray()
        assert found == pytest.approx(Ridge(alpha=7.0).fit(dense, patterns.values, sample_weight=drawn).coef_, abs=1e-9)
        expected = [np.average(patterns.values, weights=drawn * (1 - column)) - np.average(patterns.values, weights=drawn) for column in dense.T]
        assert without == pytest.approx(expected, abs=1e-9)


def test_regression_tells_the_cause_from_what_comes_along() -> None:
    rng = np.random.default_rng(4)
    rows = []
    for _ in range(3000):
        late = rng.random() < 0.2
        rude = rng.random() < (0.6 if late else 0.1)
        rows.append(("2024-01", round(4 - 2 * late + rng.normal(0, 0.5), 1), ["IRR-0001"] * late + ["IRR-0002"] * rude))
    table = impacts(*tables(rows), ImpactSettings(resamples=200))
    late, rude = one(table, "IRR-0001"), one(table, "IRR-0002")
    assert late["effect"] == pytest.approx(-2, abs=0.1)
    assert late["effect_low"] < late["effect"] < late["effect_high"] < -1.8
    assert rude["effect"] == pytest.approx(0, abs=0.1)
    assert rude["leave_one_out_low"] > 0.1, "those who met it rate low, but for another reason"


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    effects = {"IRR-0001": (0.1, -0.8), "IRR-0002": (0.08, 0.0), "ENC-0001": (0.2, 0.5)}
    held = []
    for seed in range(60):
        table = impacts(*simulated(600, effects, noise=1.0, seed=seed), ImpactSettings(resamples=100))
        rows = [one(table, item) for item in effects]
        held.append([row["effect_low"] <= effect <= row["effect_high"] for row, (_, effect) in zip(rows, effects.values(), strict=True)])
    assert 0.88 <= np.mean(held) <= 0.99


def test_too_few_verbatims_are_said_and_give_no_estimate() -> None:
    rows = [("2024-01", 2.0, ["IRR-0001", "IRR-0003"])] * 5 + [("2024-01", 5.0, ["IRR-0003"])] * 40 + [("2024-01", 4.0, [])] * 3
    rows += [("2024-02", None, ["IRR-0002"])] + [("2024-02", 3.0, ["IRR-0003"])] * 2
    table = impacts(*tables(rows), ImpactSettings())
    found = {(row["period"], row["irritant_id"]): row["reason"] for row in table.to_pylist()}
    assert found == {
        ("2024-01", "IRR-0001"): "5 < 30 rated verbatims with it",
        ("2024-01", "IRR-0003"): "3 < 30 rated verbatims without it",
        ("2024-02", "IRR-0002"): "all ratings are the same",
        ("2024-02", "IRR-0003"): "all ratings are the same",
        ("all", "IRR-0001"): "5 < 30 rated verbatims with it",
        ("all", "IRR-0002"): "0 < 30 rated verbatims with it",
        ("all", "IRR-0003"): "3 < 30 rated verbatims without it",
    }
    assert table["enough"].to_pylist() == [False] * 7
    assert all(row[name] is None for row in table.to_pylist() for name in ("leave_one_out", "leave_one_out_high", "effect", "effect_low"))
    assert one(table, "IRR-0002")["mean_with"] is None


def test_only_measures_that_are_given_are_estimated() -> None:
    verbatims, met = tables([("2024-01", 9.0, ["IRR-0001"]), ("2024-02", None, ["IRR-0001"])], measure="nps")
    assert [(row["period"], row["measure"]) for row in impacts(verbatims, met, FEW).to_pylist()] == [("2024-01", "nps"), (ALL_MONTHS, "nps")]


def test_a_verbatim_meets_an_irritant_once_and_strangers_are_ignored() -> None:
    verbatims, met = simulated(200, {"IRR-0001": (0.4, -1.0)})
    strangers = pa.table({"verbatim_id": ["gone"], "irritant_id": ["IRR-0001"], "kind": ["irritant"]}, schema=MET)
    assert impacts(verbatims, pa.concat_tables([met, strangers, met]), FEW) == impacts(verbatims, met, FEW)


def test_nothing_gives_nothing() -> None:
    assert impacts(VERBATIMS.empty_table(), MET.empty_table(), FEW) == IMPACTS.empty_table()
    verbatims, met = simulated(20, {"IRR-0001": (0.4, -1.0)})
    assert impacts(verbatims, met.slice(0, 0), FEW).num_rows == 0


def test_a_verbatim_told_twice_is_refused() -> None:
    verbatims, met = simulated(5, {"IRR-0001": (0.5, -1.0)})
    with pytest.raises(ValueError, match="unique"):
        impacts(pa.concat_tables([verbatims, verbatims]), met, FEW)


_ROW = st.tuples(
    st.sampled_from(["2024-01", "2024-02"]),
    st.one_of(st.none(), st.integers(1, 5).map(float)),
    st.lists(st.sampled_from(["IRR-0001", "IRR-0002", "ENC-0001"]), unique=True),
)


@settings(deadline=None, max_examples=40)
@given(st.lists(_ROW, min_size=1, max_size=60), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows, random) -> None:  # type: ignore[no-untyped-def]
    verbatims, met = tables(rows)
    some, others = [random.sample(range(table.num_rows), table.num_rows) for table in (verbatims, met)]
    table = impacts(verbatims, met, FEW)
    assert impacts(verbatims.take(pa.array(some, pa.int64())), met.take(pa.array(others, pa.int64())), FEW) == table
    for row in table.to_pylist():
        assert row["enough"] == (row["reason"] is None) == (row["effect"] is not None)
        if row["enough"]:
            assert row["leave_one_out_low"] <= row["leave_one_out_high"]
            assert -4 <= row["effect_low"] <= row["effect_high"] <= 4


def test_many_verbatims_and_items_take_seconds() -> None:
    rng = np.random.default_rng(0)
    verbatims, met = simulated(20_000, {f"IRR-{number:04d}": (float(rng.uniform(0.003, 0.02)), -0.5) for number in range(150)})
    started = time.process_time()
    table = impacts(verbatims.set_column(1, "month", pa.array([ALL_MONTHS] * 20_000)), met, ImpactSettings())
    assert time.process_time() - started < 20
    assert table["enough"].to_pylist() == [True] * 150, "a batch that is called as the whole is not told apart from it"
