"""What the heads say: the layout of the logits, and how logits become labels and probabilities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

SENTIMENTS: tuple[int | None, ...] = (-2, -1, 0, 1, 2, None)
POLARITIES = ("negative", "mixed", "positive", "null")
POLARITY_OF = np.asarray([0, 0, 1, 2, 2, 3])
"""Index in `POLARITIES` of each of `SENTIMENTS`."""
VECTOR_SIZE = 128

CLASS_HEADS = ("sentiment", "step", "theme")
"""Heads that choose one class: softmax."""
LABEL_HEADS = ("emotions", "strong", "flags", "irritant")
"""Heads that raise any number of labels: one sigmoid each."""

Calibration = Mapping[str, Sequence[tuple[float, float]]]
"""Slope and offset that make probabilities honest, applied to logits before softmax or sigmoid.

A class head has one (slope, 0.0), a label head one (slope, offset) per label; a head that is not named is left as it is.
"""


@dataclass(frozen=True)
class Layout:
    """Order the labels of every head; the logits of an opinion are the heads side by side in this order."""

    emotions: tuple[str, ...]
    steps: tuple[str, ...]
    themes: tuple[str, ...]
    flags: tuple[str, ...]

    @property
    def slices(self) -> dict[str, slice]:
        """Return where each head's logits are; `strong` is the intensity 2 of each emotion, the last theme is "none"."""
        sizes = {
            "sentiment": len(SENTIMENTS),
            "emotions": len(self.emotions),
            "strong": len(self.emotions),
            "step": len(self.steps),
            "theme": len(self.themes) + 1,
            "flags": len(self.flags),
            "irritant": 1,
        }
        places: dict[str, slice] = {}
        start = 0
        for name, size in sizes.items():
            places[name] = slice(start, start + size)
            start += size
        return places

    @property
    def size(self) -> int:
        """Return the number of logits of an opinion."""
        return int(self.slices["irritant"].stop)


@dataclass(frozen=True)
class Predictions:
    """Hold what a model says of n opinions, in the order they were given.

    `sentiment` is -2…2 (0 where `no_opinion`), `polarity` indexes `POLARITIES`; `theme` is -1 for none; probabilities are 0…1.
    """

    sentiment: np.ndarray
    no_opinion: np.ndarray
    polarity: np.ndarray
    sentiment_p: np.ndarray
    emotions: np.ndarray
    intensity: np.ndarray
    emotion_p: np.ndarray
    step: np.ndarray
    step_p: np.ndarray
    theme: np.ndarray
    theme_p: np.ndarray
    flags: np.ndarray
    flag_p: np.ndarray
    irritant: np.ndarray
    irritant_p: np.ndarray
    vector: np.ndarray

    def __len__(self) -> int:
        return len(self.sentiment)

    def rows(self, places: Sequence[int] | slice) -> "Predictions":
        """Return the predictions of some opinions only."""
        return Predictions(**{field.name: getattr(self, field.name)[places] for field in fields(self)})


def decode(
    logits: np.ndarray, vectors: np.ndarray, layout: Layout, thresholds: Mapping[str, Sequence[float]], calibration: Calibration | None = None
) -> Predictions:
    """Return labels and probabilities for logits (n × `layout.size`).

    The polarity is chosen first, from the summed probabilities of its sentiments, then the strength inside it. Emotions, flags and the
    irritant are each said when their probability reaches their threshold (`thresholds["emotions"]`, `["strong"]`, `["flags"]`, `["irritant"]`).
    Thresholds are on probabilities after `calibration`; without one, logits are taken as they are.
    """
    places = layout.slices
    logits = calibrated(logits, layout, calibration or {})
    sentiments = softmax(logits[:, places["sentiment"]])
    polarities = polarity_probabilities(sentiments)
    polarity = polarities.argmax(1)
    inside = np.where(polarity[:, None] == POLARITY_OF[None, :], sentiments, -1).argmax(1)
    emotion_p, strong_p = sigmoid(logits[:, places["emotions"]]), sigmoid(logits[:, places["strong"]])
    emotions = emotion_p >= np.asarray(thresholds["emotions"])
    strong = emotions & (strong_p >= np.asarray(thresholds["strong"]))
    steps, themes = softmax(logits[:, places["step"]]), softmax(logits[:, places["theme"]])
    theme = themes.argmax(1)
    flag_p, irritant_p = sigmoid(logits[:, places["flags"]]), sigmoid(logits[:, places["irritant"]])[:, 0]
    negative = polarity == 0
    return Predictions(
        sentiment=np.asarray([0 if SENTIMENTS[index] is None else SENTIMENTS[index] for index in inside], dtype=np.int8),
        no_opinion=polarity == 3,
        polarity=polarity,
        sentiment_p=polarities.max(1),
        emotions=emotions,
        intensity=(emotions.astype(np.int8) + strong.astype(np.int8)),
        emotion_p=emotion_p,
        step=steps.argmax(1),
        step_p=steps.max(1),
        theme=np.where(theme == len(layout.themes), -1, theme),
        theme_p=themes.max(1),
        flags=flag_p >= np.asarray(thresholds["flags"]),
        flag_p=flag_p,
        irritant=(irritant_p >= float(thresholds["irritant"][0])) & negative,
        irritant_p=irritant_p,
        vector=vectors,
    )


def calibrated(logits: np.ndarray, layout: Layout, calibration: Calibration) -> np.ndarray:
    """Return slope × logit + offset, head by head, n × `layout.size`; heads that `calibration` does not name are unchanged."""
    scaled = logits.copy()
    for name, pairs in calibration.items():
        place = layout.slices[name]
        slopes, offsets = np.asarray(pairs, dtype=logits.dtype).reshape(-1, 2).T
        scaled[:, place] = logits[:, place] * slopes + offsets
    return scaled


def polarity_probabilities(sentiments: np.ndarray) -> np.ndarray:
    """Return the probability of each of `POLARITIES`, n × 4, from those of the sentiments, n × 6."""
    return np.stack([sentiments[:, place == POLARITY_OF].sum(1) for place in range(len(POLARITIES))], axis=1)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities that sum to 1 over the last axis."""
    exponents = np.exp(logits - logits.max(-1, keepdims=True))
    total: np.ndarray = exponents / exponents.sum(-1, keepdims=True)
    return total


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Return the probability of each logit alone."""
    probabilities: np.ndarray = 1.0 / (1.0 + np.exp(-np.clip(logits, -40, 40)))
    return probabilities
