"""The opinions of a workspace, one row each, as the models judged them: what there is to choose from."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vocpipe.corrections import PROBABILITIES, Correction, attach
from vocpipe.errors import WorkspaceError, nearest
from vocpipe.workspace import BatchFolder, Workspace

_OF_VERBATIM = ("verbatim_id", "source", "date", "company", "text")
_LISTS = tuple(
    dict.fromkeys(
        (
            *("opinion_start", "opinion_end", "opinion_sentiment", "opinion_emotions", "opinion_intensities", "opinion_step", "opinion_theme"),
            *("opinion_flags", "opinion_irritant", *PROBABILITIES.values()),
        )
    )
)
_VECTOR = "opinion_vector"


@dataclass(frozen=True)
class Pool:
    """Hold n opinions, sorted by batch, verbatim and place: `rows` has the columns of rows, one value each, and `batch`, `opinion`, `irritant_id`."""

    rows: pa.Table

    def __len__(self) -> int:
        return int(self.rows.num_rows)

    def strings(self, name: str) -> list[Any]:
        """Return the values of a column."""
        found: list[Any] = self.rows[name].to_pylist()
        return found

    def probabilities(self, head: str) -> np.ndarray:
        """Return what the rows keep for a head: n, or n × labels for emotions and flags; NaN where they keep nothing, n × 0 without the column."""
        name = PROBABILITIES[head]
        if name not in self.rows.column_names:
            return np.full((len(self), 0), np.nan)
        column = self.rows[name].combine_chunks()
        return _rectangle(column) if pa.types.is_list(column.type) else column.cast(pa.float64()).to_numpy(zero_copy_only=False)

    @cached_property
    def vectors(self) -> np.ndarray:
        """Return the unit vectors of the opinions, n × d, zeros where there is none."""
        if _VECTOR not in self.rows.column_names:
            return np.zeros((len(self), 1), np.float32)
        found = np.nan_to_num(_rectangle(self.rows[_VECTOR].combine_chunks())).astype(np.float32)
        unit: np.ndarray = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
        return unit

    def records(self, places: Sequence[int]) -> list[dict[str, Any]]:
        """Return some opinions as dictionaries, without their vectors, in the order asked for."""
        wanted = self.rows.drop_columns([_VECTOR]) if _VECTOR in self.rows.column_names else self.rows
        found: list[dict[str, Any]] = wanted.take(pa.array(places, pa.int64())).to_pylist()
        return found

    def spans(self) -> dict[str, list[int]]:
        """Return the places of the opinions of each verbatim, in reading order."""
        found: dict[str, list[int]] = {}
        for place, verbatim in enumerate(self.strings("verbatim_id")):
            found.setdefault(verbatim, []).append(place)
        return found

    def judged(self, log: dict[str, list[Correction]]) -> dict[int, dict[str, Correction]]:
        """Return the opinions that people judged, with what they said of each head."""
        found: dict[int, dict[str, Correction]] = {}
        told = {verbatim: places for verbatim, places in self.spans().items() if verbatim in log}
        rows = iter(self.records([place for places in told.values() for place in places]))
        for verbatim, places in told.items():
            own = list(islice(rows, len(places)))
            heads, _ = attach(own[0]["text"], [(row["opinion_start"], row["opinion_end"]) for row in own], log[verbatim])
            found.update({places[opinion]: said for opinion, said in heads.items()})
        return found


def load_pool(workspace: Workspace, batches: Sequence[str] = (), only: Collection[str] | None = None) -> Pool:
    """Return the opinions of some finished batches, by default all; each verbatim once, without rejected rows.

    Without `only`, copies of other verbatims are left out and vectors are read; with it, just those verbatims are. Raises `WorkspaceError` for a batch
    that is not there.
    """
    for name in batches:
        if name not in workspace.batches:
            raise WorkspaceError(f"{workspace.path} has no finished batch called {name!r}", nearest(name, workspace.batches))
    seen: set[str] = set()
    found = [part for name in sorted(set(batches) or workspace.batches) for part in _of_batch(workspace.folder(name), only, seen)]
    if not found:
        return Pool(pa.table({name: [] for name in ("batch", "opinion", "irritant_id", *_OF_VERBATIM, *_LISTS)}))
    order = [("batch", "ascending"), ("verbatim_id", "ascending"), ("opinion", "ascending")]
    return Pool(pa.concat_tables(found, promote_options="default").sort_by(order))


def _of_batch(folder: BatchFolder, only: Collection[str] | None, seen: set[str]) -> Iterator[pa.Table]:
    copies = pq.read_table(folder.duplicates, columns=["verbatim_id"])["verbatim_id"] if only is None else pa.array([], pa.string())
    assigned = pq.read_table(folder.irritants, columns=["verbatim_id", "opinion", "irritant_id"])
    of = {(verbatim, opinion): irritant for verbatim, opinion, irritant in zip(*assigned.to_pydict().values(), strict=True)}
    for path in folder.answer_files():
        there = set(pq.read_schema(path).names)
        lists = [name for name in (*_LISTS, *([_VECTOR] if only is None else [])) if name in there]
        rows = pq.read_table(path, columns=[*_OF_VERBATIM, "reject", *lists])
        rows = rows.filter(pc.and_(pc.is_null(rows["reject"]), pc.invert(pc.is_in(rows["verbatim_id"], copies.cast(pa.string())))))
        if only is not None:
            rows = rows.filter(pc.is_in(rows["verbatim_id"], pa.array(sorted(only), pa.string())))
        ids = rows["verbatim_id"].to_pylist()
        first = [place for place, verbatim in enumerate(ids) if verbatim not in seen and not seen.add(verbatim)]  # type: ignore[func-returns-value]
        yield _flat(folder.name, rows.take(pa.array(first, pa.int64())), lists, of)


def _flat(batch: str, rows: pa.Table, lists: Sequence[str], irritants: dict[tuple[str, int], str | None]) -> pa.Table:
    """Return one row per opinion."""
    counts = pc.fill_null(pc.list_value_length(rows["opinion_start"]), 0).to_numpy()
    parent = np.repeat(np.arange(len(counts)), counts)
    opinion = np.arange(len(parent)) - np.repeat(np.cumsum(counts) - counts, counts)
    columns: dict[str, Any] = {name: rows[name].take(pa.array(parent)) for name in _OF_VERBATIM}
    columns |= {name: pc.list_flatten(rows[name]) for name in lists}
    ids = columns["verbatim_id"].to_pylist()
    return pa.table(
        {
            "batch": pa.array([batch] * len(parent), pa.string()),
            "opinion": pa.array(opinion, pa.int32()),
            "irritant_id": pa.array([irritants.get((verbatim, int(place))) for verbatim, place in zip(ids, opinion, strict=True)], pa.string()),
            **columns,
        }
    )


def _rectangle(column: pa.Array) -> np.ndarray:
    """Return lists of one length as n × length, NaN where there is none; n × 0 when all are null."""
    lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy()
    width = int(lengths.max(initial=0))
    table = np.full((len(lengths), width), np.nan)
    given = np.flatnonzero(lengths == width)
    if width:
        table[given] = pc.list_flatten(column.take(pa.array(given))).cast(pa.float64()).to_numpy(zero_copy_only=False).reshape(len(given), width)
    return table
