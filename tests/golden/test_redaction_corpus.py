"""What the invented sentences say of redaction: every kind but names is found, and next to nothing else."""

import pytest

from tests.golden.redaction_report import Score, cases, measure
from vocpipe.french.redaction import KINDS, Redactor

ENOUGH = 0.99
STRUCTURED = [kind for kind in KINDS if kind != "name"]
SENTENCES, TRAPS = cases("structured.jsonl"), cases("traps.jsonl")
SCORES = measure([*SENTENCES, *TRAPS], Redactor())


def score(kinds: list[str], halves: tuple[bool, ...] = (False, True)) -> Score:
    return sum((SCORES[kind, half] for kind in kinds for half in halves), Score())


@pytest.mark.parametrize("halves", [(False, True), (False,), (True,)], ids=["all", "looked at", "held out"])
def test_precision_and_recall(halves: tuple[bool, ...]) -> None:
    whole = score(STRUCTURED, halves)
    assert whole.precision >= ENOUGH
    assert whole.recall >= ENOUGH
    assert whole.touched == whole.marked


@pytest.mark.parametrize("kind", STRUCTURED)
def test_each_kind(kind: str) -> None:
    one = score([kind])
    assert one.marked >= 20
    # With some thirty sentences of a kind, one mistake is allowed.
    assert one.marked - one.exact <= 1
    assert one.found - one.exact <= 1


def test_size_of_the_corpus() -> None:
    assert len(SENTENCES) >= 400
    assert len(TRAPS) >= 300
    assert not any(case.spans for case in TRAPS)
    assert all(0.3 < sum(case.heldout for case in half) / len(half) < 0.5 for half in (SENTENCES, TRAPS))
