from types import SimpleNamespace

import numpy as np
import pyarrow as pa

from vocpipe.schema import COLUMNS
from vocpipe.stages.classify import Classify, opinion_columns
from vocpipe.taxonomy import load_taxonomy


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
