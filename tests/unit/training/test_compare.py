"""Intervals hold what they promise, and differences are told from chance."""

import numpy as np
import pytest

from vocpipe.training.compare import differences, figures, intervals, regressions, resamples, tally, values
from vocpipe.training.measures import Classes, Heads, Labels, kappa


def heads(truth: np.ndarray, said: np.ndarray) -> Heads:
    """Return every head of the summary, made of one yes or no."""
    p = np.full(len(truth), 0.5)
    classes = Classes(("no", "yes"), truth, said, p)
    labels = Labels(("yes",), truth[:, None] > 0, said[:, None] > 0, p[:, None], truth >= 0)
    return {
        **dict.fromkeys(("polarity", "sentiment", "step", "theme"), classes),
        **dict.fromkeys(("emotions", "irritant", "flags"), labels),
    }


def draw(verbatims: int, random: np.random.Generator, right: float) -> tuple[Heads, np.ndarray]:
    """Draw answers of which a share is right, correlated inside verbatims of one to four segments."""
    owner = np.repeat(np.arange(verbatims), random.integers(1, 5, verbatims))
    truth = random.integers(0, 2, len(owner))
    moods = random.normal(0, 1, verbatims)[owner]
    hit = (moods + random.normal(0, 1, len(owner))) / np.sqrt(2) < _normal_quantile(right)
    return heads(truth, np.where(hit, truth, 1 - truth)), owner


def _normal_quantile(share: float) -> float:
    from scipy.stats import norm

    return float(norm.ppf(share))


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    random = np.random.default_rng(0)
    weights = resamples(150, draws=200)
    covered = []
    for _ in range(120):
        found, owner = draw(150, random, 0.8)
        interval = intervals(tally(found, owner), weights)["polarity"]
        covered.append(interval["low"] <= 0.6 <= interval["high"])  # half of the answers are yes: kappa is 2 · 0.8 - 1
    assert 0.87 <= np.mean(covered) <= 0.995


def test_a_figure_is_that_of_the_drawn_segments() -> None:
    found, owner = draw(30, np.random.default_rng(1), 0.7)
    held = tally(found, owner)
    weights = resamples(30, draws=3)
    places = np.concatenate([np.nonzero(owner == verbatim)[0] for verbatim, times in enumerate(weights[1].astype(int)) for _ in range(times)])
    step = found["step"]
    assert isinstance(step, Classes)
    matrix = np.zeros((2, 2))
    np.add.at(matrix, (step.truth[places], step.said[places]), 1)
    assert figures(held, weights)["step"][1] == pytest.approx(float(kappa(matrix)))
    assert values(held)["step"] == pytest.approx(figures(held, np.ones((1, 30)))["step"][0])
    assert weights.sum(1).tolist() == [30, 30, 30]


def test_the_same_model_is_no_different_and_a_worse_one_is() -> None:
    random = np.random.default_rng(2)
    good, owner = draw(300, random, 0.85)
    truth = good["step"].truth
    worse = heads(truth, np.where(random.random(len(truth)) < 0.15, 1 - good["step"].said, good["step"].said))
    weights = resamples(300)
    same = differences(tally(good, owner), tally(good, owner), weights)
    assert all((entry["value"], entry["low"], entry["high"]) == (0, 0, 0) for entry in same.values())
    assert regressions(same) == []
    assert set(regressions(differences(tally(worse, owner), tally(good, owner), weights))) == set(good)
    assert regressions(differences(tally(good, owner), tally(worse, owner), weights)) == []


def test_too_few_verbatims_give_no_interval_and_unjudged_heads_no_figure() -> None:
    found, owner = draw(4, np.random.default_rng(3), 0.8)
    found["theme"] = Classes(("no", "yes"), np.full(len(owner), -1), np.zeros(len(owner), int), np.zeros(len(owner)))
    interval = intervals(tally(found, owner), resamples(4))
    assert interval["step"]["low"] is None
    assert "theme" not in interval
