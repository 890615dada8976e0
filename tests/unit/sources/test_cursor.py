import datetime as dt
import json
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocpipe.errors import ConfigError, InputError
from vocpipe.sources.cursor import Cursor, cursor_range

_YEARS = {"min_value": dt.datetime(1900, 1, 1), "max_value": dt.datetime(2200, 1, 1)}


@settings(deadline=None)
@given(
    st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes()
    | st.datetimes(**_YEARS, timezones=st.sampled_from([dt.UTC, ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York")]))
    | st.from_regex(r"[A-Z]{0,4}-?[0-9]{1,20}", fullmatch=True)
)
def test_a_cursor_comes_back_from_json_with_its_type(value: Any) -> None:
    cursor = Cursor.of(value, "modifie")
    back = Cursor.from_json(json.loads(json.dumps(cursor.to_json())))
    assert back == cursor
    assert back.value == (value if getattr(value, "tzinfo", None) is None else value.astimezone(dt.UTC))
    assert type(back.value) is type(value)


@pytest.mark.parametrize("value", ["2026-03-01 10:00:00.123456", "2026-03-01T10:00:00Z", "2026-03-01 10:00:00 +01:00", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "00042"])
def test_texts_that_tell_an_order_are_cursors(value: str) -> None:
    assert Cursor.of(value, "modifie").value == value


@pytest.mark.parametrize(
    "value", ["Josiane Pivert", "josiane.pivert7@exemple.fr", "", "très bien 3", "12 rue des Lilas", True, 1.5, b"\x01", UUID(int=3), Decimal("NaN"), {}]
)
def test_what_gives_no_order_or_names_a_person_is_refused_and_not_shown(value: Any) -> None:
    with pytest.raises(InputError, match="'client'") as caught:
        Cursor.of(value, "client")
    assert not str(value) or str(value) not in str(caught.value)


def test_the_repr_of_a_cursor_hides_its_value() -> None:
    assert "4217" not in repr(Cursor(4217))


def told(after: int | None, last: int | None) -> dict[str, Any]:
    return {"report": {}, "cursor": {"after": None if after is None else Cursor(after).to_json(), "last": None if last is None else Cursor(last).to_json()}}


@pytest.mark.parametrize(
    ("reports", "batch", "after", "until"),
    [
        ({}, "2026-01", None, None),
        ({"2026-01": told(None, 10)}, "2026-02", 10, None),
        ({"2026-01": told(None, 10)}, "2026-01", None, None),
        ({"2026-01": told(None, 10), "2026-02": told(10, 20)}, "2026-01", None, 10),
        ({"2026-03": told(20, 30), "2026-01": told(None, 10), "2026-02": told(10, 20)}, "2026-02", 10, 20),
        ({"2026-01": told(None, 10), "2026-03": told(10, 30)}, "2026-02", 10, 10),
        ({"2026-01": told(None, 10), "2026-02": told(10, None)}, "2026-03", 10, None),
        ({"2026-01": {"report": {}}, "2026-02": told(None, 20)}, "2026-03", 20, None),
    ],
)
def test_a_batch_reads_between_its_neighbours(reports: dict[str, Any], batch: str, after: int | None, until: int | None) -> None:
    found = cursor_range(list(reports.items()), batch)
    assert [cursor and cursor.value for cursor in found] == [after, until]


def test_a_batch_before_one_that_has_read_everything_is_refused() -> None:
    with pytest.raises(ConfigError, match="'2026-03' has read the source from its first row"):
        cursor_range([("2026-03", told(None, 30))], "2026-02")
