"""Write the feed to files: Parquet by month, CSV for Excel, or one DuckDB file."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocpipe import files
from vocpipe.errors import ConfigError, WorkspaceError, nearest
from vocpipe.feeds.builder import DATABASE
from vocpipe.feeds.contract import SCHEMA_VERSION, TABLES
from vocpipe.feeds.dictionary import dictionary, entries
from vocpipe.feeds.inputs import literal
from vocpipe.feeds.sinks import spreadsheet
from vocpipe.feeds.sinks.reading import reading
from vocpipe.feeds.sinks.sums import WHOLE, Sum, feed_sums
from vocpipe.feeds.swap import current

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FORMATS = ("parquet", "csv", "duckdb")
MANIFEST = "vocpipe_feed.json"
_OURS = re.compile(r"\w+(/month=[\w.-]+)?(/data\.parquet|\.csv)")
_NO_MONTH = "none"


@dataclass(frozen=True)
class Exported:
    """Tell where the feed was written, which files changed or went, and how many were the same already."""

    path: Path
    written: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int


@dataclass(frozen=True)
class _Part:
    table: str
    month: str | None
    sum: Sum


def export(feed: Path, target: Path, form: str = "parquet") -> Exported:
    """Write the feed to the folder `target`, in which only the files whose rows changed are replaced, each at once; other files are left alone.

    parquet: `<table>/month=2026-03/data.parquet`, or `<table>/data.parquet` for the tables that do not go by month. csv: `<table>.csv`, for Excel.
    duckdb: one file, `voc.duckdb`, or `target` itself when its name ends in .duckdb.
    Raises `ConfigError` or `WorkspaceError`.
    """
    if form not in FORMATS:
        raise ConfigError(f"no such format: {form!r}", nearest(form, FORMATS))
    if form == "duckdb":
        return _copy_database(feed, target)
    if target.exists() and not target.is_dir():
        raise ConfigError(f"{target} is a file", "give a folder")
    with files.writing(target), reading(feed) as connection:
        return _write_folder(connection, target, form)


def _copy_database(feed: Path, target: Path) -> Exported:
    path = target if target.suffix == ".duckdb" else target / DATABASE
    with reading(feed), files.replacing(path) as temporary:
        shutil.copyfile(current(feed) / DATABASE, temporary)
    return Exported(path, (path.name,), (), 0)


def _write_folder(connection: "DuckDBPyConnection", target: Path, form: str) -> Exported:
    before = _manifest(target, form)
    parts = _parquet_parts(connection) if form == "parquet" else _csv_parts(connection)
    now = {name: {"table": part.table, "month": part.month, "rows": part.sum.rows, "checksum": part.sum.checksum} for name, part in parts.items()}
    changed = [name for name in now if before.get(name) != now[name] or not (target / name).is_file()]
    # All are written beside their places first, so that what a reader may find half done is a few renames.
    for name in changed:
        temporary = _beside(target / name)
        temporary.parent.mkdir(parents=True, exist_ok=True)
        if form == "parquet":
            _write_parquet(connection, parts[name], temporary)
        else:
            spreadsheet.write(connection, TABLES[parts[name].table], temporary)
    for name in changed:
        os.replace(_beside(target / name), target / name)
    gone = [name for name in before if name not in now and _OURS.fullmatch(name)]  # nothing outside the folder, whoever edited the list
    for name in gone:
        (target / name).unlink(missing_ok=True)
        _remove_empty((target / name).parent, target)
    _tell(target, form, now, bool(changed or gone))
    return Exported(target, tuple(changed), tuple(gone), len(now) - len(changed))


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".tmp")


def _parquet_parts(connection: "DuckDBPyConnection") -> dict[str, _Part]:
    parts = {}
    for name, by_month in feed_sums(connection).items():
        for month, found in by_month.items():
            parts[f"{name}/data.parquet" if month == WHOLE else f"{name}/month={month}/data.parquet"] = _Part(name, month or None, found)
        if not by_month:  # a file without rows, so that the table can be read
            parts[f"{name}/month={_NO_MONTH}/data.parquet"] = _Part(name, _NO_MONTH, Sum())
    return parts


def _csv_parts(connection: "DuckDBPyConnection") -> dict[str, _Part]:
    found = {name: sum(by_month.values(), Sum()) for name, by_month in feed_sums(connection).items()}
    return {f"{name}.csv": _Part(name, None, total) for name, total in found.items()}


def _write_parquet(connection: "DuckDBPyConnection", part: _Part, path: Path) -> None:
    import duckdb

    rows = f"SELECT * FROM {part.table}" if part.month is None else f"SELECT * EXCLUDE month FROM {part.table} WHERE month = {literal(part.month)}"
    try:
        connection.execute(f"COPY ({rows}) TO {literal(path)} (FORMAT parquet, COMPRESSION zstd)")
    except duckdb.IOException as error:
        raise WorkspaceError(
            f"no space left to write {path.parent}, or it is not allowed", "free some space, or allow writing there, then run the same command again"
        ) from error


def _manifest(target: Path, form: str) -> dict[str, Any]:
    """Return what an earlier export wrote, empty when another version of vocpipe did; raise `ConfigError` when it has another format."""
    path = target / MANIFEST
    if not path.is_file():
        return {}
    held = files.read_json(path)
    if held["format"] != form:
        raise ConfigError(f"{target} holds an export as {held['format']}", f"give another folder for {form}, or --format {held['format']}")
    written: dict[str, Any] = held["files"]
    return written if held["schema_version"] == SCHEMA_VERSION else dict.fromkeys(written)


def _tell(target: Path, form: str, now: dict[str, Any], changed: bool) -> None:
    """Write the dictionary, and last the list of files."""
    if not changed and (target / MANIFEST).is_file():
        return
    for name, text in (("dictionary.md", dictionary()), ("dictionary.json", json.dumps(entries(), ensure_ascii=False, indent=2) + "\n")):
        with files.replacing(target / name) as temporary:
            temporary.write_text(text, encoding="utf-8")
    files.write_json({"schema_version": SCHEMA_VERSION, "format": form, "files": now}, target / MANIFEST)


def _remove_empty(folder: Path, top: Path) -> None:
    for place in _up(folder, top):
        if any(place.iterdir()):
            return
        place.rmdir()


def _up(folder: Path, top: Path) -> Iterator[Path]:
    while folder != top:
        yield folder
        folder = folder.parent
