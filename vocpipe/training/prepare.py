"""Prepare pretraining once: read the corpus, train the tokenizer, ask the teacher, keep all as arrays."""

import hashlib
import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict
from tokenizers import Tokenizer

from vocpipe import french
from vocpipe.errors import ConfigError
from vocpipe.files import replacing, sha256
from vocpipe.french.cleaning import CLEANING_VERSION
from vocpipe.ml import tokens as token_code
from vocpipe.ml.tokens import Window, opinion_tokens, windows_of
from vocpipe.taxonomy import Taxonomy
from vocpipe.training import corpus
from vocpipe.training.annotated import read_annotated
from vocpipe.training.corpus import Document, load_documents, opening_key, read_documents, save_documents, text_key
from vocpipe.training.segments import Verbatim
from vocpipe.training.splits import split_by_verbatim
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


def read_corpus(
    data: Path, parts: Sequence[CorpusPart], annotated: Path | str | None, taxonomy: Taxonomy, *, held_out_source: str | None = None, cache: Path | None = None
) -> list[Document]:
    """Return the documents of all parts, without the verbatims that annotated data hold out for dev, test or as a source, and their copies.

    Copies are equal texts and texts that begin with the same 60 characters. With a `cache` folder, what was read is kept there, and taken from there
    until a file, a share, what is held out, or the code that reads, cuts and cleans text changes. Raises `ConfigError` for files that are not there.
    """
    skip = held_out_keys(read_annotated(annotated, taxonomy), held_out_source) if annotated is not None else frozenset()
    files = [(part, _paths(data, part)) for part in parts]
    if cache is None:
        return _read(files, skip)
    place = cache / f"corpus-{_fingerprint(data, files, skip)}.parquet"
    if place.exists():
        return load_documents(place)
    documents = _read(files, skip)
    save_documents(documents, place)
    _only(place, cache.glob("corpus-*.parquet"))
    return documents


def held_out_keys(verbatims: Sequence[Verbatim], held_out_source: str | None = None) -> frozenset[str]:
    """Return the keys by which `read_documents` passes over the verbatims that no model may have seen, and texts that begin like them."""
    places = split_by_verbatim(verbatims, held_out_source=held_out_source)
    held = [verbatim.text for verbatim in verbatims if places[verbatim.id] != "train"]
    return frozenset(key for text in held for key in (text_key(text), opening_key(text)) if key)


def _paths(data: Path, part: CorpusPart) -> list[Path]:
    paths = sorted(data.glob(part.files))
    if not paths:
        raise ConfigError(f"no file matches {data / part.files}", "correct `corpus` in the training configuration")
    return paths


def _read(files: Sequence[tuple[CorpusPart, list[Path]]], skip: frozenset[str]) -> list[Document]:
    return [document for part, paths in files for document in read_documents(paths, skip=skip, share=part.share)]


def _fingerprint(data: Path, files: Sequence[tuple[CorpusPart, list[Path]]], skip: frozenset[str]) -> str:
    """Return a hash of all that the documents depend on: the files, what is taken from them, and the code."""
    content = [[part.share, [[str(path.relative_to(data)), sha256(path)] for path in paths]] for part, paths in files]
    code = [sha256(path) for path in (Path(corpus.__file__), Path(__file__), *sorted(Path(french.__file__).parent.rglob("*.py")))]
    return hashlib.sha256(json.dumps([content, sorted(skip), code]).encode()).hexdigest()[:16]


def prepare(documents: Sequence[Document], folder: Path, vocabulary: int, teacher: Teacher | None) -> Prepared:
    """Return the prepared corpus; the tokenizer, the tokens and the teacher's vectors are kept in `folder` and reused by a resumed run."""
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / "tokenizer.json"
    if place.exists():
        tokenizer = Tokenizer.from_file(str(place))
    else:
        tokenizer = train_tokenizer(("\n".join(document.pieces) for document in documents), vocabulary)
        tokenizer.save(str(place))
    pieces = [piece for document in documents for piece in document.pieces]
    tokens = _tokens(tokenizer, pieces, folder)
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


def _tokens(tokenizer: Tokenizer, pieces: Sequence[str], folder: Path) -> list[list[int]]:
    """Return the token ids of every piece, from the folder when the pieces, the tokenizer and the code are those of an earlier start."""
    digest = hashlib.sha256(tokenizer.to_str().encode())
    for path in (Path(token_code.__file__), *sorted(Path(french.__file__).parent.rglob("*.py"))):
        digest.update(path.read_bytes())
    for piece in pieces:
        digest.update(piece.encode() + b"\0")
    place = folder / f"tokens-{digest.hexdigest()[:16]}.npz"
    if not place.exists():
        blocks = (pieces[start : start + 50_000] for start in range(0, len(pieces), 50_000))
        found = [ids for block in blocks for ids in opinion_tokens(tokenizer, block, CLEANING_VERSION)]
        flat = np.fromiter(itertools.chain.from_iterable(found), np.int32)
        with replacing(place) as temporary, temporary.open("wb") as file:
            np.savez(file, ids=flat, ends=np.cumsum([len(ids) for ids in found], dtype=np.int64))
        _only(place, folder.glob("tokens-*.npz"))
    with np.load(place) as kept:
        ids, ends = kept["ids"].tolist(), kept["ends"].tolist()
    return [ids[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def _only(place: Path, versions: Iterable[Path]) -> None:
    """Remove the versions that another setting or other files left."""
    for old in versions:
        if old != place:
            old.unlink()
