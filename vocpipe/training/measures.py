"""Measure predictions against annotations: the same figures for every model, our own and the TF-IDF floor."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from vocpipe.ml.heads import POLARITIES, POLARITY_OF, SENTIMENTS, Layout, Predictions
from vocpipe.taxonomy import Taxonomy
from vocpipe.training.calibration import expected_calibration_error
from vocpipe.training.segments import Verbatim

NO_THEME = "null"


@dataclass(frozen=True)
class Classes:
    """Hold a head that chooses one of `codes`: indices annotated (-1: not judged) and said, and the probability of what was said."""

    codes: tuple[str, ...]
    truth: np.ndarray
    said: np.ndarray
    p: np.ndarray

    @property
    def judged(self) -> np.ndarray:
        """Tell which segments count."""
        return self.truth >= 0

    def rows(self, places: np.ndarray) -> "Classes":
        """Return the head on some segments only."""
        return Classes(self.codes, self.truth[places], self.said[places], self.p[places])


@dataclass(frozen=True)
class Labels:
    """Hold a head that raises any of `codes`: segments × codes annotated, said and probable, and which segments were judged."""

    codes: tuple[str, ...]
    truth: np.ndarray
    said: np.ndarray
    p: np.ndarray
    judged: np.ndarray

    def rows(self, places: np.ndarray) -> "Labels":
        """Return the head on some segments only."""
        return Labels(self.codes, self.truth[places], self.said[places], self.p[places], self.judged[places])


Heads = dict[str, Classes | Labels]


def targets_of(verbatims: Sequence[Verbatim], layout: Layout) -> dict[str, np.ndarray]:
    """Return what the annotators said of every segment, per head: class indices (-1: not judged), or one column per label (1, 0; NaN: not judged)."""
    segments = [segment for verbatim in verbatims for segment in verbatim.segments]

    def is_judged(head: str) -> np.ndarray:
        return np.asarray([head in segment.judged for segment in segments], dtype=bool)

    def classes(head: str, codes: Sequence[Any], said: Sequence[Any]) -> np.ndarray:
        return np.asarray([codes.index(code) if judged else -1 for code, judged in zip(said, is_judged(head), strict=True)], dtype=np.int64)

    def labels(head: str, rows: list[list[bool]], width: int) -> np.ndarray:
        table = np.asarray(rows, dtype=np.float32).reshape(len(segments), width)
        table[~is_judged(head)] = np.nan
        return table

    return {
        "sentiment": classes("sentiment", SENTIMENTS, [segment.sentiment for segment in segments]),
        "emotions": labels("emotions", [[code in segment.emotions for code in layout.emotions] for segment in segments], len(layout.emotions)),
        "strong": labels("emotions", [[segment.emotions.get(code, 0) >= 2 for code in layout.emotions] for segment in segments], len(layout.emotions)),
        "step": classes("step", layout.steps, [segment.step for segment in segments]),
        "theme": classes("theme", (*layout.themes, None), [segment.theme for segment in segments]),
        "flags": labels("flags", [[code in segment.flags for code in layout.flags] for segment in segments], len(layout.flags)),
        "irritant": labels("irritant", [[segment.irritant is not None] for segment in segments], 1),
    }


def heads_of(found: Predictions, targets: Mapping[str, np.ndarray], layout: Layout, taxonomy: Taxonomy | None = None) -> Heads:
    """Return predictions beside annotations, head by head; with a taxonomy also the emotions rolled up by each scheme, as `emotions:<scheme>`.

    The sentiment (-2…2) is compared where both sides see an opinion: whether there is one is the polarity's business.
    """
    sentiment = targets["sentiment"]
    polarity = np.where(sentiment >= 0, POLARITY_OF[sentiment], -1)
    both = (sentiment >= 0) & (sentiment < 5) & ~found.no_opinion
    feelings = targets["emotions"]
    judged, feelings = ~np.isnan(feelings).any(1), feelings > 0
    heads: Heads = {
        "polarity": Classes(POLARITIES, polarity, found.polarity, found.sentiment_p),
        "sentiment": Classes(("-2", "-1", "0", "1", "2"), np.where(both, sentiment, -1), found.sentiment.astype(int) + 2, found.sentiment_p),
        "step": Classes(layout.steps, targets["step"], found.step, found.step_p),
        "theme": Classes((*layout.themes, NO_THEME), targets["theme"], np.where(found.theme < 0, len(layout.themes), found.theme), found.theme_p),
        "emotions": Labels(layout.emotions, feelings, found.emotions, found.emotion_p, judged),
        "flags": Labels(layout.flags, targets["flags"] > 0, found.flags, found.flag_p, ~np.isnan(targets["flags"]).any(1)),
        "irritant": Labels(("irritant",), targets["irritant"] > 0, found.irritant[:, None], found.irritant_p[:, None], ~np.isnan(targets["irritant"][:, 0])),
    }
    for name, scheme in (taxonomy.schemes if taxonomy else {}).items():
        codes = tuple(label.code for label in scheme.labels)
        members = [[place for place, code in enumerate(layout.emotions) if scheme.of[code] == target] for target in codes]
        truth, said = (np.stack([side[:, own].any(1) for own in members], axis=1) for side in (feelings, found.emotions))
        p = np.stack([found.emotion_p[:, own].max(1) for own in members], axis=1)
        heads[f"emotions:{name}"] = Labels(codes, truth, said, p, judged)
    return heads


def measures(found: Predictions, targets: Mapping[str, np.ndarray], layout: Layout, taxonomy: Taxonomy | None = None) -> dict[str, Any]:
    """Return the figures of every head, over the segments that were judged for it, each with the number of segments or positives `n` behind it.

    Polarity, step and theme: Cohen's kappa and macro-F1; sentiment: quadratic-weighted kappa too; emotions (fine, and by scheme), flags and irritant:
    F1, macro over the labels that the data hold; `ece`: expected calibration error (of labels: their mean).
    """
    heads = heads_of(found, targets, layout, taxonomy)
    figures: dict[str, Any] = {}
    for name, head in heads.items():
        if isinstance(head, Classes):
            figures[name] = _class_figures(head)
            if name == "sentiment":
                del figures[name]["ece"]  # the probability that a model gives is the polarity's
                figures[name] = {"qwk": _rounded(kappa(confusion(head), quadratic=True)), **figures[name]}
    labels = {name: _label_figures(head) for name, head in heads.items() if isinstance(head, Labels)}
    figures["emotions"] = {"fine": labels["emotions"]}
    for name in labels:
        if name.startswith("emotions:"):
            figures["emotions"][name.removeprefix("emotions:")] = labels[name]
    irritant = labels["irritant"]["labels"]["irritant"]
    return {**figures, "flags": labels["flags"], "irritant": {**irritant, "kappa": labels["irritant"]["kappa"], "segments": labels["irritant"]["n"]}}


def summary(heads: Mapping[str, Any]) -> dict[str, float]:
    """Return one figure per head that was judged, for choosing between epochs and for a short table."""
    emotions = heads["emotions"].get("ekman", heads["emotions"]["fine"])
    figures = {
        "polarity": (heads["polarity"]["kappa"], heads["polarity"]["n"]),
        "sentiment": (heads["sentiment"]["qwk"], heads["sentiment"]["n"]),
        "step": (heads["step"]["kappa"], heads["step"]["n"]),
        "theme": (heads["theme"]["kappa"], heads["theme"]["n"]),
        "emotions": (emotions["macro_f1"], sum(label["n"] for label in emotions["labels"].values())),
        "irritant": (heads["irritant"]["f1"], heads["irritant"]["n"]),
        "flags": (_mean_f1(heads["flags"]["labels"]), sum(label["n"] for label in heads["flags"]["labels"].values())),
    }
    return {name: figure for name, (figure, judged) in figures.items() if judged}


def confusion(head: Classes) -> np.ndarray:
    """Return how often each code (rows: annotated) was said to be each code (columns), over the judged segments."""
    size = len(head.codes)
    cells = head.truth[head.judged] * size + head.said[head.judged]
    return np.bincount(cells.astype(np.int64), minlength=size * size).reshape(size, size)


def kappa(matrices: np.ndarray, *, quadratic: bool = False) -> np.ndarray:
    """Return Cohen's kappa of confusion matrices (… × k × k); 1 where only one class is there and always right, NaN where nothing was judged."""
    size = matrices.shape[-1]
    apart = np.subtract.outer(np.arange(size), np.arange(size))
    costs = apart**2 if quadratic else apart != 0
    total = matrices.sum((-1, -2))
    by_chance = (matrices.sum(-1)[..., :, None] * matrices.sum(-2)[..., None, :] * costs).sum((-1, -2))
    observed = (matrices * costs).sum((-1, -2)) * total
    value = 1 - observed / np.where(by_chance > 0, by_chance, 1)
    return np.where(total > 0, value, np.nan)


def macro_f1(matrices: np.ndarray) -> np.ndarray:
    """Return the mean F1 of the classes that were annotated or said, of confusion matrices (… × k × k); NaN where there is none."""
    hits = np.diagonal(matrices, axis1=-2, axis2=-1)
    return _mean_where(f1(hits, matrices.sum(-1), matrices.sum(-2)), matrices.sum(-1) + matrices.sum(-2) > 0)


def labels_f1(hits: np.ndarray, positives: np.ndarray, claimed: np.ndarray) -> np.ndarray:
    """Return the mean F1 of the labels that were annotated at least once (counts: … × labels); NaN where there is none."""
    return _mean_where(f1(hits, positives, claimed), positives > 0)


def f1(hits: np.ndarray, positives: np.ndarray, claimed: np.ndarray) -> np.ndarray:
    """Return F1 from counts: rightly said, annotated, said."""
    value: np.ndarray = 2 * hits / np.maximum(1, positives + claimed)
    return value


def _mean_where(values: np.ndarray, there: np.ndarray) -> np.ndarray:
    count = there.sum(-1)
    return np.where(count > 0, np.where(there, values, 0).sum(-1) / np.maximum(1, count), np.nan)


def _class_figures(head: Classes) -> dict[str, Any]:
    matrix, judged = confusion(head), head.judged
    positives, claimed = matrix.sum(1), matrix.sum(0)
    return {
        "kappa": _rounded(kappa(matrix)),
        "macro_f1": _rounded(macro_f1(matrix)),
        "accuracy": _rounded(np.trace(matrix) / max(1, matrix.sum())),
        "ece": expected_calibration_error(head.p[judged], head.said[judged] == head.truth[judged]),
        "n": int(matrix.sum()),
        "labels": {code: _binary(matrix[place, place], positives[place], claimed[place]) for place, code in enumerate(head.codes)},
    }


def _label_figures(head: Labels) -> dict[str, Any]:
    truth, said, p = head.truth[head.judged], head.said[head.judged], head.p[head.judged]
    labels: dict[str, dict[str, Any]] = {}
    agreement = []
    for place, code in enumerate(head.codes):
        own, other = truth[:, place], said[:, place]
        labels[code] = {**_binary((own & other).sum(), own.sum(), other.sum()), "ece": expected_calibration_error(p[:, place], own)}
        if own.any():
            agreement.append(_rounded(kappa(confusion(Classes(("no", "yes"), own.astype(int), other.astype(int), p[:, place])))))
    return {
        "macro_f1": _mean_f1(labels),
        "kappa": round(float(np.mean(agreement)), 4) if agreement else 0.0,
        "ece": round(float(np.mean([label["ece"] for label in labels.values()])), 4),
        "n": len(truth),
        "labels": labels,
    }


def _mean_f1(labels: Mapping[str, Mapping[str, Any]]) -> float:
    present = [label["f1"] for label in labels.values() if label["n"]]
    return round(float(np.mean(present)), 4) if present else 0.0


def _binary(hits: int, positives: int, claimed: int) -> dict[str, Any]:
    return {
        "f1": _rounded(2 * hits / max(1, positives + claimed)),
        "precision": _rounded(hits / max(1, claimed)),
        "recall": _rounded(hits / max(1, positives)),
        "n": int(positives),
    }


def _rounded(value: Any) -> float:
    return round(float(np.nan_to_num(value)), 4)
