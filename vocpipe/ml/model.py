"""Judge opinions with a model of the store: tokenizer, encoder on a processor or a GPU, and the wide branch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from vocpipe.errors import ModelError
from vocpipe.french.cleaning import CLEANING_VERSIONS
from vocpipe.ml.devices import Device, check_cuda, check_torch, has_cuda
from vocpipe.ml.heads import VECTOR_SIZE, Layout, Predictions, decode
from vocpipe.ml.onnx_backend import WEIGHTS, Answer, OnnxBackend
from vocpipe.ml.store import Card, verify
from vocpipe.ml.tokens import OURS, Pieces, Window, opinion_tokens, windows_of
from vocpipe.ml.wide import weigh, wide_features, wide_weights

Span = tuple[int, int]


class Backend(Protocol):
    """Run the encoder and its heads somewhere; `block` is how many verbatims it is given at once."""

    block: int

    def start(self, windows: Sequence[Window]) -> Iterator[Answer]:
        """Return the answers of windows, batch by batch, in any order."""


@dataclass(frozen=True)
class VocModel:
    """Judge the opinions of French verbatims; made by `VocModel.load`. `wide` is `BUCKETS` × logits, `idf` one value per bucket."""

    card: Card
    layout: Layout
    marks: Pieces
    tokenizer: Any
    backend: Backend
    wide: np.ndarray
    idf: np.ndarray

    @classmethod
    def load(cls, path: Path, threads: int = 1, device: Device = "auto") -> "VocModel":
        """Load the model of a folder after checking every file against its card.

        `auto` takes torch on a GPU when there is one, else ONNX Runtime. Raises `ModelError` when a file differs, or the device cannot be had.
        """
        from tokenizers import Tokenizer

        card = verify(path)
        if card.cleaning not in CLEANING_VERSIONS:
            raise ModelError(
                f"{card.name}@{card.version} was trained on text cleaned by version {card.cleaning}, which this vocpipe does not know",
                f"known versions: {', '.join(map(str, CLEANING_VERSIONS))}; use the vocpipe that the model was made with, or a later one",
            )
        layout = Layout(card.emotions, card.steps, card.themes, card.flags)
        marks = Pieces(**card.marks) if card.marks else OURS
        return cls(card, layout, marks, Tokenizer.from_file(str(path / "tokenizer.json")), _backend(path, marks.pad, threads, device), *wide_weights(path))

    def predict(self, texts: Sequence[str], spans: Sequence[Sequence[Span]]) -> Predictions:
        """Return what the model says of every opinion, texts in order and opinions in order inside each.

        `spans` gives the `(start, end)` of each text's opinions. The answer for a text does not depend on the other texts.
        """
        pieces = [[text[start:end] for start, end in places] for text, places in zip(texts, spans, strict=True)]
        return self.predict_pieces(pieces)

    def predict_pieces(self, pieces: Sequence[Sequence[str]]) -> Predictions:
        """Return what the model says of opinions given as texts, grouped by verbatim."""
        logits, vectors = self.logits(pieces)
        return decode(logits, vectors, self.layout, self.card.thresholds, self.card.calibration)

    def logits(self, pieces: Sequence[Sequence[str]]) -> tuple[np.ndarray, np.ndarray]:
        """Return the logits (opinions × heads) and unit vectors of opinions given as texts, grouped by verbatim."""
        total = sum(len(part) for part in pieces)
        logits = np.zeros((total, self.layout.size), dtype=np.float32)
        vectors = np.zeros((total, VECTOR_SIZE), dtype=np.float32)
        first = 0
        for start in range(0, len(pieces), self.backend.block):
            block = [part for part in pieces[start : start + self.backend.block] if part]
            size = sum(len(part) for part in block)
            if size:
                logits[first : first + size], vectors[first : first + size] = self._block(block, size)
            first += size
        return logits, vectors

    def _block(self, block: Sequence[Sequence[str]], size: int) -> tuple[np.ndarray, np.ndarray]:
        tokens = opinion_tokens(self.tokenizer, [piece for part in block for piece in part], self.card.cleaning, self.marks)
        windows: list[Window] = []
        first = 0
        for part in block:
            windows.extend(windows_of(tokens[first : first + len(part)], first, self.marks))
            first += len(part)
        answers = self.backend.start(windows)  # before the wide branch: a GPU works on them meanwhile
        logits = weigh(wide_features(block, self.card.cleaning), self.idf) @ self.wide
        vectors = np.zeros((size, VECTOR_SIZE), dtype=np.float32)
        for opinions, deep, directions in answers:
            logits[opinions] += deep
            vectors[opinions] = directions
        return logits, vectors


def _backend(path: Path, pad: int, threads: int, device: Device) -> Backend:
    shared = (path / WEIGHTS).is_file()
    if device == "auto":
        device = "cuda" if shared and has_cuda() else "cpu"
    if device == "cpu":
        return OnnxBackend(path, pad, threads)
    if not shared:
        raise ModelError(f"{path} holds its weights inside its graph, which torch cannot read", "use device: auto or cpu, or a later version of the model")
    if device == "cuda":
        check_cuda()
    check_torch(f"device {device}")
    from vocpipe.ml.torch_backend import TorchBackend

    return TorchBackend.load(path, "cuda" if device == "cuda" else "cpu")


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
