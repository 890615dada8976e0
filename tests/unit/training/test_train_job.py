"""A whole training run, small: from annotated verbatims and raw text to a verified model, resumed after a stop."""

import itertools
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytest.importorskip("torch")

from vocpipe.errors import ConfigError, InputError, ModelError
from vocpipe.ml.model import VocModel, problem_phrases
from vocpipe.ml.store import verify
from vocpipe.taxonomy import load_taxonomy
from vocpipe.training.annotated import read_annotated, split_by_verbatim
from vocpipe.training.evaluate import evaluate
from vocpipe.training.jobs import train

BAD = ["livraison en retard", "colis perdu", "conseiller injoignable", "prix en hausse", "table cassée"]
GOOD = ["accueil charmant", "livraison rapide", "bonne qualité", "prix correct", "vendeur aimable"]
WHEN = ["hier", "lundi", "encore une fois", "en mars", "au magasin", "pour la deuxième fois", "cette semaine", "chez vous"]


def verbatim(number: int, bad: str, good: str, when: str) -> dict[str, object]:
    negative = {
        "text": f"{bad} {when}.",
        "sentiment": -1,
        "emotions": {"colere": 1},
        "step": "livraison",
        "theme": "livraison",
        "flags": ["effort"],
        "irritant": bad,
    }
    positive = {"text": f"{good} {when}.", "sentiment": 1, "emotions": {"joie": 2}, "step": "achat", "theme": "produit", "flags": ["reco"], "irritant": None}
    return {"id": f"V{number}", "source": "essai", "text": f"{negative['text']} {positive['text']}", "segments": [negative, positive]}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    rows = [verbatim(number, *parts) for number, parts in enumerate(itertools.product(BAD, GOOD, WHEN))]
    (folder / "annotated.jsonl").write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf8")
    texts = [f"{bad} {when}. {good} !" for bad, when, good in itertools.product(BAD, WHEN, GOOD)]
    pq.write_table(pa.table({"text": texts, "rating": [str(1 + number % 5) for number in range(len(texts))]}), folder / "reviews.parquet")
    return folder


def config_of(tmp_path: Path, data: Path, **changes: object) -> Path:
    config = {
        "name": "tiny",
        "version": "1",
        "description": "A model of a test.",
        "licence": "Apache-2.0",
        "data": str(data),
        "annotated": "annotated.jsonl",
        "work": str(tmp_path / "work"),
        "models": str(tmp_path / "models"),
        "pretrain": {"corpus": [{"files": "*.parquet"}], "vocabulary": 200, "width": 64, "layers": 1, "epochs": 2, "batch_tokens": 1024},
        "finetune": {"epochs": 3, "batch_windows": 16, "learning_rate": 0.003, "wide_learning_rate": 0.02, "average": 0.9},
        **changes,
    }
    place = tmp_path / "train.yaml"
    place.write_text(json.dumps(config))
    return place


def test_from_text_and_labels_to_a_model_that_learned_them(tmp_path: Path, data: Path) -> None:
    config = config_of(tmp_path, data)
    folder = train(config)
    card = verify(folder)
    assert card.metrics["held_out"]["n"] == card.metrics["floor"]["n"] > 0
    assert card.metrics["held_out"]["heads"]["polarity"]["kappa"] > 0.9
    assert "| polarity" in (folder / "README.md").read_text()
    again = evaluate(folder, data / "annotated.jsonl", split="test")
    assert again["heads"] == card.metrics["held_out"]["heads"]
    assert set(problem_phrases(folder).labels) == set(BAD)
    text = "Colis perdu encore une fois"
    found = VocModel.load(folder).predict([text], [[(0, len(text))]])
    assert found.sentiment[0] < 0
    with pytest.raises(ModelError, match="versions never change"):
        train(config)


def test_mistakes_are_told_at_once(tmp_path: Path, data: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        train(config_of(tmp_path, data, thread=2, pretrain={"corpus": [], "layer": 2}))
    assert "thread" in str(caught.value)
    assert "layers" in str(caught.value)
    with pytest.raises(InputError, match="no annotated data"):
        train(config_of(tmp_path, data, annotated="missing.jsonl"))


def test_annotations_are_checked(tmp_path: Path, data: Path) -> None:
    path = data / "annotated.jsonl"
    path.write_text(path.read_text(encoding="utf8").replace('"step": "achat"', '"step": "achats"', 1), encoding="utf8")
    with pytest.raises(InputError, match=r"line 1: .*did you mean 'achat'"):
        read_annotated(path, load_taxonomy())


def test_splits_are_stable_and_keep_equal_texts_together(data: Path) -> None:
    verbatims = read_annotated(data / "annotated.jsonl", load_taxonomy())
    places = split_by_verbatim(verbatims)
    assert split_by_verbatim(list(reversed(verbatims))) == places
    shares = {split: sum(place == split for place in places.values()) / len(places) for split in ("train", "dev", "test")}
    assert shares["test"] == pytest.approx(0.15, abs=0.01)
    assert shares["dev"] == pytest.approx(0.10, abs=0.01)
    twin = [*verbatims, type(verbatims[0])("twin", verbatims[0].source, verbatims[0].text.upper(), verbatims[0].segments)]
    assert split_by_verbatim(twin)["twin"] == split_by_verbatim(twin)[verbatims[0].id]
