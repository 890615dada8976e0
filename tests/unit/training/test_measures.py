"""The figures, against numbers worked out by hand."""

import numpy as np
import pytest

from vocpipe.ml.heads import SENTIMENTS, VECTOR_SIZE, Layout, decode
from vocpipe.taxonomy import load_taxonomy
from vocpipe.training.annotated import Segment, Verbatim
from vocpipe.training.measures import measures, targets_of

TAXONOMY = load_taxonomy()
LAYOUT = Layout(TAXONOMY.emotion_codes, TAXONOMY.step_codes, TAXONOMY.theme_codes, TAXONOMY.flag_codes)


def segment(sentiment: int | None, emotions: dict[str, int], irritant: str | None = None) -> Segment:
    return Segment("texte", sentiment, emotions, "achat", "prix", (), irritant)


SEGMENTS = (segment(-2, {"tristesse": 1}, "prix trop élevé"), segment(1, {"gratitude": 2}), segment(None, {}), segment(-1, {"colere": 1}, "prix trop élevé"))


def said(sentiments: list[int | None], emotions: list[list[str]]) -> np.ndarray:
    logits = np.full((len(sentiments), LAYOUT.size), -9.0)
    for row, (value, codes) in enumerate(zip(sentiments, emotions, strict=True)):
        logits[row, LAYOUT.slices["sentiment"].start + SENTIMENTS.index(value)] = 9
        for code in codes:
            logits[row, LAYOUT.slices["emotions"].start + LAYOUT.emotions.index(code)] = 9
        logits[row, LAYOUT.slices["step"].start + LAYOUT.steps.index("achat")] = 9
        logits[row, LAYOUT.slices["theme"].start + LAYOUT.themes.index("prix")] = 9
        logits[row, LAYOUT.slices["irritant"]] = 9
    return logits


def test_figures_by_hand() -> None:
    targets = targets_of([Verbatim("a", "s", "texte", SEGMENTS)], LAYOUT)
    half = {"emotions": [0.5] * 9, "strong": [0.5] * 9, "flags": [0.5] * 5, "irritant": [0.5]}
    logits = said([-2, 1, -1, -1], [["deception"], ["joie"], [], ["colere"]])
    heads = measures(decode(logits, np.zeros((4, VECTOR_SIZE)), LAYOUT, half), targets, LAYOUT, TAXONOMY)
    # polarity: truth N P null N, said N P N N: agreement 3/4, by chance (2/4·3/4 + 1/4·1/4) = 7/16
    assert heads["polarity"]["kappa"] == pytest.approx((0.75 - 7 / 16) / (1 - 7 / 16), abs=1e-4)
    assert heads["sentiment"] == {"qwk": 1.0, "n": 3}
    assert heads["step"]["kappa"] == 1.0
    # irritants: said on the three negatives, true of two of them
    assert heads["irritant"] == {"f1": 0.8, "precision": pytest.approx(2 / 3, abs=1e-4), "recall": 1.0, "n": 2}
    # ekman rolls deception into tristesse and gratitude into joie, so all three emotions are right there; cx keeps gratitude apart
    assert heads["emotions"]["ekman"]["macro_f1"] == 1.0
    assert heads["emotions"]["cx"]["labels"]["gratitude"]["f1"] == 0.0
    assert heads["emotions"]["fine"]["labels"]["tristesse"]["n"] == 1
