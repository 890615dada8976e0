"""Ridge regression of a rating on what verbatims met, and its bootstrap, through the normal equations."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from vocpipe.feeds.ratios import ratio

_Doubles = npt.NDArray[np.float64]

_CHUNK = 25  # resamples solved together
_PENALTIES = np.geomspace(0.001, 0.5, 28)  # of the fewest verbatims: the rarest effect keeps half of itself, so that its interval means something


@dataclass(frozen=True)
class Moments:
    """Hold the sums that estimates need, of b weightings of the verbatims.

    `size` is their weight; n_with and sum_with (b × p) the weight of those with each item and of their ratings; total and squares (b) sum the ratings
    and their squares around the mean; gram (b × p × p) and cross (b × p) are the products of items, and of items and ratings, around the means.
    """

    size: float
    n_with: _Doubles
    sum_with: _Doubles
    total: _Doubles
    squares: _Doubles
    gram: _Doubles
    cross: _Doubles

    def leave_one_out(self) -> _Doubles:
        """Return (b × p) the mean without those that have the item minus the mean of all; NaN where all have it."""
        without = ratio(self.total[:, None] - self.sum_with, self.size - self.n_with)
        return without - self.total[:, None] / self.size

    def ridge(self, penalty: float) -> _Doubles:
        """Return (b × p) the coefficients; the constant is not penalised."""
        return np.asarray(np.linalg.solve(self.gram + penalty * np.eye(self.gram.shape[1]), self.cross[:, :, None])[:, :, 0])


@dataclass(frozen=True)
class Patterns:
    """Hold the g distinct (items met, rating) among the verbatims, sorted, and how many verbatims have each.

    They are far fewer than the verbatims, and a resample of the verbatims is a multinomial draw of patterns.
    """

    items: sparse.csr_array
    values: _Doubles
    counts: _Doubles
    pairs: sparse.csr_array

    @staticmethod
    def of(items: sparse.csr_array, values: _Doubles) -> "Patterns":
        """Group verbatims × items (n × p, ones, indices sorted) and their n ratings."""
        columns, starts = items.indices.astype(np.int32), items.indptr
        keys = [(value, columns[starts[row] : starts[row + 1]].tobytes()) for row, value in enumerate(values.tolist())]
        first: dict[tuple[float, bytes], int] = {}
        of_row = [first.setdefault(key, row) for row, key in enumerate(keys)]
        rows = [row for _, row in sorted(first.items())]
        kept = items[rows]
        return Patterns(kept, values[rows], np.bincount(of_row, minlength=len(keys))[rows].astype(np.float64), _pairs(kept))

    def moments(self, weights: _Doubles) -> Moments:
        """Return the moments of b weightings of the patterns (b × g)."""
        size, number = float(self.counts.sum()), self.items.shape[1]
        centred = self.values - self.counts @ self.values / size  # fewer digits are lost
        total, squares = weights @ centred, weights @ centred**2
        n_with, sum_with = (self.items.T @ weights.T).T, (self.items.T @ (weights * centred).T).T
        together = (self.pairs.T @ weights.T).T.reshape(-1, number, number)
        gram = together - n_with[:, :, None] * n_with[:, None, :] / size
        return Moments(size, n_with, sum_with, total, squares - total**2 / size, gram, sum_with - n_with * total[:, None] / size)

    def resamples(self, number: int, seed: int) -> Iterator[_Doubles]:
        """Yield so many bootstrap weightings of the patterns, some (b × g) at a time."""
        rng = np.random.default_rng(seed)
        size = int(self.counts.sum())
        for done in range(0, number, _CHUNK):
            yield rng.multinomial(size, self.counts / size, min(_CHUNK, number - done)).astype(np.float64)


def choose_penalty(moments: Moments, fewest: int) -> float:
    """Return the penalty with the least generalised cross-validation error, for the first weighting; items have at least `fewest` verbatims."""
    values, vectors = np.linalg.eigh(moments.gram[0])
    along = (vectors.T @ moments.cross[0]) ** 2
    errors = []
    for penalty in fewest * _PENALTIES:
        shrunk = np.maximum(values, 0) + penalty
        residual = moments.squares[0] - np.sum(along * (1 / shrunk + penalty / shrunk**2))
        freedom = moments.size - 1 - np.sum(1 - penalty / shrunk)
        errors.append(residual / freedom**2)
    return float(fewest * _PENALTIES[int(np.argmin(errors))])


def _pairs(items: sparse.csr_array) -> sparse.csr_array:
    """Return rows × (p × p): the pairs of items, in both orders and with themselves, that each row has together."""
    rows, number = items.shape
    per_row = np.diff(items.indptr)
    row_of_entry = np.repeat(np.arange(rows), per_row)
    repeats = per_row[row_of_entry]
    entry = np.repeat(np.arange(items.nnz), repeats)
    within = np.arange(len(entry)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    columns = items.indices.astype(np.int64)
    second = columns[items.indptr[row_of_entry[entry]] + within]
    cells = (row_of_entry[entry], columns[entry] * number + second)
    return sparse.csr_array((np.ones(len(entry)), cells), shape=(rows, number * number))
