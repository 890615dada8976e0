"""Reach the PostgreSQL database that the feed is pushed to, and tell what goes wrong without a password or a row."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from vocpipe.errors import ConfigError, WorkspaceError

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.sql import Identifier

_NO_PSYCOPG = ("psycopg, which reaches PostgreSQL, is not installed", "in vocpipe's checkout: make full (or pip install '.[sql]')")
_EXAMPLE = "postgresql://user:password@host:5432/database"
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_SECONDS_TO_CONNECT = 15
# Errors whose messages tell of rights, names or the server, never of a value, by the beginning of their SQLSTATE.
_TELLS_NO_VALUE = ("0A", "28", "3D", "42", "53", "55", "57")
_REASONS = (
    ("authentication failed|password supplied", "the user or the password is refused", "check both"),
    ("refused|no such file", "no server answers there", "check the host and the port, and that the server runs"),
    ("translate host|resolve host|name or service", "the host is not known", "check the host"),
    ("timeout|timed out", "the server does not answer in time", "check the host, and that a firewall lets you through"),
    ("database .* does not exist", "there is no such database", "check the name of the database, or make it"),
)


def is_url(target: str) -> bool:
    """Return whether a target is the URL of a PostgreSQL database, rather than a path."""
    return target.startswith(("postgresql://", "postgres://", "postgresql+psycopg://"))


def shown(url: str) -> str:
    """Return the kind, host and database of a URL: what may be printed. Raises `ConfigError` for what is no URL of PostgreSQL, without showing it."""
    told = _parts(url)
    return f"postgresql://{told.get('host') or 'localhost'}/{told.get('dbname') or ''}"


def check_name(name: str, what: str) -> str:
    """Return the name of a schema or a role, or raise `ConfigError` unless it can be written without quotes everywhere."""
    if not _NAME.fullmatch(name) or name.startswith("pg_"):
        raise ConfigError(f"{name!r} cannot be the name of a {what}", "use lower-case letters, digits and _, such as voc; not pg_ at the beginning")
    return name


@contextmanager
def connected(url: str, role: str = "writer") -> "Iterator[Connection[Any]]":
    """Give a connection that commits each statement, and turn the errors of the database into ours while it is open.

    `role` is what to ask for when a right is missing: writer or reader.
    """
    name = shown(url)
    try:
        import psycopg
    except ImportError:
        raise ConfigError(*_NO_PSYCOPG) from None
    try:
        connection = psycopg.connect(
            url.replace("+psycopg", "", 1), autocommit=True, client_encoding="utf8", connect_timeout=_SECONDS_TO_CONNECT, application_name="vocpipe"
        )
    except (psycopg.Error, ValueError, UnicodeError) as error:
        raise _unreachable(name, str(error)) from None
    try:
        with connection:
            yield connection
    except psycopg.Error as error:
        raise _refusal(name, error, role) from None


def in_schema(schema: str, table: str) -> "Identifier":
    """Return the name of a table in its schema, for a statement."""
    from psycopg.sql import Identifier

    return Identifier(schema, table)


def columns_of(connection: "Connection[Any]", schema: str, table: str) -> dict[str, str]:
    """Return the columns of a table of the database with their types, in their order; empty when there is no such table."""
    found = connection.execute(
        "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid "
        "JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = %s AND relname = %s AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        (schema, table),
    )
    return dict(found.fetchall())


def _parts(url: str) -> dict[str, Any]:
    problem = ConfigError(
        "this is no URL of a PostgreSQL database (it is not shown: it may hold a password)",
        f"write it like {_EXAMPLE}, and in the password %40 for @, %2F for /, %3A for :, %3F for ?, %25 for %",
    )
    # An @ in the password that is not encoded puts the end of the password in the host, a / or a ? puts it in the database or the host: these are shown.
    if not is_url(url) or url.count("@") > 1 or re.search(r"://[^@]*[/?#].*@", url, re.DOTALL):
        raise problem
    try:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict
    except ImportError:
        raise ConfigError(*_NO_PSYCOPG) from None
    try:
        return dict(conninfo_to_dict(url.replace("+psycopg", "", 1)))
    except (ProgrammingError, ValueError):
        raise problem from None


def _unreachable(name: str, message: str) -> ConfigError:
    found = next((reason for reason in _REASONS if re.search(reason[0], message, re.IGNORECASE)), None)
    problem, remedy = found[1:] if found else ("the database cannot be reached", "check each part of the URL")
    return ConfigError(f"{name}: {problem}", remedy)


def _refusal(name: str, error: Any, role: str) -> WorkspaceError:
    code = error.sqlstate or type(error).__name__
    if code == "42501":
        told = str(error).strip().splitlines()[0]
        return WorkspaceError(f"{name}: {told}", f"ask for the role of a {role}: vocpipe feed roles prints the script that gives it")
    if code.startswith(_TELLS_NO_VALUE):
        told = str(error).strip().splitlines()[0]
        return WorkspaceError(f"{name}: {told} ({code})", "the tables are as they were; run the same command again once this is mended")
    return WorkspaceError(f"{name}: the database stopped, or lost the connection ({code})", "the tables are as they were; run the same command again")
