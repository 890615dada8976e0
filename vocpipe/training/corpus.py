"""Read the text that pretraining learns from: files with a `text` column and, for some, star ratings."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from vocpipe.errors import InputError
from vocpipe.files import write_parquet
from vocpipe.french.cleaning import clean
from vocpipe.french.segmentation import segment

# Two texts that begin with as many equal characters are one text, retouched or cut.
_OPENING = 60
_SAVED = pa.schema({"pieces": pa.list_(pa.string()), "stars": pa.int8(), "source": pa.string()})


@dataclass(frozen=True)
class Document:
    """Hold one text as its cleaned opinions, with its star rating 1…5 when it has one."""

    pieces: tuple[str, ...]
    stars: int | None
    source: str


def text_key(text: str) -> str:
    """Return a key that equal texts share, whatever their capitals, accents of space and punctuation."""
    return hashlib.blake2b(_plain(text).encode(), digest_size=12).hexdigest()


def opening_key(text: str) -> str | None:
    """Return a key that texts share whose first 60 characters are equal in the sense of `text_key`; None for a shorter text."""
    opening = _plain(text)[:_OPENING]
    return hashlib.blake2b(opening.encode(), digest_size=12, person=b"opening").hexdigest() if len(opening) == _OPENING else None


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text.casefold()).strip()


def pieces_of(text: str) -> tuple[str, ...]:
    """Return the cleaned opinions of a text, as the models see them."""
    return tuple(piece for start, end in segment(text) if (piece := clean(text[start:end])))


def read_documents(paths: Sequence[Path], *, skip: frozenset[str] = frozenset(), share: float = 1.0, longest: int = 1200) -> Iterator[Document]:
    """Yield every distinct document of the files, those whose `text_key` or `opening_key` is in `skip` left out.

    Of the others, that `share` (0 … 1) is read; which ones depends on their texts alone.
    Texts over `longest` characters are cut into stretches of about that length, at opinion boundaries.
    """
    seen: set[str] = set(skip)
    for path in paths:
        for text, stars in _rows(path):
            key = text_key(text)
            if key in seen or opening_key(text) in skip:
                continue
            seen.add(key)
            if int(key[:8], 16) >= share * 2**32:
                continue
            for stretch in _stretches(pieces_of(text), longest):
                yield Document(stretch, stars, path.stem)


def save_documents(documents: Sequence[Document], place: Path) -> None:
    """Write documents to a Parquet file, atomically."""
    columns = {name: [getattr(document, name) for document in documents] for name in _SAVED.names}
    write_parquet(pa.table(columns, schema=_SAVED), place)


def load_documents(place: Path) -> list[Document]:
    """Return the documents that `save_documents` wrote."""
    columns = pq.read_table(place, schema=_SAVED).to_pydict()
    return [Document(tuple(pieces), stars, source) for pieces, stars, source in zip(*columns.values(), strict=True)]


def _rows(path: Path) -> Iterator[tuple[str, int | None]]:
    if path.suffix == ".jsonl":
        with path.open(encoding="utf8") as lines:
            records: Iterable[dict[str, object]] = [json.loads(line) for line in lines]
    elif path.suffix == ".parquet":
        table = pq.read_table(path)
        names = [name for name in ("text", "rating") if name in table.column_names]
        records = table.select(names).to_pylist()
    else:
        raise InputError(f"{path}: unknown kind of training text", "give .parquet or .jsonl files with a `text` column")
    for record in records:
        if text := str(record.get("text") or "").strip():
            yield text, _stars(record.get("rating"))


def _stars(value: object) -> int | None:
    try:
        stars = round(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return stars if 1 <= stars <= 5 else None


def _stretches(pieces: tuple[str, ...], longest: int) -> Iterator[tuple[str, ...]]:
    stretch: list[str] = []
    size = 0
    for piece in pieces:
        if stretch and size + len(piece) > longest:
            yield tuple(stretch)
            stretch, size = [], 0
        stretch.append(piece)
        size += len(piece)
    if stretch:
        yield tuple(stretch)
