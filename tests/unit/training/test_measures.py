"""The figures, against numbers worked out by hand."""

import dataclasses

import numpy as np
import pytest

from vocpipe.ml.heads import SENTIMENTS, VECTOR_SIZE, Layout, Predictions, decode
from vocpipe.taxonomy import load_taxonomy
from vocpipe.training.details import mistakes, selective_curve
from vocpipe.training.measures import Classes, Labels, heads_of, kappa, labels_f1, macro_f1, measures, summary, targets_of
from vocpipe.training.segments import Segment, Verbatim

TAXONOMY = load_taxonomy()
LAYOUT = Layout(TAXONOMY.emotion_codes, TAXONOMY.step_codes, TAXONOMY.theme_codes, TAXONOMY.flag_codes)
HALF = {"emotions": [0.5] * 9, "strong": [0.5] * 9, "flags": [0.5] * 5, "irritant": [0.5]}


def segment(sentiment: int | None, emotions: dict[str, int], irritant: str | None = None) -> Segment:
    return Segment("texte", sentiment, emotions, "achat", "prix", (), irritant)


SEGMENTS = (segment(-2, {"tristesse": 1}, "prix trop élevé"), segment(1, {"gratitude": 2}), segment(None, {}), segment(-1, {"colere": 1}, "prix trop élevé"))


def said(sentiments: list[int | None], emotions: list[list[str]]) -> Predictions:
    logits = np.full((len(sentiments), LAYOUT.size), -9.0)
    for row, (value, codes) in enumerate(zip(sentiments, emotions, strict=True)):
        logits[row, LAYOUT.slices["sentiment"].start + SENTIMENTS.index(value)] = 9
        for code in codes:
            logits[row, LAYOUT.slices["emotions"].start + LAYOUT.emotions.index(code)] = 9
        logits[row, LAYOUT.slices["step"].start + LAYOUT.steps.index("achat")] = 9
        logits[row, LAYOUT.slices["theme"].start + LAYOUT.themes.index("prix")] = 9
        logits[row, LAYOUT.slices["irritant"]] = 9
    return decode(logits, np.zeros((len(sentiments), VECTOR_SIZE)), LAYOUT, HALF)


FOUND = said([-2, 1, -1, -1], [["deception"], ["joie"], [], ["colere"]])


def test_figures_by_hand() -> None:
    targets = targets_of([Verbatim("a", "s", "texte", SEGMENTS)], LAYOUT)
    heads = measures(FOUND, targets, LAYOUT, TAXONOMY)
    # polarity: truth N P null N, said N P N N: agreement 3/4, by chance (2/4·3/4 + 1/4·1/4) = 7/16
    assert heads["polarity"]["kappa"] == pytest.approx((0.75 - 7 / 16) / (1 - 7 / 16), abs=1e-4)
    # F1 of negative 2·2/(2+3), of positive 1, of null 0; mixed is neither annotated nor said
    assert heads["polarity"]["macro_f1"] == pytest.approx((0.8 + 1 + 0) / 3, abs=1e-4)
    assert (heads["sentiment"]["qwk"], heads["sentiment"]["n"]) == (1.0, 3)
    assert heads["step"]["kappa"] == 1.0
    # irritants: said on the three negatives, true of two of them
    assert {name: heads["irritant"][name] for name in ("f1", "precision", "recall", "n")} == {"f1": 0.8, "precision": 0.6667, "recall": 1.0, "n": 2}
    # ekman rolls deception into tristesse and gratitude into joie, so all three emotions are right there; cx keeps gratitude apart
    assert heads["emotions"]["ekman"]["macro_f1"] == 1.0
    assert heads["emotions"]["cx"]["labels"]["gratitude"]["f1"] == 0.0
    assert heads["emotions"]["fine"]["labels"]["tristesse"]["n"] == 1


def test_kappas_and_f1_of_small_matrices() -> None:
    # 20 of 50 agreed yes, 15 no; by chance 0.5·0.6 + 0.5·0.4: a textbook's 0.4
    assert kappa(np.asarray([[20, 5], [10, 15]])) == pytest.approx(0.4)
    # costs |i-j|²: observed 1 + 4; by chance rows (2,1,1) × columns (1,2,1): 4·(2·2+1·1 + 1·1+1·1)/… worked out cell by cell below
    matrix = np.asarray([[1, 0, 1], [0, 1, 0], [0, 1, 0]])
    by_chance = sum((row - column) ** 2 * r * c / 4 for row, r in enumerate((2, 1, 1)) for column, c in enumerate((1, 2, 1)))
    assert kappa(matrix, quadratic=True) == pytest.approx(1 - 5 / by_chance)
    assert kappa(np.asarray([[3, 0], [0, 0]])) == 1.0
    assert np.isnan(kappa(np.zeros((2, 2))))
    assert macro_f1(np.asarray([[2, 1, 0], [0, 1, 0], [0, 0, 0]])) == pytest.approx((0.8 + 2 / 3) / 2)
    # the third label was never annotated: it does not count, though it was said
    assert labels_f1(np.asarray([1, 0, 0]), np.asarray([2, 1, 0]), np.asarray([1, 1, 4])) == pytest.approx((2 / 3 + 0) / 2)


def test_what_was_not_judged_does_not_count() -> None:
    unjudged = dataclasses.replace(SEGMENTS[2], step=None, theme=None, judged=frozenset({"emotions", "flags"}))
    targets = targets_of([Verbatim("a", "s", "texte", (*SEGMENTS[:2], unjudged, SEGMENTS[3]))], LAYOUT)
    assert targets["step"].tolist()[2] == targets["theme"].tolist()[2] == targets["sentiment"].tolist()[2] == -1
    assert np.isnan(targets["irritant"][2]).all()
    assert not np.isnan(targets["emotions"]).any()
    heads = measures(FOUND, targets, LAYOUT, TAXONOMY)
    # the wrong third segment is gone: what is left is right, and is three segments
    assert (heads["polarity"]["kappa"], heads["polarity"]["n"]) == (1.0, 3)
    assert heads["irritant"]["f1"] == 1.0
    assert heads["emotions"]["fine"]["n"] == 4
    nothing = [dataclasses.replace(entry, judged=frozenset({"emotions"})) for entry in SEGMENTS]
    assert set(summary(measures(FOUND, targets_of([Verbatim("a", "s", "t", tuple(nothing))], LAYOUT), LAYOUT, TAXONOMY))) == {"emotions"}


def test_the_surest_answers_come_first() -> None:
    head = Classes(("a", "b"), np.asarray([0, 0, 1, 1, -1]), np.asarray([0, 1, 1, 1, 0]), np.asarray([0.9, 0.6, 0.8, 0.7, 0.99]))
    curve = {point["coverage"]: point["right"] for point in selective_curve(head)}
    assert curve[0.25] == curve[0.75] == 1.0
    assert curve[1.0] == 0.75


def test_mistakes_are_ranked_and_redacted() -> None:
    texts = ["bien", "écrivez à jeanne.martin@exemple.fr", "nul \ud83d"]
    verbatims = [Verbatim(f"v{place}", "s", text, (Segment(text, 1, {}, "achat", None, (), None),)) for place, text in enumerate(texts)]
    head = Labels(
        ("colere",), np.asarray([[True], [False], [True]]), np.asarray([[True], [True], [False]]), np.asarray([[0.9], [0.8], [0.1]]), np.ones(3, bool)
    )
    first, second = mistakes(head, verbatims)
    assert (first["id"], first["said"], first["annotated"], first["probability"]) == ("v2", None, "colere", 0.9)
    assert first["text"] == "nul ?"
    assert (second["id"], second["said"], second["annotated"]) == ("v1", "colere", None)
    assert "jeanne" not in second["text"]
    assert len(mistakes(head, verbatims, most=1)) == 1


def test_heads_hold_what_was_said() -> None:
    heads = heads_of(FOUND, targets_of([Verbatim("a", "s", "texte", SEGMENTS)], LAYOUT), LAYOUT, TAXONOMY)
    assert {"polarity", "sentiment", "step", "theme", "emotions", "flags", "irritant", "emotions:ekman", "emotions:cx"} == set(heads)
    sentiment = heads["sentiment"]
    assert isinstance(sentiment, Classes)
    assert sentiment.truth.tolist() == [0, 3, -1, 1]
