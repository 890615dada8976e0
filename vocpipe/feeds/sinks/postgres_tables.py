"""The tables of the feed in PostgreSQL, and `vocpipe_feed`, which records what each part of them holds."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vocpipe.feeds.contract import SCHEMA_VERSION, FeedTable
from vocpipe.feeds.dictionary import french
from vocpipe.feeds.sinks import staging
from vocpipe.feeds.sinks.postgres import columns_of, in_schema
from vocpipe.feeds.sinks.postgres_rows import column_types
from vocpipe.feeds.sinks.sums import Sum

if TYPE_CHECKING:
    from psycopg import Connection

LEDGER = "vocpipe_feed"


def keep_ledger(
    server: "Connection[Any]", schema: str, replaced: Mapping[tuple[str, str], Sum] | None = None, removed: Collection[tuple[str, str]] = ()
) -> None:
    """Make `vocpipe_feed` when there is none, and record there what was replaced and removed."""
    from psycopg.sql import SQL

    place = in_schema(schema, LEDGER)
    if not columns_of(server, schema, LEDGER):
        server.execute(
            SQL(
                "CREATE TABLE {} (table_name text, month text, rows bigint, checksum text, schema_version text, pushed_at timestamptz DEFAULT now(), "
                "PRIMARY KEY (table_name, month))"
            ).format(place)
        )
    parts = replaced or {}
    with server.cursor() as cursor:
        cursor.executemany(SQL("DELETE FROM {} WHERE table_name = %s AND month = %s").format(place), [*parts, *removed])
        cursor.executemany(
            SQL("INSERT INTO {} (table_name, month, rows, checksum, schema_version) VALUES (%s, %s, %s, %s, %s)").format(place),
            [(*part, found.rows, found.checksum, SCHEMA_VERSION) for part, found in parts.items()],
        )


def recorded(server: "Connection[Any]", schema: str) -> tuple[str, dict[tuple[str, str], Sum]]:
    """Return the latest version of the contract that was pushed, empty when none was, and what each part holds."""
    from psycopg.sql import SQL

    rows = server.execute(SQL("SELECT table_name, month, rows, checksum, schema_version FROM {}").format(in_schema(schema, LEDGER))).fetchall()
    versions = sorted({version for *_, version in rows}, key=lambda version: [int(number) for number in version.split(".")])
    return (versions[-1] if versions else ""), {(name, month): Sum(count, int(checksum, 16)) for name, month, count, checksum, _ in rows}


def complete(server: "Connection[Any]", schema: str, table: FeedTable) -> None:
    """Make a table with its indexes, or add the columns that it lacks; what is new gets its meaning."""
    from psycopg.sql import SQL, Identifier

    place, there = in_schema(schema, table.name), columns_of(server, schema, table.name)
    columns = [SQL("{} " + kind).format(Identifier(column)) for column, kind in column_types(table).items() if column not in there]
    if there:
        for column in columns:
            server.execute(SQL("ALTER TABLE {} ADD COLUMN {}").format(place, column))
    else:
        server.execute(SQL("CREATE TABLE {} ({})").format(place, SQL(", ").join(columns)))
        for names in _indexes(table):
            server.execute(SQL("CREATE INDEX ON {} ({})").format(place, SQL(", ").join(map(Identifier, names))))
    if columns:
        _describe(server, schema, table)


def replace_parts(server: "Connection[Any]", schema: str, table: FeedTable, fresh: Sequence[str], gone: Sequence[str], whole: bool = False) -> None:
    """Take the rows of those months away and put what was staged in their place; with `whole`, or when it does not go by month, the table is emptied first."""
    from psycopg.sql import SQL, Identifier

    place, staged = in_schema(schema, table.name), in_schema(schema, staging.name_of(table))
    columns = SQL(", ").join(map(Identifier, table.arrow.names))
    which = SQL(" WHERE month = ANY(%s)") if table.by_month else SQL("")
    if whole or not table.by_month:
        server.execute(SQL("DELETE FROM {}").format(place))
    else:
        server.execute(SQL("DELETE FROM {}").format(place) + which, ([*fresh, *gone],))
    if fresh:
        insert = SQL("INSERT INTO {} ({columns}) SELECT {columns} FROM {}").format(place, staged, columns=columns)
        server.execute(insert + which, (list(fresh),) if table.by_month else ())


def _describe(server: "Connection[Any]", schema: str, table: FeedTable) -> None:
    """Say in the database what a table and its columns mean, in French: tools show it beside the name."""
    from psycopg.sql import SQL, Identifier, Literal

    told = [SQL("COMMENT ON TABLE {} IS {}").format(in_schema(schema, table.name), Literal(french(table.meaning)))]
    for column in table.columns:
        place = Identifier(schema, table.name, column.name)
        told.append(SQL("COMMENT ON COLUMN {} IS {}").format(place, Literal(french(column.meaning))))
    server.execute(SQL("; ").join(told))


def _indexes(table: FeedTable) -> list[Sequence[str]]:
    """Return the columns that dashboards filter or join on: the key, the month, and what facts point to."""
    more = [["month"]] if table.by_month and table.key[0] != "month" else []
    if table.name == "fact_opinion":
        more += [["verbatim_id"], ["irritant_id"]]
    return [table.key, *more]
