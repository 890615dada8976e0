"""Reach a database whose address is in the environment only, read-only, and tell what goes wrong without its password, its user or a row."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocpipe.errors import ConfigError, InputError, VocpipeError

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

_EXAMPLE = "postgresql+psycopg://user:password@host/database"
_READ_ONLY = {"postgresql": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", "sqlite": "PRAGMA query_only = ON"}
# A reading that was given up without leaving must not hold a state of the database for long.
_LONGEST_IDLE = "10min"
# Errors whose messages tell of the query, the rights or the server, never of a value, by the beginning of their code: the classes of SQLSTATE, such as
# 42 for syntax and rights and 57 for time limits, and the names of SQLite.
_PASSING = ("53", "55", "57", "SQLITE_BUSY", "SQLITE_LOCKED")
_TELLS_NO_VALUE = ("0A", "25", "42", *_PASSING)
_REASONS = (
    ("authentication failed|password supplied", "the password is refused", "check the user and the password"),
    ("refused|no such file", "no server answers there", "check the host and the port, and that the server runs"),
    ("translate host|resolve host|name or service", "the host is not known", "check the host"),
    ("timeout|timed out", "the server does not answer in time", "check the host, and that a firewall lets you through"),
    ("database .* does not exist", "there is no such database", "check the name of the database"),
)


class Database:
    """Open connections to the database that an environment variable gives the SQLAlchemy URL of.

    `name` tells the kind, the host and the database. Raises `ConfigError` when the variable is not set or holds no URL, or when the driver is missing.
    """

    def __init__(self, variable: str, timezone: str | None) -> None:
        self._variable = variable
        self._timezone = timezone
        url = _url(variable)
        self.name = _name(url)
        self._secrets = [secret for secret in (url.username, str(url.password or "")) if secret]
        self._engine = _engine(url, variable)

    def __repr__(self) -> str:
        return f"Database({self.name!r})"

    def connect(self) -> "Connection":
        """Return a connection in a read-only transaction that sees one state of the database, where the database knows how."""
        with self.explained("reach"):
            connection = self._engine.connect()
        try:
            with self.explained("reach"):
                self._prepare(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: "Connection") -> None:
        from sqlalchemy import text

        kind = self._engine.dialect.name
        driver_connection: Any = connection.connection.driver_connection
        if kind in _READ_ONLY:
            connection.execute(text(_READ_ONLY[kind]))
        for name, value in self._session().items() if kind == "postgresql" else ():
            connection.execute(text("SELECT set_config(name, :value, true) FROM pg_settings WHERE name = :name"), {"name": name, "value": value})
        if self._engine.dialect.driver == "psycopg":
            _keep_strange_dates(driver_connection)
        if kind == "sqlite":
            driver_connection.text_factory = lambda raw: raw.decode("utf-8", "replace")

    def _session(self) -> dict[str, str]:
        """Return what the transaction sets, whatever the server is set to; the zone so that `created_at::date` gives the day in that of the source."""
        settings = {"DateStyle": "ISO", "idle_in_transaction_session_timeout": _LONGEST_IDLE}
        return {**settings, "TimeZone": self._timezone} if self._timezone else settings

    @contextmanager
    def explained(self, doing: str) -> Iterator[None]:
        """Turn the errors of the database into ours. `doing` is reach, understand (the query, without any row) or read."""
        from sqlalchemy.exc import SQLAlchemyError

        try:
            yield
        except (SQLAlchemyError, ValueError, ArithmeticError, RecursionError) as error:
            raise self._explanation(doing, error) from None

    def _explanation(self, doing: str, error: Exception) -> VocpipeError:
        cause = getattr(error, "orig", None) or error
        codes = (getattr(cause, name, None) for name in ("sqlstate", "pgcode", "sqlite_errorname"))
        code = str(next(filter(None, codes), type(cause).__name__))
        if doing == "reach":
            return self._unreachable(str(cause), code)
        if getattr(error, "connection_invalidated", False):
            return InputError(f"{self.name}: the connection was lost ({code})", "run the same command again")
        if doing == "understand" or code.startswith(_TELLS_NO_VALUE):
            return self._refusal(str(cause), code)
        return InputError(
            f"{self.name}: a value in the rows of the query cannot be computed or read ({code})",
            "run the query in a tool of the database to see which one; it is not shown here, it may be a customer's",
        )

    def _unreachable(self, message: str, code: str) -> InputError:
        found = next((reason for reason in _REASONS if re.search(reason[0], message, re.IGNORECASE)), None)
        problem, remedy = found[1:] if found else (f"the database cannot be reached ({code})", "check each part of the address")
        return InputError(f"{self.name}: {problem}", f"{remedy}; the address is in the environment variable {self._variable}")

    def _refusal(self, message: str, code: str) -> ConfigError | InputError:
        told = next(iter(message.strip().splitlines()), code)
        for secret in self._secrets:
            told = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", "…", told)
        if code == "42501":
            return InputError(f"{self.name}: {told}", f"ask for the right to read (GRANT SELECT) for the user in {self._variable}")
        if code.startswith(_PASSING):
            return InputError(f"{self.name}: {told}", "run the same command again, or ask the people who keep the database")
        return ConfigError(f"{self.name}: the query is refused: {told}", f"correct sql.query in the YAML file of the source ({code})")


def _url(variable: str) -> "URL":
    try:
        from sqlalchemy import make_url
        from sqlalchemy.exc import ArgumentError
    except ImportError:
        raise ConfigError("SQLAlchemy, which reads databases, is not installed", "in vocpipe's checkout: make full (or pip install '.[sql]')") from None
    text = os.environ.get(variable, "").strip()
    if not text:
        problem = "is empty" if variable in os.environ else "is not set"
        raise ConfigError(f"the environment variable {variable}, which tells where the database is, {problem}", f"export {variable}={_EXAMPLE}")
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    # An @ in the password that is not encoded puts the end of the password in the host, which is shown.
    if url is None or (url.get_backend_name() != "sqlite" and text.count("@") > 1):
        raise ConfigError(
            f"the environment variable {variable} holds no URL that can be read (it is not shown: it may hold a password)",
            f"write it like {_EXAMPLE}, and in the password %40 for @, %2F for /, %3A for :, %25 for %",
        )
    return url


def _name(url: "URL") -> str:
    kind, database = url.get_backend_name(), Path(url.database or "").name
    return f"sql:sqlite:///{database}" if kind == "sqlite" else f"sql:{kind}://{url.host or 'localhost'}/{database}"


def _engine(url: "URL", variable: str) -> "Engine":
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    _check_file(url, variable)
    kind = url.get_backend_name()
    try:
        engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    except ImportError:
        other = '".[sql]" in vocpipe\'s checkout' if kind == "postgresql" else "its driver; the extra `sql` only brings the one of PostgreSQL"
        raise ConfigError(f"the driver of {url.drivername} is not installed", f"pip install {other}") from None
    except (SQLAlchemyError, ValueError, TypeError):
        raise ConfigError(f"SQLAlchemy knows no database or option of that kind, {url.drivername!r}", f"write {variable} like {_EXAMPLE}") from None
    if engine.dialect.is_async:
        raise ConfigError(f"{url.drivername} is a driver for asynchronous programs", f"write {variable} like {_EXAMPLE}")
    return engine


def _check_file(url: "URL", variable: str) -> None:
    """Refuse a SQLite file that is not there: SQLite would make it."""
    if url.get_backend_name() == "sqlite" and not (url.database or "").startswith("file:") and not Path(url.database or "").is_file():
        raise InputError(f"{_name(url)}: no such file", f"check the path in the environment variable {variable}")


def _keep_strange_dates(connection: Any) -> None:
    """Let psycopg give a date that Python has no value for, such as infinity, as text: one cell must not stop the others."""
    from psycopg import DataError
    from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader

    def lenient(base: Any) -> Any:
        class Lenient(base):  # type: ignore[misc]
            def load(self, data: Any) -> Any:
                try:
                    return super().load(data)
                except DataError:
                    return bytes(data).decode()

        return Lenient

    for kind, base in (("date", DateLoader), ("timestamp", TimestampLoader), ("timestamptz", TimestamptzLoader)):
        connection.adapters.register_loader(kind, lenient(base))
