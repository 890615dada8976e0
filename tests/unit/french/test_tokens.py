"""Tokens: golden French cases, and what must hold for any text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.cases import pairs
from tests.unit.french.hostile import MEGABYTE, UNITS, grows_linearly, seconds
from vocpipe.french import tokens
from vocpipe.french.tokens import LONGEST, tokenize

FRAGMENTS = [
    *" .!?…,\n'’«»()-+/:;=#@€%°é5A\u00a0\u200d\ufe0f\u0301",
    "l'",
    "-t-il",
    "-là",
    "aujourd'hui",
    "rendez-vous",
    "1 000",
    "12,50",
    "3h30",
    "M.",
    "S.A.V.",
    ":)",
    "<3",
    "^^",
    "👍🏽",
    "👨\u200d👩\u200d👧",
    "🇫🇷",
    "1️⃣",
    "https://exemple.fr/a",
    "a@exemple.fr",
    "[NOM]",
]
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join))


@pytest.mark.parametrize(("text", "expected"), pairs("tokens.txt"))
def test_golden(text: str, expected: str) -> None:
    assert "|".join(token.text for token in tokenize(text)) == expected


@given(TEXTS)
def test_tokens_are_ordered_disjoint_and_cover_every_character_but_space(text: str) -> None:
    found = tokenize(text)
    assert all(text[token.start : token.end] == token.text for token in found)
    assert all(left.end <= right.start for left, right in pairwise(found))
    outside = set(range(len(text))) - {place for token in found for place in range(token.start, token.end)}
    assert all(text[place].isspace() for place in outside)
    assert not any(token.text.isspace() for token in found)


@given(TEXTS, st.sampled_from(["[NOM]", "[TELEPHONE]", "[NOM:abcdefgh]"]), TEXTS)
def test_personal_data_redacted_is_one_token(before: str, marker: str, after: str) -> None:
    assert any(token.text == marker and token.start == len(before) for token in tokenize(f"{before}{marker}{after}"))


@given(st.lists(st.sampled_from(["15 €", "l'accueil", "a-t-il", "nul !!!", "😍", "1 000", "M. Roux"]), min_size=1))
def test_a_token_does_not_depend_on_the_words_around(parts: list[str]) -> None:
    assert [token.text for token in tokenize(", ".join(parts))] == [token.text for part in parts for token in [*tokenize(part), *tokenize(",")]][:-1]


def test_a_marker_in_a_run_of_any_length_is_one_token() -> None:
    text = "a" * (LONGEST - 3) + "[NOM:abcdefgh]" + "b" * LONGEST
    assert "[NOM:abcdefgh]" in {token.text for token in tokenize(text)}


def test_memory_stays_flat_however_many_words_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_REMEMBERED", 100)
    for number in range(500):
        assert [token.text for token in tokenize(f"mot{number}x")] == [f"mot{number}x"]
    assert len(tokens._tokenizer().vocab) <= 101


@pytest.mark.parametrize("unit", [*UNITS.values(), "a-la-"], ids=[*UNITS, "pronouns"])
def test_time_is_linear_on_hostile_text(unit: str) -> None:
    assert grows_linearly(tokenize, unit)


@pytest.mark.parametrize("text", MEGABYTE.values(), ids=MEGABYTE)
def test_a_hostile_megabyte_takes_seconds(text: str) -> None:
    assert seconds(tokenize, text) < 15
