"""Calibration makes overconfident probabilities honest, and leaves alone what it cannot know."""

import numpy as np
import pytest

from vocpipe.ml.heads import VECTOR_SIZE, Layout, decode, sigmoid, softmax
from vocpipe.training.calibration import choose_thresholds, expected_calibration_error, fit_calibration, reliability

LAYOUT = Layout(("joie", "colere"), ("achat", "usage", "depart"), ("prix", "produit"), ("effort",))
SIZES = {"sentiment": 6, "step": 3, "theme": 3}


def overconfident(n: int, seed: int, times: float = 3.0, shift: float = 1.5) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Draw answers from honest logits, and return logits that are `times` too large and, for labels, `shift` too high."""
    random = np.random.default_rng(seed)
    honest = random.normal(0, 1.5, (n, LAYOUT.size))
    targets: dict[str, np.ndarray] = {}
    logits = honest * times
    for name, place in LAYOUT.slices.items():
        if name in SIZES:
            chances = softmax(honest[:, place])
            targets[name] = (chances.cumsum(1) < random.random((n, 1))).sum(1)
        else:
            targets[name] = (random.random(honest[:, place].shape) < sigmoid(honest[:, place])).astype(np.float32)
            logits[:, place] += shift
    return logits, targets


def test_calibration_improves_the_error_on_other_data() -> None:
    calibration = fit_calibration(*overconfident(4000, 1), LAYOUT)
    logits, targets = overconfident(4000, 2)
    half = {"emotions": [0.5, 0.5], "strong": [0.5, 0.5], "flags": [0.5], "irritant": [0.5]}
    errors = []
    for given in (None, calibration):
        found = decode(logits, np.zeros((len(logits), VECTOR_SIZE)), LAYOUT, half, given)
        errors.append(
            (
                expected_calibration_error(found.step_p, found.step == targets["step"]),
                expected_calibration_error(found.emotion_p[:, 0], targets["emotions"][:, 0]),
                expected_calibration_error(found.irritant_p, targets["irritant"][:, 0]),
            )
        )
    before, after = np.asarray(errors)
    assert (before > 0.08).all()
    assert (after < 0.03).all()
    assert calibration["step"][0] == (pytest.approx(1 / 3, abs=0.03), 0.0)
    slope, offset = calibration["emotions"][0]
    assert slope == pytest.approx(1 / 3, abs=0.04)
    assert offset == pytest.approx(-0.5, abs=0.15)


def test_a_label_with_few_positives_or_unjudged_segments_is_left_alone() -> None:
    logits, targets = overconfident(500, 3)
    targets["flags"][:] = 0
    targets["flags"][:9] = 1
    targets["irritant"][20:] = np.nan
    targets["theme"][:] = -1
    calibration = fit_calibration(logits, targets, LAYOUT)
    assert calibration["flags"] == [(1.0, 0.0)]
    assert calibration["theme"] == [(1.0, 0.0)]
    assert np.isfinite(np.asarray(calibration["irritant"])).all()
    assert choose_thresholds(logits, targets, LAYOUT, calibration)["flags"] == [0.5]


def test_labels_that_are_separable_get_finite_slopes() -> None:
    logits, targets = overconfident(100, 4)
    targets["irritant"][:, 0] = logits[:, LAYOUT.slices["irritant"]][:, 0] > 0
    (slope, offset), *_ = fit_calibration(logits, targets, LAYOUT)["irritant"]
    assert 0 < slope <= 20
    assert abs(offset) <= 30


def test_unjudged_segments_do_not_move_anything() -> None:
    logits, targets = overconfident(400, 5)
    more = np.concatenate([logits, logits[:50] * -7])
    held = {name: np.concatenate([target, np.full((50, *target.shape[1:]), -1 if target.ndim == 1 else np.nan)]) for name, target in targets.items()}
    held = {name: target.astype(np.int64) if target.ndim == 1 else target for name, target in held.items()}
    calibration = fit_calibration(logits, targets, LAYOUT)
    assert fit_calibration(more, held, LAYOUT) == calibration
    assert choose_thresholds(more, held, LAYOUT, calibration) == choose_thresholds(logits, targets, LAYOUT, calibration)


def test_thresholds_find_the_best_cut() -> None:
    p = np.concatenate([np.full(60, 0.2), np.full(40, 0.35)])
    logits = np.zeros((100, LAYOUT.size))
    logits[:, LAYOUT.slices["irritant"]] = np.log(p / (1 - p))[:, None]
    targets = {name: np.zeros((100, LAYOUT.slices[name].stop - LAYOUT.slices[name].start)) for name in ("emotions", "strong", "flags", "irritant")}
    targets["irritant"][60:] = 1
    assert 0.2 < choose_thresholds(logits, targets, LAYOUT)["irritant"][0] <= 0.35


def test_thresholds_of_honest_probabilities_lie_at_half_the_best_f1() -> None:
    logits, targets = overconfident(4000, 6, times=1.0, shift=0.0)
    p = sigmoid(logits[:, LAYOUT.slices["irritant"]])[:, 0]
    truth = targets["irritant"][:, 0] > 0
    best = max(2 * (truth & (p >= cut)).sum() / (truth.sum() + (p >= cut).sum()) for cut in np.arange(0.1, 0.7, 0.01))
    assert choose_thresholds(logits, targets, LAYOUT, {})["irritant"][0] == pytest.approx(best / 2, abs=0.01)


def test_error_by_hand() -> None:
    # two of four right where 0.9 was said, and the one where 0.1 was said wrong: (4·0.4 + 1·0.1) / 5
    p, hit = np.asarray([0.9, 0.9, 0.9, 0.9, 0.1]), np.asarray([True, True, False, False, False])
    assert expected_calibration_error(p, hit) == pytest.approx(1.7 / 5, abs=1e-4)
    assert [entry["n"] for entry in reliability(p, hit)] == [1, 4]
    assert expected_calibration_error(np.asarray([1.0]), np.asarray([True])) == 0
    assert expected_calibration_error(np.zeros(0), np.zeros(0)) == 0
