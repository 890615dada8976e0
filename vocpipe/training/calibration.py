"""Make probabilities honest, and choose from which probability on a label is said; both on the dev split."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import minimize, minimize_scalar

from vocpipe.ml.heads import CLASS_HEADS, LABEL_HEADS, POLARITY_OF, Calibration, Layout, calibrated, polarity_probabilities, sigmoid, softmax

FEWEST = 10
"""Positives, and negatives, that a label needs on dev to be calibrated and to get a threshold of its own."""
DEFAULT_THRESHOLD = 0.5
_SLOPES = (0.05, 20.0)
_GRID = np.arange(0.05, 0.75, 0.025)


def fit_calibration(logits: np.ndarray, targets: Mapping[str, np.ndarray], layout: Layout) -> dict[str, list[tuple[float, float]]]:
    """Return the calibration that makes the annotators' answers most likely, for `vocpipe.ml.heads.decode`.

    Class heads get one temperature each (Guo et al. 2017, arXiv:1706.04599); the sentiment's is fitted on the polarity, whose probability is the one
    that is shown. Each label gets a slope and an offset (Platt 1999, with his smoothed targets), which also undoes that training weighs rare
    positives. A label with fewer than `FEWEST` positives or negatives, and a class head with fewer than `FEWEST` answers, keeps (1, 0): its
    probability stays what training made of it. Targets are -1 (classes) or NaN (labels) where a segment was not judged.
    """
    found: dict[str, list[tuple[float, float]]] = {}
    for name in CLASS_HEADS:
        judged = targets[name] >= 0
        found[name] = [(_temperature(logits[judged][:, layout.slices[name]], targets[name][judged], name == "sentiment"), 0.0)]
    for name in LABEL_HEADS:
        own = logits[:, layout.slices[name]]
        found[name] = [_platt(own[:, label], targets[name][:, label]) for label in range(own.shape[1])]
    return found


def _temperature(logits: np.ndarray, target: np.ndarray, is_sentiment: bool) -> float:
    if len(target) < FEWEST:
        return 1.0
    if is_sentiment:
        target = POLARITY_OF[target]

    def loss(power: float) -> float:
        probabilities = softmax(np.exp(power) * logits.astype(np.float64))
        if is_sentiment:
            probabilities = polarity_probabilities(probabilities)
        return -float(np.log(np.maximum(probabilities[np.arange(len(target)), target], 1e-12)).mean())

    best = minimize_scalar(loss, bounds=tuple(np.log(_SLOPES)), method="bounded")
    return round(float(np.exp(best.x)), 4)


def _platt(logits: np.ndarray, target: np.ndarray) -> tuple[float, float]:
    judged = ~np.isnan(target)
    logits, positive = logits[judged].astype(np.float64), target[judged] > 0
    positives, negatives = int(positive.sum()), int((~positive).sum())
    if min(positives, negatives) < FEWEST:
        return 1.0, 0.0
    goal = np.where(positive, (positives + 1) / (positives + 2), 1 / (negatives + 2))

    def loss(pair: np.ndarray) -> tuple[float, np.ndarray]:
        scores = pair[0] * logits + pair[1]
        gaps = sigmoid(scores) - goal
        return float((np.logaddexp(0, scores) - goal * scores).mean()), np.asarray([(gaps * logits).mean(), gaps.mean()])

    best = minimize(loss, np.asarray([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[_SLOPES, (-30, 30)])
    return round(float(best.x[0]), 4), round(float(best.x[1]), 4)


def choose_thresholds(logits: np.ndarray, targets: Mapping[str, np.ndarray], layout: Layout, calibration: Calibration | None = None) -> dict[str, list[float]]:
    """Return per label the probability from which on saying it serves its F1 best.

    With calibrated probabilities that is half of the best F1 there is (Lipton et al. 2014, arXiv:1402.1892), which moves less from sample to sample than
    the best cut itself: cross-fitted on the embedded model's dev split, mean F1 of 15 labels 0.671 against 0.667. Without calibration it is the best cut,
    smoothed over its neighbours. Labels with fewer than `FEWEST` positives keep 0.5: what is chosen on a handful of them is chance.
    """
    honest = calibrated(logits, layout, calibration or {})
    chosen: dict[str, list[float]] = {}
    for name in LABEL_HEADS:
        probabilities = sigmoid(honest[:, layout.slices[name]])
        found = [_best_cut(probabilities[:, label], targets[name][:, label]) for label in range(probabilities.shape[1])]
        chosen[name] = [round(cut if calibration is None or best is None else best / 2, 3) for cut, best in found]
    return chosen


def _best_cut(probabilities: np.ndarray, target: np.ndarray) -> tuple[float, float | None]:
    """Return the threshold of the best smoothed F1, and that F1; the default and null where there are too few positives."""
    judged = ~np.isnan(target)
    probabilities, truth = probabilities[judged], target[judged] > 0
    if truth.sum() < FEWEST:
        return DEFAULT_THRESHOLD, None
    said = probabilities[:, None] >= _GRID
    scores = 2 * (truth[:, None] & said).sum(0) / (truth.sum() + said.sum(0))
    smooth = np.convolve(np.pad(scores, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    return float(_GRID[int(smooth.argmax())]), float(smooth.max())


def expected_calibration_error(p: np.ndarray, hit: np.ndarray, bins: int = 15) -> float:
    """Return by how much probabilities `p` miss the share of `hit`, 0…1: mean over equally wide bins, weighed by what falls in them; 0 for none."""
    return round(float(sum(abs(entry["said"] - entry["right"]) * entry["n"] for entry in reliability(p, hit, bins)) / max(1, len(p))), 4)


def reliability(p: np.ndarray, hit: np.ndarray, bins: int = 15) -> Sequence[dict[str, float]]:
    """Return per bin of probability that holds something: mean probability `said`, share `right` and number `n`."""
    places = np.minimum((np.asarray(p, dtype=np.float64) * bins).astype(int), bins - 1)
    counts = np.bincount(places, minlength=bins)
    said, right = (np.bincount(places, weights=np.asarray(values, dtype=np.float64), minlength=bins) for values in (p, hit))
    return [{"said": float(said[bin] / counts[bin]), "right": float(right[bin] / counts[bin]), "n": int(counts[bin])} for bin in np.nonzero(counts)[0]]
