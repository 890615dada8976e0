"""Push the feed to PostgreSQL: only the months whose rows changed, all of them at once or none."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocpipe.errors import ConfigError, WorkspaceError
from vocpipe.feeds.contract import SCHEMA_VERSION, TABLES
from vocpipe.feeds.sinks import staging
from vocpipe.feeds.sinks.postgres import check_name, columns_of, connected, in_schema, shown
from vocpipe.feeds.sinks.postgres_rows import column_types
from vocpipe.feeds.sinks.postgres_tables import complete, keep_ledger, recorded, replace_parts
from vocpipe.feeds.sinks.reading import reading
from vocpipe.feeds.sinks.sums import Sum, feed_sums

if TYPE_CHECKING:
    from psycopg import Connection

Part = tuple[str, str]
"""A table, and a month of it, or `sums.WHOLE`."""


@dataclass(frozen=True)
class Pushed:
    """Tell what a push did: the parts replaced and those taken away, each a table and a month ("" for the whole of it), the rows sent and the parts kept."""

    name: str
    schema: str
    replaced: tuple[Part, ...]
    removed: tuple[Part, ...]
    rows: int
    unchanged: int


def push(feed: Path, url: str, schema: str = "voc", everything: bool = False) -> Pushed:
    """Bring the tables of a schema up to the feed; readers see them as they were until all is there.

    The months (or whole tables) whose checksum is not the one recorded in the table `vocpipe_feed` are copied into tables set aside, then take their
    places in one transaction. A push that was stopped leaves the former tables; the next one goes on from what it had copied. `everything` replaces
    whole tables, whatever is recorded or there. Raises `ConfigError` or `WorkspaceError`, which never show the password or a row.
    """
    check_name(schema, "schema")
    with reading(feed) as source, connected(url) as server, _alone(server, schema, shown(url)):
        wanted = {(table, month): found for table, by_month in feed_sums(source).items() for month, found in by_month.items()}
        _make_schema(server, schema)
        known = _known(server, schema)
        replaced = tuple(part for part in wanted if everything or known.get(part) != wanted[part])
        removed = tuple(sorted(set(known) - set(wanted)))
        if replaced or removed or not _is_complete(server, schema):
            staging.stage(source, server, schema, {part: wanted[part] for part in replaced})
            _swap(server, schema, {part: wanted[part] for part in replaced}, removed, everything)
        return Pushed(shown(url), schema, replaced, removed, sum(wanted[part].rows for part in replaced), len(wanted) - len(replaced))


@contextmanager
def _alone(server: "Connection[Any]", schema: str, name: str) -> Iterator[None]:
    """Hold the lock of the schema; it goes with the connection."""
    (got,) = server.execute("SELECT pg_try_advisory_lock(hashtextextended('vocpipe_feed.' || %s, 0))", (schema,)).fetchone() or (False,)
    if not got:
        raise WorkspaceError(f"{name}: another push is writing in the schema {schema}", "wait for its end, then run the same command again")
    yield


def _make_schema(server: "Connection[Any]", schema: str) -> None:
    from psycopg.sql import SQL, Identifier

    # CREATE SCHEMA IF NOT EXISTS asks for the right to make schemas even when there is nothing to make.
    if not server.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema,)).fetchone():
        server.execute(SQL("CREATE SCHEMA {}").format(Identifier(schema)))
    keep_ledger(server, schema)


def _known(server: "Connection[Any]", schema: str) -> dict[Part, Sum]:
    """Return what the schema holds, by part; raise `ConfigError` when a later version wrote it, or when a table is not ours to change."""
    version, known = recorded(server, schema)
    if version and (_numbers(version)[0] != _numbers(SCHEMA_VERSION)[0] or _numbers(version) > _numbers(SCHEMA_VERSION)):
        told = f"the schema {schema} holds version {version} of the feed, this vocpipe writes {SCHEMA_VERSION}"
        raise ConfigError(told, "upgrade vocpipe, or give another --schema")
    for name, table in TABLES.items():
        there, needed = columns_of(server, schema, name), column_types(table)
        if there and not version:
            raise ConfigError(f"the schema {schema} has a table {name} that no push made", "give another --schema, or drop that table")
        wrong = [f"{column} {there[column]}" for column in there if needed.get(column) != there[column]]
        if wrong:
            raise ConfigError(f"{schema}.{name} has columns that are not those of the feed: {', '.join(wrong)}", "give another --schema, or drop that table")
        if not there:
            known = {part: found for part, found in known.items() if part[0] != name}
    return known


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


def _is_complete(server: "Connection[Any]", schema: str) -> bool:
    return all(columns_of(server, schema, name) == column_types(table) for name, table in TABLES.items())


def _swap(server: "Connection[Any]", schema: str, replaced: Mapping[Part, Sum], removed: Collection[Part], everything: bool) -> None:
    """Put what was staged in its place, in one transaction."""
    from psycopg.sql import SQL

    with server.transaction():
        for name, table in TABLES.items():
            complete(server, schema, table)
            fresh = [month for part, month in replaced if part == name]
            gone = [month for part, month in removed if part == name]
            if fresh or gone or everything:
                replace_parts(server, schema, table, fresh, gone, everything)
        keep_ledger(server, schema, replaced, removed)
        staging.drop(server, schema)
    for name in sorted({name for name, _ in (*replaced, *removed)}):
        server.execute(SQL("ANALYZE {}").format(in_schema(schema, name)))
