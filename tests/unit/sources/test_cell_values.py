"""Dates and ratings as people and tools write them."""

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocpipe.sources.values import IMPOSSIBLE, NOT_A_DATE, NOT_A_NUMBER, OUT_OF_SCALE, OUT_OF_YEARS, UNKNOWN_LABEL, to_date, to_rating, to_string

DAY = dt.date(2021, 3, 12)
PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    "cell",
    [
        *("12/03/2021", "12/3/21", "12-03-21", "12.03.2021", "12 03 2021", " 12/03/2021 ", "12/03/2021 14:05", "12/03/2021 à 14h05", "12 / 03 / 2021"),
        *("2021-03-12", "2021/03/12", "20210312", "2021-03-12T23:59:59Z", "2021-03-12 10:00:00+01:00", "2021-03-12T10:20:30.123456"),
        *("12 mars 2021", "vendredi 12 mars 2021", "12 mars 2021 à 10:30", "12-mars-21", "March 12, 2021", "Fri Mar 12 10:20:30 +0000 2021", "12 Mar 2021"),
        *("12 mars 2021 à 14h30", "ven. 12 mars 2021", "le vendredi 12 mars 2021", "ven. 12/03/2021", "Le 12/03/21 à 9h", "VENDREDI 12 MARS 2021"),
        *("20210312143000", "20210312T143000Z", "12-Mar-2021", "12\u00a0mars\u00a02021", "12/03/2021 02:30 PM"),
        *("44267", 44267, 44267.5, "1615552200", 1615552200, "1615552200000", DAY, dt.datetime(2021, 3, 12, 23, 59)),
    ],
)
def test_dates(cell: object) -> None:
    assert to_date(cell, day_first=True) == (DAY, "")


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("1er août 2021", dt.date(2021, 8, 1)),
        ("3 févr. 2021", dt.date(2021, 2, 3)),
        ("31 décembre 1999", dt.date(1999, 12, 31)),
        ("lun. 3 mai 2021", dt.date(2021, 5, 3)),
        ("mar. 9 mars 2021 à 8h05", dt.date(2021, 3, 9)),
        ("Mar 9, 2021", dt.date(2021, 3, 9)),
        ("29 FÉVRIER 2024", dt.date(2024, 2, 29)),
        ("15 déc. 98", dt.date(1998, 12, 15)),
        ("01/01/90", dt.date(1990, 1, 1)),
        ("01/01/69", dt.date(2069, 1, 1)),
    ],
)
def test_french_months(cell: str, day: dt.date) -> None:
    assert to_date(cell, day_first=True) == (day, "")


def test_month_first() -> None:
    assert to_date("03/12/2021", day_first=False) == (DAY, "")
    assert to_date("13/12/2021", day_first=False) == (None, IMPOSSIBLE)


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        *(("31/02/2021", IMPOSSIBLE), ("2021-13-01", IMPOSSIBLE), ("00/00/0000", IMPOSSIBLE), ("0000-00-00", IMPOSSIBLE), ("29 février 2021", IMPOSSIBLE)),
        *(("12/03/0021", OUT_OF_YEARS), (dt.date(1900, 1, 1), OUT_OF_YEARS), ("12/03/1975", OUT_OF_YEARS), ("01/01/70", OUT_OF_YEARS), ("12345", OUT_OF_YEARS)),
        *(("9999-12-31", OUT_OF_YEARS), (dt.datetime(1, 1, 1, tzinfo=dt.UTC), OUT_OF_YEARS), (99999, OUT_OF_YEARS)),
        *(("n/c", NOT_A_DATE), ("hier", NOT_A_DATE), ("12 brumaire 2021", NOT_A_DATE), ("123", NOT_A_DATE), (True, NOT_A_DATE), ("mars 2021", NOT_A_DATE)),
        *(("il y a 3 jours", NOT_A_DATE), ("12 mars", NOT_A_DATE), ("12/03/2021" + " " * 200 + "x", NOT_A_DATE)),
        *(("", ""), ("  ", ""), (None, ""), (float("nan"), "")),
    ],
)
def test_broken_and_blank_dates(cell: object, problem: str) -> None:
    assert to_date(cell, day_first=True) == (None, problem)


@pytest.mark.parametrize(
    ("cell", "written", "in_paris"),
    [
        ("2021-03-31T23:30:00Z", "2021-03-31", "2021-04-01"),
        ("2021-03-31T22:30:00Z", "2021-03-31", "2021-04-01"),
        ("2021-03-31T21:30:00Z", "2021-03-31", "2021-03-31"),
        ("2021-03-27T23:30:00Z", "2021-03-27", "2021-03-28"),
        ("2021-03-31 23:30:00+02:00", "2021-03-31", "2021-03-31"),
        ("2021-04-01T00:30:00+0300", "2021-04-01", "2021-03-31"),
        ("2021-04-01T00:30:00.125+05", "2021-04-01", "2021-03-31"),
        ("2021-03-31 20:00:00 -0500", "2021-03-31", "2021-04-01"),
        ("2021-03-31 23:30 UTC", "2021-03-31", "2021-04-01"),
        ("31/03/2021 23h30 (UTC)", "2021-03-31", "2021-04-01"),
        ("31/03/2021 23:30 GMT+1", "2021-03-31", "2021-04-01"),
        ("1 avril 2021 à 0h30 CEST", "2021-04-01", "2021-04-01"),
        ("Wed Mar 31 23:30:30 +0000 2021", "2021-03-31", "2021-04-01"),
        ("Wed, 31 Mar 2021 23:30:00 GMT", "2021-03-31", "2021-04-01"),
        ("March 31, 2021 11:30 PM UTC", "2021-03-31", "2021-04-01"),
        # No offset, or no time: the day as written.
        ("2021-03-31T23:30:00", "2021-03-31", "2021-03-31"),
        ("31/03/2021 23:30", "2021-03-31", "2021-03-31"),
        ("31/03/2021", "2021-03-31", "2021-03-31"),
        ("2021-03-31T99:30:00Z", "2021-03-31", "2021-03-31"),
        (44286.99, "2021-03-31", "2021-03-31"),
        (dt.datetime(2021, 3, 31, 23, 30), "2021-03-31", "2021-03-31"),
        # Moments.
        (dt.datetime(2021, 3, 31, 23, 30, tzinfo=dt.UTC), "2021-03-31", "2021-04-01"),
        (dt.datetime(2021, 4, 1, 0, 30, tzinfo=dt.timezone(dt.timedelta(hours=3))), "2021-04-01", "2021-03-31"),
        ("1617233400", "2021-03-31", "2021-04-01"),
        (1617233400000, "2021-03-31", "2021-04-01"),
    ],
)
def test_day_of_a_moment(cell: object, written: str, in_paris: str) -> None:
    assert to_date(cell, day_first=True) == (dt.date.fromisoformat(written), "")
    assert to_date(cell, day_first=True, timezone=PARIS) == (dt.date.fromisoformat(in_paris), "")


@given(st.datetimes(dt.datetime(1990, 1, 2), dt.datetime(2099, 12, 30), timezones=st.timezones()))
def test_every_moment_is_brought_to_its_day(moment: dt.datetime) -> None:
    day = moment.astimezone(PARIS).date()
    assert to_date(moment, day_first=True, timezone=PARIS) == (day, "")
    if not moment.utcoffset().seconds % 60:  # type: ignore[union-attr]
        assert to_date(moment.isoformat(), day_first=True, timezone=PARIS) == (day, "")


@given(st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31)))
def test_every_day_comes_back(day: dt.date) -> None:
    assert to_date(day.isoformat(), day_first=True) == (day, "")
    assert to_date(f"{day:%d/%m/%Y}", day_first=True) == (day, "")
    assert to_date(f"{day:%m/%d/%Y}", day_first=False) == (day, "")


CELLS = st.one_of(
    *(st.none(), st.text(), st.integers(), st.floats(), st.booleans(), st.binary(), st.dates(), st.datetimes(timezones=st.none() | st.timezones())),
    st.text("0123456789/-. :T+Zh", max_size=25),
    st.from_regex(r"[0-9]{1,4}[/. \-][0-9]{1,2}[/. \-][0-9]{1,4}[T ]?[0-9]{0,2}[:h]?[0-9]{0,2} ?(Z|UTC|[+\-][0-9:]{1,5})?", fullmatch=True),
)


@given(CELLS, st.booleans(), st.sampled_from([None, PARIS, ZoneInfo("Pacific/Kiritimati"), ZoneInfo("America/Los_Angeles")]))
def test_no_cell_makes_reading_a_date_fail(cell: object, day_first: bool, timezone: ZoneInfo | None) -> None:
    day, problem = to_date(cell, day_first, timezone)
    assert (day is None) or (not problem and 1989 <= day.year <= 2100)


@given(CELLS, st.tuples(st.integers(-5, 100), st.integers(-5, 100)).filter(lambda scale: scale[0] != scale[1]), st.sampled_from([(), ("non", "bof", "oui")]))
def test_no_cell_makes_reading_a_rating_fail(cell: object, scale: tuple[float, float], labels: tuple[str, ...]) -> None:
    rating, problem = to_rating(cell, scale, labels)
    assert rating is None or (not problem and min(scale) <= rating <= max(scale))


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
        *(("5 - Très satisfait", 5), ("1 (Pas du tout satisfait)", 1), ("3. Moyennement", 3), ("4 = bien", 4), ("2/5 : bof", 2), ("4 – Plutôt d'accord", 4)),
        *(("★★★★☆", 4), ("★", 1), ("⭐⭐⭐", 3), (4, 4), (4.5, 4.5), (Decimal("2"), 2)),
    ],
)
def test_ratings(cell: object, rating: float) -> None:
    assert to_rating(cell, (1, 5)) == (rating, "")


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        *(("12", OUT_OF_SCALE), ("0", OUT_OF_SCALE), ("-1", OUT_OF_SCALE), ("4/10", OUT_OF_SCALE), (99, OUT_OF_SCALE), (float("inf"), OUT_OF_SCALE)),
        *(
            ("cinq", NOT_A_NUMBER),
            ("n/c", NOT_A_NUMBER),
            ("4-5", NOT_A_NUMBER),
            (True, NOT_A_NUMBER),
            ("4 - 5 étoiles", NOT_A_NUMBER),
            ("4" * 200, NOT_A_NUMBER),
        ),
        *(("Très satisfait", NOT_A_NUMBER), ("4 fois déçu", NOT_A_NUMBER)),
        *(("", ""), (None, ""), (float("nan"), "")),
    ],
)
def test_broken_and_blank_ratings(cell: object, problem: str) -> None:
    assert to_rating(cell, (1, 5)) == (None, problem)


def test_reversed_scale_keeps_the_value_given() -> None:
    assert to_rating("6", (7, 1)) == (6, "")
    assert to_rating("6/7", (7, 1)) == (6, "")
    assert to_rating("85 %", (0, 100)) == (85, "")


SATISFACTION = ("Pas du tout satisfait", "Plutôt pas satisfait", "Plutôt satisfait", "Très satisfait")
AGREEMENT = ("Pas du tout d'accord", "Plutôt pas d'accord", "Ni d'accord ni pas d'accord", "Plutôt d'accord", "Tout à fait d'accord")
FACES = ("😡", "🙁", "😐", "🙂", "😍")


@pytest.mark.parametrize(
    ("cell", "labels", "scale", "rating"),
    [
        ("Très satisfait", SATISFACTION, (1, 4), 4),
        (" TRES  SATISFAIT ", SATISFACTION, (1, 4), 4),
        ("plutot pas satisfait", SATISFACTION, (1, 4), 2),
        ("Pas du tout satisfait", SATISFACTION, (0, 10), 0),
        ("Plutôt satisfait", SATISFACTION, (1, 5), pytest.approx(1 + 2 * 4 / 3)),
        ("Plutôt pas satisfait", SATISFACTION, (7, 1), 5),
        ("Tout à fait d’accord", AGREEMENT, (1, 5), 5),
        ("ni d'accord ni pas d'accord", AGREEMENT, (1, 5), 3),
        ("😐", FACES, (1, 5), 3),
        ("☹️", ("☹", "☺"), (0, 1), 0),
        (True, ("non", "oui"), (0, 1), 1),
        ("3", SATISFACTION, (1, 4), 3),
        ("", SATISFACTION, (1, 4), None),
    ],
)
def test_labels_are_their_rank_over_the_scale(cell: object, labels: tuple[str, ...], scale: tuple[float, float], rating: float | None) -> None:
    assert to_rating(cell, scale, labels) == (rating, "")


@pytest.mark.parametrize("cell", ["satisfait", "NSP", "Très satisfait de vous", "Ne se prononce pas", "x" * 300])
def test_unknown_labels(cell: str) -> None:
    assert to_rating(cell, (1, 4), SATISFACTION) == (None, UNKNOWN_LABEL)


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
