"""Find the irritant that each opinion fits best."""

from dataclasses import dataclass

import numpy as np

from vocpipe.irritants.candidates import Candidates
from vocpipe.irritants.catalogue import Catalogue
from vocpipe.irritants.scores import Doubles, Ints, scores
from vocpipe.irritants.settings import IrritantSettings


@dataclass(frozen=True)
class Fit:
    """Hold, for each candidate, rows of the catalogue and scores.

    `irritants` is the one it belongs to, -1 for none; `nearest` the one with the best score whatever its threshold, -1 without a vector;
    `scores` is the score of the irritant it belongs to, else the best one; `margins` how far that is above all others; nan where there is none.
    """

    irritants: Ints
    nearest: Ints
    scores: Doubles
    margins: Doubles


def fit(candidates: Candidates, catalogue: Catalogue, settings: IrritantSettings) -> Fit:
    """Return the fit of candidates: an opinion belongs to the irritant where it scores best among those whose threshold it reaches.

    This depends on the opinion and the catalogue alone.
    """
    count = len(candidates)
    best, nearest = np.full(count, -1), np.full(count, -1)
    top, margin = np.full(count, np.nan), np.full(count, np.nan)
    if not len(catalogue) or not count:
        return Fit(best, nearest, top, margin)
    thresholds = catalogue.thresholds
    for first, chunk in scores(candidates.profiles, catalogue.profiles(candidates.codes), settings):
        part = slice(first, first + len(chunk))
        reached = np.where(chunk >= thresholds, chunk, -np.inf)
        belongs = np.isfinite(reached.max(axis=1))
        nearest[part] = chunk.argmax(axis=1)
        chosen = np.where(belongs, reached.argmax(axis=1), nearest[part])
        best[part] = np.where(belongs, chosen, -1)
        top[part] = np.take_along_axis(chunk, chosen[:, None], axis=1)[:, 0]
        if chunk.shape[1] > 1:
            others = chunk.copy()
            np.put_along_axis(others, chosen[:, None], -np.inf, axis=1)
            margin[part] = top[part] - others.max(axis=1)
    unusable = ~candidates.usable
    best[unusable], nearest[unusable], top[unusable], margin[unusable] = -1, -1, np.nan, np.nan
    return Fit(best, nearest, top, margin)
