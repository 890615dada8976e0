"""The form of text that models read: golden cases of both versions, and what must hold for any text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.cases import pairs
from tests.unit.french.hostile import MEGABYTE, UNITS, grows_linearly, seconds
from vocpipe.french.cleaning import clean

FRAGMENTS = [
    *"aeiouhéÃ©â€™!?.'’«»\"@:/[] \n<>&;_-½²\u200d\ufe0f\u0301",
    "&amp;",
    "&eacute;",
    "&#39;",
    "<br>",
    "www.",
    "http://",
    "[NOM:abcdefgh]",
    "😡",
    "👍🏽",
    "XIII",
    "ha",
    "ﬁ",
]
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join))


@pytest.mark.parametrize(("text", "expected"), pairs("cleaning.txt"))
def test_golden(text: str, expected: str) -> None:
    assert clean(text) == expected


@pytest.mark.parametrize(("text", "expected"), pairs("cleaning_1.txt"))
def test_version_1_stays_what_the_embedded_model_was_trained_with(text: str, expected: str) -> None:
    assert clean(text, 1) == expected


@given(TEXTS)
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean(text)
    assert clean(once) == once


@given(st.text(alphabet="aàeéhilnoœstw_'’«»-!?.,:;@#😡€0123 \n\u00a0\u200b"))
def test_version_1_leaves_what_it_cleaned_unless_repairs_nest(text: str) -> None:
    once = clean(text, 1)
    assert clean(once, 1) == once


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_time_is_linear_on_hostile_text(unit: str) -> None:
    assert grows_linearly(clean, unit)


@pytest.mark.parametrize("text", MEGABYTE.values(), ids=MEGABYTE)
def test_a_hostile_megabyte_takes_seconds(text: str) -> None:
    assert seconds(clean, text) < 15
