from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from tests.contract.fakes import write_config
from tests.small_models import write_classifier
from vocpipe import pipeline
from vocpipe.config import load_config
from vocpipe.errors import ConfigError, ModelError
from vocpipe.resources import root
from vocpipe.schema import COLUMNS
from vocpipe.stages.base import Context
from vocpipe.stages.classify import HEADS, Classify, opinion_columns
from vocpipe.stages.segment import Segment
from vocpipe.taxonomy import load_taxonomy

MODEL = "voc-fr-small@2"
NEEDS_MODEL = pytest.mark.skipif(not (root() / "models" / "voc-fr-small" / "2").is_dir(), reason="the embedded model is not there")
TEXTS = pa.record_batch({"text": ["Livraison en retard, mais accueil parfait.", "", "Trop cher !"]})


def predictions(n: int) -> SimpleNamespace:
    """Predictions for n opinions, all with the same labels but the second, which has none."""
    emotion_p = np.tile(np.linspace(0.1, 0.9, 9, dtype=np.float32), (n, 1))
    intensity = np.zeros((n, 9), np.int8)
    intensity[:, 2], intensity[:, 7] = 1, 2
    found = SimpleNamespace(
        sentiment=np.full(n, -2, np.int8),
        no_opinion=np.zeros(n, bool),
        sentiment_p=np.full(n, 0.75, np.float32),
        emotion_p=emotion_p,
        intensity=intensity,
        emotions=intensity > 0,
        step=np.full(n, 3),
        step_p=np.full(n, 0.5, np.float32),
        theme=np.zeros(n, int),
        theme_p=np.full(n, 0.25, np.float32),
        flag_p=np.tile(np.linspace(0, 1, 5, dtype=np.float32), (n, 1)),
        flags=np.tile([True, False, False, False, True], (n, 1)),
        irritant_p=np.full(n, 0.875, np.float32),
        irritant=np.ones(n, bool),
        vector=np.eye(n, 128, dtype=np.float32),
    )
    if n > 1:
        found.no_opinion[1], found.theme[1], found.emotions[1], found.flags[1] = True, -1, False, False
    return found


def test_flat_predictions_become_one_list_per_text() -> None:
    taxonomy = load_taxonomy()
    columns = opinion_columns(predictions(3), [2, 0, 1], taxonomy)
    arrays = {name: array if isinstance(array, pa.Array) else pa.array(array) for name, array in columns.items()}
    assert set(arrays) == set(Classify.adds)
    assert {name: array.type for name, array in arrays.items()} == {name: COLUMNS[name].type for name in arrays}
    step, theme = taxonomy.step_codes[3], taxonomy.theme_codes[0]
    strongest_first = [taxonomy.emotion_codes[7], taxonomy.emotion_codes[2]]
    flags = [taxonomy.flag_codes[0], taxonomy.flag_codes[4]]
    expected = {
        "opinion_sentiment": [[-2, None], [], [-2]],
        "opinion_emotions": [[strongest_first, []], [], [strongest_first]],
        "opinion_intensities": [[[2, 1], []], [], [[2, 1]]],
        "opinion_step": [[step, step], [], [step]],
        "opinion_theme": [[theme, None], [], [theme]],
        "opinion_flags": [[flags, []], [], [flags]],
        "opinion_irritant_p": [[0.875, 0.875], [], [0.875]],
    }
    assert {name: arrays[name].to_pylist() for name in expected} == expected
    assert np.array_equal(np.array(arrays["opinion_vector"].to_pylist()[2]), np.eye(3, 128)[2:])
    assert [len(row) for row in arrays["opinion_emotion_p"].to_pylist()[0]] == [9, 9]


def test_no_opinion_at_all() -> None:
    columns = opinion_columns(predictions(0), [0, 0], load_taxonomy())
    assert {tuple(map(tuple, array.to_pylist())) for array in columns.values() if isinstance(array, pa.Array)} == {((), ())}


@NEEDS_MODEL
def test_two_stages_share_the_heads() -> None:
    context = Context(load_taxonomy())
    first, second = Classify(heads=("sentiment", "vector")), Classify(heads=[head for head in HEADS if head not in ("sentiment", "vector")])
    assert first.added() == ("opinion_sentiment", "opinion_sentiment_p", "opinion_vector")
    shared = pipeline.load([Segment(), first, second], context, given=("text",))(TEXTS)
    whole = pipeline.load([Segment(), Classify()], context, given=("text",))(TEXTS)
    assert {name: shared[name].to_pylist() for name in whole.schema.names} == {name: whole[name].to_pylist() for name in whole.schema.names}
    with pytest.raises(ConfigError, match="adds 'opinion_vector', which classify adds already"):
        pipeline.check([Segment(), first, Classify(heads=["vector"])])


@NEEDS_MODEL
def test_a_classifier_of_the_hub_gives_a_head_beside_the_embedded_model(tmp_path: Path) -> None:
    folder = write_classifier(tmp_path / "stars", ["NEG", "POS"])
    config = f"""
source: source.yaml
stages:
  - use: language
  - use: segment
  - use: classify
    heads: [emotions, step, theme, flags, irritant, vector]
  - use: classify
    model: hf:{folder}
    heads: {{sentiment: {{NEG: -2, POS: 1}}}}
"""
    found = load_config(write_config(tmp_path, config))
    found.verify_models()
    assert found.model_names() == (MODEL,)
    settings = found.settings()
    assert set(settings["models"]) == {MODEL, f"hf:{folder}"}
    assert settings["stages"][3]["heads"] == {"sentiment": {"NEG": -2, "POS": 1}}
    rows = pipeline.load(found.stages[1:], Context(found.taxonomy), given=("text",))(TEXTS)
    assert [len(row) for row in rows["opinion_sentiment"].to_pylist()] == [len(row) for row in rows["opinion_step"].to_pylist()]
    assert {value for row in rows["opinion_sentiment"].to_pylist() for value in row} <= {-2, 1}
    before = settings["models"][f"hf:{folder}"]
    write_classifier(folder, ["NEG", "NEUTRAL", "POS"])
    assert found.settings()["models"][f"hf:{folder}"] != before
    with pytest.raises(ModelError, match="the label 'NEUTRAL' is not in the map"):
        found.verify_models()


def test_mistakes_in_heads_are_told_with_the_nearest_name(tmp_path: Path) -> None:
    config = """
source: source.yaml
stages:
  - use: segment
  - {use: classify, heads: [emotion, step]}
  - {use: classify, heads: {sentiment: {NEG: -2}}}
  - {use: classify, model: "hf:essai/stars"}
  - {use: classify, model: "hf:essai/stars", heads: {vector: {NEG: 1}, sentiment: {NEG: 5}}}
"""
    with pytest.raises(ConfigError) as caught:
        load_config(write_config(tmp_path, config))
    for message in (
        "line 5: stages.2.heads: value error, no head 'emotion'; did you mean 'emotions'?",
        "line 6: stages.3.heads: value error, a list is expected, of sentiment, emotions",
        "line 7: stages.4.heads: value error, a classifier of the hub needs a map",
        "line 8: stages.5.heads: value error, no head 'vector'; valid: emotions, flags, sentiment, step, theme; 5 is no sentiment",
    ):
        assert message in caught.value.message


def test_new_settings_at_rest_do_not_change_the_fingerprint() -> None:
    assert Classify().fingerprint_settings() == Classify(device="cuda").fingerprint_settings() == {"model": MODEL}
    assert Classify(heads=["step"]).fingerprint_settings() == {"model": MODEL, "heads": ["step"]}
