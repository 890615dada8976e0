"""Target vectors: where the meaning of a text should lie, for the opinion vector to learn."""

from collections.abc import Callable, Sequence

import numpy as np

from vocpipe.ml.heads import VECTOR_SIZE
from vocpipe.training.teacher import Teacher

Meaning = Callable[[Sequence[str]], np.ndarray]


def fit_meaning(texts: Sequence[str], teacher: Teacher | None) -> Meaning:
    """Return a function from texts to unit vectors, n × `VECTOR_SIZE`.

    With a sentence teacher: its vectors, turned onto the directions in which these texts differ most. Without: latent semantic analysis of words
    and characters (TF-IDF and truncated SVD) fitted on these texts.
    """
    from sklearn.decomposition import TruncatedSVD

    if teacher is not None:
        base: Callable[[Sequence[str]], np.ndarray] = teacher
    else:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.pipeline import make_union

        union = make_union(
            TfidfVectorizer(strip_accents="unicode", sublinear_tf=True),
            TfidfVectorizer(strip_accents="unicode", sublinear_tf=True, analyzer="char_wb", ngram_range=(3, 5), max_features=100_000),
        ).fit(texts)
        base = union.transform
    vectors = _blocks(base, texts) if teacher else base(texts)
    turn = TruncatedSVD(VECTOR_SIZE, random_state=0).fit(vectors)

    def meaning(some: Sequence[str]) -> np.ndarray:
        turned = turn.transform(_blocks(base, some) if teacher else base(some)).astype(np.float32)
        unit: np.ndarray = turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-9)
        return unit

    return meaning


def _blocks(base: Callable[[Sequence[str]], np.ndarray], texts: Sequence[str]) -> np.ndarray:
    """Apply a costly function once per distinct text, texts of like length together."""
    distinct = sorted(set(texts), key=lambda text: (len(text), text))
    parts = [base([text[:400] for text in distinct[start : start + 64]]) for start in range(0, len(distinct), 64)]
    place = {text: index for index, text in enumerate(distinct)}
    vectors: np.ndarray = np.concatenate(parts)[[place[text] for text in texts]]
    return vectors
