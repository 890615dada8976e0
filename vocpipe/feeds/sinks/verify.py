"""Compare a copy of the feed, wherever it is, with the workspace: counts and checksums by table and month."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocpipe import files
from vocpipe.errors import ConfigError, WorkspaceError
from vocpipe.feeds.builder import DATABASE
from vocpipe.feeds.contract import TABLES, FeedTable
from vocpipe.feeds.inputs import literal
from vocpipe.feeds.sinks import spreadsheet
from vocpipe.feeds.sinks.folder import MANIFEST
from vocpipe.feeds.sinks.postgres import check_name, columns_of, connected, in_schema, is_url
from vocpipe.feeds.sinks.postgres_rows import arrow_rows, column_types
from vocpipe.feeds.sinks.reading import reading
from vocpipe.feeds.sinks.sums import WHOLE, Sum, Sums, sums, together

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from psycopg import Connection

_BLOCK = 10_000


@dataclass(frozen=True)
class Difference:
    """Tell one part of a table that is not in the copy as it is in the feed: a month, "" for the whole table, "?" for rows that tell no month.

    `missing` tells that the copy has no such table, or one that lacks columns or cannot be read.
    """

    table: str
    month: str
    rows: int
    found: int
    missing: bool = False


@dataclass(frozen=True)
class Verification:
    """Tell what was compared, and what differs: an equal number of rows means that a value differs."""

    parts: int
    rows: int
    differences: tuple[Difference, ...]


def verify(feed: Path, target: str, schema: str = "voc") -> Verification:
    """Compare the feed with the URL of a database that it was pushed to, or with a folder or a DuckDB file that it was exported to.

    Raises `ConfigError` when there is nothing of the kind there, `WorkspaceError` when it cannot be read.
    """
    with reading(feed) as connection:
        if is_url(target):
            check_name(schema, "schema")
            with connected(target, "reader") as server:
                return _compare(connection, _in_postgres(connection, server, schema))
        place = Path(target)
        database = place if place.is_file() else place / DATABASE
        if database.is_file() and not (place / MANIFEST).is_file():
            return _compare(connection, _in_database(connection, database))
        if not (place / MANIFEST).is_file():
            raise ConfigError(f"no export of the feed in {place}", "give the folder or the file that vocpipe feed export wrote, or the URL of a database")
        if files.read_json(place / MANIFEST)["format"] == "csv":
            expected = ((table, spreadsheet.written_sums(connection, table)) for table in TABLES.values())
            return _compare(connection, _in_spreadsheets(connection, place), expected)
        return _compare(connection, _in_parquet(connection, place))


def _compare(connection: "DuckDBPyConnection", found: Iterator[Sums | None], expected: Iterator[tuple[FeedTable, Sums]] | None = None) -> Verification:
    """Compare, table by table, in the order of the contract."""
    wanted = expected or ((table, sums(connection, table.name, table)) for table in TABLES.values())
    parts = rows = 0
    differences = []
    for (table, here), there in zip(wanted, found, strict=True):
        missing = there is None
        held = there or {}
        for month in sorted({*here, *held}) or ([WHOLE] if missing else []):
            one, other = here.get(month, Sum()), held.get(month, Sum())
            parts, rows = parts + 1, rows + one.rows
            if missing or one != other:
                differences.append(Difference(table.name, month, one.rows, other.rows, missing))
    return Verification(parts, rows, tuple(differences))


def _in_postgres(connection: "DuckDBPyConnection", server: "Connection[Any]", schema: str) -> Iterator[Sums | None]:
    """Read every table as it is at one moment, by a cursor of the server."""
    from psycopg import IsolationLevel
    from psycopg.sql import SQL, Identifier

    server.autocommit = False
    server.isolation_level, server.read_only = IsolationLevel.REPEATABLE_READ, True
    for name, table in TABLES.items():
        there = columns_of(server, schema, name)
        if not set(column_types(table).items()) <= set(there.items()):
            yield None
            continue
        columns = SQL(", ").join(map(Identifier, table.arrow.names))
        with server.cursor(name="vocpipe") as cursor:
            cursor.execute(SQL("SELECT {} FROM {}").format(columns, in_schema(schema, name)))
            yield together(_batches(connection, table, cursor))


def _batches(connection: "DuckDBPyConnection", table: FeedTable, cursor: Any) -> Iterator[Sums]:
    while True:
        rows = cursor.fetchmany(_BLOCK)
        connection.register("fetched", arrow_rows(table, rows))
        yield sums(connection, "fetched", table)
        connection.unregister("fetched")
        if not rows:
            return


def _in_database(connection: "DuckDBPyConnection", path: Path) -> Iterator[Sums | None]:
    import duckdb

    try:
        connection.execute(f"ATTACH {literal(path)} AS copied (READ_ONLY)")
    except duckdb.Error as error:
        raise WorkspaceError(f"{path} is no DuckDB file that can be read", "export it again") from error
    for name, table in TABLES.items():
        yield _sums_or_nothing(connection, f"copied.main.{name}", table)
    connection.execute("DETACH copied")


def _in_parquet(connection: "DuckDBPyConnection", folder: Path) -> Iterator[Sums | None]:
    for name, table in TABLES.items():
        paths = sorted((folder / name).rglob("*.parquet"))
        given = ", ".join(map(literal, paths))
        options = ", hive_partitioning = true, hive_types = {'month': VARCHAR}" if table.by_month else ", hive_partitioning = false"
        yield _sums_or_nothing(connection, f"read_parquet([{given}]{options})", table) if paths else None


def _in_spreadsheets(connection: "DuckDBPyConnection", folder: Path) -> Iterator[Sums | None]:
    for name, table in TABLES.items():
        path = folder / f"{name}.csv"
        yield spreadsheet.file_sums(connection, table, path) if path.is_file() else None


def _sums_or_nothing(connection: "DuckDBPyConnection", relation: str, table: FeedTable) -> Sums | None:
    """Return the sums of a relation, null when it lacks columns or cannot be read: then every part differs."""
    import duckdb

    try:
        return sums(connection, relation, table)
    except duckdb.Error:
        return None
