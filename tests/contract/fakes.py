"""Stages that stand in for the model, or misbehave, as a user's own stages could; and a small export for them to read."""

import hashlib
import os
import re
import signal
from pathlib import Path

import numpy as np
import pyarrow as pa

from vocpipe.schema import Column, columns
from vocpipe.stages.base import Columns, Context, Run, Stage
from vocpipe.stages.classify import Classify

_PROBLEMS = {
    "injoignable": ("assistance", "joignabilite", "frustration"),
    "cassé": ("livraison", "livraison", "colere"),
    "retard": ("livraison", "livraison", "frustration"),
    "cher": ("achat", "prix", "deception"),
}
_PRAISE = ("merci", "parfait", "rapide")


class FakeLanguage(Stage):
    """Take "the" for English and the rest for French; loads at once."""

    reads = columns("text")
    adds = columns("language", "language_p", "reject")

    def load(self, context: Context) -> Run:
        def run(batch: pa.RecordBatch) -> Columns:
            english = [text.startswith("The ") for text in batch["text"].to_pylist()]
            return {
                "language": ["en" if other else "fr" for other in english],
                "language_p": [0.99] * batch.num_rows,
                "reject": ["language" if other else None for other in english],
            }

        return run


class FakeClassify(Stage):
    """Label opinions by a few words; the vector of an opinion is the sum of pseudo-random vectors of its words."""

    reads = Classify.reads
    adds = Classify.adds

    def load(self, context: Context) -> Run:
        def run(batch: pa.RecordBatch) -> Columns:
            rows = zip(*(batch[name].to_pylist() for name in self.reads), strict=True)
            labels = [[_label(text[start:end]) for start, end in zip(starts, ends, strict=True)] for text, starts, ends in rows]
            return {str(name): [[label[str(name)] for label in row] for row in labels] for name in self.adds}

        return run


def _label(opinion: str) -> dict[str, object]:
    words = re.findall(r"\w+", opinion.lower())
    problem = next((_PROBLEMS[word] for word in words if word in _PROBLEMS), None)
    praised = any(word in _PRAISE for word in words)
    step, theme, emotion = problem or ("general", "global" if praised else None, "joie" if praised else None)
    return {
        "opinion_sentiment": -2 if problem else 1 if praised else None,
        "opinion_sentiment_p": 0.9,
        "opinion_emotions": [emotion] if emotion else [],
        "opinion_intensities": [1] if emotion else [],
        "opinion_emotion_p": [0.5] * 9,
        "opinion_step": step,
        "opinion_step_p": 0.8,
        "opinion_theme": theme,
        "opinion_theme_p": 0.7,
        "opinion_flags": ["effort"] if problem and "fois" in words else [],
        "opinion_flag_p": [0.1] * 5,
        "opinion_irritant": problem is not None,
        "opinion_irritant_p": 0.95 if problem else 0.05,
        "opinion_vector": _vector([word for word in words if word in _PROBLEMS] or words),
    }


def _vector(words: list[str]) -> list[float]:
    seeds = [int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big") for word in words] or [0]
    total = sum(np.random.default_rng(seed).normal(size=128) for seed in seeds)
    vector: list[float] = (total / np.linalg.norm(total)).astype(np.float32).tolist()
    return vector


class WordCount(Stage):
    """Add a column of its own."""

    reads = columns("text")
    adds = (Column("word_count", pa.int32(), "words of the text", "the row is rejected"),)

    def load(self, context: Context) -> Run:
        return lambda batch: {"word_count": [len(text.split()) for text in batch["text"].to_pylist()]}


class Fragile(Stage):
    """Raise on any batch that holds a word."""

    reads = columns("text")
    adds = (Column("fragile", pa.bool_(), "always true", "the row is rejected"),)
    word: str = "bombe"

    def load(self, context: Context) -> Run:
        def run(batch: pa.RecordBatch) -> Columns:
            if any(self.word in text for text in batch["text"].to_pylist()):
                raise RuntimeError("cannot")
            return {"fragile": [True] * batch.num_rows}

        return run


class Returns(Stage):
    """Return what the test asks for, to be caught by the pipeline."""

    reads = columns("text")
    adds = (Column("answer", pa.int8(), "any"),)
    answer: dict[str, list[int | str | None]]

    def load(self, context: Context) -> Run:
        return lambda batch: self.answer


class Dies(Stage):
    """Take the process down, as the system does when memory runs out."""

    reads = columns("text")
    adds = (Column("never", pa.int8(), "any"),)

    def load(self, context: Context) -> Run:
        def run(batch: pa.RecordBatch) -> Columns:
            os.kill(os.getpid(), signal.SIGKILL)
            return {}

        return run


_SENTENCES = (
    "Le service client est injoignable, j'ai appelé trois fois.",
    "Colis arrivé cassé, quelle honte !",
    "Livraison en retard de deux semaines.",
    "Parfait, merci beaucoup pour tout.",
    "Beaucoup trop cher pour ce que c'est.",
    "Livraison rapide mais produit cassé.",
    "Impossible de les avoir, standard injoignable depuis lundi.",
    "The parcel never arrived and nobody answers my messages, shame on you.",
)


def write_export(path: Path, rows: int = 40, first: int = 0, month: str = "03/2026") -> Path:
    """Write a small French export of a month, `;` separated, and return its path."""
    lines = ["Identifiant;Date;Note;Commentaire"]
    lines += [
        f'R{number};{number % 28 + 1:02}/{month};{number % 5 + 1};"{_SENTENCES[number % len(_SENTENCES)]} (commande {number})"'
        for number in range(first, first + rows)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


_CONFIG = """
source: source.yaml
stages:
  - use: tests.contract.fakes:FakeLanguage
  - use: segment
  - use: tests.contract.fakes:FakeClassify
irritants: {min_size: 3}
shard_rows: 15
"""


def write_config(folder: Path, text: str = _CONFIG) -> Path:
    """Write a run that needs no model, and its source, and return its path."""
    (folder / "source.yaml").write_text("name: essai\n", encoding="utf-8")
    path = folder / "run.yaml"
    path.write_text(text, encoding="utf-8")
    return path
