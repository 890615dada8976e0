"""The wide branch: hashed words and character n-grams of an opinion, beside the encoder. Meaning from one, exact words from the other."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from vocpipe.french.cleaning import clean

BUCKETS = 2**17
CONTEXT_WEIGHT = 0.5
_TOKEN = re.compile(r"\w+|[!?]+|[^\w\s]")


def wide_features(verbatims: Sequence[Sequence[str]], cleaning: int) -> sparse.csr_matrix:
    """Return hashed counts, one row per opinion (all verbatims' opinions in order) × `BUCKETS`.

    The text is cleaned by version `cleaning`. An opinion's row holds its words, word pairs and character n-grams (2 to 5, inside words), and,
    marked apart and halved, the words of the verbatim's other opinions: annotators judge an opinion in the light of the whole.
    """
    hasher = _hasher()
    rows = []
    for pieces in verbatims:
        words = [_words(piece, cleaning) for piece in pieces]
        for index, own in enumerate(words):
            others = {word for place, other in enumerate(words) if place != index for word in other}
            rows.append([*_features(own), *((f"~{word}", CONTEXT_WEIGHT) for word in sorted(others))])
    if not rows:
        return sparse.csr_matrix((0, BUCKETS), dtype=np.float32)
    return hasher.transform(rows).astype(np.float32)


def wide_weights(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return the wide branch of a model's folder: weights (`BUCKETS` × logits) and inverse document frequencies, as float32."""
    from safetensors.numpy import load_file

    stored = load_file(folder / "wide.safetensors")
    return stored["weights"].astype(np.float32) * stored["scales"].astype(np.float32), stored["idf"].astype(np.float32)


@cache
def _hasher() -> Any:
    from sklearn.feature_extraction import FeatureHasher

    return FeatureHasher(BUCKETS, input_type="pair", alternate_sign=False, dtype=np.float32)


def _words(piece: str, cleaning: int) -> list[str]:
    folded = unicodedata.normalize("NFD", clean(piece, cleaning).lower())
    return _TOKEN.findall("".join(character for character in folded if not unicodedata.combining(character)))


def _features(words: Sequence[str]) -> Iterator[tuple[str, float]]:
    for word in words:
        yield word, 1.0
        spaced = f" {word} "
        for size in (2, 3, 4, 5):
            for start in range(len(spaced) - size + 1):
                yield f"#{spaced[start : start + size]}", 1.0
    for left, right in zip(["^", *words], [*words, "$"], strict=True):
        yield f"{left}_{right}", 1.0


def weigh(counts: sparse.csr_matrix, idf: np.ndarray) -> sparse.csr_matrix:
    """Return counts as sublinear TF-IDF rows of unit length."""
    weighted = counts.copy()
    weighted.data = np.log1p(weighted.data) * idf[weighted.indices]
    norms = np.sqrt(np.asarray(weighted.multiply(weighted).sum(1))).ravel()
    return sparse.diags(1.0 / np.maximum(norms, 1e-9)).dot(weighted).tocsr().astype(np.float32)
