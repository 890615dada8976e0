"""Opinions: golden French cases, and what must hold for any text."""

import textwrap
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.golden.cases import lines
from tests.unit.french.hostile import MEGABYTE, UNITS, grows_linearly, seconds
from vocpipe.french.segmentation import LONG, segment

FRAGMENTS = [
    *" .!?…,\n«»\"'’()-+:;•é5A😡",
    "mais ",
    " et ",
    "Je suis ",
    "M. ",
    "etc. ",
    "...",
    "[NOM]",
    "[NOM:abcdefgh]",
    "https://exemple.fr/a.b",
    "1) ",
    "2) ",
    " alors que ",
    "Points faibles : ",
    "👍🏽",
    "1️⃣",
    "e\u0301",
    "livraison rapide",
]
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join))


@pytest.mark.parametrize("case", lines("segmentation.txt"))
def test_golden(case: str) -> None:
    case = case.replace("⏎", "\n")
    text = case.replace(" | ", " ").replace("|", "")
    assert [" ".join(text[start:end].split()) for start, end in segment(text)] == [" ".join(part.split()) for part in case.split("|")]


@given(TEXTS)
def test_spans_are_ordered_disjoint_and_cover_every_letter(text: str) -> None:
    spans = segment(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    outside = set(range(len(text))) - {place for start, end in spans for place in range(start, end)}
    assert not any(text[place].isalnum() for place in outside)


@given(TEXTS, st.sampled_from(["[NOM]", "[TELEPHONE]", "[NOM:abcdefgh]"]), TEXTS)
def test_a_redaction_marker_is_never_cut(before: str, marker: str, after: str) -> None:
    text = f"{before}{marker}{after}"
    place = len(before)
    assert any(start <= place and place + len(marker) <= end for start, end in segment(text))


@pytest.mark.parametrize("filler", ["a" * 700, "a" * 341, "a " * 300])
def test_a_redaction_marker_is_not_cut_in_a_run_on(filler: str) -> None:
    text = f"{filler}[NOM:abcdefgh]{filler}"
    assert any("[NOM:abcdefgh]" in text[start:end] for start, end in segment(text))


def test_a_run_on_is_cut_where_a_clause_begins() -> None:
    text = "je commande une table et on me dit deux semaines " * 12
    spans = segment(text)
    assert len(spans) > 1
    assert all(end - start <= LONG for start, end in spans)
    assert all(text[start:end].split()[0] in ("je", "et", "on") for start, end in spans)


def test_a_text_wrapped_at_80_columns_is_cut_as_if_it_were_one_line() -> None:
    sentence = (
        "Le canapé que j'ai commandé en magasin il y a maintenant trois mois n'a toujours pas été livré et personne ne sait me dire quand il le sera vraiment. "
    )
    flat = (sentence * 2).strip()
    wrapped = textwrap.fill(flat, 80, break_on_hyphens=False)
    assert wrapped.count("\n") > 2
    assert segment(wrapped) == segment(flat)


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_time_is_linear_on_hostile_text(unit: str) -> None:
    assert grows_linearly(segment, unit)


@pytest.mark.parametrize("text", MEGABYTE.values(), ids=MEGABYTE)
def test_a_hostile_megabyte_takes_seconds(text: str) -> None:
    assert seconds(segment, text) < 15
