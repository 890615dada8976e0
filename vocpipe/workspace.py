"""The folder where batches accumulate. It survives a kill at any moment: what is finished is kept, the rest is done again."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from vocpipe import files
from vocpipe.errors import ConfigError, WorkspaceError, nearest

FORMAT = 1

_BATCH_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SHOWN = 8


@dataclass(frozen=True)
class BatchFolder:
    """Name the files of one batch, in the order in which they are written; a batch that has its `manifest` is finished.

    Where its opinions belong is written after it, and again whenever the catalogue of the workspace changes.
    """

    path: Path

    @property
    def name(self) -> str:
        return self.path.name

    @property
    def shards(self) -> Path:
        """Return the folder of canonical rows: 00000.parquet and so on."""
        return self.path / "shards"

    @property
    def quarantine(self) -> Path:
        """Return the rows of the inputs that cannot be read, each with its reason."""
        return self.path / "quarantine.parquet"

    @property
    def ingest(self) -> Path:
        """Return what was read, and from which inputs; once it is there, `shards` and `quarantine` are complete."""
        return self.path / "ingest.json"

    @property
    def rows(self) -> Path:
        """Return the folder of annotated rows, one file for each shard."""
        return self.path / "rows"

    @property
    def corrected(self) -> Path:
        """Return the folder of annotated rows with the corrections of people applied: only the files that hold some."""
        return self.path / "corrected"

    @property
    def corrections(self) -> Path:
        """Return the opinions that hold an answer of a person; it is there when the batch has some."""
        return self.path / "corrections.parquet"

    @property
    def duplicates(self) -> Path:
        """Return the rows that tell what an earlier row told."""
        return self.path / "duplicates.parquet"

    @property
    def signatures(self) -> Path:
        """Return that by which later batches find their duplicates of this one."""
        return self.path / "signatures.parquet"

    @property
    def irritants(self) -> Path:
        """Return the irritant of each opinion that has one."""
        return self.path / "irritants.parquet"

    @property
    def enchantments(self) -> Path:
        """Return the enchantment of each opinion that has one."""
        return self.path / "enchantments.parquet"

    @property
    def assigned(self) -> Path:
        """Return by which catalogue `irritants` and `enchantments` were made, and what they count; once it is there, they are complete."""
        return self.path / "assigned.json"

    @property
    def discovered(self) -> Path:
        """Return the irritants and enchantments that this batch brought."""
        return self.path / "discovered.parquet"

    @property
    def earlier(self) -> Path:
        """Return the irritants that this batch brought before it was done again: they stay known for life."""
        return self.path / "earlier.parquet"

    @property
    def manifest(self) -> Path:
        """Return what the batch holds and what it took."""
        return self.path / "manifest.json"

    def answer_files(self) -> tuple[Path, ...]:
        """Return the files of annotated rows as the models left them, in order."""
        return tuple(sorted(self.rows.glob("*.parquet")))

    def row_files(self) -> tuple[Path, ...]:
        """Return the files of annotated rows, corrections applied, in order: what irritants, feed and people read."""
        return tuple(found if (found := self.corrected / path.name).is_file() else path for path in self.answer_files())

    def shard_files(self) -> tuple[Path, ...]:
        """Return the files of canonical rows, in order."""
        return tuple(sorted(self.shards.glob("*.parquet")))

    def restart(self) -> None:
        """Forget everything but the irritants that the batch brought; a kill in the middle is made good by calling again."""
        self.reopen()
        for path in (self.ingest, self.discovered, self.irritants, self.enchantments, self.corrections, self.duplicates, self.signatures, self.quarantine):
            path.unlink(missing_ok=True)
        for folder in (self.corrected, self.rows, self.shards):
            shutil.rmtree(folder, ignore_errors=True)

    def reopen(self) -> None:
        """Make a finished batch unfinished, so that its irritants are looked for again; those that it brought stay known."""
        if self.manifest.is_file():
            brought = [pq.read_table(path) for path in (self.earlier, self.discovered) if path.is_file()]
            merged = pa.concat_tables(brought)
            first = {identifier: place for place, identifier in reversed(list(enumerate(merged["irritant_id"].to_pylist())))}
            files.write_parquet(merged.take(pa.array(sorted(first.values()), pa.int64())), self.earlier)
            self.assigned.unlink(missing_ok=True)
            self.manifest.unlink()


class Workspace:
    """Read what the runs have gathered in a folder.

    Raises `WorkspaceError` when there is no workspace at that path.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if not self._description.is_file():
            raise WorkspaceError(f"no workspace at {self.path}", "make one with: vocpipe run CONFIG INPUT --batch 2026-03 --workspace " + str(self.path))

    def __repr__(self) -> str:
        return f"Workspace({str(self.path)!r}, batches={list(self.batches)})"

    @property
    def _description(self) -> Path:
        return self.path / "workspace.json"

    @property
    def settings(self) -> dict[str, Any]:
        """Return the settings that every batch of the workspace was made with."""
        found: dict[str, Any] = files.read_json(self._description)["settings"]
        return found

    @property
    def feed(self) -> Path:
        """Return the folder of the tables for dashboards."""
        return self.path / "feed"

    @property
    def corrections(self) -> Path:
        """Return the log of what people corrected, which every run applies."""
        return self.path / "review" / "corrections.jsonl"

    @property
    def batches(self) -> tuple[str, ...]:
        """Return the names of the finished batches, in order."""
        return tuple(sorted(manifest.parent.name for manifest in self.path.glob("batches/*/manifest.json")))

    @property
    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables of the feed."""
        return tuple(sorted(path.stem for path in self.feed.glob("*.parquet")))

    def folder(self, batch: str) -> BatchFolder:
        """Return the files of a batch, finished or not."""
        return BatchFolder(self.path / "batches" / batch)

    def manifest(self, batch: str) -> dict[str, Any]:
        """Return what a finished batch holds: inputs, counts, irritants, timing."""
        found: dict[str, Any] = files.read_json(self._finished(batch).manifest)
        return found

    def rows(self, batch: str) -> pa.Table:
        """Return the annotated rows of a finished batch, corrections applied, one per verbatim; the columns are described in `vocpipe.schema.COLUMNS`."""
        return pa.concat_tables([pq.read_table(path) for path in self._finished(batch).row_files()])

    def table(self, name: str) -> pa.Table:
        """Return a table of the feed, such as `dim_irritant`."""
        if name not in self.tables:
            raise WorkspaceError(f"the feed of {self.path} has no table called {name!r}", nearest(name, self.tables))
        return pq.read_table(self.feed / f"{name}.parquet")

    def known_irritants(self, but: str = "") -> list[Path]:
        """Return the files that hold every irritant the workspace has known, except those that a batch has just brought."""
        folders = [BatchFolder(path) for path in sorted(self.path.glob("batches/*"))]
        earlier = [folder.earlier for folder in folders if folder.earlier.is_file()]
        return earlier + [folder.discovered for folder in folders if folder.manifest.is_file() and folder.name != but]

    def _finished(self, batch: str) -> BatchFolder:
        if batch not in self.batches:
            raise WorkspaceError(f"{self.path} has no finished batch called {batch!r}", nearest(batch, self.batches) if self.batches else "run one first")
        return self.folder(batch)


def check_batch_name(name: str) -> None:
    """Raise `ConfigError` unless the name can be that of a folder everywhere."""
    if not _BATCH_NAME.fullmatch(name):
        raise ConfigError(f"{name!r} cannot be the name of a batch", "use letters, digits, '-', '_' and '.', such as --batch 2026-03")


@contextmanager
def writer(path: str | Path, settings: dict[str, Any]) -> Iterator[Workspace]:
    """Open a workspace to write in it, alone, and make it when there is none.

    Raises `WorkspaceError` when another process writes in it, when it was made with other settings, or when the folder holds something else.
    """
    folder = Path(path)
    with files.writing(folder):
        if folder.exists() and not folder.is_dir():
            raise WorkspaceError(f"{folder} is a file", "give a folder to --workspace")
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise WorkspaceError(
                f"another run is writing in {folder}", "wait for its end, or use another --workspace; the lock goes with the process that holds it"
            ) from None
    try:
        description = folder / "workspace.json"
        if description.is_file():
            _check_settings(folder, files.read_json(description), settings)
        else:
            _check_empty(folder)
            files.write_json({"format": FORMAT, "settings": settings}, description)
        yield Workspace(folder)
    finally:
        lock.release()


def _check_empty(folder: Path) -> None:
    if any(path.name not in (".lock", "workspace.json.tmp") for path in folder.iterdir()):
        raise WorkspaceError(f"{folder} is not empty, and is not a workspace", "give a new folder, or one that vocpipe made, to --workspace")


def _check_settings(folder: Path, description: Any, settings: dict[str, Any]) -> None:
    if description.get("format") != FORMAT:
        raise WorkspaceError(
            f"{folder} was made by another version of vocpipe (format {description.get('format')})", "use another --workspace, and run the batches again in it"
        )
    before, now = _flat(description["settings"]), _flat(settings)
    changed = [
        f"  - {key}: was {before.get(key, 'not there')}, is {now.get(key, 'not there')}" for key in sorted({*before, *now}) if before.get(key) != now.get(key)
    ]
    if changed:
        more = [f"  - and {len(changed) - _SHOWN} more"] if len(changed) > _SHOWN else []
        raise WorkspaceError(
            f"{folder} was made with other settings:\n" + "\n".join(changed[:_SHOWN] + more),
            "use another --workspace and run every batch again in it, or go back to the former settings: results of both cannot be compared",
        )


def _flat(value: Any, place: str = "") -> dict[str, str]:
    """Return every leaf of settings by its dotted place."""
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = [(str(position + 1), item) for position, item in enumerate(value)]
    else:
        return {place: repr(value)}
    return {inner: leaf for key, item in items for inner, leaf in _flat(item, f"{place}.{key}" if place else str(key)).items()}
