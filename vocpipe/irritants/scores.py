"""Score opinions against irritants, exactly: the same bits in any order, batch size, number of threads and machine.

Vectors are rounded to a grid of 1/65536. Products and sums of such numbers are exact in float64 whatever the order
of the operations, so a score depends on one opinion and one irritant only.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

GRID = 65536.0
_CHUNK = 8192
_LEAST_NORM = 1e-6


def on_grid(values: npt.ArrayLike) -> Floats:
    """Round to the grid; exact in float32 for values in -1 … 1."""
    return np.asarray(np.rint(np.asarray(values, dtype=np.float64) * GRID) / GRID, dtype=np.float32)


def unit(vectors: npt.ArrayLike) -> Floats:
    """Scale rows (n × d) to length 1, on the grid; a row with no direction (zeros, not finite) becomes zeros."""
    rows = np.asarray(vectors, dtype=np.float64)
    rows = np.where(np.isfinite(rows).all(axis=-1, keepdims=True), rows, 0.0)
    norms = np.sqrt((rows * rows).sum(axis=-1, keepdims=True))
    return on_grid(np.divide(rows, norms, out=np.zeros_like(rows), where=norms > _LEAST_NORM))


def scores(vectors: Floats, themes: Ints, centroids: Floats, centroid_themes: Ints, theme_weight: float) -> Iterator[tuple[int, Doubles]]:
    """Yield (first row, scores) by chunks of rows; scores are m × k for m vectors (unit, on the grid) and k centroids.

    Themes are codes from 0; -1 is no theme and agrees with none.
    """
    columns = centroids.astype(np.float64).T
    for first in range(0, len(vectors), _CHUNK):
        cosine = vectors[first : first + _CHUNK].astype(np.float64) @ columns
        own = themes[first : first + _CHUNK, None]
        agree = (own == centroid_themes) & (own >= 0)
        yield first, (1 - theme_weight) * cosine + theme_weight * agree


def score_matrix(vectors: Floats, themes: Ints, centroids: Floats, centroid_themes: Ints, theme_weight: float) -> Doubles:
    """Return all the scores at once, n × k; for few vectors or few centroids."""
    found = [chunk for _, chunk in scores(vectors, themes, centroids, centroid_themes, theme_weight)]
    return np.concatenate(found) if found else np.zeros((0, len(centroids)))
