"""What the embedded model promises."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vocpipe.errors import ModelError
from vocpipe.french.cleaning import clean
from vocpipe.french.segmentation import segment
from vocpipe.ml.heads import POLARITIES
from vocpipe.ml.model import VocModel, problem_phrases
from vocpipe.ml.store import resolve

TEXTS = [
    "Livraison rapide mais le produit est arrivé cassé, et impossible de joindre le SAV depuis 3 semaines !!",
    "Merci à Julie, conseillère adorable et très efficace, je recommande.",
    "J'ai commandé une table le 3 mars.",
    "Prélèvement de 8,90 € alors que j'ai résilié en janvier, c'est du vol.",
    "Troooop déçue, la couleur n'a rien à voir avec la photo 😡",
    "ok",
    "Le magasin de Nantes est propre, le vendeur a pris le temps de m'expliquer. Par contre les prix ont encore augmenté.",
]
TOLERANCE = 1e-4
"""Greatest difference of a probability between a text alone and the same text in company."""


@pytest.fixture(scope="module")
def model() -> VocModel:
    return VocModel.load(resolve("voc-fr-small@2"), threads=1)


def test_size_on_disk() -> None:
    assert sum(file.stat().st_size for file in resolve("voc-fr-small@2").iterdir()) < 20_000_000


def test_the_promised_example(model: VocModel) -> None:
    found = model.predict(TEXTS[:1], [segment(TEXTS[0])])
    assert [POLARITIES[code] for code in found.polarity] == ["positive", "negative", "negative"]
    steps = [model.layout.steps[code] for code in found.step]
    assert steps[0] == "livraison"
    assert steps[2] == "assistance"
    raised = {model.layout.emotions[place] for place in np.flatnonzero(found.emotions[2])}
    assert raised & {"frustration", "colere"}


def test_predictions_do_not_depend_on_company(model: VocModel) -> None:
    spans = [segment(text) for text in TEXTS]
    together = model.predict(TEXTS * 5, spans * 5)
    first = 0
    for text, places in zip(TEXTS, spans, strict=True):
        alone = model.predict([text], [places])
        same = together.rows(slice(first, first + len(places)))
        for name in ("polarity", "sentiment", "step", "theme", "emotions", "flags", "irritant"):
            assert np.array_equal(getattr(alone, name), getattr(same, name)), name
        for name in ("sentiment_p", "emotion_p", "step_p", "theme_p", "flag_p", "irritant_p", "vector"):
            assert np.abs(getattr(alone, name) - getattr(same, name)).max() < TOLERANCE, name
        first += len(places)


def test_text_is_cleaned_by_the_version_of_the_card(model: VocModel) -> None:
    text = "« Déçue » d&eacute;j&agrave; du service… 👍🏽"
    earlier = replace(model, card=model.card.model_copy(update={"cleaning": 1}))
    assert model.card.cleaning == 2
    assert np.array_equal(model.logits([[text]])[0], earlier.logits([[clean(text, 2)]])[0])
    assert not np.array_equal(earlier.logits([[text]])[0], model.logits([[text]])[0])


def test_a_model_cleaned_by_an_unknown_version_is_refused(model: VocModel, tmp_path: Path) -> None:
    folder = tmp_path / "voc-fr-small" / "2"
    shutil.copytree(resolve("voc-fr-small@2"), folder)
    (folder / "card.json").write_text(model.card.model_copy(update={"cleaning": 99}).model_dump_json(), encoding="utf8")
    with pytest.raises(ModelError, match="version 99") as caught:
        VocModel.load(folder)
    assert "1, 2" in caught.value.hint


def test_vectors_have_unit_length(model: VocModel) -> None:
    found = model.predict(TEXTS, [segment(text) for text in TEXTS])
    assert np.allclose(np.linalg.norm(found.vector, axis=1), 1, atol=1e-4)


def test_no_text_no_opinion(model: VocModel) -> None:
    assert len(model.predict([], [])) == 0
    assert len(model.predict(["", TEXTS[1]], [[], segment(TEXTS[1])])) == 1


def test_a_very_long_opinion_and_odd_characters_do_no_harm(model: VocModel) -> None:
    texts = ["très déçu " * 3000, "\u202e😡\x00 ###", "ﷺ" * 50]
    found = model.predict(texts, [[(0, len(text))] for text in texts])
    assert np.isfinite(found.vector).all()
    assert np.isfinite(found.sentiment_p).all()


def test_problem_phrases_are_short_noun_phrases() -> None:
    phrases = problem_phrases(resolve("voc-fr-small@2"))
    assert len(phrases.labels) == len(set(phrases.labels)) > 300
    assert np.allclose(np.linalg.norm(phrases.vectors, axis=1), 1, atol=1e-2)
    assert all(label == label.strip() and len(label) < 45 for label in phrases.labels)


def test_running_needs_no_torch() -> None:
    code = """
import sys
from vocpipe.ml.model import VocModel
from vocpipe.ml.store import resolve
VocModel.load(resolve("voc-fr-small@2")).predict(["nul"], [[(0, 3)]])
print("torch" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "False"
