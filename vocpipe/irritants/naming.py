"""Name irritants in French: the model's problem phrases first, the customers' own words otherwise."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vocpipe.french.lemmas import content_words
from vocpipe.irritants.catalogue import Phrases
from vocpipe.irritants.scores import Doubles, Floats, unit
from vocpipe.irritants.terms import Term, distinctive, frequencies, reads_as_noun

TERMS = 30
_QUALIFIERS = 5
_VOTERS = 300
_VOTES = 10
_SHARPNESS = 8
_OTHER_THEME = 0.4
_NEXT_BEST = 0.3
_BACKGROUND = 5000
_COMMON = 0.06
_FEWEST_WORDS, _MOST_WORDS = 2, 6


@dataclass(frozen=True)
class Naming:
    """Hold what a group is named from: the vectors (n × d) and texts of its members, its centroid, its theme and the theme's French label."""

    vectors: Floats
    texts: list[str]
    centroid: Floats
    theme: str | None
    theme_label: str | None


class Namer:
    """Name groups one after the other, never twice alike.

    `vectors` and `texts` are those of all the candidates of the batch, in a stable order: words and phrases that are everywhere name nothing.
    """

    def __init__(self, phrases: Phrases, phrase_score: float, vectors: Floats, texts: Sequence[str], taken: Iterable[str]) -> None:
        step = max(1, -(-len(texts) // _BACKGROUND))
        self._phrases = phrases
        self._phrase_score = phrase_score
        self._phrase_vectors = unit(phrases.vectors)
        self._named = np.array([_FEWEST_WORDS <= len(label.split()) <= _MOST_WORDS for label in phrases.labels], dtype=bool)
        self._usual = self._votes(vectors[::step]) if len(phrases.labels) else np.zeros(0)
        sample = texts[::step]
        self._background, self._background_size = frequencies(sample), len(sample)
        self._taken = {label.lower() for label in taken}
        self._taken_words = {_words(label) for label in self._taken}

    def name(self, group: Naming, fallback: str) -> tuple[str, tuple[str, ...]]:
        """Return a label that no irritant has, and the lemmas that tell the group, the most telling first.

        `fallback` distinguishes a group that has no words.
        """
        terms = distinctive(group.texts, self._background, self._background_size)
        label = self._choose(self._from_phrases(group), terms) or self._from_terms(terms, group.theme_label)
        if label is None:
            label = f"autre problème ({', '.join(filter(None, (group.theme_label, fallback)))})"
        self._take(label)
        return label, tuple(term.lemmas[0] for term in terms if len(term.lemmas) == 1)[:TERMS]

    def _take(self, label: str) -> None:
        self._taken.add(label.lower())
        self._taken_words.add(_words(label))

    def _free(self, label: str) -> bool:
        return label.lower() not in self._taken and _words(label) not in self._taken_words

    def _votes(self, vectors: Floats) -> Doubles:
        """Return the share of the vote that each phrase gets: each opinion votes for its nearest phrases, the nearer the more."""
        total = np.zeros(len(self._phrases.labels))
        for first in range(0, len(vectors), 1000):
            near = np.clip(vectors[first : first + 1000].astype(np.float64) @ self._phrase_vectors.astype(np.float64).T, 0, None) ** _SHARPNESS
            if near.shape[1] > _VOTES:
                near[near < -np.partition(-near, _VOTES - 1, axis=1)[:, _VOTES - 1 : _VOTES]] = 0
            total += (near / np.maximum(near.sum(axis=1, keepdims=True), 1e-12)).sum(axis=0)
        return total / max(len(vectors), 1)

    def _from_phrases(self, group: Naming) -> list[str]:
        """Return phrases that fit, best first: voted for here more than elsewhere, near the centre, of the theme, much used in training."""
        if not len(self._phrases.labels):
            return []
        share = self._votes(group.vectors[:_VOTERS])
        similarity = self._phrase_vectors.astype(np.float64) @ group.centroid.astype(np.float64)
        other_theme = np.array([bool(theme) and theme != group.theme for theme in self._phrases.themes])
        value = share * np.log1p(share / (self._usual + 1e-4)) * np.log1p(self._phrases.counts) * np.where(other_theme, _OTHER_THEME, 1.0)
        value = np.where(self._named & (similarity >= self._phrase_score), np.round(value, 9), 0.0)
        order = sorted(np.flatnonzero(value > _NEXT_BEST * value.max(initial=0.0)), key=lambda row: (-value[row], self._phrases.labels[row]))
        return [self._phrases.labels[row] for row in order]

    def _choose(self, labels: list[str], terms: list[Term]) -> str | None:
        """Return the first free label, or the best one with a distinguishing term."""
        for label in labels:
            if self._free(label):
                return label
        return self._distinguished(labels[0], terms) if labels else None

    def _distinguished(self, label: str, terms: list[Term]) -> str | None:
        for term in terms:
            candidate = f"{label} ({term.surface})"
            if reads_as_noun(term) and not _words(term.surface) <= _words(label) and self._free(candidate):
                return candidate
        return None

    def _from_terms(self, terms: list[Term], theme_label: str | None) -> str | None:
        """Return the most distinctive noun phrase of two words or more, otherwise a noun with its theme."""
        nouns = [term for term in terms if reads_as_noun(term)]
        best = max((term.weight for term in nouns), default=0.0)
        for term in nouns:
            several = _FEWEST_WORDS <= len(term.surface.split()) <= _MOST_WORDS and len(term.lemmas) >= _FEWEST_WORDS
            if several and term.share >= _COMMON and term.weight >= _NEXT_BEST * best and self._free(term.surface):
                return term.surface
        for term in nouns:
            for qualifier in (theme_label, *(other.surface for other in nouns[:_QUALIFIERS])):
                candidate = f"{term.surface} ({qualifier})"
                if qualifier and not _words(term.surface) & _words(qualifier) and self._free(candidate):
                    return candidate
        return None


def _words(label: str) -> frozenset[str]:
    return frozenset(lemma for _, lemma in content_words(label))


def theme_label(theme: str | None, labels: Mapping[str, str]) -> str | None:
    """Return the French name of a theme in lower case, its code when it has no name."""
    return labels.get(theme, theme).lower() if theme else None
