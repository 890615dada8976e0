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


def test_the_score_of_recommendation_has_the_variance_of_its_three_classes(rated: Path) -> None:
    promoters, detractors = 2 / 6, 3 / 6
    score = promoters - detractors
    half = stats.norm.ppf(0.975) * math.sqrt((promoters + detractors - score**2) / 6)
    assert kpi(rated, "nps", None) == pytest.approx((6, 100 * score, 100 * (score - half), 100 * (score + half)))
    assert kpi(rated, "nps", "Lumen") == pytest.approx((4, 25.0, max(-100, 25 - 100 * stats.norm.ppf(0.975) * math.sqrt((0.75 - 1 / 16) / 4)), 100.0))


def test_other_ratings_are_means_with_the_interval_of_student(rated: Path) -> None:
    low, high = stats.t.interval(0.95, 5, loc=np.mean(STARS), scale=stats.sem(STARS))
    assert kpi(rated, "stars", None) == pytest.approx((6, np.mean(STARS), low, high), abs=1e-6)


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
