"""Score opinions against irritants, exactly: the same bits in any order, batch size, number of threads and machine.

Vectors are rounded to a grid of 1/65536. Products and sums of such numbers are exact in float64 whatever the order
of the operations, so a score depends on one opinion and one irritant only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from vocpipe.irritants.settings import IrritantSettings

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

Words: TypeAlias = tuple[str, ...]

GRID = 65536.0
_CHUNK = 8192
_LEAST_NORM = 1e-6


@dataclass(frozen=True)
class Profiles:
    """Hold what scores compare, of n opinions or irritants: `vectors` (n × d, unit, on the grid), `themes` (codes from 0; -1 is none and agrees with none),
    `words` (distinct lemmas; those of an irritant are its terms, the most telling first)."""

    vectors: Floats
    themes: Ints
    words: Sequence[Words]

    def take(self, rows: Ints) -> "Profiles":
        """Return some of them, in the order of `rows`."""
        return Profiles(self.vectors[rows], self.themes[rows], [self.words[row] for row in rows])


def on_grid(values: npt.ArrayLike) -> Floats:
    """Round to the grid; exact in float32 for values in -1 … 1."""
    return np.asarray(np.rint(np.asarray(values, dtype=np.float64) * GRID) / GRID, dtype=np.float32)


def unit(vectors: npt.ArrayLike) -> Floats:
    """Scale rows (n × d) to length 1, on the grid; a row with no direction (zeros, not finite) becomes zeros."""
    rows = np.asarray(vectors, dtype=np.float64)
    rows = np.where(np.isfinite(rows).all(axis=-1, keepdims=True), rows, 0.0)
    norms = np.sqrt((rows * rows).sum(axis=-1, keepdims=True))
    return on_grid(np.divide(rows, norms, out=np.zeros_like(rows), where=norms > _LEAST_NORM))


def scores(opinions: Profiles, irritants: Profiles, settings: IrritantSettings) -> Iterator[tuple[int, Doubles]]:
    """Yield (first row, scores) by chunks of opinions; scores are m × k for m opinions and k irritants.

    A score is the weighted mean of three agreements: the cosine of the vectors, the theme (1 or 0), and the words: the weights of the irritant's terms
    that the opinion holds, over the square root of the opinion's number of words, at most 1. A term weighs 1 / √rank.
    """
    directions = irritants.vectors.astype(np.float64).T
    of_term, weights = _term_weights(irritants.words)
    meaning = 1 - settings.theme_weight - settings.word_weight
    for first in range(0, len(opinions.vectors), _CHUNK):
        part = slice(first, first + _CHUNK)
        cosine = opinions.vectors[part].astype(np.float64) @ directions
        own = opinions.themes[part, None]
        agree = (own == irritants.themes) & (own >= 0)
        yield first, meaning * cosine + settings.theme_weight * agree + settings.word_weight * _shared(opinions.words[part], of_term, weights)


def score_matrix(opinions: Profiles, irritants: Profiles, settings: IrritantSettings) -> Doubles:
    """Return all the scores at once, n × k; for few opinions or few irritants."""
    found = [chunk for _, chunk in scores(opinions, irritants, settings)]
    return np.concatenate(found) if found else np.zeros((0, len(irritants.vectors)))


def _term_weights(terms: Sequence[Words]) -> tuple[dict[str, int], csr_array]:
    """Return the row of each term, and the terms' weights (terms × irritants), on the grid so that sums are exact."""
    of_term = {term: row for row, term in enumerate(sorted({term for words in terms for term in words}))}
    rows = [of_term[term] for words in terms for term in words]
    columns = [column for column, words in enumerate(terms) for _ in words]
    values = [float(np.rint(GRID / np.sqrt(rank)) / GRID) for words in terms for rank, _ in enumerate(words, 1)]
    return of_term, csr_array((values, (rows, columns)), shape=(len(of_term), len(terms)))


def _shared(opinions: Sequence[Words], of_term: dict[str, int], weights: csr_array) -> Doubles:
    if not of_term:
        return np.zeros((len(opinions), weights.shape[1]))
    held = [[of_term[word] for word in words if word in of_term] for words in opinions]
    ends = np.cumsum([0, *map(len, held)])
    places = csr_array((np.ones(ends[-1]), [row for rows in held for row in rows], ends), shape=(len(opinions), len(of_term)))
    lengths = np.sqrt([max(len(words), 1) for words in opinions])
    found: Doubles = np.minimum((places @ weights).toarray() / lengths[:, None], 1.0)
    return found
