"""Part the opinions of an irritant: by words that they hold, or by meaning."""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np

from vocpipe.french.lemmas import Word, words
from vocpipe.irritants.packing import unpack
from vocpipe.irritants.scores import Bools, Floats, Ints, unit

_SAMPLE = 4000
_ROUNDS = 5


def by_words(texts: Iterable[str], wanted: Sequence[str]) -> Bools:
    """Return, for each text, whether it holds one of the words or groups of words: as written or by lemma, case and accents aside."""
    groups = [[_forms(word) for word in words(each)] for each in wanted]
    return np.array([_holds([_forms(word) for word in words(text)], groups) for text in texts], dtype=np.bool_)


def _holds(text: Sequence[frozenset[str]], groups: Sequence[Sequence[frozenset[str]]]) -> bool:
    return any(
        all(word & sought for word, sought in zip(text[first : first + len(group)], group, strict=True))
        for group in groups
        if group
        for first in range(len(text) - len(group) + 1)
    )


def _forms(word: Word) -> frozenset[str]:
    return frozenset(_plain(form) for form in (word.surface, word.lemma))


@lru_cache(maxsize=65536)
def _plain(word: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))


def by_centroid(vectors: Floats, centroids: Sequence[str]) -> Ints:
    """Return the place of the packed centroid nearest to each vector (n × d, unit); the first of equals."""
    if not len(vectors):
        return np.zeros(0, dtype=np.int64)
    return _nearest(vectors, np.stack([unpack(each) for each in centroids]))


def parts(vectors: Floats, count: int) -> Floats:
    """Return the centroids (count × d, unit, on the grid) of the groups that n vectors fall into, the largest first; fewer when they do not fall apart.

    Ward's method, on evenly spaced rows when there are many, then a few rounds of moving each centre to its members. The same rows in the same
    order give the same bits.
    """
    from scipy.cluster.hierarchy import fcluster, linkage

    if len(vectors) < count or len(np.unique(vectors, axis=0)) < count:
        return vectors[:0]
    sample = vectors[:: -(-len(vectors) // _SAMPLE)]
    labels = fcluster(linkage(sample.astype(np.float64), "ward"), count, "maxclust") - 1
    centres = _centres(sample, labels)
    for _ in range(_ROUNDS):
        centres = _centres(vectors, _nearest(vectors, centres))
    sizes = np.bincount(_nearest(vectors, centres), minlength=len(centres))
    return centres[np.argsort(-sizes, kind="stable")]


def _centres(vectors: Floats, labels: Ints) -> Floats:
    return np.stack([unit(vectors[labels == label].sum(axis=0, dtype=np.float64)) for label in np.unique(labels)])


def _nearest(vectors: Floats, centroids: Floats) -> Ints:
    found: Ints = (vectors.astype(np.float64) @ centroids.astype(np.float64).T).argmax(axis=1)
    return found
