"""Dates and ratings as people and tools write them."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocpipe.sources.values import IMPOSSIBLE, NOT_A_DATE, NOT_A_NUMBER, OUT_OF_SCALE, to_date, to_rating, to_string

DAY = dt.date(2021, 3, 12)


@pytest.mark.parametrize(
    "cell",
    [
        *("12/03/2021", "12/3/21", "12-03-21", "12.03.2021", "12 03 2021", " 12/03/2021 ", "12/03/2021 14:05", "12/03/2021 à 14h05", "12 / 03 / 2021"),
        *("2021-03-12", "2021/03/12", "20210312", "2021-03-12T23:59:59Z", "2021-03-12 10:00:00+01:00", "2021-03-12T10:20:30.123456"),
        *("12 mars 2021", "vendredi 12 mars 2021", "12 mars 2021 à 10:30", "12-mars-21", "March 12, 2021", "Fri Mar 12 10:20:30 +0000 2021", "12 Mar 2021"),
        *("44267", 44267, 44267.5, "1615552200", 1615552200, "1615552200000", DAY, dt.datetime(2021, 3, 12, 23, 59)),
    ],
)
def test_dates(cell: object) -> None:
    assert to_date(cell, day_first=True) == (DAY, "")


@pytest.mark.parametrize(
    ("cell", "day"), [("1er août 2021", dt.date(2021, 8, 1)), ("3 févr. 2021", dt.date(2021, 2, 3)), ("31 décembre 1999", dt.date(1999, 12, 31))]
)
def test_french_months(cell: str, day: dt.date) -> None:
    assert to_date(cell, day_first=True) == (day, "")


def test_month_first() -> None:
    assert to_date("03/12/2021", day_first=False) == (DAY, "")
    assert to_date("13/12/2021", day_first=False) == (None, IMPOSSIBLE)


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        *(("31/02/2021", IMPOSSIBLE), ("2021-13-01", IMPOSSIBLE), ("00/00/0000", IMPOSSIBLE), ("12/03/0021", IMPOSSIBLE), (dt.date(1900, 1, 1), IMPOSSIBLE)),
        *(("n/c", NOT_A_DATE), ("hier", NOT_A_DATE), ("12 brumaire 2021", NOT_A_DATE), ("123", NOT_A_DATE), (True, NOT_A_DATE)),
        *(("", ""), ("  ", ""), (None, ""), (float("nan"), "")),
    ],
)
def test_broken_and_blank_dates(cell: object, problem: str) -> None:
    assert to_date(cell, day_first=True) == (None, problem)


@given(st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31)))
def test_every_day_comes_back(day: dt.date) -> None:
    assert to_date(day.isoformat(), day_first=True) == (day, "")
    assert to_date(f"{day:%d/%m/%Y}", day_first=True) == (day, "")
    assert to_date(f"{day:%m/%d/%Y}", day_first=False) == (day, "")


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.binary(), st.text("0123456789/-. :T", max_size=20)))
def test_no_cell_makes_reading_fail(cell: object) -> None:
    day, problem = to_date(cell, day_first=True)
    assert day is None or not problem
    rating, _ = to_rating(cell, (1, 5))
    assert rating is None or 1 <= rating <= 5


@pytest.mark.parametrize(
    ("cell", "rating"),
    [
        *(
            ("4", 4),
            ("4,5", 4.5),
            ("4.0", 4),
            ("4/5", 4),
            ("4 / 5", 4),
            ("4 sur 5", 4),
            ("5 étoiles", 5),
            ("1 étoile", 1),
            ("3 stars", 3),
            ("4,5 étoiles sur 5", 4.5),
        ),
        *(("★★★★☆", 4), ("★", 1), ("⭐⭐⭐", 3), (4, 4), (4.5, 4.5), (Decimal("2"), 2)),
    ],
)
def test_ratings(cell: object, rating: float) -> None:
    assert to_rating(cell, (1, 5)) == (rating, "")


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        *(("12", OUT_OF_SCALE), ("0", OUT_OF_SCALE), ("-1", OUT_OF_SCALE), ("4/10", OUT_OF_SCALE), (99, OUT_OF_SCALE), (float("inf"), OUT_OF_SCALE)),
        *(("cinq", NOT_A_NUMBER), ("n/c", NOT_A_NUMBER), ("4-5", NOT_A_NUMBER), (True, NOT_A_NUMBER)),
        *(("", ""), (None, ""), (float("nan"), "")),
    ],
)
def test_broken_and_blank_ratings(cell: object, problem: str) -> None:
    assert to_rating(cell, (1, 5)) == (None, problem)


def test_reversed_scale_keeps_the_value_given() -> None:
    assert to_rating("6", (7, 1)) == (6, "")


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (12.0, "12"),
        (1.5, "1.5"),
        (7, "7"),
        (True, "oui"),
        (DAY, "2021-03-12"),
        (dt.datetime(2021, 3, 12), "2021-03-12"),
        ("x", "x"),
    ],
)
def test_cells_as_text(cell: object, text: str) -> None:
    assert to_string(cell) == text
