"""Ask teachers what they say of unlabelled text, once, and keep the answers; read answers that were computed elsewhere."""

import hashlib
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from scipy import sparse

from vocpipe.errors import InputError, ModelError
from vocpipe.files import replacing
from vocpipe.french.cleaning import CLEANING_VERSION
from vocpipe.ml.heads import VECTOR_SIZE, Layout
from vocpipe.ml.model import VocModel
from vocpipe.ml.wide import BUCKETS, wide_features
from vocpipe.training.examples import SoftTargets

Pieces = Sequence[Sequence[str]]
BLOCK = 2000
"""Texts that are answered, and kept, at once."""


class Judging(Protocol):
    """Say the logits (opinions × `Layout.size`) and unit vectors (opinions × `VECTOR_SIZE`) of opinions given as texts, grouped by verbatim."""

    def logits(self, pieces: Pieces) -> tuple[np.ndarray, np.ndarray]:
        """Return both."""


def load_teacher(folder: Path, layout: Layout, threads: int) -> VocModel:
    """Return a model of the store as a teacher; raise `ModelError` when its labels are not those of the layout."""
    model = VocModel.load(folder, threads=threads)
    if model.layout != layout:
        raise ModelError(f"{model.card.name}@{model.card.version} has other labels than the taxonomy", "use a teacher that was trained with the same taxonomy")
    return model


def ask(teacher: Judging, name: str, pieces: Pieces, folder: Path, report: Callable[[dict[str, Any]], None]) -> SoftTargets:
    """Return what a teacher says of texts, as float16, kept in `folder`; a killed run resumes at the last whole block. `name` identifies the teacher."""
    logits, vectors = [], []
    began = time.monotonic()
    for start in range(0, len(pieces), BLOCK):
        block = pieces[start : start + BLOCK]
        place = folder / f"{start // BLOCK:05d}-{_fingerprint(name, block)}.npz"
        if not place.exists():
            said = teacher.logits(block)
            with replacing(place) as temporary, temporary.open("wb") as file:
                np.savez(file, logits=said[0].astype(np.float16), vectors=said[1].astype(np.float16))
        with np.load(place, allow_pickle=False) as kept:
            logits.append(kept["logits"])
            vectors.append(kept["vectors"])
        done = (start + len(block)) / len(pieces)
        report({"progress": done, "left": (time.monotonic() - began) * (1 / done - 1)})
    return SoftTargets(np.concatenate(logits), np.concatenate(vectors))


def read_targets(path: Path, opinions: int, layout: Layout) -> SoftTargets:
    """Read an .npz file with `logits` (opinions × `layout.size`) and, or not, `vectors` (opinions × `VECTOR_SIZE`); raise `InputError` when it does not fit."""
    try:
        with np.load(path, allow_pickle=False) as kept:
            logits, vectors = kept["logits"], kept.get("vectors")
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{path} holds no soft targets: {error}", "give an .npz file with an array `logits`") from error
    if logits.shape != (opinions, layout.size) or (vectors is not None and vectors.shape != (opinions, VECTOR_SIZE)):
        raise InputError(f"{path} holds logits of shape {logits.shape}; the corpus and the taxonomy ask for {(opinions, layout.size)}", "compute them again")
    return SoftTargets(logits, vectors)


def mean_of(answers: Sequence[SoftTargets]) -> SoftTargets:
    """Return the mean logits of several teachers, with the vectors of the first that has any: vectors of two models do not share a space."""
    total = np.zeros(answers[0].logits.shape, np.float32)
    for answer in answers:
        total += answer.logits
    return SoftTargets((total / len(answers)).astype(np.float16), next((answer.vectors for answer in answers if answer.vectors is not None), None))


def kept_features(pieces: Pieces, folder: Path) -> sparse.csr_matrix:
    """Return `wide_features` of texts, kept in `folder` for the next run."""
    place = folder / f"features-{_fingerprint(f'{CLEANING_VERSION} {BUCKETS}', pieces)}.npz"
    if not place.exists():
        blocks = [wide_features(pieces[start : start + BLOCK], CLEANING_VERSION) for start in range(0, len(pieces), BLOCK)]
        with replacing(place) as temporary, temporary.open("wb") as file:
            sparse.save_npz(file, sparse.vstack(blocks, format="csr"), compressed=False)
    return sparse.load_npz(place)


def _fingerprint(name: str, pieces: Pieces) -> str:
    digest = hashlib.blake2b(name.encode(), digest_size=8)
    for texts in pieces:
        digest.update("\0".join(texts).encode() + b"\1")
    return digest.hexdigest()
