"""Measure predictions against annotations: the same figures for every model, our own and the TF-IDF floor."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.metrics import cohen_kappa_score, f1_score

from vocpipe.ml.heads import POLARITIES, SENTIMENTS, Layout, Predictions
from vocpipe.taxonomy import Taxonomy
from vocpipe.training.annotated import Verbatim

_POLARITY = {-2: 0, -1: 0, 0: 1, 1: 2, 2: 2, None: 3}


def targets_of(verbatims: Sequence[Verbatim], layout: Layout) -> dict[str, np.ndarray]:
    """Return what the annotators said of every segment, per head: class indices, or one column per label that may be raised."""
    segments = [segment for verbatim in verbatims for segment in verbatim.segments]
    return {
        "sentiment": np.asarray([SENTIMENTS.index(segment.sentiment) for segment in segments]),
        "emotions": np.asarray([[code in segment.emotions for code in layout.emotions] for segment in segments], dtype=np.float32),
        "strong": np.asarray([[segment.emotions.get(code, 0) >= 2 for code in layout.emotions] for segment in segments], dtype=np.float32),
        "step": np.asarray([layout.steps.index(segment.step) for segment in segments]),
        "theme": np.asarray([len(layout.themes) if segment.theme is None else layout.themes.index(segment.theme) for segment in segments]),
        "flags": np.asarray([[code in segment.flags for code in layout.flags] for segment in segments], dtype=np.float32),
        "irritant": np.asarray([[segment.irritant is not None] for segment in segments], dtype=np.float32),
    }


def measures(found: Predictions, targets: dict[str, np.ndarray], layout: Layout, taxonomy: Taxonomy | None = None) -> dict[str, Any]:
    """Return the figures of every head, each with the number of segments or positives `n` behind it.

    Polarity, step and theme: Cohen's kappa and macro-F1; sentiment: quadratic-weighted kappa where both sides see an opinion;
    emotions: macro-F1 over the labels of a scheme (a label absent from the data is left out); flags and irritant: F1.
    """
    sentiment = [SENTIMENTS[index] for index in targets["sentiment"]]
    polarity = np.asarray([_POLARITY[value] for value in sentiment])
    step, theme = targets["step"], np.where(targets["theme"] == len(layout.themes), -1, targets["theme"])
    both = (polarity != 3) & ~found.no_opinion
    truth = np.asarray([0 if value is None else value for value in sentiment])
    heads: dict[str, Any] = {
        "polarity": {**_classes(polarity, found.polarity), "labels": _labels(polarity, found.polarity, dict(enumerate(POLARITIES)))},
        "sentiment": {"qwk": _kappa(truth[both], found.sentiment[both], "quadratic"), "n": int(both.sum())},
        "step": {**_classes(step, found.step), "labels": _labels(step, found.step, dict(enumerate(layout.steps)))},
        "theme": {**_classes(theme, found.theme), "labels": _labels(theme, found.theme, {**dict(enumerate(layout.themes)), -1: "null"})},
        "emotions": {"fine": _emotions(targets["emotions"] > 0, found.emotions, layout.emotions)},
        "flags": {"labels": {code: _binary(targets["flags"][:, place] > 0, found.flags[:, place]) for place, code in enumerate(layout.flags)}},
        "irritant": _binary(targets["irritant"][:, 0] > 0, found.irritant),
    }
    for name, scheme in (taxonomy.schemes if taxonomy else {}).items():
        codes = tuple(label.code for label in scheme.labels)
        rolled = [_rolled(side, layout.emotions, scheme.of, codes) for side in (targets["emotions"] > 0, found.emotions)]
        heads["emotions"][name] = _emotions(rolled[0], rolled[1], codes)
    return heads


def summary(heads: dict[str, Any]) -> dict[str, float]:
    """Return one figure per head, for choosing between epochs and for a short table."""
    emotions = heads["emotions"].get("ekman", heads["emotions"]["fine"])
    return {
        "polarity": heads["polarity"]["kappa"],
        "sentiment": heads["sentiment"]["qwk"],
        "step": heads["step"]["kappa"],
        "theme": heads["theme"]["kappa"],
        "emotions": emotions["macro_f1"],
        "irritant": heads["irritant"]["f1"],
        "flags": float(np.mean([label["f1"] for label in heads["flags"]["labels"].values()])),
    }


def _classes(truth: np.ndarray, said: np.ndarray) -> dict[str, Any]:
    return {"kappa": _kappa(truth, said), "macro_f1": round(float(f1_score(truth, said, average="macro", zero_division=0)), 4), "n": len(truth)}


def _kappa(truth: np.ndarray, said: np.ndarray, weights: str | None = None) -> float:
    if len(truth) == 0 or (len(set(truth)) == 1 and set(truth) == set(said)):
        return 1.0 if len(truth) else 0.0
    return round(float(cohen_kappa_score(truth, said, weights=weights)), 4)


def _labels(truth: np.ndarray, said: np.ndarray, names: dict[int, str]) -> dict[str, Any]:
    return {name: _binary(truth == code, said == code) for code, name in names.items()}


def _binary(truth: np.ndarray, said: np.ndarray) -> dict[str, Any]:
    hits, positives, claimed = int((truth & said).sum()), int(truth.sum()), int(said.sum())
    return {
        "f1": round(2 * hits / max(1, positives + claimed), 4),
        "precision": round(hits / max(1, claimed), 4),
        "recall": round(hits / max(1, positives), 4),
        "n": positives,
    }


def _emotions(truth: np.ndarray, said: np.ndarray, codes: tuple[str, ...]) -> dict[str, Any]:
    labels = {code: _binary(truth[:, place], said[:, place]) for place, code in enumerate(codes)}
    present = [label["f1"] for label in labels.values() if label["n"]]
    return {"macro_f1": round(float(np.mean(present)), 4) if present else 0.0, "labels": labels}


def _rolled(fine: np.ndarray, codes: tuple[str, ...], of: dict[str, str], into: tuple[str, ...]) -> np.ndarray:
    return np.stack([fine[:, [place for place, code in enumerate(codes) if of[code] == target]].any(1) for target in into], axis=1)
