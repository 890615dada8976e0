"""A model loads only when every file is what its card says."""

import json
from pathlib import Path

import pytest

from vocpipe.errors import ModelError
from vocpipe.ml.store import list_models, load_card, resolve, sha256_of, verify
from vocpipe.resources import root


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny" / "1"
    folder.mkdir(parents=True)
    (folder / "tokenizer.json").write_text("{}")
    card = {
        "name": "tiny",
        "version": "1",
        "description": "",
        "licence": "",
        "taxonomy": "1",
        "cleaning": 1,
        "emotions": [],
        "steps": [],
        "themes": [],
        "flags": [],
        "thresholds": {},
        "training": {},
        "metrics": {},
        "files": {"tokenizer.json": sha256_of(folder / "tokenizer.json")},
    }
    (folder / "card.json").write_text(json.dumps(card))
    return folder


def test_a_model_is_found_by_name_and_version(model: Path) -> None:
    store = model.parent.parent
    assert resolve("tiny@1", store) == model
    assert resolve(str(model)) == model
    assert verify(model).name == "tiny"


@pytest.mark.parametrize(("name", "hint"), [("tinny@1", "tiny@1"), ("tiny", "pin a version"), ("tiny@2", "tiny@1")])
def test_a_wrong_name_gets_the_nearest(model: Path, name: str, hint: str) -> None:
    with pytest.raises(ModelError) as caught:
        resolve(name, model.parent.parent)
    assert hint in str(caught.value)


def test_a_changed_file_is_refused(model: Path) -> None:
    (model / "tokenizer.json").write_text("{ }")
    with pytest.raises(ModelError, match="differs from its card"):
        verify(model)


def test_a_missing_file_is_refused(model: Path) -> None:
    (model / "tokenizer.json").unlink()
    with pytest.raises(ModelError, match="missing"):
        verify(model)


def test_a_file_that_is_not_on_the_card_is_refused(model: Path) -> None:
    (model / "extra.bin").write_bytes(b"x")
    with pytest.raises(ModelError, match="not on the model's card"):
        verify(model)


@pytest.mark.parametrize("name", ["weights.pkl", "../card.json"])
def test_unsafe_formats_and_places_are_refused(model: Path, name: str) -> None:
    (model / name).write_text("x") if not name.startswith("..") else None
    card = json.loads((model / "card.json").read_text())
    card["files"][name] = "0" * 64
    (model / "card.json").write_text(json.dumps(card))
    with pytest.raises(ModelError, match="not of a safe format"):
        verify(model)


def test_a_broken_card_says_where(model: Path) -> None:
    card = json.loads((model / "card.json").read_text())
    del card["cleaning"]
    (model / "card.json").write_text(json.dumps(card))
    with pytest.raises(ModelError, match="cleaning"):
        load_card(model)


def test_a_fingerprint_follows_what_decides_the_predictions(model: Path) -> None:
    card = load_card(model)
    again = card.model_copy(update={"splits": {"held_out_source": "x"}, "metrics": {"n": 1}})
    assert again.fingerprint == card.fingerprint
    assert card.model_copy(update={"calibration": {"step": ((1.2, 0.0),)}}).fingerprint != card.fingerprint


def test_the_fingerprint_of_the_shipped_version_stays() -> None:
    card = load_card(root() / "models" / "voc-fr-small" / "2")
    assert card.fingerprint.startswith("22a657e0540cfa37")


def test_a_model_that_is_being_written_is_not_there_yet(model: Path) -> None:
    store = model.parent.parent
    (store / "tiny" / ".2-half").mkdir()
    (store / "tiny" / ".2-half" / "card.json").write_text("{")
    assert [path for path, _ in list_models(store)] == [model]
