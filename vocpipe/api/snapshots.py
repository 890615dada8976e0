"""The feed as it is at one moment, and the way from one to the next while the service runs."""

import hashlib
import json
import queue
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from vocpipe.api.parts import checksums
from vocpipe.errors import WorkspaceError
from vocpipe.feeds.builder import DATABASE
from vocpipe.feeds.contract import TABLES, FeedTable
from vocpipe.feeds.read import open_feed
from vocpipe.feeds.swap import current

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TRIES = 40
_PAUSE = 0.05
_FORMER = 2  # feeds rebuilt since, kept open so that who reads page by page can end
_State = tuple[int, int, int]


class Snapshot:
    """Hold one feed, open for reading by several threads; it stays readable when another feed takes its place.

    `id` names it, `facts` is its feed.json, `built` when it was built (seconds since 1970), `held` the columns of each table that it has.
    """

    def __init__(self, feed: Path, readers: int) -> None:
        self.state = _state(feed)
        self.built = self.state[1] / 1e9
        self._connection = open_feed(feed)
        # One query uses one thread: many clients are served side by side, and rows come in the order of the table.
        for setting in (
            "SET threads = 1",
            "SET temp_directory = ''",
            "SET python_enable_replacements = false",
            "SET enable_external_access = false",
            "SET lock_configuration = true",
        ):
            self._connection.execute(setting)
        text = (current(feed) / "feed.json").read_bytes()
        if _state(feed) != self.state:
            raise FileNotFoundError("another feed took its place")
        self.facts: dict[str, Any] = json.loads(text)
        self.id = hashlib.sha256(text + repr(self.state[1:]).encode()).hexdigest()[:16]
        self._parts: dict[str, dict[str, str]] = {}
        self._summing = Lock()
        self._cursors: queue.Queue[DuckDBPyConnection] = queue.Queue()
        for _ in range(readers):
            self._cursors.put(self._cursor())
        self.held = self._columns()

    @contextmanager
    def reading(self) -> "Iterator[DuckDBPyConnection]":
        """Lend a connection; wait for one when all are in use. Every result must be read to its end: the next query may need that."""
        cursor = self._cursors.get()
        try:
            yield cursor
        except BaseException:
            cursor = self._cursor()  # the other may hold half a result
            raise
        finally:
            self._cursors.put(cursor)

    @cached_property
    def tables(self) -> tuple[FeedTable, ...]:
        """Return the tables of the contract that this feed has; one built by an older vocpipe may lack some."""
        return tuple(table for name, table in TABLES.items() if name in self.held)

    @cached_property
    def rows(self) -> dict[str, int]:
        """Return the number of rows of each table."""
        with self.reading() as connection:
            return {table.name: int(connection.execute(f"SELECT count(*) FROM {table.name}").fetchall()[0][0]) for table in self.tables}

    def parts(self, table: FeedTable) -> dict[str, str]:
        """Return the checksum of each month of a table, or of all of it under an empty name when it has no month."""
        with self._summing:  # it reads the whole table: once is enough
            if table.name not in self._parts:
                with self.reading() as connection:
                    self._parts[table.name] = checksums(connection, table.name, self.held[table.name])
            return self._parts[table.name]

    def _cursor(self) -> "DuckDBPyConnection":
        cursor = self._connection.cursor()
        cursor.execute("USE feed")
        return cursor

    def _columns(self) -> dict[str, tuple[str, ...]]:
        query = "SELECT table_name, list(column_name) FROM information_schema.columns WHERE table_catalog = 'feed' GROUP BY table_name"
        with self.reading() as connection:
            there = {name: set(columns) for name, columns in connection.execute(query).fetchall()}
        return {name: tuple(column.name for column in table.columns if column.name in there[name]) for name, table in TABLES.items() if name in there}


class Snapshots:
    """Give the feed of a workspace as it is now, and those it was a little earlier."""

    def __init__(self, feed: Path, readers: int, opened: Callable[[Snapshot], None] = lambda _: None) -> None:
        self._feed, self._readers, self._opened = feed, readers, opened
        self._known: list[Snapshot] = []
        self._lock = Lock()
        self._failed = 0

    def unchanged(self) -> Snapshot | None:
        """Return the open feed when it is still the workspace's; null when another one must be opened."""
        if not self._known:
            return None
        try:
            state = _state(self._feed)
        except OSError:
            return self._known[-1]  # between two feeds
        return self._known[-1] if state == self._known[-1].state else None

    def newest(self) -> Snapshot:
        """Return the workspace's feed, opened when need be, or the one before when it cannot be. Raises `WorkspaceError` when there is none."""
        failed = self._failed
        with self._lock:
            found = self.unchanged()
            if found:
                return found
            if failed == self._failed:  # who waited while another failed to open it shares the failure
                opened = self._open()
                if opened:
                    self._known = [*self._known[-_FORMER:], opened]
                    self._opened(opened)
                    return opened
                self._failed += 1
        if self._known:
            return self._known[-1]
        raise WorkspaceError(f"the feed in {self._feed} cannot be opened", "run a batch: vocpipe run")

    def former(self, name: str) -> Snapshot | None:
        """Return an open feed by its id, null when it is no more."""
        return next((snapshot for snapshot in self._known if snapshot.id == name), None)

    def _open(self) -> Snapshot | None:
        """Return the feed, null when it cannot be opened; try again only while another one takes its place."""
        import duckdb

        for _ in range(_TRIES):
            before = _state_or_none(self._feed)
            try:
                return Snapshot(self._feed, self._readers)
            except (OSError, WorkspaceError, duckdb.Error):
                # Set aside, or not the same any more: it is being replaced.
                if current(self._feed) == self._feed and _state_or_none(self._feed) == before:
                    return None
            time.sleep(_PAUSE)
        return None


def _state_or_none(feed: Path) -> _State | None:
    try:
        return _state(feed)
    except OSError:
        return None


def _state(feed: Path) -> _State:
    held = (current(feed) / DATABASE).stat()
    return held.st_ino, held.st_mtime_ns, held.st_size
