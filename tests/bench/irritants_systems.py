"""The systems that group opinions: vocpipe, BERTopic in three set-ups, k-means. All but one set-up get the vectors of the shipped model."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.bench.irritants_data import Opinions
from tests.bench.irritants_vocpipe import SETTINGS, group, group_in_sequence

Group = Callable[[Sequence[Opinions], int | None, int], np.ndarray]


@dataclass(frozen=True)
class System:
    """Hold one way to group.

    `group(files, seed, groups)` returns a number for each opinion of one batch that comes as these files, in their order, -1 for the residual;
    `group_in_sequence(batches, seed, groups)` does it for batches that come one after the other. `seed` null lets the system draw as it does for its
    users; `groups` is how many are wanted, for a system that cannot find out. `abstains` says whether it may leave an opinion in the residual; `scaled`
    whether its time and memory are measured on many opinions, which for a variant of another system would be the same again.
    """

    name: str
    about: str
    group: Group
    group_in_sequence: Group
    abstains: bool = True
    other_vectors: bool = False
    scaled: bool = True


@dataclass(frozen=True)
class Topics:
    """Set BERTopic up: with its defaults, or for French with French words, groups as small as vocpipe's and its outliers given to the nearest topic.

    With the other encoder's vectors HDBSCAN takes its finest groups: its default finds a single one there.
    """

    french: bool = False
    other_vectors: bool = False

    def vectors(self, opinions: Opinions) -> np.ndarray:
        """Return the vectors to use."""
        if not self.other_vectors:
            return opinions.vectors
        if opinions.other_vectors is None:
            raise ValueError("the opinions have no vectors of another encoder")
        return opinions.other_vectors

    def group(self, files: Sequence[Opinions], seed: int | None, groups: int) -> np.ndarray:
        """Return the topic of each opinion; the files are put one behind the other."""
        opinions = Opinions.joined(files)
        model = self._fitted(opinions, seed)
        return self._answer(model, opinions.texts, self.vectors(opinions))

    def group_in_sequence(self, batches: Sequence[Opinions], seed: int | None, groups: int) -> np.ndarray:
        """Return the topics after one model by batch and `merge_models`, which is how BERTopic takes what comes later."""
        from bertopic import BERTopic

        merged = BERTopic.merge_models([self._fitted(batch, seed) for batch in batches])
        together = Opinions.joined(batches)
        return self._answer(merged, together.texts, self.vectors(together))

    def _fitted(self, opinions: Opinions, seed: int | None) -> Any:
        return self._model(seed).fit(opinions.texts, embeddings=self.vectors(opinions))

    def _model(self, seed: int | None) -> Any:
        from bertopic import BERTopic
        from umap import UMAP

        chosen: dict[str, Any] = {}
        if seed is not None:  # as BERTopic makes it itself, but for the seed
            chosen["umap_model"] = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", low_memory=False, random_state=seed)
        if self.french:
            chosen |= self._french()
        return BERTopic(**chosen)

    def _french(self) -> dict[str, Any]:
        from bertopic.vectorizers import ClassTfidfTransformer
        from hdbscan import HDBSCAN
        from sklearn.feature_extraction.text import CountVectorizer
        from spacy.lang.fr.stop_words import STOP_WORDS

        finest = "leaf" if self.other_vectors else "eom"
        return {
            "vectorizer_model": CountVectorizer(stop_words=sorted(STOP_WORDS), ngram_range=(1, 2)),
            "ctfidf_model": ClassTfidfTransformer(reduce_frequent_words=True),
            "hdbscan_model": HDBSCAN(min_cluster_size=SETTINGS.min_size, metric="euclidean", cluster_selection_method=finest, prediction_data=True),
        }

    def _answer(self, model: Any, texts: list[str], vectors: np.ndarray) -> np.ndarray:
        topics = list(map(int, model.topics_))
        if self.french and -1 in topics and max(topics) >= 0:
            topics = model.reduce_outliers(texts, topics, strategy="embeddings", embeddings=vectors)
        return np.asarray(topics, dtype=np.int64)


def k_means(files: Sequence[Opinions], seed: int | None, groups: int) -> np.ndarray:
    """Return the k-means groups of the vectors, as many as asked for; the files are put one behind the other."""
    from sklearn.cluster import KMeans

    vectors = np.concatenate([file.vectors for file in files])
    found: np.ndarray = KMeans(min(groups, len(vectors)), random_state=seed).fit_predict(vectors)
    return found


def k_means_in_sequence(batches: Sequence[Opinions], seed: int | None, groups: int) -> np.ndarray:
    """Return the groups after `partial_fit` on each batch, which is how k-means takes what comes later."""
    from sklearn.cluster import MiniBatchKMeans

    model = MiniBatchKMeans(min(groups, *map(len, batches)), random_state=seed)
    for batch in batches:
        model.partial_fit(batch.vectors)
    return np.concatenate([model.predict(batch.vectors) for batch in batches])


def _topics(name: str, about: str, topics: Topics) -> System:
    return System(name, about, topics.group, topics.group_in_sequence, not topics.french, topics.other_vectors, not topics.french)


_FRENCH = f"French stop words, groups from {SETTINGS.min_size} opinions, outliers given to the nearest topic"

SYSTEMS = (
    System("vocpipe", "default settings; also gets the themes that the model gives, and names and proves its groups", group, group_in_sequence),
    _topics("BERTopic", "its defaults, on the same vectors", Topics()),
    _topics("BERTopic, French", f"on the same vectors; {_FRENCH}", Topics(french=True)),
    _topics("BERTopic, French, own vectors", f"Universal Sentence Encoder Multilingual; {_FRENCH}", Topics(french=True, other_vectors=True)),
    System("k-means", "as many groups as vocpipe found, on the same vectors", k_means, k_means_in_sequence, abstains=False),
)
