"""Public references, on invented data small enough to know the answers."""

from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vocpipe.errors import InputError
from vocpipe.french.segmentation import segment
from vocpipe.ml.heads import SENTIMENTS, VECTOR_SIZE
from vocpipe.ml.model import VocModel
from vocpipe.taxonomy import load_taxonomy
from vocpipe.training import references as module
from vocpipe.training.corpus import text_key
from vocpipe.training.evaluate import layout_of
from vocpipe.training.references import main, references, table

LAYOUT = layout_of(load_taxonomy())
WORDS = {"affreux": -2, "moyen": 0, "superbe": 2}
THEMES = {"addition": "prix", "plat": "produit", "serveuse": "relation", "salle": "lieu"}


class Reader:
    """A model that knows a few words."""

    layout = LAYOUT

    def logits(self, pieces: list[list[str]]) -> tuple[np.ndarray, np.ndarray]:
        opinions = [piece.lower() for part in pieces for piece in part]
        found = np.zeros((len(opinions), LAYOUT.size), dtype=np.float32)
        for row, opinion in enumerate(opinions):
            sentiment = next((value for word, value in WORDS.items() if word in opinion), None)
            theme = next((code for word, code in THEMES.items() if word in opinion), "global")
            found[row, LAYOUT.slices["sentiment"].start + SENTIMENTS.index(sentiment)] = 9
            found[row, LAYOUT.slices["theme"].start + LAYOUT.themes.index(theme)] = 9
        return found, np.zeros((len(opinions), VECTOR_SIZE), np.float32)


MODEL = cast(VocModel, Reader())


def save(path: Path, **columns: list[Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)


def value(found: dict[str, Any], who: str, figure: str) -> float:
    return float(found["figures"][who][figure]["value"])


def test_what_is_not_there_is_skipped_and_said(tmp_path: Path) -> None:
    found = references(MODEL, tmp_path)
    assert list(found) == ["amazon_stars", "tweets_umsab", "tweets_deft2017", "restaurant_aspects"]
    assert all(reference["skipped"].startswith("not there: ") for reference in found.values())
    assert len(list(table(found))) == 4


@pytest.mark.parametrize(("file", "name", "classes"), [(module.UMSAB, "tweets_umsab", "012"), (module.DEFT, "tweets_deft2017", module.DEFT_CLASSES)])
def test_tweets_are_judged_by_the_sentiment_alone(tmp_path: Path, file: str, name: str, classes: tuple[str, ...]) -> None:
    neutral = "un train passe"
    texts = [f"{word} numéro {number}" for number in range(20) for word in ("affreux", neutral, "superbe", "moyen")[: len(classes)]]
    save(tmp_path / file, text=[*texts, texts[0].upper()], label=[*[classes[row % len(classes)] for row in range(len(texts))], classes[1]])
    found = references(MODEL, tmp_path)[name]
    assert found["n"] == len(texts)  # the repeated tweet, whose label differs, is left out
    assert {who: value(found, who, "macro_f1") for who in ("zero_shot", "probe", "tfidf")} == {"zero_shot": 1.0, "probe": 1.0, "tfidf": 1.0}
    assert found["figures"]["zero_shot"]["macro_f1"]["low"] == 1.0


def test_aspects_come_from_themes_and_their_own_sentiment(tmp_path: Path) -> None:
    polarities = {"affreux": "Négative", "moyen": "Neutre", "superbe": "Positive"}
    rows = [(plat, salle) for plat in polarities for salle in polarities] * 6
    texts = [f"Le plat est {plat}. La salle est {salle}. Table {number}." for number, (plat, salle) in enumerate(rows)]
    labels = {"Cuisine": [polarities[plat] for plat, _ in rows], "Ambiance": [polarities[salle] for _, salle in rows]}
    save(tmp_path / module.RESTAURANTS, text=texts, Prix=["NE"] * len(rows), Service=["NE"] * len(rows), **labels)
    annotated = tmp_path / module.ANNOTATED
    annotated.parent.mkdir()
    annotated.write_text(f'{{"id": "a", "source": "s", "text": "{texts[0]}", "segments": []}}\n', encoding="utf8")
    found = references(MODEL, tmp_path)["restaurant_aspects"]
    assert len(segment(texts[0])) >= 2
    assert found["n"] == len(rows) - 1  # the heads may have learned from the annotated one
    assert {who: value(found, who, "aspect_f1") for who in ("zero_shot", "probe", "tfidf")} == {"zero_shot": 1.0, "probe": 1.0, "tfidf": 1.0}
    assert value(found, "zero_shot", "polarity_accuracy") == 1.0


def test_amazon_is_measured_on_held_out_reviews_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"{word} article {number}" for number in range(60) for word in ("affreux", "superbe")]
    save(tmp_path / module.AMAZON, text=texts, rating=[1.0, 5.0] * 60)
    annotated = tmp_path / "labels.jsonl"
    annotated.write_text("", encoding="utf8")
    places = {text_key(text): "train" if row < 10 else "test" for row, text in enumerate(texts[:40])}
    monkeypatch.setattr(module, "_split_of", lambda _: places)
    found = references(MODEL, tmp_path, annotated)["amazon_stars"]
    assert (found["n"], found["fitted_on"]) == (30, 80)
    assert (value(found, "probe", "accuracy"), value(found, "probe", "mae")) == (1.0, 0.0)


def test_figures_by_hand() -> None:
    truth = np.asarray([[0], [0], [4], [4]] * 5)
    said = np.eye(5)[[0, 1, 4, 2] * 5][:, None]
    found = module._class_figures(truth, said, ("accuracy", "mae"))
    assert (found["accuracy"]["value"], found["mae"]["value"]) == (0.5, 0.75)
    assert found["mae"]["low"] < 0.75 < found["mae"]["high"]


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    save(tmp_path / module.UMSAB, text=["un"], polarity=["0"])
    with pytest.raises(InputError, match="has no column 'label'"):
        references(MODEL, tmp_path)


def test_the_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["voc-fr-small@2"]) == 2
    assert "python -m vocpipe.training.references" in capsys.readouterr().err


def test_features_are_mean_and_highest() -> None:
    texts = module.Texts(["a", "b"], np.zeros((2, 1), int), np.asarray([[1.0, 4.0], [3.0, 0.0], [5.0, 5.0]], np.float32), np.asarray([0, 0, 1]))
    assert texts.features.tolist() == [[2, 2, 3, 4], [5, 5, 5, 5]]
    assert texts.mean(texts.logits, np.asarray([3.0, 1.0, 2.0], np.float32)).tolist() == [[1.5, 3.0], [5.0, 5.0]]
