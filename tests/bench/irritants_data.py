"""The opinions that grouping is measured on: annotated problems, with the vector and the theme that the shipped model gives them."""

import hashlib
import json
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from vocpipe.irritants.starter import read_starter
from vocpipe.ml.model import VocModel
from vocpipe.taxonomy import load_taxonomy
from vocpipe.training.annotated import read_annotated
from vocpipe.training.splits import part_of
from vocpipe.training.teacher import Teacher

HELD_OUT_SOURCE = "banks"
NOISE = 0.5
"""Length of what is added to a repeated unit vector: its cosine with the original is about 0.89, as between two ways to tell one problem."""
_WORDS = ("ids", "texts", "themes", "told_themes", "told_phrases")
_CHUNK = 50_000


@dataclass(frozen=True)
class Opinions:
    """Hold n opinions: ids, texts, the model's unit vectors (n × d) and themes, what annotators wrote, and another encoder's vectors (n × e) or none."""

    ids: list[str]
    texts: list[str]
    themes: list[str | None]
    told_themes: list[str | None]
    told_phrases: list[str]
    vectors: np.ndarray
    other_vectors: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: Sequence[int] | np.ndarray) -> "Opinions":
        """Return these rows, in this order."""
        words = {name: [getattr(self, name)[row] for row in rows] for name in _WORDS}
        return Opinions(**words, vectors=self.vectors[rows], other_vectors=None if self.other_vectors is None else self.other_vectors[rows])

    @classmethod
    def joined(cls, parts: Sequence["Opinions"]) -> "Opinions":
        """Return the parts as one, in their order."""
        words = {name: [value for part in parts for value in getattr(part, name)] for name in _WORDS}
        others = [part.other_vectors for part in parts if part.other_vectors is not None]
        return cls(**words, vectors=np.concatenate([part.vectors for part in parts]), other_vectors=np.concatenate(others) if others else None)

    def save(self, folder: Path) -> None:
        """Write the opinions in a folder, without another encoder's vectors."""
        np.save(folder / "vectors.npy", self.vectors)
        (folder / "words.json").write_text(json.dumps({name: getattr(self, name) for name in _WORDS}), encoding="utf8")

    @classmethod
    def load(cls, folder: Path) -> "Opinions":
        """Read the opinions of a folder."""
        return cls(**json.loads((folder / "words.json").read_text(encoding="utf8")), vectors=np.load(folder / "vectors.npy"))


def unseen_problems(path: Path, model_folder: Path) -> Opinions:
    """Return the problems of the annotated test split, which trained no model, in the order of the file."""
    model = VocModel.load(model_folder, threads=2)
    verbatims = [v for v in part_of(read_annotated(path, load_taxonomy()), "test", HELD_OUT_SOURCE) if any(s.irritant for s in v.segments)]
    found = model.predict_pieces([[segment.text for segment in verbatim.segments] for verbatim in verbatims])
    opinions = [(f"{verbatim.id}/{place}", segment) for verbatim in verbatims for place, segment in enumerate(verbatim.segments)]
    problems = [row for row, (_, segment) in enumerate(opinions) if segment.irritant]
    told = [opinions[row][1] for row in problems]
    return Opinions(
        ids=[opinions[row][0] for row in problems],
        texts=[" ".join(segment.text.split()) for segment in told],
        themes=[model.card.themes[found.theme[row]] if found.theme[row] >= 0 else None for row in problems],
        told_themes=[segment.theme for segment in told],
        told_phrases=[segment.irritant or "" for segment in told],
        vectors=np.asarray(found.vector, dtype=np.float32)[problems],
    )


def with_other_vectors(opinions: Opinions, encoder: Path) -> Opinions:
    """Return the opinions with the vectors of the multilingual sentence encoder in this ONNX file."""
    encode = Teacher(encoder, hashlib.sha256(encoder.read_bytes()).hexdigest())
    parts = [encode(opinions.texts[first : first + 16]) for first in range(0, len(opinions), 16)]
    return replace(opinions, other_vectors=np.concatenate(parts).astype(np.float32))


def enlarged(opinions: Opinions, count: int, seed: int = 0) -> Opinions:
    """Return `count` opinions: the given ones repeated in a random order, each with its own noise of length `NOISE` on the vector."""
    draw = np.random.default_rng(seed)
    rows = draw.permutation(np.arange(count) % len(opinions))
    big = opinions.take(rows)
    dimension = opinions.vectors.shape[1]
    for first in range(0, count, _CHUNK):
        part = big.vectors[first : first + _CHUNK]
        part += draw.standard_normal(part.shape, dtype=np.float32) * np.float32(NOISE / np.sqrt(dimension))
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return replace(big, ids=[f"{name}~{row}" for row, name in enumerate(big.ids)])


def told_as_annotated(opinions: Opinions) -> list[tuple[str | None, str]]:
    """Return what the annotators wrote of each opinion: theme and phrase."""
    return list(zip(opinions.told_themes, opinions.told_phrases, strict=True))


def told_canonical(opinions: Opinions) -> list[Hashable]:
    """Return the same with paraphrases joined: the irritant of the starter catalogue that holds the phrase, where one does."""
    irritant_of = {phrase: entry.id for entry in read_starter("starter") for phrase in entry.phrases}
    return [irritant_of.get(phrase, (theme, phrase)) for theme, phrase in told_as_annotated(opinions)]
