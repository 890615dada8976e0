"""The three jobs from their YAML files: from raw text and labels to a verified model, and from a few rows and a model to the next one."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

pytest.importorskip("torch")

import torch

from tests.unit.training import tiny
from vocpipe.errors import ConfigError, InputError, ModelError
from vocpipe.ml.model import VocModel, problem_phrases
from vocpipe.ml.store import load_card, verify
from vocpipe.resources import root
from vocpipe.taxonomy import load_taxonomy
from vocpipe.training import jobs
from vocpipe.training.encoders import save_encoder
from vocpipe.training.evaluate import evaluate, layout_of
from vocpipe.training.forms import DataPart, DistilForm, FinetuneForm, PretrainForm, load_form
from vocpipe.training.jobs import distil_job, finetune_job, pretrain_job
from vocpipe.training.labelled import read_labelled
from vocpipe.training.segments import labels_of
from vocpipe.training.start import load_start

LAYOUT = layout_of(load_taxonomy())


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    rows = []
    for verbatim in tiny.verbatims():
        segments = [{"text": segment.text, **labels_of(segment)} for segment in verbatim.segments]
        rows.append({"id": verbatim.id, "source": verbatim.source, "text": verbatim.text, "segments": segments})
    (folder / "annotated.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf8")
    later = dict(zip(tiny.WHEN, [*tiny.WHEN[1:], tiny.WHEN[0]], strict=True))
    texts = [f"{bad} {when}. {good} {later[when]}." for bad in tiny.BAD for when in tiny.WHEN for good in tiny.GOOD]
    pq.write_table(pa.table({"text": texts, "rating": [str(1 + number % 5) for number in range(len(texts))]}), folder / "reviews.parquet")
    return folder


def write(place: Path, settings: dict[str, Any]) -> Path:
    place.write_text(yaml.safe_dump(settings), encoding="utf8")
    return place


def pretrain_settings(tmp_path: Path, data: Path) -> dict[str, Any]:
    settings = {"work": str(tmp_path / "pre"), "data": str(data), "corpus": [{"files": "*.parquet"}], "held_out": {"annotated": str(data / "annotated.jsonl")}}
    return {**settings, "vocabulary": 150, "width": 32, "layers": 1, "epochs": 2, "more": {"batch_tokens": 1024}}


def finetune_settings(tmp_path: Path, folder: Path, **changes: Any) -> dict[str, Any]:
    return {
        "name": "tiny",
        "version": "1",
        "about": {"description": "A model of a test.", "licence": "Apache-2.0"},
        "start": str(tmp_path / "pre" / "encoder"),
        "data": str(folder / "annotated.jsonl"),
        "epochs": 3,
        "learning_rate": 0.003,
        "work": str(tmp_path / "work"),
        "more": {"models": str(tmp_path / "models"), "batch_windows": 8, "average": 0.9},
        **changes,
    }


def test_from_text_and_labels_to_a_model_to_a_student_to_the_next_model(tmp_path: Path, data: Path) -> None:
    encoder = pretrain_job(write(tmp_path / "pretrain.yaml", pretrain_settings(tmp_path, data)))
    config = write(tmp_path / "finetune.yaml", finetune_settings(tmp_path, data))
    folder = finetune_job(config)
    card = verify(folder)
    assert card.metrics["held_out"]["heads"]["polarity"]["kappa"] > 0.9
    assert card.training["pretraining"]["tokens"] > 0
    assert card.training["cost"]["minutes"] >= 0
    assert evaluate(folder, data / "annotated.jsonl", split="test")["heads"] == card.metrics["held_out"]["heads"]
    assert set(problem_phrases(folder).labels) == set(tiny.BAD)
    text = "Colis perdu encore une fois"
    assert VocModel.load(folder).predict([text], [[(0, len(text))]]).sentiment[0] < 0
    with pytest.raises(ModelError, match="versions never change"):
        finetune_job(config)

    settings = {"start": str(encoder), "teachers": [str(folder)], "data": str(data), "corpus": [{"files": "*.parquet"}], "epochs": 3}
    settings |= {"learning_rate": 0.003, "work": str(tmp_path / "distil"), "more": {"batch_windows": 8, "average": 0.9}}
    student = distil_job(write(tmp_path / "distil.yaml", settings))
    begun = load_start(str(student), LAYOUT, 0.0, 0)
    assert begun.has_vectors
    assert "distillation" in json.loads((student / "training.json").read_text())
    last = finetune_settings(tmp_path, data, version="2", start=str(student), work=str(tmp_path / "work2"), epochs=1, learning_rate=1e-5)
    last["more"]["wide_learning_rate"] = 1e-5
    taught = verify(finetune_job(write(tmp_path / "last.yaml", last)))
    assert taught.metrics["held_out"]["heads"]["polarity"]["kappa"] > 0.8, "a student that hardly learns afterwards knows what its teacher said"


def test_a_few_rows_of_a_table_go_on_from_a_model(tmp_path: Path, data: Path) -> None:
    pretrain_job(write(tmp_path / "pretrain.yaml", pretrain_settings(tmp_path, data)))
    first = finetune_job(write(tmp_path / "finetune.yaml", finetune_settings(tmp_path, data, epochs=2)))
    table = tmp_path / "rows.csv"
    with table.open("w", encoding="utf8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "sentiment"])
        writer.writerows([segment.text, segment.sentiment] for verbatim in tiny.verbatims()[:40] for segment in verbatim.segments)
    more = {"models": str(tmp_path / "models"), "batch_windows": 8, "keep": 1.0, "wide_learning_rate": 0.002}
    settings = finetune_settings(tmp_path, data, name="ours", start="tiny@1", data=str(table), learning_rate=1e-4, work=str(tmp_path / "quick"), more=more)
    second = finetune_job(write(tmp_path / "quick.yaml", settings))
    assert problem_phrases(second).labels == problem_phrases(first).labels
    pieces = [[segment.text for segment in verbatim.segments] for verbatim in tiny.verbatims()]
    before, after = VocModel.load(first).predict_pieces(pieces), VocModel.load(second).predict_pieces(pieces)
    assert (before.step == after.step).mean() > 0.95, "heads that nobody judged stay as they were"
    assert (before.vector * after.vector).sum(1).mean() > 0.9
    assert load_card(second).thresholds["flags"] == load_card(first).thresholds["flags"]


def test_a_hub_encoder_becomes_a_model(tmp_path: Path, data: Path) -> None:
    folder = tiny.hub_folder(tmp_path / "hub")
    card = verify(finetune_job(write(tmp_path / "hub.yaml", finetune_settings(tmp_path, data, start=str(folder), epochs=2))))
    assert card.network["kind"] == "hub"
    assert card.marks["pad"] == 1
    assert card.metrics["held_out"]["heads"]["polarity"]["kappa"] > 0.9


def test_mistakes_are_told_at_once(tmp_path: Path, data: Path) -> None:
    wrong = finetune_settings(tmp_path, data, epoch=2, more={"bach_windows": 3}, patience=0, data=[{"file": "a", "wieght": 2}])
    with pytest.raises(ConfigError) as caught:
        finetune_job(write(tmp_path / "wrong.yaml", wrong))
    for told in ("did you mean 'epochs'", "did you mean 'batch_windows'", "patience", "did you mean 'weight'"):
        assert told in str(caught.value)
    with pytest.raises(ConfigError, match="teachers"):
        distil_job(write(tmp_path / "none.yaml", {"start": "x", "data": str(data), "corpus": [{"files": "*"}], "work": str(tmp_path)}))
    with pytest.raises(InputError):
        finetune_job(write(tmp_path / "missing.yaml", finetune_settings(tmp_path, data, data=str(data / "missing.jsonl"))))
    with pytest.raises(ConfigError, match="first entry of `data` must be a file"):
        finetune_job(write(tmp_path / "pack.yaml", finetune_settings(tmp_path, data, data=[{"pack": "a", "texts": "b"}])))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("voc-fr-small/pretrain", PretrainForm),
        ("voc-fr-small/distil", DistilForm),
        ("voc-fr-small/finetune", FinetuneForm),
        ("camembert", FinetuneForm),
        ("quick", FinetuneForm),
    ],
)
def test_the_configurations_that_come_along_are_right(name: str, kind: Any) -> None:
    load_form(name, kind)
    settings = yaml.safe_load((root() / "configs" / "train" / f"{name}.yaml").read_text(encoding="utf8"))
    assert len(set(settings) - {"more"}) <= 12


def test_copies_of_held_out_verbatims_are_not_trained_on(tmp_path: Path, data: Path) -> None:
    everything = read_labelled((DataPart(file=str(data / "annotated.jsonl")),), load_taxonomy(), None)
    rows = [json.loads(line) for line in (data / "annotated.jsonl").read_text(encoding="utf8").splitlines()]
    shouted = tmp_path / "again.jsonl"
    shouted.write_text("\n".join(json.dumps({**row, "id": f"again-{row['id']}", "text": row["text"].upper()}) for row in rows), encoding="utf8")
    parts = (DataPart(file=str(data / "annotated.jsonl")), DataPart(file=str(shouted), weight=0.5))
    both = read_labelled(parts, load_taxonomy(), None)
    assert [verbatim.id for verbatim in both.dev] == [verbatim.id for verbatim in everything.dev]
    assert {verbatim.id.removeprefix("again-") for verbatim in both.train} == {verbatim.id for verbatim in everything.train}
    assert both.weights == [1.0] * len(everything.train) + [0.5] * len(everything.train)


def test_precomputed_targets_teach_too(tmp_path: Path, data: Path) -> None:
    pretrained = tmp_path / "encoder"
    save_encoder(tiny.encoder(layers=1), tiny.tokenizer(), pretrained)
    settings = {"start": str(pretrained), "data": str(data), "corpus": [{"files": "*.parquet"}], "epochs": 1, "work": str(tmp_path / "distil")}
    wrong = tmp_path / "wrong.npz"
    np.savez(wrong, logits=np.zeros((3, LAYOUT.size), np.float16))
    with pytest.raises(InputError, match="shape"):
        distil_job(write(tmp_path / "wrong.yaml", {**settings, "targets": str(wrong)}))
    opinions = sum(len(document.pieces) for document in jobs.read_corpus(data, load_form(tmp_path / "wrong.yaml", DistilForm).corpus, None, load_taxonomy()))
    right = tmp_path / "right.npz"
    np.savez(right, logits=np.zeros((opinions, LAYOUT.size), np.float16))
    student = distil_job(write(tmp_path / "right.yaml", {**settings, "targets": str(right)}))
    assert not load_start(str(student), LAYOUT, 0.0, 0).has_vectors
