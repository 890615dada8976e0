"""From logits on the dev split to what a model decides: calibration, then thresholds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from vocpipe.ml.heads import CLASS_HEADS, LABEL_HEADS, Layout
from vocpipe.ml.store import Card
from vocpipe.training.calibration import FEWEST, choose_thresholds, fit_calibration

Value = TypeVar("Value")
Calibrations = dict[str, list[tuple[float, float]]]
Thresholds = dict[str, list[float]]


@dataclass(frozen=True)
class Decision:
    """Hold the calibration of every head, and the threshold of every label on calibrated probabilities."""

    calibration: Calibrations
    thresholds: Thresholds


def decide(logits: np.ndarray, targets: Mapping[str, np.ndarray], layout: Layout, earlier: Decision | None = None) -> Decision:
    """Return the decision fitted on a dev split; where that holds too little of a head or a label, the one of the model that training started from."""
    calibration = fit_calibration(logits, targets, layout)
    if earlier is not None:
        for head in CLASS_HEADS:
            if int((targets[head] >= 0).sum()) < FEWEST:
                calibration[head] = earlier.calibration[head]
        for head in LABEL_HEADS:
            calibration[head] = _where_few(targets[head], earlier.calibration[head], calibration[head])
    thresholds = choose_thresholds(logits, targets, layout, calibration)
    if earlier is not None:
        for head in LABEL_HEADS:
            thresholds[head] = _where_few(targets[head], earlier.thresholds[head], thresholds[head])
    return Decision(calibration, thresholds)


def decision_of(card: Card) -> Decision:
    """Return what a model of the store decides with; one that is not calibrated has slopes of 1 and offsets of 0."""
    layout = Layout(card.emotions, card.steps, card.themes, card.flags)
    sizes = dict.fromkeys(CLASS_HEADS, 1) | {head: layout.slices[head].stop - layout.slices[head].start for head in LABEL_HEADS}
    calibration = {head: list(card.calibration.get(head, [(1.0, 0.0)] * size)) for head, size in sizes.items()}
    return Decision(calibration, {head: list(card.thresholds[head]) for head in LABEL_HEADS})


def _where_few(target: np.ndarray, earlier: Sequence[Value], fitted: Sequence[Value]) -> list[Value]:
    few = [min(int((column == 1).sum()), int((column == 0).sum())) < FEWEST for column in target.T]
    return [before if too_few else now for before, now, too_few in zip(earlier, fitted, few, strict=True)]
