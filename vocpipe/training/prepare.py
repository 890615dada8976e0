"""Prepare pretraining once: read the corpus, train the tokenizer, ask the teacher, keep all as arrays."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict
from tokenizers import Tokenizer

from vocpipe.errors import ConfigError
from vocpipe.french.cleaning import CLEANING_VERSION
from vocpipe.ml.tokens import Window, opinion_tokens, windows_of
from vocpipe.taxonomy import Taxonomy
from vocpipe.training.annotated import read_annotated, split_by_verbatim
from vocpipe.training.corpus import Document, read_documents, text_key
from vocpipe.training.teacher import Teacher, teach
from vocpipe.training.tokenizer import train_tokenizer


class CorpusPart(BaseModel):
    """Name files of the corpus, relative to the data folder, and the share of their documents to read."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    files: str
    share: float = 1.0


class TeacherConfig(BaseModel):
    """Name the sentence teacher's ONNX file and the start of its sha256."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    path: Path
    sha256: str


@dataclass(frozen=True)
class Prepared:
    """Hold a corpus ready for training: windows, the teacher's vector of each opinion (or None), stars per window (0: none)."""

    tokenizer: Tokenizer
    windows: list[Window]
    stars: np.ndarray
    teacher: np.ndarray | None


def read_corpus(data: Path, parts: Sequence[CorpusPart], annotated: Path | None, taxonomy: Taxonomy) -> list[Document]:
    """Return the documents of all parts; verbatims that annotated data hold out for dev or test are left out."""
    skip: frozenset[str] = frozenset()
    if annotated is not None:
        verbatims = read_annotated(annotated, taxonomy)
        places = split_by_verbatim(verbatims)
        skip = frozenset(text_key(verbatim.text) for verbatim in verbatims if places[verbatim.id] != "train")
    documents: list[Document] = []
    for part in parts:
        paths = sorted(data.glob(part.files))
        if not paths:
            raise ConfigError(f"no file matches {data / part.files}", "correct `corpus` in the training configuration")
        found = read_documents(paths, skip=skip)
        documents.extend(document for document in found if part.share >= 1 or _chance(document) < part.share)
    return documents


def _chance(document: Document) -> float:
    """Return a number in 0…1 that depends on the text alone."""
    return int.from_bytes(hashlib.blake2b("\n".join(document.pieces).encode(), digest_size=4).digest(), "big") / 2**32


def prepare(documents: Sequence[Document], folder: Path, vocabulary: int, teacher: Teacher | None) -> Prepared:
    """Return the prepared corpus; the tokenizer and the teacher's vectors are kept in `folder` and reused by a resumed run."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / "tokenizer.json"
    if place.exists():
        tokenizer = Tokenizer.from_file(str(place))
    else:
        tokenizer = train_tokenizer(("\n".join(document.pieces) for document in documents), vocabulary)
        tokenizer.save(str(place))
    pieces = [piece for document in documents for piece in document.pieces]
    blocks = (pieces[start : start + 50_000] for start in range(0, len(pieces), 50_000))
    tokens = [ids for block in blocks for ids in opinion_tokens(tokenizer, block, CLEANING_VERSION)]
    windows: list[Window] = []
    stars: list[int] = []
    first = 0
    for document in documents:
        found = list(windows_of(tokens[first : first + len(document.pieces)], first))
        windows.extend(found)
        stars.extend([document.stars or 0] * len(found))
        first += len(document.pieces)
    vectors = teach(pieces, teacher, folder / "teacher") if teacher else None
    (folder / "corpus.json").write_text(
        json.dumps({"documents": len(documents), "opinions": len(pieces), "windows": len(windows), "tokens": sum(len(window.ids) for window in windows)})
    )
    return Prepared(tokenizer, windows, np.asarray(stars, dtype=np.int8), vectors)
