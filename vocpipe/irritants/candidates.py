"""The opinions that may belong to an irritant (negative, naming a problem) or an enchantment (positive), in rows that are analysed and not repeated."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vocpipe.errors import ModelError
from vocpipe.french.lemmas import content_lemmas
from vocpipe.irritants.scores import Bools, Floats, Ints, Profiles, unit
from vocpipe.schema import columns

Kind: TypeAlias = Literal["irritant", "enchantment"]

READS = columns(
    "verbatim_id",
    "date",
    "text",
    "reject",
    "opinion_start",
    "opinion_end",
    "opinion_sentiment",
    "opinion_irritant",
    "opinion_step",
    "opinion_theme",
    "opinion_vector",
)
_KEYS = [("verbatim_id", "ascending"), ("opinion", "ascending")]
_TAKEN = {"opinion_start": "start", "opinion_end": "end", "opinion_step": "step", "opinion_theme": "theme", "opinion_vector": "vector"}


@dataclass(frozen=True)
class Candidates:
    """Hold n candidate opinions, sorted by verbatim_id and place in the verbatim, whatever the order of the rows.

    `months` are those of the verbatims' dates (YYYY-MM), null without one. `starts` is the first character of each opinion in its verbatim, `texts`
    its very characters. `vectors` is n × d, unit, on the grid; `usable` is false where the opinion has no vector. `theme_codes` index `themes`; -1 is no theme.
    """

    verbatim_ids: pa.Array
    opinions: pa.Array
    months: list[str | None]
    starts: list[int]
    texts: list[str]
    steps: list[str | None]
    themes: tuple[str, ...]
    theme_codes: Ints
    vectors: Floats
    usable: Bools

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def codes(self) -> dict[str, int]:
        """Return the code of each theme."""
        return {theme: code for code, theme in enumerate(self.themes)}

    @cached_property
    def lines(self) -> list[str]:
        """Return the texts on one line each."""
        return [" ".join(text.split()) for text in self.texts]

    @cached_property
    def profiles(self) -> Profiles:
        """Return what scores compare."""
        return Profiles(self.vectors, self.theme_codes, [content_lemmas(text) for text in self.texts])


def collect(rows: pa.Table | Iterable[pa.RecordBatch], exclude: Collection[str] = (), dimension: int | None = None, kind: Kind = "irritant") -> Candidates:
    """Gather the candidates of the rows, leaving out the verbatims in `exclude`.

    `dimension` is the length that vectors must have; by default that of the first one. Raises `ModelError` when a vector has another length.
    """
    batches = rows.to_batches() if isinstance(rows, pa.Table) else rows
    excluded = pa.array(sorted(exclude), pa.string())
    found = [_of_batch(batch, excluded, kind) for batch in batches]
    if not found:
        return _candidates(pa.table({name: [] for name in ("verbatim_id", "opinion", "month", "start", "text", "step", "theme", "vector")}), dimension)
    table = pa.concat_tables(found).sort_by(_KEYS)
    return _candidates(table, dimension)


def _of_batch(batch: pa.RecordBatch, excluded: pa.Array, kind: Kind) -> pa.Table:
    batch = batch.select(list(READS))
    batch = batch.filter(pc.and_(pc.is_null(batch["reject"]), pc.invert(pc.is_in(batch["verbatim_id"], excluded))))
    counts = pc.fill_null(pc.list_value_length(batch["opinion_irritant"]), 0).to_numpy(zero_copy_only=False)
    parent = np.repeat(np.arange(len(counts)), counts)
    opinion = np.arange(len(parent)) - np.repeat(np.cumsum(counts) - counts, counts)
    wanted = np.flatnonzero(_wanted(batch, kind).to_numpy(zero_copy_only=False))
    of_opinion = {short: batch[name].flatten().take(pa.array(wanted)) for name, short in _TAKEN.items()}
    texts = batch["text"].take(pa.array(parent[wanted])).to_pylist()
    spans = zip(texts, of_opinion["start"].to_pylist(), of_opinion.pop("end").to_pylist(), strict=True)
    return pa.table(
        {
            "verbatim_id": batch["verbatim_id"].take(pa.array(parent[wanted])),
            "opinion": pa.array(opinion[wanted], pa.int32()),
            "month": pc.strftime(batch["date"].take(pa.array(parent[wanted])), "%Y-%m"),
            "text": pa.array([text[start:end] for text, start, end in spans], pa.string()),
            **of_opinion,
        }
    )


def _wanted(batch: pa.RecordBatch, kind: Kind) -> pa.Array:
    sentiment = batch["opinion_sentiment"].flatten()
    if kind == "enchantment":
        return pc.fill_null(pc.greater(sentiment, 0), False)
    return pc.and_(pc.fill_null(batch["opinion_irritant"].flatten(), False), pc.fill_null(pc.less(sentiment, 0), False))


def _candidates(table: pa.Table, dimension: int | None) -> Candidates:
    themes = table["theme"].to_pylist()
    names = tuple(sorted({theme for theme in themes if theme}))
    codes = {theme: code for code, theme in enumerate(names)}
    vectors = _vectors(table["vector"], dimension)
    return Candidates(
        verbatim_ids=table["verbatim_id"].combine_chunks().cast(pa.string()),
        opinions=table["opinion"].combine_chunks().cast(pa.int32()),
        months=table["month"].to_pylist(),
        starts=table["start"].to_pylist(),
        texts=table["text"].to_pylist(),
        steps=table["step"].to_pylist(),
        themes=names,
        theme_codes=np.array([codes.get(theme, -1) for theme in themes], dtype=np.int64),
        vectors=vectors,
        usable=np.asarray(vectors.any(axis=1), dtype=np.bool_),
    )


def _vectors(column: pa.ChunkedArray, dimension: int | None) -> Floats:
    """Return n × d unit vectors, zeros where there is none."""
    if len(column) == 0:
        return np.zeros((0, dimension or 0), dtype=np.float32)
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy()
    given = np.flatnonzero(lengths)
    width = dimension or (int(lengths[given[0]]) if len(given) else 0)
    wrong = given[lengths[given] != width]
    if len(wrong):
        raise ModelError(
            f"an opinion vector has {lengths[wrong[0]]} values where {width} are expected",
            "the rows or the known irritants come from another model: use the model that made the workspace, or a new workspace",
        )
    vectors = np.zeros((len(column), width), dtype=np.float32)
    flat = pc.list_flatten(column.take(pa.array(given)))
    vectors[given] = unit(pc.fill_null(flat.cast(pa.float32()), float("nan")).to_numpy().reshape(len(given), width))
    return vectors
