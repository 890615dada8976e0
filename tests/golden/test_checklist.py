"""The invented cases: well formed, balanced so that no constant answer does well, and the shipped models as good as their cards say."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from tests.golden.cases import FOLDER
from vocpipe.errors import InputError
from vocpipe.french.segmentation import segment
from vocpipe.ml import store
from vocpipe.ml.heads import SENTIMENTS, VECTOR_SIZE, Predictions, decode
from vocpipe.ml.model import VocModel
from vocpipe.taxonomy import load_taxonomy
from vocpipe.training.checklist import Case, main, read_cases, run_checklist, table
from vocpipe.training.evaluate import layout_of

TAXONOMY = load_taxonomy()
LAYOUT = layout_of(TAXONOMY)
CASES = read_cases(FOLDER / "checklist.jsonl", TAXONOMY)
HALF = {name: [0.5] * size for name, size in (("emotions", 9), ("strong", 9), ("flags", 5), ("irritant", 1))}


def says(count: int, sentiment: int | None, step: str = "general", irritant: bool = False, emotions: Sequence[str] = ()) -> Predictions:
    logits = np.full((count, LAYOUT.size), -9.0)
    logits[:, LAYOUT.slices["sentiment"].start + SENTIMENTS.index(sentiment)] = 9
    logits[:, LAYOUT.slices["step"].start + LAYOUT.steps.index(step)] = 9
    logits[:, LAYOUT.slices["irritant"]] = 9 if irritant else -9
    for code in emotions:
        logits[:, LAYOUT.slices["emotions"].start + LAYOUT.emotions.index(code)] = 9
    return decode(logits, np.zeros((count, VECTOR_SIZE), np.float32), LAYOUT, HALF)


def model(predict: Any) -> VocModel:
    return cast(VocModel, SimpleNamespace(layout=LAYOUT, predict=predict))


def write(path: Path, *records: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf8")
    return path


def case(**changes: Any) -> dict[str, Any]:
    return {"id": "a", "kind": "k", "text": "Rapide et simple mais trop cher.", "expect": {"polarity": "positive"}, **changes}


def test_there_is_enough_of_every_kind() -> None:
    kinds = Counter(one.kind for one in CASES)
    assert len(CASES) >= 240
    assert len(kinds) >= 12
    assert min(kinds.values()) >= 12
    assert len({" ".join(one.text.casefold().split()) for one in CASES}) == len(CASES)
    assert all(any(expect.model_dump(exclude_defaults=True).keys() - {"part"} for expect in one.expect) for one in CASES)


@pytest.mark.parametrize("sentiment", [-2, -1, 0, 1, 2, None])
@pytest.mark.parametrize("irritant", [False, True])
def test_no_constant_answer_does_well(sentiment: int | None, irritant: bool) -> None:
    constant = model(lambda _, spans: says(sum(map(len, spans)), sentiment, irritant=irritant))
    result = run_checklist(constant, CASES)
    assert result["passed"] / result["n"] < 0.4
    assert all(kind["passed"] / kind["n"] <= 0.6 for kind in result["kinds"].values())


def test_parts_flags_and_pairs_are_judged() -> None:
    records = [
        case(expect=[{"part": "Rapide", "polarity": "positive", "strength": "mild"}, {"part": "cher", "polarity": "negative", "irritant": True}]),
        case(id="b", text="Lent et confus mais trop cher.", expect={"polarity": "negative", "step": ["achat", "usage"], "no_emotions": "colere"}, same_as="a"),
    ]
    cases = [Case.model_validate(record) for record in records]
    assert [len(segment(one.text)) for one in cases] == [2, 2]
    praise, blame = says(1, 1), says(1, -1, step="achat", irritant=True, emotions=["colere"])
    right = {name: np.concatenate([getattr(side, name) for side in (praise, blame, blame, blame)]) for name in vars(praise)}
    result = run_checklist(model(lambda _texts, _spans: replace(praise, **right)), cases)
    assert (result["passed"], result["n"], result["kinds"]) == (1, 2, {"k": {"passed": 1, "n": 2}})
    assert result["failed"] == [
        {
            "id": "b",
            "kind": "k",
            "text": "Lent et confus mais trop cher.",
            "faults": ["emotions: colere is said", "same_as: polarity differs", "same_as: steps differs"],
        }
    ]
    assert "emotions: colere is said" in "\n".join(table(result))


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([case(expect={"polarity": "good"})], "line 1: not a case: expect.0.polarity"),
        ([case(), case()], "line 2: the id a is used twice"),
        ([case(same_as="b")], "no case b before it"),
        ([case(expect={"part": "lent", "polarity": "none"})], "'lent' is not once in the text"),
        ([case(expect={"emotions": ["colère"]})], "unknown code 'colère'\ndid you mean 'colere'"),
        ([case(mood="good")], "line 1: not a case: mood"),
        ([], "holds no case"),
    ],
)
def test_broken_cases_are_named(tmp_path: Path, records: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_cases(write(tmp_path / "cases.jsonl", *records), TAXONOMY)
    assert message in str(caught.value)


def test_the_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "python -m vocpipe.training.checklist" in capsys.readouterr().err
    assert main(["voc-fr-small@2", "nowhere.jsonl"]) == 2
    assert "no such file: nowhere.jsonl" in capsys.readouterr().err


@pytest.mark.parametrize("folder", [pytest.param(path, id=f"{card.name}@{card.version}") for path, card in store.list_models()])
def test_models_do_as_their_cards_say(folder: Path) -> None:
    said = store.load_card(folder).metrics.get("checklist")
    if not said:
        pytest.skip("its card gives no figure for the checklist")
    result = run_checklist(VocModel.load(folder), CASES)
    # Processors round differently: a case or two may fall on the other side.
    assert result["n"] == sum(kind["n"] for kind in said.values())
    assert result["passed"] >= sum(kind["passed"] for kind in said.values()) - 2
