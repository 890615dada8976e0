"""Open the feed that a sink copies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vocpipe.errors import WorkspaceError
from vocpipe.feeds.contract import SCHEMA_VERSION, TABLES
from vocpipe.feeds.read import open_feed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COLUMNS = "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'feed' ORDER BY table_name, column_index"


@contextmanager
def reading(feed: Path) -> Iterator["DuckDBPyConnection"]:
    """Give a connection to the feed as it is now; a new one built meanwhile does not show.

    Raises `WorkspaceError` when there is none, or when it was built by another version of vocpipe.
    """
    with open_feed(feed) as connection:
        held: dict[str, list[str]] = {}
        for name, column in connection.execute(_COLUMNS).fetchall():
            held.setdefault(name, []).append(column)
        if held != {name: table.arrow.names for name, table in TABLES.items()}:
            raise WorkspaceError(
                f"the feed in {feed} does not have the columns of version {SCHEMA_VERSION}: another version of vocpipe built it",
                "run any batch of the workspace again: the feed is rebuilt, the rows are not read again",
            )
        yield connection
