"""Build the feed: a pure function of rows, irritants and taxonomy, one SQL file per table."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from vocpipe.errors import WorkspaceError
from vocpipe.feeds.contract import SCHEMA_VERSION, TABLES, FeedTable
from vocpipe.feeds.dictionary import dictionary, entries
from vocpipe.feeds.inputs import BatchFiles, literal, register
from vocpipe.feeds.prepare import prepare, query
from vocpipe.feeds.settings import FeedSettings
from vocpipe.feeds.swap import replacing
from vocpipe.taxonomy import Taxonomy

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

DATABASE = "voc.duckdb"
_STORAGE = "v1.0.0"  # every DuckDB since 1.0 opens the file


@dataclass(frozen=True)
class FeedReport:
    """Tell what was built: rows of each table, and the seconds it took."""

    tables: dict[str, int]
    seconds: float


def build(
    batches: Sequence[BatchFiles],
    catalogue: pa.Table,
    taxonomy: Taxonomy,
    target: Path,
    *,
    settings: FeedSettings | None = None,
    count_copies: bool = False,
) -> FeedReport:
    """Write the feed of all batches to the folder `target`, as a whole or not at all.

    The same input gives the same Parquet files, byte for byte, whatever the order of `batches` and the number of threads.
    `catalogue` has the columns of `inputs.CATALOGUE`, irritants and enchantments together; `count_copies` lets copies of others
    count in shares. Raises `ConfigError` or `WorkspaceError`; the earlier feed is then untouched.
    """
    import duckdb

    started = time.perf_counter()
    chosen = settings or FeedSettings()
    try:
        with replacing(target) as folder:
            with duckdb.connect(folder / DATABASE, config={"storage_compatibility_version": _STORAGE, "autoinstall_known_extensions": False}) as connection:
                register(connection, batches, catalogue, taxonomy, chosen, count_copies)
                tables = {table.name: _write(connection, table, folder, chosen) for table in TABLES.values()}
                connection.execute("CHECKPOINT")  # closing would swallow a failure
            facts = {
                "schema_version": SCHEMA_VERSION,
                "taxonomy": {"version": taxonomy.version, "fingerprint": taxonomy.fingerprint},
                **chosen.model_dump(mode="json"),
                "count_copies": count_copies,
                "batches": sorted(batch.name for batch in batches),
                "tables": tables,
            }
            (folder / "feed.json").write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
            (folder / "dictionary.md").write_text(dictionary(), encoding="utf-8")
            (folder / "dictionary.json").write_text(json.dumps(entries(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except (OSError, duckdb.OperationalError, duckdb.FatalException) as error:
        raise WorkspaceError(f"the feed cannot be written to {target}: {error}", "make room, or allow writing there, and run again") from error
    return FeedReport(tables, time.perf_counter() - started)


def _write(connection: "DuckDBPyConnection", table: FeedTable, folder: Path, settings: FeedSettings) -> int:
    """Build one table in the database and as Parquet; return its number of rows."""
    prepare(connection, table.name, settings)
    connection.execute(f"CREATE TABLE {table.name} AS {query(table.name)}")
    found = connection.sql(f"FROM {table.name} LIMIT 0").to_arrow_table().schema
    if not found.equals(table.arrow):
        differences = sorted(set(map(str, found)) ^ set(map(str, table.arrow))) or ["the order of the columns"]
        raise RuntimeError(f"{table.name}.sql does not give the columns of its contract: {'; '.join(differences)}")
    path = literal(folder / f"{table.name}.parquet")
    (rows,) = connection.execute(f"COPY {table.name} TO {path} (FORMAT parquet, COMPRESSION zstd)").fetchone() or (0,)
    return int(rows)
