import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import transformers

from tests.small_models import LAYOUT, sample_pieces, write_classifier
from vocpipe.errors import ModelError
from vocpipe.ml import hub
from vocpipe.ml.hub_classifier import HubClassifier

STARS = ["1 star", "2 stars", "3 stars", "4 stars", "5 stars"]
SENTIMENT = {"1 star": -2, "2 stars": -1, "3 stars": 0, "4 stars": 1, "5 stars": 2}
CODES = {"emotions": LAYOUT.emotions, "step": LAYOUT.steps, "theme": LAYOUT.themes, "flags": LAYOUT.flags}
TEXTS = [piece for row in sample_pieces()[:40] for piece in row]


@pytest.fixture(scope="module")
def stars(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"hf:{write_classifier(tmp_path_factory.mktemp('hub') / 'stars', STARS)}"


def their_probabilities(model: str, function: str) -> np.ndarray:
    """What transformers itself gives, one text at a time: texts × labels."""
    pipeline = transformers.pipeline("text-classification", model=model.removeprefix("hf:"), top_k=None, function_to_apply=function, device="cpu")
    answers = [{entry["label"]: entry["score"] for entry in pipeline([text], truncation=True, max_length=78)[0]} for text in TEXTS]
    return np.array([[answer[label] for label in hub.labels(model)] for answer in answers])


def test_sentiment_is_that_of_transformers_in_any_company(stars: str) -> None:
    found = HubClassifier(stars, {"sentiment": SENTIMENT}, LAYOUT, 0.5).predict(TEXTS)
    theirs = their_probabilities(stars, "softmax")
    polarities = np.stack([theirs[:, :2].sum(1), theirs[:, 2], theirs[:, 3:].sum(1)], axis=1)
    assert np.array_equal(found.polarity, polarities.argmax(1))
    assert np.abs(found.sentiment_p - polarities.max(1)).max() < 1e-4
    assert not found.no_opinion.any()
    assert len(np.unique(found.sentiment)) > 1
    alone = HubClassifier(stars, {"sentiment": SENTIMENT}, LAYOUT, 0.5).predict(TEXTS[:1])
    assert abs(alone.sentiment_p[0] - found.sentiment_p[0]) < 1e-4


def test_null_stands_for_no_opinion_and_no_theme(tmp_path: Path) -> None:
    model = f"hf:{write_classifier(tmp_path / 'topics', ['none', 'price', 'delivery'])}"
    maps = {
        "theme": {"none": None, "price": LAYOUT.themes[0], "delivery": LAYOUT.themes[1]},
        "step": {"none": LAYOUT.steps[0], "price": LAYOUT.steps[1], "delivery": LAYOUT.steps[1]},
        "sentiment": {"none": None, "price": -1, "delivery": 1},
    }
    found = HubClassifier(model, maps, LAYOUT, 0.5).predict(TEXTS)
    theirs = their_probabilities(model, "softmax")
    assert np.array_equal(found.theme, np.array([-1, 0, 1])[theirs.argmax(1)])
    assert np.array_equal(found.no_opinion, theirs.argmax(1) == 0)
    assert np.abs(found.step_p - np.maximum(theirs[:, 0], theirs[:, 1:].sum(1))).max() < 1e-4


@pytest.mark.parametrize("kind", ["single_label_classification", "multi_label_classification"])
def test_emotions_and_flags_are_raised_from_the_threshold(kind: str, tmp_path: Path) -> None:
    model = f"hf:{write_classifier(tmp_path / 'emotions', ['anger', 'rage', 'joy', 'neutral'], problem_type=kind)}"
    first, second = LAYOUT.emotions[:2]
    maps = {"emotions": {"anger": first, "rage": first, "joy": second, "neutral": None}, "flags": {"rage": LAYOUT.flags[0]}}
    found = HubClassifier(model, maps, LAYOUT, 0.4).predict(TEXTS)
    theirs = their_probabilities(model, "sigmoid" if kind.startswith("multi") else "softmax")
    expected = theirs[:, :2].max(1) if kind.startswith("multi") else theirs[:, :2].sum(1)
    assert np.abs(found.emotion_p[:, 0] - expected).max() < 1e-4
    assert np.abs(found.flag_p[:, 0] - theirs[:, 1]).max() < 1e-4
    assert np.array_equal(found.emotions[:, :2], found.emotion_p[:, :2] >= 0.4)
    assert found.emotions[:, :2].any()
    assert not found.emotions[:, 2:].any()
    assert set(found.intensity[found.emotions]) == {1}


def test_maps_are_checked_with_the_nearest_valid_name(stars: str) -> None:
    hub.check_maps(stars, {"sentiment": SENTIMENT}, CODES)
    wrong = {label.replace("1 star", "1 stars"): value for label, value in SENTIMENT.items()}
    emotion = LAYOUT.emotions[0]
    with pytest.raises(ModelError) as caught:
        hub.check_maps(stars, {"sentiment": wrong, "emotions": {"1 star": emotion + "s"}, "step": dict.fromkeys(STARS)}, CODES)
    assert "sentiment: " + stars + " has no label '1 stars'; did you mean" in caught.value.message
    assert "sentiment: the label '1 star' is not in the map" in caught.value.message
    assert f"emotions: no code '{emotion}s'; did you mean '{emotion}'?" in caught.value.message
    assert "step: '5 stars' is null" in caught.value.message
    assert "'3 stars'" in caught.value.hint


def test_only_safe_weights_of_classifiers_are_read(stars: str, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(stars.removeprefix("hf:"), folder)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match="no weights in safetensors"):
        hub.find(f"hf:{folder}")
    (folder / "pytorch_model.bin").rename(folder / "model.safetensors")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "architectures": ["BertForMaskedLM"]}))
    with pytest.raises(ModelError, match="is no text classifier but BertForMaskedLM"):
        hub.find(f"hf:{folder}")
    with pytest.raises(ModelError, match="no folder"):
        hub.find("hf:./nowhere")


def test_an_encoder_without_a_head_is_refused(stars: str, tmp_path: Path) -> None:
    folder = tmp_path / "bare"
    shutil.copytree(stars.removeprefix("hf:"), folder)
    model = transformers.AutoModel.from_pretrained(folder)
    model.save_pretrained(folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "architectures": None, "id2label": {str(place): label for place, label in enumerate(STARS)}}))
    with pytest.raises(ModelError, match="no weights for classifier"):
        HubClassifier(f"hf:{folder}", {"sentiment": SENTIMENT}, LAYOUT, 0.5)


def test_the_fingerprint_of_a_folder_changes_with_its_files(stars: str, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(stars.removeprefix("hf:"), folder)
    before = hub.fingerprint(f"hf:{folder}")
    assert before == hub.fingerprint(stars)
    (folder / "config.json").write_text((folder / "config.json").read_text() + " ")
    assert hub.fingerprint(f"hf:{folder}") != before


def test_the_cache_is_enough_and_its_revision_is_the_fingerprint(stars: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    revision = "0123456789abcdef0123456789abcdef01234567"
    repository = tmp_path / "models--essai--stars"
    shutil.copytree(stars.removeprefix("hf:"), repository / "snapshots" / revision)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text(revision)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert hub.labels("hf:essai/stars") == tuple(STARS)
    assert hub.fingerprint("hf:essai/stars") == hub.fingerprint(f"hf:essai/stars@{revision}") == revision
    with pytest.raises(ModelError, match="hf:essai/other is not in the cache, and the hub cannot be reached") as caught:
        hub.find("hf:essai/other")
    assert "hf download essai/other" in caught.value.hint
    (repository / "snapshots" / revision / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="no weights in safetensors, or not all of them"):
        hub.find("hf:essai/stars")
