"""Static vectors of subword pieces, to start an encoder's embeddings from meaning instead of noise."""

from collections.abc import Sequence

import numpy as np
from scipy import sparse
from sklearn.utils.extmath import randomized_svd


def piece_vectors(streams: Sequence[Sequence[int]], vocabulary: int, width: int, *, reach: int = 6, seed: int = 0) -> np.ndarray:
    """Return one vector per piece, shape (vocabulary, width), from which pieces stand near which.

    Positive pointwise mutual information, factored (Levy & Goldberg 2014): minutes for tens of millions of tokens.
    Nearer neighbours weigh more. Columns have unit variance over the pieces seen; unseen pieces get zeros.
    """
    flat = np.concatenate([np.asarray([*stream, -1], dtype=np.int32) for stream in streams])
    counts = sparse.csr_matrix((vocabulary, vocabulary), dtype=np.float32)
    for distance in range(1, reach + 1):
        left, right = flat[:-distance], flat[distance:]
        crossed = left < 0
        for step in range(1, distance + 1):
            crossed = crossed | (flat[step : len(flat) - distance + step] < 0)
        left, right = left[~crossed], right[~crossed]
        weights = np.full(len(left), 1.0 / distance, dtype=np.float32)
        counts = counts + sparse.coo_matrix((weights, (left, right)), shape=(vocabulary, vocabulary)).tocsr()
    counts = (counts + counts.T).tocoo()
    total = counts.sum()
    rows = np.asarray(counts.tocsr().sum(1)).ravel()
    smoothed = rows**0.75
    smoothed /= smoothed.sum()
    expected = rows[counts.row] * smoothed[counts.col]
    information = np.log(np.maximum(counts.data / np.maximum(expected, 1e-12), 1e-12))
    kept = (information > 0) & (counts.data >= 2)
    table = sparse.csr_matrix((information[kept], (counts.row[kept], counts.col[kept])), shape=counts.shape)
    assert total > 0
    left_vectors, values, _ = randomized_svd(table, n_components=width, n_iter=4, random_state=seed)
    vectors = (left_vectors * np.sqrt(values)).astype(np.float32)
    seen = rows > 0
    vectors[seen] -= vectors[seen].mean(0)
    vectors[seen] /= vectors[seen].std(0) + 1e-6
    vectors[~seen] = 0.0
    return np.asarray(vectors)
