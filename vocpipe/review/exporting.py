"""Hand the opinions to label next to people."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from vocpipe.corrections import latest, read_log
from vocpipe.errors import ConfigError, WorkspaceError, nearest
from vocpipe.review.label_studio import write_tasks
from vocpipe.review.pool import load_pool
from vocpipe.review.selection import select
from vocpipe.review.settings import taxonomy_of
from vocpipe.review.sheet import rows_of
from vocpipe.review.tables import write_csv, write_xlsx
from vocpipe.workspace import Workspace

_SUFFIXES = (".csv", ".xlsx", ".json")


@dataclass(frozen=True)
class ExportReport:
    """Tell what was written: files, opinions by the way they were chosen, opinions there were, seconds."""

    paths: tuple[Path, ...]
    ways: dict[str, int]
    opinions: int
    seconds: float


def export_review(
    workspace: str | Path, count: int = 200, *, batches: Sequence[str] = (), to: Path | None = None, seed: int = 0, config: str | Path | None = None
) -> ExportReport:
    """Choose opinions to label next and write them, predictions filled in; by default to review/a-relire.csv in the workspace.

    Only redacted texts are written. Raises `ConfigError` for another kind of file, `WorkspaceError` when there is nothing to choose from.
    """
    started = time.perf_counter()
    opened = Workspace(workspace)
    target = to or opened.path / "review" / "a-relire.csv"
    if target.suffix.lower() not in _SUFFIXES:
        raise ConfigError(f"{target} cannot be written: its kind {target.suffix!r} is unknown", f"{nearest(target.suffix, _SUFFIXES)}")
    taxonomy = taxonomy_of(opened, config)
    pool = load_pool(opened, batches)
    judged = pool.judged(latest(read_log(opened.corrections)))
    picks = select(pool, taxonomy, judged, count, seed)
    if not picks:
        raise WorkspaceError(f"{opened.path} holds no opinion that is still to be read", "run a batch first, or choose other batches")
    rows = rows_of(pool, picks, irritant_labels(opened), judged)
    paths = [target]
    if target.suffix.lower() == ".csv":
        write_csv(rows, target)
    elif target.suffix.lower() == ".xlsx":
        write_xlsx(rows, target, taxonomy)
    else:
        paths.append(write_tasks(rows, target, taxonomy))
    ways = Counter(pick.way for pick in picks)
    return ExportReport(tuple(paths), dict(sorted(ways.items())), len(pool), time.perf_counter() - started)


def irritant_labels(workspace: Workspace) -> dict[str, str]:
    """Return the label of every irritant that the workspace has known."""
    tables = [pq.read_table(path, columns=["irritant_id", "label"]) for path in workspace.known_irritants()]
    return {identifier: label for table in tables for identifier, label in zip(*table.to_pydict().values(), strict=True)}
