"""From logits to labels."""

import numpy as np

from vocpipe.ml.heads import Layout, decode

LAYOUT = Layout(("joie", "colere"), ("achat", "usage"), ("prix",), ("effort",))
THRESHOLDS = {"emotions": [0.5, 0.9], "strong": [0.5, 0.5], "flags": [0.5], "irritant": [0.5]}


def logits(**heads: list[float]) -> np.ndarray:
    row = np.full(LAYOUT.size, -9.0)
    for name, values in heads.items():
        row[LAYOUT.slices[name]] = values
    return row[None, :]


def test_polarity_is_chosen_before_strength() -> None:
    # 0 is the single most likely value, but -2 and -1 together outweigh it
    found = decode(logits(sentiment=[1.0, 1.1, 1.3, -9, -9, -9]), np.zeros((1, 4)), LAYOUT, THRESHOLDS)
    assert found.polarity[0] == 0
    assert found.sentiment[0] == -1
    assert not found.no_opinion[0]


def test_no_opinion_is_not_zero() -> None:
    found = decode(logits(sentiment=[-9, -9, -9, -9, -9, 5]), np.zeros((1, 4)), LAYOUT, THRESHOLDS)
    assert found.no_opinion[0]


def test_emotions_follow_their_own_threshold_and_intensity_needs_the_emotion() -> None:
    found = decode(logits(emotions=[1.0, 1.0], strong=[3.0, 3.0]), np.zeros((1, 4)), LAYOUT, THRESHOLDS)
    assert found.emotions.tolist() == [[True, False]]
    assert found.intensity.tolist() == [[2, 0]]


def test_the_last_theme_is_none() -> None:
    assert decode(logits(theme=[-1.0, 2.0]), np.zeros((1, 4)), LAYOUT, THRESHOLDS).theme[0] == -1
    assert decode(logits(theme=[2.0, -1.0]), np.zeros((1, 4)), LAYOUT, THRESHOLDS).theme[0] == 0


def test_an_irritant_is_negative() -> None:
    happy = decode(logits(sentiment=[-9, -9, -9, 5, -9, -9], irritant=[5.0]), np.zeros((1, 4)), LAYOUT, THRESHOLDS)
    angry = decode(logits(sentiment=[5, -9, -9, -9, -9, -9], irritant=[5.0]), np.zeros((1, 4)), LAYOUT, THRESHOLDS)
    assert not happy.irritant[0]
    assert angry.irritant[0]


def test_calibration_changes_probabilities_before_thresholds() -> None:
    given = logits(step=[2.0, 0.0], emotions=[1.0, 1.0], irritant=[1.0])
    plain = decode(given, np.zeros((1, 4)), LAYOUT, THRESHOLDS)
    same = decode(given, np.zeros((1, 4)), LAYOUT, THRESHOLDS, {})
    assert (plain.step_p == same.step_p).all()
    found = decode(given, np.zeros((1, 4)), LAYOUT, THRESHOLDS, {"step": [(0.5, 0.0)], "emotions": [(1.0, -2.0), (4.0, 0.0)]})
    assert found.step_p[0] == 1 / (1 + np.exp(-1.0))
    assert found.emotions.tolist() == [[False, True]]
    np.testing.assert_allclose(found.emotion_p[0], [1 / (1 + np.exp(1.0)), 1 / (1 + np.exp(-4.0))])
    assert found.irritant_p[0] == plain.irritant_p[0]
