"""Bring one batch to a catalogue, as a run does."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import pyarrow as pa

from vocpipe.irritants import Catalogue, IrritantSettings, Phrases, assign, collect, grow

SETTINGS = IrritantSettings(starter=None, min_score=0.4)


@dataclass(frozen=True)
class Brought:
    """Hold what a batch brings, where its opinions go, and what that comes to."""

    discovered: pa.Table
    assignments: pa.Table

    @property
    def residual(self) -> int:
        return self.assignments["irritant_id"].null_count

    @property
    def met(self) -> Counter[str]:
        return Counter(self.assignments["irritant_id"].drop_null().to_pylist())


def run_batch(
    batch: str,
    rows: pa.Table | Iterable[pa.RecordBatch],
    known: Catalogue,
    phrases: Phrases,
    settings: IrritantSettings = SETTINGS,
    exclude: Collection[str] = (),
    starter: Catalogue | None = None,
) -> Brought:
    """Let a catalogue grow by a batch, then give each of its opinions its irritant."""
    candidates = collect(rows, exclude, known.dimension)
    new = grow(batch, candidates, known, starter or Catalogue(), phrases, settings)
    return Brought(new.to_table(), assign(candidates, known.merge(new), settings))
