"""Find texts told more than once: the same verbatim again, the same words, or nearly the same, in a batch and across batches."""

import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field

from vocpipe.schema import columns
from vocpipe.sources.identity import LONG_ENOUGH_TO_BE_COPIED, normalise

if TYPE_CHECKING:
    from datasketch import MinHash

READS = columns("verbatim_id", "company", "text", "content_hash", "duplicate_of", "reject")
DUPLICATES = pa.schema({"verbatim_id": pa.string(), "duplicate_of": pa.string(), "of_batch": pa.string(), "kind": pa.string(), "similarity": pa.float32()})
"""One row per duplicate of a batch. Kinds: `again` (the verbatim itself, in an earlier batch), `exact` (the same words), `near` (nearly)."""
SIGNATURES = pa.schema({"verbatim_id": pa.string(), "company": pa.string(), "content_hash": pa.string(), "signature": pa.binary()})
"""One row per verbatim of a batch; a null content_hash: too short to be a copy, or a duplicate; a null signature: too short to be nearly a copy."""

_PERMUTATIONS = 128
_SEED = 1
# Fewer words differ by one where they tell of different things: "commande 12", "commande 13".
_FEWEST_WORDS = 15
_WORD = re.compile(r"\w+")


class DuplicateSettings(BaseModel):
    """Say which texts are one, and whether the others count in shares."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    near: float = Field(
        default=0.8, ge=0.5, le=1, description="share of common word triples (Jaccard) from which two texts of 15 words or more are one; 1: equal texts only"
    )
    batches: int = Field(default=12, ge=0, description="earlier batches in which copies are searched; the same verbatim is found in all")
    counted: bool = Field(default=False, description="count copies in every share; a verbatim that comes again in a later batch never counts twice")


@dataclass
class _Originals:
    """Remember the texts that are no copy, to compare those that follow with them."""

    near: float
    batches: list[str] = field(default_factory=list)
    verbatims: list[str] = field(default_factory=list)
    companies: list[str | None] = field(default_factory=list)
    signatures: list[np.ndarray | None] = field(default_factory=list)
    contents: dict[str, int] = field(default_factory=dict)
    _index: Any = None

    def add(self, batch: str, verbatim: str, company: str | None, content: str | None, signature: "np.ndarray | None") -> None:
        place = len(self.verbatims)
        self.batches.append(batch)
        self.verbatims.append(verbatim)
        self.companies.append(company)
        self.signatures.append(signature)
        if content:
            self.contents.setdefault(content, place)
        if signature is not None:
            self._lsh.insert(place, _minhash(signature))

    def nearest(self, company: str | None, signature: np.ndarray) -> tuple[int, float] | None:
        """Return the place of the most similar text of the company and its similarity, estimated within about 0.04; the first of equals."""
        best: tuple[int, float] | None = None
        for place in sorted(self._lsh.query(_minhash(signature))):
            similarity = float(np.mean(self.signatures[place] == signature))
            if self.companies[place] == company and similarity >= self.near and (best is None or similarity > best[1]):
                best = place, similarity
        return best

    @property
    def _lsh(self) -> Any:
        from datasketch import MinHashLSH

        if self._index is None:
            self._index = MinHashLSH(threshold=self.near, num_perm=_PERMUTATIONS)
        return self._index


def find_duplicates(rows: Iterable[pa.RecordBatch], batch: str, earlier: Sequence[tuple[str, Path]], settings: DuplicateSettings) -> tuple[pa.Table, pa.Table]:
    """Return the duplicates of a batch, and the signatures by which later batches are compared with it.

    `rows` have the columns `READS`; `earlier` gives the name and the file of `SIGNATURES` of each batch before, oldest first. The first text told is the
    original: that of the earliest batch, then the first row. Rejected rows are neither. Near duplicates are found by MinHash (Broder 1997) of word triples,
    within one company, and are compared with originals only, so that small steps do not chain different texts together.
    """
    told = {verbatim: name for name, path in reversed(earlier) for verbatim in pq.read_table(path, columns=["verbatim_id"])["verbatim_id"].to_pylist()}
    originals = _Originals(settings.near)
    for name, path in earlier[max(0, len(earlier) - settings.batches) :]:
        for verbatim, company, content, signature in zip(*pq.read_table(path, schema=SIGNATURES).to_pydict().values(), strict=True):
            if content or signature:
                originals.add(name, verbatim, company, content, np.frombuffer(signature, np.uint32) if signature else None)
    found: list[tuple[str, str, str, str, float]] = []
    signatures: list[tuple[str, str | None, str | None, bytes | None]] = []
    for row in _rows(rows):
        verbatim, company = row["verbatim_id"], row["company"]
        duplicate, content, signature = None, None, None
        if verbatim in told:
            duplicate = (verbatim, told[verbatim], "again", 1.0)
        elif row["duplicate_of"]:
            duplicate = (row["duplicate_of"], batch, "exact", 1.0)
        else:
            normalised = normalise(row["text"])
            content = row["content_hash"] if len(normalised) >= LONG_ENOUGH_TO_BE_COPIED else None
            signature = _signature(normalised) if settings.near < 1 else None
            duplicate = _copied(originals, company, content, signature)
        if duplicate:
            found.append((verbatim, *duplicate))
            content, signature = None, None
        elif content or signature is not None:
            originals.add(batch, verbatim, company, content, signature)
        signatures.append((verbatim, company, content, signature.tobytes() if signature is not None else None))
    return _table(found, DUPLICATES), _table(signatures, SIGNATURES)


def _copied(originals: _Originals, company: str | None, content: str | None, signature: "np.ndarray | None") -> tuple[str, str, str, float] | None:
    place = originals.contents.get(content) if content else None
    if place is not None:
        return originals.verbatims[place], originals.batches[place], "exact", 1.0
    close = originals.nearest(company, signature) if signature is not None else None
    return (originals.verbatims[close[0]], originals.batches[close[0]], "near", close[1]) if close else None


def _rows(batches: Iterable[pa.RecordBatch]) -> Iterator[dict[str, Any]]:
    for batch in batches:
        yield from (row for row in batch.select(list(READS)).to_pylist() if row["reject"] is None)


def _table(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)


def _signature(normalised: str) -> "np.ndarray | None":
    """Return the MinHash of the word triples of a text, or None when it has too few words."""
    words = _WORD.findall(normalised)
    if len(words) < _FEWEST_WORDS:
        return None
    sketch = _minhash()
    sketch.update_batch([" ".join(words[place : place + 3]).encode() for place in range(len(words) - 2)])
    return np.asarray(sketch.hashvalues, np.uint32)


def _minhash(values: "np.ndarray | None" = None) -> "MinHash":
    from datasketch import MinHash

    return MinHash(num_perm=_PERMUTATIONS, seed=_SEED, scheme="affine32", permutations=_permutations(), hashvalues=values, hashfunc=zlib.crc32)


@lru_cache(maxsize=1)
def _permutations() -> Any:
    """Return the permutations of the seed: drawing them takes longer than a sketch."""
    from datasketch import MinHash

    return MinHash(num_perm=_PERMUTATIONS, seed=_SEED, scheme="affine32").permutations
