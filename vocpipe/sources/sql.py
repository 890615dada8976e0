"""Read the rows of a SQL query: all of them, or those that came after the batch before."""

import datetime as dt
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from vocpipe.errors import ConfigError, InputError, VocpipeError, nearest
from vocpipe.sources.config import SourceConfig
from vocpipe.sources.cursor import Cursor, cursor_range
from vocpipe.sources.database import Database
from vocpipe.sources.nested import flatten
from vocpipe.sources.rows import Row, unique_headers

if TYPE_CHECKING:
    from sqlalchemy import Connection, CursorResult, Executable
    from sqlalchemy.types import TypeEngine

__all__ = ["Cursor", "SqlReader", "cursor_range"]

# Rows are fetched, and kept in memory, by that many; the first ones also tell which columns hold JSON objects.
_BLOCK = 500
_COMMENT_OR_QUOTE = re.compile(r"""--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|(\$\w*\$).*?\1""", re.DOTALL)
_PLAIN = (bool, int, float, Decimal, dt.date, bytes)
_MODULUS = 1 << 256


class SqlReader:
    """Read a query as a stream, in a read-only transaction.

    With `sql.cursor`, only the rows whose cursor is greater than `after` and at most `until` are read, in its order. Rows that have none are read when
    there is no `after`, left out when there is one, and counted as a problem both times. What is committed late, with a cursor that was passed already,
    is never read: the cursor has to grow with every commit, as a date of modification or, where rows never change, a number of order does.

    `name` is sql:<kind>://host/database. `sha256` (of the rows, whatever their order), `bytes` (the size of what it is made from) and `last` (greatest
    cursor read) are "", 0 and None until the rows have been read to their end. Raises `ConfigError` or `InputError`, which never show the URL, the user
    or a row.
    """

    format = "sql"
    encoding = ""
    delimiter = ""

    def __init__(self, source: SourceConfig, after: Cursor | None = None, until: Cursor | None = None) -> None:
        if source.sql is None:
            lines = "sql:\n  url_env: VOC_DB\n  query: SELECT id, date, comment FROM reviews"
            raise ConfigError(f"the source {source.name!r} has no query to read", f"add to its YAML file:\n{lines}")
        self.after, self.until = after, until
        self.bytes = 0
        self.sha256 = ""
        self.last: Cursor | None = None
        self._query = _one_select(source.sql.query)
        self._cursor = source.sql.cursor
        self._database = Database(source.sql.url_env, source.timezone)
        self.name = self._database.name
        self._running: _Running | None = self._run()
        self.headers = _headers(self._running)

    def __repr__(self) -> str:
        return f"SqlReader({self.name!r})"

    def close(self) -> None:
        """Leave the database. Needed only when the rows are not read to their end."""
        if self._running:
            self._running.connection.close()
            self._running = None

    def progress(self) -> dict[str, dict[str, str] | None]:
        """Return, ready for JSON, after what and up to what the rows were read, as `cursor_range` takes it."""
        last = self.last or self.after
        return {"after": self.after.to_json() if self.after else None, "last": last.to_json() if last else None}

    def rows(self, problems: Counter[str]) -> Iterator[Row]:
        """Yield the rows; `number` counts them from 1. Looking at the first rows, however often, then reading them all runs the query once."""
        running = self._running = self._running or self._run()
        try:
            yield from self._rows(running, problems)
        except VocpipeError:
            self.close()
            raise

    def _rows(self, running: "_Running", problems: Counter[str]) -> Iterator[Row]:
        digest, seen = _Digest(), _Seen(self._cursor)
        number = 0
        for values in self._values(running):
            if self._cursor is not None and not seen.add(values[running.place]):
                problems[f"cursor: {self._cursor} is empty, row " + ("left out" if self.after else "read in the first batch only")] += 1
                if self.after:
                    continue
            number += 1
            cells = flatten(dict(zip(running.names, map(_plain, values), strict=True)))
            digest.add(cells)
            yield Row(number, cells)
        self.bytes, self.sha256, self.last = digest.size, digest.hexdigest(), seen.cursor()

    def _values(self, running: "_Running") -> Iterator[Sequence[Any]]:
        yield from running.first
        if self._running is not running:
            raise RuntimeError("two readings of one query at once: make a reader for each")
        self._running = None
        try:
            while block := self._fetch(running.result):
                yield from block
        finally:
            running.connection.close()

    def _fetch(self, result: "CursorResult[Any]") -> Sequence[Sequence[Any]]:
        with self._database.explained("read"):
            return result.fetchmany(_BLOCK)

    def _run(self) -> "_Running":
        """Start the query and fetch its first rows."""
        connection = self._database.connect()
        try:
            self._check_query(connection)
            with self._database.explained("read"):
                result = connection.execute(self._statement(), execution_options={"yield_per": _BLOCK})
            names = list(result.keys())
            place = names.index(self._cursor) if self._cursor is not None else 0
            return _Running(connection, result, unique_headers(names), place, self._fetch(result))
        except BaseException:
            connection.close()
            raise

    def _check_query(self, connection: "Connection") -> None:
        """Have the query understood without any row, so that the message of a refusal can be shown: it tells of no row."""
        from sqlalchemy import text

        with self._database.explained("understand"):
            names = list(connection.execute(text(f"SELECT q.* FROM ({_escaped(self._query)}\n) AS q WHERE 1 = 0")).keys())
        if self._cursor is not None and self._cursor not in names:
            raise ConfigError(f"sql.cursor: the query gives no column called {self._cursor!r}", nearest(self._cursor, names))
        if self._cursor is not None and names.count(self._cursor) > 1:
            raise ConfigError(f"sql.cursor: the query gives two columns called {self._cursor!r}", "name one of them otherwise, with AS")

    def _statement(self) -> "Executable":
        from sqlalchemy import and_, bindparam, column, or_, select, text, true

        query = text(_escaped(self._query) + "\n")
        if self._cursor is None:
            return query
        wrapped = query.columns(column(self._cursor)).subquery("q")
        place = wrapped.c[self._cursor]
        limits = []
        if self.after:
            limits.append(place > bindparam("after", self.after.value, _sql_type(self.after)))
        if self.until:
            limits.append(place <= bindparam("until", self.until.value, _sql_type(self.until)))
        chosen = or_(place.is_(None), and_(*limits)) if limits else true()
        return select(text("q.*")).select_from(wrapped).where(chosen).order_by(place)


class _Running(NamedTuple):
    """Hold a query that runs, its columns, the position of the cursor among them, and the rows already fetched."""

    connection: "Connection"
    result: "CursorResult[Any]"
    names: list[str]
    place: int
    first: Sequence[Sequence[Any]]


class _Seen:
    """Follow the values of a cursor column, in their order."""

    def __init__(self, column: str | None) -> None:
        self._column = column or ""
        self._last: Any = None

    def add(self, value: Any) -> bool:
        """Note a value; return whether there is one. The first value of a column that gives no order stops the reading."""
        if value is None:
            return False
        if self._last is None:
            Cursor.of(value, self._column)
        elif type(value) is not type(self._last):
            kinds = f"{type(self._last).__name__} and {type(value).__name__}"
            raise InputError(f"the cursor column {self._column!r} holds {kinds} values together, which give no order", "cast it to one type in the query")
        self._last = value
        return True

    def cursor(self) -> Cursor | None:
        return None if self._last is None else Cursor.of(self._last, self._column)


class _Digest:
    """Hash rows so that their order does not count: a database gives equal cursors, or a query without a cursor, in any order."""

    def __init__(self) -> None:
        self.size = 0
        self._sum = 0

    def add(self, cells: Mapping[str, object]) -> None:
        content = repr(list(cells.items())).encode("utf-8", "replace")
        self.size += len(content)
        self._sum = (self._sum + int.from_bytes(hashlib.sha256(content).digest(), "big")) % _MODULUS

    def hexdigest(self) -> str:
        return f"{self._sum:064x}"


def _one_select(query: str) -> str:
    """Return the query without its last semicolon, or raise `ConfigError` when it is not one SELECT."""
    bare = _COMMENT_OR_QUOTE.sub(_blank, query).rstrip().removesuffix(";").rstrip()
    if ";" in bare:
        raise ConfigError("sql.query holds several statements", "keep one SELECT")
    first = re.match(r"[\s(]*(\w*)", bare)
    word = first[1] if first else ""
    if word.upper() not in ("SELECT", "WITH"):
        raise ConfigError(f"sql.query starts with {word or bare[:1]!r}: only a SELECT can be read", "write SELECT … FROM …, or WITH … SELECT …")
    return query[: len(bare)]


def _blank(match: re.Match[str]) -> str:
    """Return as many characters as were found: spaces for a comment, letters for a text or a name between quotes."""
    return (" " if match[0].startswith(("--", "/*")) else "x") * len(match[0])


def _escaped(query: str) -> str:
    """Keep SQLAlchemy from taking a colon of the query for a parameter."""
    return query.replace(":", r"\:")


def _sql_type(cursor: Cursor) -> "TypeEngine[Any]":
    from sqlalchemy import BigInteger, Date, DateTime, Numeric, String

    value = cursor.value
    if isinstance(value, dt.datetime):
        return DateTime(timezone=value.tzinfo is not None)
    if isinstance(value, dt.date):
        return Date()
    if isinstance(value, Decimal):
        return Numeric()
    return BigInteger() if isinstance(value, int) else String()


def _headers(running: _Running) -> list[str]:
    """Return the columns of the query; in place of those that hold JSON objects, the dotted paths found in the first rows."""
    nested: dict[str, dict[str, None]] = {}
    for name, value in chain.from_iterable(zip(running.names, values, strict=True) for values in running.first):
        if isinstance(value, dict | list):
            nested.setdefault(name, {}).update(dict.fromkeys(flatten({name: value})))
    return [header for name in running.names for header in nested.get(name) or [name]]


def _plain(value: Any) -> object:
    """Return a cell as a type that files also give: JSON objects as they are, lists for arrays, text for what has no other form."""
    if isinstance(value, str):
        return value if value.isascii() else _whole(value)
    if value is None or isinstance(value, _PLAIN):
        return value
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    if isinstance(value, dict | list | tuple):
        return json.loads(_whole(json.dumps(value, ensure_ascii=False, default=str)))
    return str(value)


def _whole(text: str) -> str:
    """Replace halves of surrogate pairs, which JSON columns may hold and no legal text does."""
    return text.encode("utf-8", "replace").decode("utf-8")
