"""Measure a model on public references that its heads never learned from: Amazon stars, polarity of tweets, aspects of restaurants.

    python -m vocpipe.training.references MODEL DATA

A probe is a logistic regression on what the model says of a text: the mean and the highest logit of its opinions. Beside it stands the floor, TF-IDF
and logistic regression, fitted on the very same texts. `zero_shot` asks the model alone. Every figure comes with its 95 % interval over texts.
"""

import json
import random
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from vocpipe.errors import ConfigError, InputError, VocpipeError
from vocpipe.french.cleaning import clean
from vocpipe.french.segmentation import segment
from vocpipe.ml.heads import softmax
from vocpipe.ml.model import VocModel
from vocpipe.taxonomy import load_taxonomy
from vocpipe.training.annotated import read_annotated
from vocpipe.training.compare import resamples
from vocpipe.training.corpus import text_key
from vocpipe.training.measures import f1, macro_f1
from vocpipe.training.splits import split_by_verbatim

SEED = 0
FOLDS = 5
MOST = 2500
"""Texts of a reference at most, drawn with `SEED`: enough for intervals of two points, and a few minutes of processor."""

ANNOTATED = "annotated/verbatims.jsonl"
AMAZON = "reviews/amazon.parquet"
UMSAB, UMSAB_CLASSES = "tweets/umsab_train.parquet", ("0", "1", "2")
DEFT, DEFT_CLASSES = "tweets/deft2017.parquet", ("negative", "objective", "positive", "mixed")
RESTAURANTS, ASPECT_CLASSES = "aspects/restaurant_aspects.parquet", ("NE", "Négative", "Neutre", "Positive")
ASPECTS = {"Prix": ("prix",), "Cuisine": ("produit",), "Service": ("relation", "delai"), "Ambiance": ("lieu",)}
"""Our themes that speak of each human-labelled aspect of a restaurant."""
_POLARITIES = np.asarray([[1, 1, 0, 0, 0, 0], [0, 0, 1, 0, 0, 1], [0, 0, 0, 1, 1, 0]], dtype=np.float32)
"""Negative, neutral (mixed or no opinion), positive: which of the six sentiments each sums."""


@dataclass(frozen=True)
class Texts:
    """Hold distinct texts, the class of each (texts × questions), and what the model says: logits of opinions, and each opinion's text."""

    texts: list[str]
    truth: np.ndarray
    logits: np.ndarray
    row: np.ndarray

    @property
    def features(self) -> np.ndarray:
        """Return the mean and the highest logits of each text's opinions, texts × (2 × logits)."""
        highest = np.full((len(self.texts), self.logits.shape[1]), -np.inf, dtype=np.float32)
        np.maximum.at(highest, self.row, self.logits)
        return np.hstack([self.mean(self.logits), np.where(np.isfinite(highest), highest, 0)])

    def mean(self, values: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        """Return the mean of the opinions' values (opinions × k) in each text, texts × k; weighted when weights (one per opinion) are given."""
        shares = np.ones(len(self.row), dtype=np.float32) if weights is None else weights
        total, size = np.zeros((len(self.texts), values.shape[1]), dtype=np.float32), np.zeros(len(self.texts), dtype=np.float32)
        np.add.at(total, self.row, values * shares[:, None])
        np.add.at(size, self.row, shares)
        return total / np.maximum(size, 1e-9)[:, None]


Scores = np.ndarray
"""Texts × questions × classes: the highest is what is said."""


def references(model: VocModel, data: Path, annotated: Path | None = None) -> dict[str, Any]:
    """Return each reference's `{"what", "n", "fitted_on", "figures": {"zero_shot" | "probe" | "tfidf": {name: {value, low, high}}}}`.

    A reference whose files are not below `data` is `{"skipped": why}`. `annotated` (by default `ANNOTATED` in `data`) is what the heads learned from:
    its texts are left out of the restaurants, and Amazon is measured only on its dev and test verbatims, whose stars pretraining never saw.
    """
    held = annotated or data / ANNOTATED
    makers: dict[str, tuple[list[Path], Callable[[], dict[str, Any]]]] = {
        "amazon_stars": ([data / AMAZON, held], lambda: _amazon(model, data / AMAZON, held)),
        "tweets_umsab": ([data / UMSAB], lambda: _tweets(model, data / UMSAB, UMSAB_CLASSES)),
        "tweets_deft2017": ([data / DEFT], lambda: _tweets(model, data / DEFT, DEFT_CLASSES)),
        "restaurant_aspects": ([data / RESTAURANTS, held], lambda: _restaurants(model, data / RESTAURANTS, held)),
    }
    found = {}
    for name, (needed, make) in makers.items():
        absent = [str(path) for path in needed if not path.is_file()]
        found[name] = {"skipped": f"not there: {', '.join(absent)}"} if absent else make()
    return found


def _amazon(model: VocModel, path: Path, annotated: Path) -> dict[str, Any]:
    places = _split_of(annotated)
    stars = [(text, [round(rating) - 1]) for text, rating in _rows(path, ["rating"]) if rating is not None]
    measured = _judged(model, [row for row in stars if places.get(text_key(row[0])) in ("dev", "test")])
    fitted = _judged(model, _some([row for row in stars if text_key(row[0]) not in places]))
    probe = _probe(fitted.features, fitted.truth, measured.features, 5)
    floor = _tfidf(fitted.texts, fitted.truth, measured.texts, 5)
    figures = {name: _class_figures(measured.truth, found, ("accuracy", "mae")) for name, found in (("probe", probe), ("tfidf", floor))}
    return {
        "what": "stars 1 to 5 (Keung et al. 2020, arXiv:2010.02573), on held-out annotated reviews; fitted on others, whose stars pretraining has seen",
        "n": len(measured.texts),
        "fitted_on": len(fitted.texts),
        "figures": figures,
    }


def _tweets(model: VocModel, path: Path, classes: tuple[str, ...]) -> dict[str, Any]:
    rows = [(text, [classes.index(str(label))]) for text, label in _rows(path, ["label"]) if str(label) in classes]
    tweets = _judged(model, _some(rows))
    sentiments = softmax(tweets.logits[:, model.layout.slices["sentiment"]])
    said = tweets.mean(sentiments @ _POLARITIES.T)
    if len(classes) == 4:
        mixed = tweets.mean(sentiments[:, 2:3])
        said = np.hstack([said[:, :1], said[:, 1:2] - mixed, said[:, 2:], mixed])
    figures = _crossed(tweets, len(classes), lambda found: _class_figures(tweets.truth, found, ("macro_f1",)))
    return {
        "what": f"polarity of tweets ({'UMSAB French, Barbieri et al. 2022, arXiv:2104.12250, its training part' if len(classes) == 3 else 'DEFT 2017'}); "
        f"{FOLDS} folds; zero_shot is the mean over opinions of the sentiment's probabilities",
        "n": len(tweets.texts),
        "figures": {"zero_shot": _class_figures(tweets.truth, said[:, None], ("macro_f1",)), **figures},
    }


def _restaurants(model: VocModel, path: Path, annotated: Path) -> dict[str, Any]:
    places = _split_of(annotated)
    rows = [
        (text, [ASPECT_CLASSES.index(label) for label in labels])
        for text, *labels in _rows(path, list(ASPECTS))
        if all(label in ASPECT_CLASSES for label in labels) and text_key(text) not in places
    ]
    reviews = _judged(model, _some(rows))
    figures = _crossed(reviews, len(ASPECT_CLASSES), lambda found: _aspect_figures(reviews.truth, found))
    return {
        "what": "aspects of restaurants (price, food, service, ambience): F1 of naming the right ones, accuracy of the polarity of those that are there; "
        f"{FOLDS} folds; zero_shot takes an aspect's themes and, for its polarity, the sentiment of the opinions in proportion to those themes",
        "n": len(reviews.texts),
        "figures": {"zero_shot": _aspect_figures(reviews.truth, _aspects_said(model, reviews)), **figures},
    }


def _aspects_said(model: VocModel, reviews: Texts) -> Scores:
    """Return, from the heads alone, each aspect's polarities, and a score that beats them when no opinion's theme is one of its own."""
    themes = softmax(reviews.logits[:, model.layout.slices["theme"]])
    polarities = softmax(reviews.logits[:, model.layout.slices["sentiment"]]) @ _POLARITIES.T
    answers = []
    for codes in ASPECTS.values():
        own = [model.layout.themes.index(code) for code in codes]
        named = np.zeros(len(reviews.texts))
        np.maximum.at(named, reviews.row, np.isin(themes.argmax(1), own).astype(float))
        said = reviews.mean(polarities, themes[:, own].sum(1))
        answers.append(np.hstack([2 * (1 - named)[:, None], said]))
    return np.stack(answers, axis=1)


def _crossed(texts: Texts, classes: int, judge: Callable[[Scores], dict[str, Any]]) -> dict[str, Any]:
    """Return the figures of the probe and of the floor, each text judged by a fit on the other folds."""
    from sklearn.model_selection import KFold

    features = texts.features
    probe = np.zeros((*texts.truth.shape, classes))
    floor = np.zeros_like(probe)
    for train, test in KFold(FOLDS, shuffle=True, random_state=SEED).split(features):
        probe[test] = _probe(features[train], texts.truth[train], features[test], classes)
        floor[test] = _tfidf([texts.texts[place] for place in train], texts.truth[train], [texts.texts[place] for place in test], classes)
    return {"probe": judge(probe), "tfidf": judge(floor)}


def _probe(features: np.ndarray, truth: np.ndarray, asked: np.ndarray, classes: int) -> Scores:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return _each(truth, classes, lambda column: make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=500)).fit(features, column), asked)


def _tfidf(texts: Sequence[str], truth: np.ndarray, asked: Sequence[str], classes: int) -> Scores:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_union

    vectorizer = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, strip_accents="unicode"),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=2, max_features=100_000, sublinear_tf=True, strip_accents="unicode"),
    )
    features = vectorizer.fit_transform([clean(text).lower() for text in texts]).tocsr()
    one = OneVsRestClassifier(LogisticRegression(C=4.0, solver="liblinear", random_state=SEED))
    return _each(truth, classes, lambda column: one.fit(features, column), vectorizer.transform([clean(text).lower() for text in asked]).tocsr())


def _each(truth: np.ndarray, classes: int, fit: Callable[[np.ndarray], Any], asked: Any) -> Scores:
    """Return what a classifier fitted on each question says; a question with one answer in the fitted texts keeps it."""
    said = np.zeros((asked.shape[0], truth.shape[1], classes))
    for place in range(truth.shape[1]):
        found = np.unique(truth[:, place])
        said[:, place, found] = fit(truth[:, place]).predict_proba(asked) if len(found) > 1 else 1.0
    return said


def _class_figures(truth: np.ndarray, said: Scores, names: Sequence[str]) -> dict[str, Any]:
    """Return figures of one question from its confusion matrix, which is a sum over texts."""
    size = said.shape[2]
    cells = np.zeros((len(truth), size * size))
    cells[np.arange(len(truth)), truth[:, 0] * size + said[:, 0].argmax(1)] = 1
    apart = np.abs(np.subtract.outer(np.arange(size), np.arange(size)))
    makers: dict[str, Callable[[np.ndarray], np.ndarray]] = {
        "accuracy": lambda matrices: (matrices * (apart == 0)).sum((-1, -2)) / matrices.sum((-1, -2)),
        "mae": lambda matrices: (matrices * apart).sum((-1, -2)) / matrices.sum((-1, -2)),
        "macro_f1": macro_f1,
    }
    return {name: _interval(cells, lambda sums, make=makers[name]: make(sums.reshape(-1, size, size))) for name in names}  # type: ignore[misc]


def _aspect_figures(truth: np.ndarray, said: Scores) -> dict[str, Any]:
    there, named = truth > 0, said.argmax(2) > 0
    right = there & (said[:, :, 1:].argmax(2) + 1 == truth)
    found = np.stack([(there & named).sum(1), there.sum(1), named.sum(1)], axis=1)
    judged = np.stack([right.sum(1), there.sum(1)], axis=1)
    return {
        "aspect_f1": _interval(found, lambda sums: f1(sums[:, 0], sums[:, 1], sums[:, 2])),
        "polarity_accuracy": _interval(judged, lambda sums: sums[:, 0] / np.maximum(1, sums[:, 1])),
    }


def _interval(counts: np.ndarray, figure: Callable[[np.ndarray], np.ndarray]) -> dict[str, float]:
    """Return a figure of the sums of `counts` (texts × cells), and its 95 % interval over draws of texts."""
    low, high = np.percentile(figure(resamples(len(counts), seed=SEED) @ counts), (2.5, 97.5))
    return {"value": round(float(figure(counts.sum(0, keepdims=True))[0]), 4), "low": round(float(low), 4), "high": round(float(high), 4)}


def _judged(model: VocModel, rows: Sequence[tuple[str, list[int]]]) -> Texts:
    texts = [text for text, _ in rows]
    pieces = [[text[start:end] for start, end in segment(text)] for text in texts]
    logits, _ = model.logits(pieces)
    row = np.repeat(np.arange(len(texts)), [len(part) for part in pieces])
    return Texts(texts, np.asarray([classes for _, classes in rows]), logits, row)


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the text and the columns of distinct texts, the first of equal ones."""
    table = pq.read_table(path)
    absent = [name for name in ("text", *columns) if name not in table.column_names]
    if absent:
        raise InputError(f"{path} has no column {absent[0]!r}", f"its columns: {', '.join(table.column_names)}")
    seen: set[str] = set()
    for values in zip(*(table[name].to_pylist() for name in ("text", *columns)), strict=True):
        text = str(values[0] or "").strip()
        if text and (key := text_key(text)) not in seen:
            seen.add(key)
            yield (text, *values[1:])


def _some(rows: Sequence[tuple[str, list[int]]]) -> list[tuple[str, list[int]]]:
    return random.Random(SEED).sample(rows, MOST) if len(rows) > MOST else list(rows)


def _split_of(annotated: Path) -> dict[str, str]:
    verbatims = read_annotated(annotated, load_taxonomy())
    places = split_by_verbatim(verbatims)
    return {text_key(verbatim.text): places[verbatim.id] for verbatim in verbatims}


def table(found: Mapping[str, Any]) -> Iterable[str]:
    """Yield the lines of a readable report."""
    for name, reference in found.items():
        if "skipped" in reference:
            yield f"{name}: skipped, {reference['skipped']}"
            continue
        fitted = f", fitted on {reference['fitted_on']}" if "fitted_on" in reference else ""
        yield f"{name}: {reference['what']} (n = {reference['n']}{fitted})"
        for who, figures in reference["figures"].items():
            shown = (f"{figure} {value['value']:.3f} [{value['low']:.3f}, {value['high']:.3f}]" for figure, value in figures.items())
            yield f"    {who:<10} {'   '.join(shown)}"


def main(arguments: Sequence[str]) -> int:
    """Print the references of a model, as JSON after `--json`; return the exit status."""
    from vocpipe.ml.store import resolve

    try:
        asked = [argument for argument in arguments if argument != "--json"]
        if len(asked) != 2:
            raise ConfigError("a model and the folder of the training data are needed", "python -m vocpipe.training.references voc-fr-small@2 ../shared/data")
        found = references(VocModel.load(resolve(asked[0])), Path(asked[1]))
        print(json.dumps(found, ensure_ascii=False, indent=2) if "--json" in arguments else "\n".join(table(found)))
    except VocpipeError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
