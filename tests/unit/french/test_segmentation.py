"""Opinions: golden French cases, and what must hold for any text."""

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocpipe.french.segmentation import LONG, segment

GOLDEN = Path(__file__).parents[2] / "golden" / "segmentation.txt"
CASES = [line for line in GOLDEN.read_text(encoding="utf8").splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("case", CASES)
def test_golden(case: str) -> None:
    text = case.replace("⏎", "\n").replace("|", " " if "agréable.|" not in case else "")
    found = [" ".join(text[start:end].split()) for start, end in segment(text)]
    assert found == [" ".join(part.replace("⏎", " ").split()) for part in case.split("|")]


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from(list(" .!?…,\n«»'’😡mais et")))))
def test_spans_are_ordered_disjoint_and_cover_every_letter(text: str) -> None:
    spans = segment(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(left[1] <= right[0] for left, right in pairwise(spans))
    outside = set(range(len(text))) - {place for start, end in spans for place in range(start, end)}
    assert not any(text[place].isalnum() for place in outside)


def test_a_run_on_is_cut_where_a_clause_begins() -> None:
    text = "je commande une table et on me dit deux semaines " * 12
    spans = segment(text)
    assert len(spans) > 1
    assert all(end - start <= LONG for start, end in spans)
    assert all(text[start:end].split()[0] in ("je", "et", "on") for start, end in spans)


@pytest.mark.parametrize("hostile", ["a" * 500_000, "« " * 200_000, "😡" * 100_000, "mais " * 100_000, ". " * 200_000, "e\u0301" * 200_000, "(" * 300_000])
def test_hostile_text_takes_no_more_than_linear_time(hostile: str) -> None:
    def seconds(text: str) -> float:
        began = time.process_time()
        segment(text)
        return time.process_time() - began

    small = max(seconds(hostile[: len(hostile) // 8]), 0.02)
    assert seconds(hostile) < 40 * small
