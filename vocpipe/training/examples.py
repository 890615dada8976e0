"""Turn annotated verbatims into training examples."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from tokenizers import Tokenizer

from vocpipe.french.cleaning import CLEANING_VERSION, clean
from vocpipe.ml.heads import VECTOR_SIZE, Layout
from vocpipe.ml.tokens import OURS, Pieces, Window, opinion_tokens, windows_of
from vocpipe.ml.wide import BUCKETS, wide_features
from vocpipe.training.annotated import Verbatim
from vocpipe.training.meaning import Meaning
from vocpipe.training.measures import targets_of


@dataclass(frozen=True)
class SoftTargets:
    """Hold what teachers say of n opinions: logits (n × `Layout.size`, NaN where they say nothing) and, or null, unit vectors (n × `VECTOR_SIZE`)."""

    logits: np.ndarray
    vectors: np.ndarray | None = None


@dataclass(frozen=True)
class Examples:
    """Hold annotated verbatims ready for training, with counts of the wide branch and a target per opinion and head.

    Not judged: -1 for classes, NaN for labels. `weights` says how much each opinion counts (1 when null).
    """

    windows: list[Window]
    wide: sparse.csr_matrix
    targets: dict[str, np.ndarray]
    meaning: np.ndarray
    weights: np.ndarray | None = None
    soft: SoftTargets | None = None

    def rarity(self, head: str) -> np.ndarray:
        """Return how much more a positive of each label weighs: the square root of negatives over positives, 1 to 5, so that rare labels are heard."""
        judged = ~np.isnan(self.targets[head])
        positives = np.nansum(self.targets[head], axis=0)
        rarity: np.ndarray = np.sqrt((judged.sum(0) - positives) / np.maximum(positives, 1)).clip(1, 5).astype(np.float32)
        return rarity

    def __len__(self) -> int:
        return int(self.wide.shape[0])


def examples(
    verbatims: Sequence[Verbatim], tokenizer: Tokenizer, layout: Layout, meaning: Meaning | None, marks: Pieces = OURS, weights: Sequence[float] | None = None
) -> Examples:
    """Return the verbatims as training examples.

    `meaning` gives the target vectors of texts (n × `VECTOR_SIZE`), null: zeros, which ask for nothing; `weights` is one per verbatim.
    """
    pieces = [[segment.text for segment in verbatim.segments] for verbatim in verbatims]
    segments = [segment for verbatim in verbatims for segment in verbatim.segments]
    asked = [segment.irritant or clean(segment.text) for segment in segments]
    vectors = meaning(asked) if meaning else np.zeros((len(asked), VECTOR_SIZE), np.float32)
    windows = windows_from(pieces, tokenizer, marks)
    shares = None if weights is None else np.repeat(np.asarray(weights, np.float32), [len(texts) for texts in pieces])
    return Examples(windows, wide_features(pieces, CLEANING_VERSION), targets_of(verbatims, layout), vectors, shares)


def windows_from(pieces: Sequence[Sequence[str]], tokenizer: Tokenizer, marks: Pieces = OURS) -> list[Window]:
    """Return the windows of verbatims given as their opinions, opinions numbered over all of them."""
    flat = [piece for texts in pieces for piece in texts]
    tokens = [ids for start in range(0, len(flat), 50_000) for ids in opinion_tokens(tokenizer, flat[start : start + 50_000], CLEANING_VERSION, marks)]
    windows: list[Window] = []
    first = 0
    for texts in pieces:
        windows.extend(windows_of(tokens[first : first + len(texts)], first, marks))
        first += len(texts)
    return windows


def inverse_frequencies(counts: sparse.csr_matrix) -> np.ndarray:
    """Return the smoothed inverse document frequency of every bucket, 0 for buckets seen in fewer than two opinions."""
    frequency = np.bincount(counts.indices, minlength=BUCKETS)
    idf = np.log((1 + counts.shape[0]) / (1 + frequency)) + 1
    return np.where(frequency >= 2, idf, 0.0).astype(np.float32)
