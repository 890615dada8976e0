"""Ratings by month, days and companies, against figures worked out otherwise."""

import datetime
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from tests.unit.feeds.conftest import Opinion, Verbatim, select, write_batch
from vocpipe.feeds import build
from vocpipe.taxonomy import Taxonomy

NPS = (10.0, 9.0, 7.0, 6.0, 0.0, 0.0)
STARS = (1.0, 4.5, 4.5, 3.0, 5.0, 2.2)
WORDS = (Opinion("C'est long.", irritant_id="IRR-0001"),)


@pytest.fixture(scope="module")
def rated(catalogue: pa.Table, taxonomy: Taxonomy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the feed of two companies, a verbatim of none, a rejected one and one without a date in a batch named otherwise than a month."""
    place = tmp_path_factory.mktemp("rated")
    companies = ("Lumen", "Lumen", "Lumen", "Lumen", "Aube", None)
    march = [
        Verbatim(f"a{number}", WORDS, f"2026-03-{10 + number}", nps=nps, stars=stars, company=company)
        for number, (nps, stars, company) in enumerate(zip(NPS, STARS, companies, strict=True))
    ]
    march.append(Verbatim("a9", (), "2026-03-30", nps=10.0, stars=5.0, company="Nacre", reject="empty"))
    late = [Verbatim("b1", WORDS, "2025-11-04", stars=3.0, company="Lumen"), Verbatim("b2", WORDS, nps=9.0, stars=None, company="Lumen")]
    build([write_batch(place, "2026-03", march), write_batch(place, "late", late)], catalogue, taxonomy, place / "feed")
    return place / "feed"


def kpi(feed: Path, measure: str, company: str | None, month: str = "2026-03") -> tuple[int, float, float | None, float | None] | None:
    where = "company IS NULL" if company is None else f"company = '{company}'"
    rows = select(feed, f"SELECT n, value, low, high FROM agg_kpi_month WHERE month = '{month}' AND measure = '{measure}' AND {where}")
    return rows[0] if rows else None


def adjusted_wald(promoters: int, passives: int, detractors: int) -> tuple[float, float]:
    """Return Sauro and Lewis's 95 % interval of a net promoter score, -100 to 100, not clipped."""
    parts = np.array([promoters + 0.75, passives + 1.5, detractors + 0.75]) / (promoters + passives + detractors + 3)
    scores = np.array([1.0, 0.0, -1.0])
    centre = float(parts @ scores)
    half = stats.norm.ppf(0.975) * math.sqrt(float(parts @ (scores - centre) ** 2) / (promoters + passives + detractors + 3))
    return 100 * (centre - half), 100 * (centre + half)


def test_the_score_of_recommendation_has_the_adjusted_wald_interval(rated: Path) -> None:
    assert kpi(rated, "nps", None) == pytest.approx((6, -100 / 6, *adjusted_wald(2, 1, 3)))
    assert kpi(rated, "nps", "Lumen") == pytest.approx((4, 25.0, *adjusted_wald(2, 1, 1)))


@pytest.fixture(scope="module")
def small(catalogue: pa.Table, taxonomy: Taxonomy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the feed of companies with few ratings, or the same ones, and of one that shows how far ratings go: stars 1 to 5, csat 2 to 7."""
    place = tmp_path_factory.mktemp("small")
    given: dict[str, list[tuple[float | None, float | None, float | None]]] = {  # stars, csat, nps
        "Wide": [(1.0, 2.0, None), (5.0, 7.0, None)],
        "Nine": [(4.0 + number % 2, None, 10.0) for number in range(9)],
        "Same": [(5.0, 4.0, 0.0)] * 30,
        "Ten": [(5.0, 7.0, 10.0)] * 9 + [(1.0, 2.0, 7.0)],
        "Two": [(None, None, 10.0), (None, None, 0.0)],
        "Aloof": [(None, None, 8.0)] * 2,
    }
    verbatims = [
        Verbatim(f"{company}-{number:02}", WORDS, "2026-03-10", stars=stars, csat=csat, nps=nps, company=company)
        for company, ratings in given.items()
        for number, (stars, csat, nps) in enumerate(ratings)
    ]
    build([write_batch(place, "2026-03", verbatims)], catalogue, taxonomy, place / "feed")
    return place / "feed"


def test_few_or_equal_ratings_have_no_interval(small: Path) -> None:
    assert kpi(small, "stars", "Nine") == pytest.approx((9, 40 / 9, None, None), abs=1e-9)
    assert kpi(small, "stars", "Same") == (30, 5.0, None, None)
    assert kpi(small, "csat", "Wide") == (2, 4.5, None, None)


def test_the_interval_of_a_mean_keeps_within_the_ratings_of_the_feed(small: Path) -> None:
    for measure, ratings, highest in (("stars", [5.0] * 9 + [1.0], 5.0), ("csat", [7.0] * 9 + [2.0], 7.0)):
        low, high = stats.t.interval(0.95, 9, loc=np.mean(ratings), scale=stats.sem(ratings))
        assert high > highest
        assert kpi(small, measure, "Ten") == pytest.approx((10, np.mean(ratings), low, highest), abs=1e-6)


def test_answers_that_agree_are_not_sure_of_the_score(small: Path) -> None:
    assert kpi(small, "nps", "Nine") == pytest.approx((9, 100.0, adjusted_wald(9, 0, 0)[0], 100.0))
    assert kpi(small, "nps", "Same") == pytest.approx((30, -100.0, -100.0, adjusted_wald(0, 0, 30)[1]))
    assert kpi(small, "nps", "Two") == pytest.approx((2, 0.0, *adjusted_wald(1, 0, 1)))
    assert kpi(small, "nps", "Aloof") == pytest.approx((2, 0.0, *adjusted_wald(0, 2, 0)))


@pytest.mark.parametrize("measure", ["nps", "stars", "csat"])
def test_an_interval_holds_its_value(small: Path, measure: str) -> None:
    rows = select(small, f"SELECT low <= value AND value <= high AND low < high FROM agg_kpi_month WHERE measure = '{measure}' AND low IS NOT NULL")
    assert rows
    assert set(rows) == {(True,)}


def test_one_rating_has_no_interval_and_none_has_no_row(rated: Path) -> None:
    assert kpi(rated, "nps", "Aube") == (1, -100.0, None, None)
    assert kpi(rated, "stars", "Aube") == (1, 5.0, None, None)
    assert kpi(rated, "nps", None, "late") == (1, 100.0, None, None)
    assert kpi(rated, "stars", None, "late") is None
    assert kpi(rated, "stars", "Nacre") is None
    assert select(rated, "SELECT count(*) FROM agg_kpi_month WHERE measure IN ('csat', 'ces')") == [(0,)]


def test_companies_are_told_with_their_months(rated: Path) -> None:
    assert select(rated, "FROM dim_company") == [("Aube", "2026-03", "2026-03", 1), ("Lumen", "2025-11", "late", 6), ("Nacre", "2026-03", "2026-03", 0)]


def test_every_day_of_the_months_is_there_and_named(rated: Path) -> None:
    days = [day for (day,) in select(rated, "SELECT date FROM dim_date")]
    assert days == [datetime.date(2025, 11, 1) + datetime.timedelta(days=number) for number in range(151)]
    assert select(rated, "FROM dim_date WHERE date = '2026-01-01'") == [
        (datetime.date(2026, 1, 1), 2026, 1, "2026-01", 1, "janvier", "January", 2026, 1, 4, "jeudi", "Thursday")
    ]
    ours = select(rated, "SELECT date, iso_year, iso_week, weekday, quarter, month FROM dim_date")
    assert ours == [(day, *day.isocalendar(), (day.month + 2) // 3, f"{day:%Y-%m}") for day in days]


def test_the_models_that_judged_are_told(catalogue: pa.Table, taxonomy: Taxonomy, tmp_path: Path) -> None:
    told = replace(write_batch(tmp_path, "2026-03", [Verbatim("c1", WORDS)]), facts={"models": ["voc-fr-small@2", "hf:org/name@main"]})
    untold = write_batch(tmp_path, "2026-04", [Verbatim("c2", WORDS)])
    build([told, untold], catalogue, taxonomy, tmp_path / "feed")
    assert select(tmp_path / "feed", "SELECT verbatim_id, model_version FROM fact_opinion") == [("c1", "voc-fr-small@2, hf:org/name@main"), ("c2", None)]
    assert select(tmp_path / "feed", "SELECT read, quarantined, redacted FROM data_quality") == [(None, None, None)] * 2
