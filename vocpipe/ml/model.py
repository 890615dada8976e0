"""Run the embedded model: tokenizers, ONNX Runtime and the wide branch, without torch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vocpipe.errors import ModelError
from vocpipe.french.cleaning import CLEANING_VERSIONS
from vocpipe.ml.heads import VECTOR_SIZE, Layout, Predictions, decode
from vocpipe.ml.store import Card, verify
from vocpipe.ml.tokens import Window, batches_of, opinion_tokens, windows_of
from vocpipe.ml.wide import weigh, wide_features

Span = tuple[int, int]
BLOCK = 512
"""Verbatims read at once: enough to sort by length, little to hold."""


@dataclass(frozen=True)
class VocModel:
    """Judge the opinions of French verbatims; made by `VocModel.load`."""

    card: Card
    layout: Layout
    _tokenizer: Any
    _session: Any
    _wide: np.ndarray
    _idf: np.ndarray

    @classmethod
    def load(cls, path: Path, threads: int = 1) -> "VocModel":
        """Load the model of a folder after checking every file against its card; raise `ModelError` when one differs."""
        import onnxruntime
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        card = verify(path)
        if card.cleaning not in CLEANING_VERSIONS:
            raise ModelError(
                f"{card.name}@{card.version} was trained on text cleaned by version {card.cleaning}, which this vocpipe does not know",
                f"known versions: {', '.join(map(str, CLEANING_VERSIONS))}; use the vocpipe that the model was made with, or a later one",
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(str(path / "model.onnx"), options, providers=["CPUExecutionProvider"])
        wide = load_file(path / "wide.safetensors")
        layout = Layout(card.emotions, card.steps, card.themes, card.flags)
        weights = wide["weights"].astype(np.float32) * wide["scales"].astype(np.float32)
        return cls(card, layout, Tokenizer.from_file(str(path / "tokenizer.json")), session, weights, wide["idf"].astype(np.float32))

    def predict(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> Predictions:
        """Return what the model says of every opinion, texts in order and opinions in order inside each.

        `spans` gives the `(start, end)` of each text's opinions. The answer for a text does not depend on the other texts.
        """
        pieces = [[text[start:end] for start, end in places] for text, places in zip(texts, spans, strict=True)]
        return self.predict_pieces(pieces)

    def predict_pieces(self, pieces: Sequence[Sequence[str]]) -> Predictions:
        """Return what the model says of opinions given as texts, grouped by verbatim."""
        logits, vectors = self.logits(pieces)
        return decode(logits, vectors, self.layout, self.card.thresholds)

    def logits(self, pieces: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
        """Return the logits (opinions × heads) and unit vectors of opinions given as texts, grouped by verbatim."""
        total = sum(len(part) for part in pieces)
        logits = np.zeros((total, self.layout.size), dtype=np.float32)
        vectors = np.zeros((total, VECTOR_SIZE), dtype=np.float32)
        first = 0
        for start in range(0, len(pieces), BLOCK):
            block = [part for part in pieces[start : start + BLOCK] if part]
            size = sum(len(part) for part in block)
            if size:
                logits[first : first + size], vectors[first : first + size] = self._block(block, size)
            first += size
        return logits, vectors

    def _block(self, block: Sequence[Sequence[str]], size: int) -> tuple[np.ndarray, np.ndarray]:
        tokens = opinion_tokens(self._tokenizer, [piece for part in block for piece in part], self.card.cleaning)
        windows: list[Window] = []
        first = 0
        for part in block:
            windows.extend(windows_of(tokens[first : first + len(part)], first))
            first += len(part)
        logits = weigh(wide_features(block, self.card.cleaning), self._idf) @ self._wide
        vectors = np.zeros((size, VECTOR_SIZE), dtype=np.float32)
        for batch in batches_of(windows):
            feed = {"ids": batch.ids, "rows": batch.rows, "starts": batch.starts, "ends": batch.ends}
            deep, directions = self._session.run(["logits", "vectors"], feed)
            logits[batch.opinions] += deep
            vectors[batch.opinions] = directions
        return logits, vectors


@dataclass(frozen=True)
class ProblemPhrases:
    """Hold the canonical problem phrases that a model knows, most used first: vectors are unit, n × `VECTOR_SIZE`."""

    labels: tuple[str, ...]
    vectors: np.ndarray
    counts: np.ndarray
    themes: tuple[str | None, ...]


def problem_phrases(path: Path) -> ProblemPhrases:
    """Return the problem phrases of a verified model's folder; none when the model has none."""
    import json

    from safetensors.numpy import load_file

    if not (path / "phrases.json").is_file():
        return ProblemPhrases((), np.zeros((0, VECTOR_SIZE), np.float32), np.zeros(0, np.int64), ())
    entries = json.loads((path / "phrases.json").read_text(encoding="utf8"))
    vectors = load_file(path / "phrases.safetensors")["vectors"].astype(np.float32)
    labels, themes = tuple(entry["label"] for entry in entries), tuple(entry["theme"] for entry in entries)
    return ProblemPhrases(labels, vectors, np.asarray([entry["count"] for entry in entries]), themes)
