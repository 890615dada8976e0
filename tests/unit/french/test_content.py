"""No content: golden French cases, and what must hold for any text."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocpipe.french.content import KINDS, no_content

GOLDEN = Path(__file__).parents[2] / "golden" / "no_content.tsv"
CASES = [line.split("\t") for line in GOLDEN.read_text(encoding="utf8").splitlines() if line and not line.startswith("#")]
SILENT = [text for kind, text in CASES if kind != "content"]


@pytest.mark.parametrize(("kind", "text"), CASES)
def test_golden(kind: str, text: str) -> None:
    assert no_content(text.replace("⏎", "\n")) == (None if kind == "content" else kind)


def test_the_golden_file_is_large_enough() -> None:
    kinds = [kind for kind, _ in CASES]
    assert {*kinds} == {*KINDS, "content"}
    assert len(SILENT) >= 80
    assert kinds.count("content") >= 80


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u00a0"])
def test_blank_is_left_to_the_language_gate(text: str) -> None:
    assert no_content(text) is None


@pytest.mark.parametrize("remark", ["mais c'est trop cher", "j'attends toujours mon remboursement", "à fuir !", "mon dossier n'avance pas"])
def test_one_remark_of_a_customer_makes_it_content(remark: str) -> None:
    for text in SILENT:
        assert no_content(f"{text.replace('⏎', chr(10))} {remark}") is None, text


@given(st.text(), st.sampled_from(SILENT))
def test_capitals_spaces_and_apostrophes_do_not_matter(space: str, text: str) -> None:
    around = "".join(character for character in space if character in " \t\u00a0")
    kind = no_content(text)
    assert no_content(f"{around}{text}{around}") == kind
    assert no_content(text.replace("'", "’")) == kind


@pytest.mark.parametrize("hostile", ["ras " * 1_000, "rien " * 15 + "x y", "bonjour " * 500, "nous vous " * 400, "votre message " * 280, "'" * 4_000])
def test_hostile_text_is_read_at_once(hostile: str) -> None:
    began = time.process_time()
    no_content(hostile)
    assert time.process_time() - began < 0.5
