"""The problem phrases of annotators, by which a model names irritants."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from vocpipe.ml.model import ProblemPhrases
from vocpipe.training.segments import Verbatim

LENGTH = 44
"""Characters of a problem phrase at most: longer ones quote a customer more than they name a problem."""

Phrases = tuple[list[dict[str, Any]], np.ndarray]


def problem_phrases(verbatims: Sequence[Verbatim], vectors: np.ndarray) -> Phrases:
    """Return the problem phrases that annotators used at least twice, most used first, with their theme and the mean vector of their opinions."""
    segments = [segment for verbatim in verbatims for segment in verbatim.segments]
    places: dict[str, list[int]] = {}
    for place, segment in enumerate(segments):
        if segment.irritant and len(segment.irritant) <= LENGTH:
            places.setdefault(segment.irritant, []).append(place)
    chosen = sorted((phrase for phrase in places if len(places[phrase]) >= 2), key=lambda phrase: (-len(places[phrase]), phrase))
    themes = {phrase: Counter(segments[place].theme for place in places[phrase]) for phrase in chosen}
    entries = [{"label": phrase, "theme": max(themes[phrase].items(), key=_more)[0], "count": len(places[phrase])} for phrase in chosen]
    means = np.stack([vectors[places[phrase]].mean(0) for phrase in chosen]) if chosen else np.zeros((0, vectors.shape[1]), np.float32)
    return entries, means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)


def with_earlier(found: Phrases, earlier: ProblemPhrases) -> Phrases:
    """Return phrases with those of an earlier model that are not among them, most used first; their vectors must lie in the same space."""
    entries, vectors = found
    known = {entry["label"] for entry in entries}
    kept = [place for place, label in enumerate(earlier.labels) if label not in known]
    entries = entries + [{"label": earlier.labels[place], "theme": earlier.themes[place], "count": int(earlier.counts[place])} for place in kept]
    vectors = np.concatenate([vectors, earlier.vectors[kept]])
    order = sorted(range(len(entries)), key=lambda place: (-entries[place]["count"], entries[place]["label"]))
    return [entries[place] for place in order], vectors[order]


def _more(item: tuple[str | None, int]) -> tuple[int, str]:
    return item[1], str(item[0])
