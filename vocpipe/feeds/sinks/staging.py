"""Copy what changed into tables set aside, part by part, so that a push that is stopped goes on where it was."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vocpipe.errors import WorkspaceError
from vocpipe.feeds.contract import TABLES, FeedTable
from vocpipe.feeds.sinks.postgres import columns_of, in_schema
from vocpipe.feeds.sinks.postgres_rows import column_types, copy_lines
from vocpipe.feeds.sinks.sums import Sum

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from psycopg import Connection

_PREFIX = "vocpipe_stage_"
_LEDGER = "vocpipe_staged"


def name_of(table: FeedTable) -> str:
    """Return the name of the table set aside."""
    return _PREFIX + table.name


def stage(source: "DuckDBPyConnection", server: "Connection[Any]", schema: str, parts: Mapping[tuple[str, str], Sum]) -> None:
    """Copy those parts, each in its own transaction, but for those that an earlier push copied as they are now."""
    from psycopg.sql import SQL

    # Unlogged, as the tables set aside are: a crash of the server empties both.
    server.execute(SQL("CREATE UNLOGGED TABLE IF NOT EXISTS {} (table_name text, month text, checksum text)").format(in_schema(schema, _LEDGER)))
    for name in sorted({name for name, _ in parts}):
        _make_room(server, schema, TABLES[name])
    held = {(name, month): checksum for name, month, checksum in server.execute(SQL("SELECT * FROM {}").format(in_schema(schema, _LEDGER))).fetchall()}
    for (name, month), found in parts.items():
        if held.get((name, month)) != _mark(found):
            _stage_part(source, server, schema, TABLES[name], month, found)


def drop(server: "Connection[Any]", schema: str) -> None:
    """Remove everything that was set aside."""
    from psycopg.sql import SQL

    names = (_LEDGER, *(name_of(table) for table in TABLES.values()))
    server.execute(SQL("DROP TABLE IF EXISTS {}").format(SQL(", ").join(in_schema(schema, name) for name in names)))


def _make_room(server: "Connection[Any]", schema: str, table: FeedTable) -> None:
    """Make the table set aside, or make it again when another version of vocpipe left it."""
    from psycopg.sql import SQL, Identifier

    there = columns_of(server, schema, name_of(table))
    if there == column_types(table):
        return
    columns = SQL(", ").join(SQL("{} " + kind).format(Identifier(column)) for column, kind in column_types(table).items())
    with server.transaction():
        server.execute(SQL("DROP TABLE IF EXISTS {}").format(in_schema(schema, name_of(table))))
        server.execute(SQL("DELETE FROM {} WHERE table_name = %s").format(in_schema(schema, _LEDGER)), (table.name,))
        server.execute(SQL("CREATE UNLOGGED TABLE {} ({})").format(in_schema(schema, name_of(table)), columns))


def _stage_part(source: "DuckDBPyConnection", server: "Connection[Any]", schema: str, table: FeedTable, month: str, found: Sum) -> None:
    from psycopg.sql import SQL

    place, ledger = in_schema(schema, name_of(table)), in_schema(schema, _LEDGER)
    with server.transaction(), server.cursor() as cursor:
        where = SQL(" WHERE month = %s") if month else SQL("")
        cursor.execute(SQL("DELETE FROM {}").format(place) + where, (month,) if month else ())
        with cursor.copy(SQL("COPY {} FROM STDIN").format(place)) as copy:
            for block in copy_lines(source, table, month):
                copy.write(block)
        if cursor.rowcount != found.rows:
            raise WorkspaceError(f"{table.name} {month}: {cursor.rowcount} rows were copied, {found.rows} are in the feed", "run the same command again")
        cursor.execute(SQL("DELETE FROM {} WHERE table_name = %s AND month = %s").format(ledger), (table.name, month))
        cursor.execute(SQL("INSERT INTO {} VALUES (%s, %s, %s)").format(ledger), (table.name, month, _mark(found)))


def _mark(found: Sum) -> str:
    return f"{found.rows}-{found.checksum}"
