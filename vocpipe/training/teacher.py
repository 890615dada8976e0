"""Ask a sentence encoder for the meaning of each opinion, once, and keep the answers: a dense target for pretraining."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.progress import track

from vocpipe.errors import ModelError


class Teacher:
    """Turn texts into unit vectors with Universal Sentence Encoder Multilingual (Apache-2.0) as an int8 ONNX file.

    The graph takes raw strings and needs `onnxruntime_extensions`. Source: Yang et al. 2019, arXiv:1907.04307.
    """

    def __init__(self, path: Path, sha256: str, threads: int = 2) -> None:
        import onnxruntime
        from onnxruntime_extensions import get_library_path

        found = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no such file"
        if not found.startswith(sha256):
            raise ModelError(f"{path} is not the expected teacher: sha256 {found[:12]}, expected {sha256[:12]}", "see docs/model.md for where it comes from")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.register_custom_ops_library(get_library_path())
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Return unit vectors, shape (texts, 512), float32."""
        vectors: np.ndarray = self._session.run(None, {self._session.get_inputs()[0].name: list(texts)})[0]
        return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9))


def teach(texts: Sequence[str], teacher: Teacher, target: Path, *, block: int = 20_000) -> np.ndarray:
    """Return the teacher's vectors for the texts, float16, kept in `target`; a killed run resumes at the last whole block.

    Texts are sorted by length inside a block so that little is spent on padding.
    """
    target.mkdir(parents=True, exist_ok=True)
    blocks = [texts[start : start + block] for start in range(0, len(texts), block)]
    for number, chunk in enumerate(track(blocks, "teacher vectors")):
        place = target / f"{number:04d}-{_fingerprint(chunk)}.npy"
        if place.exists():
            continue
        order = np.argsort([len(text) for text in chunk], kind="stable")
        vectors = np.empty((len(chunk), 512), dtype=np.float16)
        for start in range(0, len(order), 64):
            chosen = order[start : start + 64]
            vectors[chosen] = teacher([chunk[index][:400] for index in chosen])
        partial = place.with_suffix(".tmp")
        with partial.open("wb") as file:
            np.save(file, vectors)
        partial.replace(place)
    names = [target / f"{number:04d}-{_fingerprint(chunk)}.npy" for number, chunk in enumerate(blocks)]
    return np.concatenate([np.load(name) for name in names]) if names else np.zeros((0, 512), np.float16)


def _fingerprint(texts: Sequence[str]) -> str:
    digest = hashlib.blake2b(digest_size=6)
    for text in texts:
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()
