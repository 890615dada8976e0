"""The floor that every model is held to: TF-IDF of words and characters, and logistic regression, one classifier per head."""

from collections.abc import Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from vocpipe.french.cleaning import clean
from vocpipe.ml.heads import CLASS_HEADS, LABEL_HEADS, VECTOR_SIZE, Layout, Predictions, decode
from vocpipe.training.segments import Verbatim

_THRESHOLD = 0.5


class TfidfFloor:
    """Judge each segment by its own words alone."""

    def __init__(self, train: Sequence[Verbatim], targets: dict[str, np.ndarray], layout: Layout, threads: int = 2) -> None:
        self.layout = layout
        self._words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, strip_accents="unicode")
        self._characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True, strip_accents="unicode", max_features=100_000)
        texts = _texts(train)
        features = sparse.hstack([self._words.fit_transform(texts), self._characters.fit_transform(texts)]).tocsr()
        with ThreadPoolExecutor(threads) as pool:
            self._heads = {name: self._fit_head(features, target, pool) for name, target in targets.items()}

    def _fit_head(self, features: sparse.csr_matrix, target: np.ndarray, pool: Executor) -> list[Any]:
        if target.ndim == 1:
            return [self._fit(features, target, True)]
        return list(pool.map(lambda column: self._fit(features, column, False), target.T))

    def _fit(self, features: sparse.csr_matrix, target: np.ndarray, several: bool) -> OneVsRestClassifier | LogisticRegression | int:
        """Return a classifier, or the only answer that there is in the training data; segments that were not judged (-1, NaN) do not count."""
        judged = ~np.isnan(target) & (target >= 0)
        features, target = features[np.nonzero(judged)[0]], target[judged].astype(int)
        if len(found := np.unique(target)) < 2:
            return int(found[0]) if len(found) else 0
        # the dual problem has the same solution and is solved four times faster, but with balanced weights it does not converge
        one = LogisticRegression(C=4.0, solver="liblinear", dual=several, class_weight=None if several else "balanced", random_state=0)
        return (OneVsRestClassifier(one) if several else one).fit(features, target)

    def predict(self, verbatims: Sequence[Verbatim]) -> Predictions:
        """Return what the floor says of every segment, in order."""
        texts = _texts(verbatims)
        features = sparse.hstack([self._words.transform(texts), self._characters.transform(texts)]).tocsr()
        logits = np.full((len(texts), self.layout.size), -30.0, dtype=np.float32)
        for name, place in self.layout.slices.items():
            for offset, head in enumerate(self._heads[name]):
                several = name in CLASS_HEADS
                if isinstance(head, int):
                    logits[:, place.start + (head if several else offset)] = 0.0 if several else 60.0 * head - 30.0
                elif several:
                    logits[:, place.start + head.classes_] = np.log(np.maximum(head.predict_proba(features), 1e-12))
                else:
                    logits[:, place.start + offset] = head.decision_function(features)
        half = {name: [_THRESHOLD] * (self.layout.slices[name].stop - self.layout.slices[name].start) for name in LABEL_HEADS}
        return decode(logits, np.zeros((len(texts), VECTOR_SIZE), np.float32), self.layout, half)


def _texts(verbatims: Sequence[Verbatim]) -> list[str]:
    return [clean(segment.text).lower() for verbatim in verbatims for segment in verbatim.segments]
