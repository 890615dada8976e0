"""What the SQL source says when it cannot read: the way out, and no password, user or row."""

import datetime as dt
import logging
import sqlite3
import subprocess
import sys
import traceback
from contextlib import closing
from pathlib import Path

import pytest

from tests.contract.reviews_table import PASSWORD, SUBJECTS, URL_PASSWORD, USER, read, source
from vocpipe.errors import ConfigError, InputError, VocpipeError
from vocpipe.sources.cursor import Cursor
from vocpipe.sources.sql import SqlReader

pytest.importorskip("sqlalchemy")

_SAYS = {
    "SELECT FROM WHERE": (ConfigError, "the query is refused: syntax error"),
    "SELECT commentair FROM avis": (ConfigError, 'column "commentair" does not exist'),
    "SELECT * FROM interdit": (InputError, "permission denied for table interdit\nask for the right to read"),
    "SELECT (commentaire || 'x')::int FROM avis": (InputError, r"cannot be computed or read \(22P02\)"),
    "SELECT CASE WHEN id < 10000009000 THEN id ELSE code::int END FROM avis ORDER BY id": (InputError, r"cannot be computed or read \(22P02\)"),
    "SELECT nextval('compteur')": (ConfigError, "read-only transaction"),
    "SELECT id FROM avis FOR UPDATE": (ConfigError, "read-only transaction|permission denied"),
    "WITH w AS (DELETE FROM avis RETURNING *) SELECT * FROM w": (ConfigError, "data-modifying"),
    "SELECT 1; DROP TABLE avis": (ConfigError, "several statements"),
    "DELETE FROM avis": (ConfigError, "starts with 'DELETE': only a SELECT"),
    "-- SELECT\nUPDATE avis SET id = 1": (ConfigError, "starts with 'UPDATE'"),
    "  ": (ConfigError, "only a SELECT"),
}


def refused(query: str, cursor: str | None = None, after: Cursor | None = None) -> VocpipeError:
    with pytest.raises(VocpipeError) as caught:
        read(SqlReader(source(query, cursor), after))
    return caught.value


def shown(error: VocpipeError, caplog: pytest.LogCaptureFixture) -> str:
    return "\n".join([str(error), repr(error), *traceback.format_exception(error), caplog.text])


@pytest.mark.parametrize("query", _SAYS)
def test_a_query_that_cannot_be_read_is_explained_without_a_row(url: str, query: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    kind, says = _SAYS[query]
    error = refused(query)
    assert isinstance(error, kind)
    assert pytest.RaisesExc(kind, match=says).matches(error)
    text = shown(error, caplog)
    assert not [secret for secret in (USER, PASSWORD, URL_PASSWORD, url, *SUBJECTS, "AV-00") if secret in text]


def test_a_cursor_column_that_cannot_be_one_is_explained(url: str, caplog: pytest.LogCaptureFixture) -> None:
    assert "did you mean 'modifie'?" in str(refused("SELECT * FROM avis", "modifié"))
    assert "two columns called 'id'" in str(refused("SELECT id, id FROM avis", "id"))
    errors = [refused("SELECT * FROM avis", "commentaire"), refused("SELECT * FROM avis WHERE meta IS NOT NULL", "meta")]
    errors += [refused("SELECT id, code FROM avis", "code", Cursor(4217)), refused("SELECT id FROM avis", "id", Cursor(dt.date(2042, 7, 1)))]
    text = "\n".join(shown(error, caplog) for error in errors)
    assert "holds texts that are neither" in text
    assert "holds dict values" in text
    assert "operator does not exist" in text
    assert not [secret for secret in (USER, *SUBJECTS, "4217", "2042") if secret in text]


_PLACES = {
    None: "is not set\nexport VOC_DB=postgresql",
    " ": "is empty\nexport VOC_DB=postgresql",
    "colette;tr0pdur": "no URL that can be read",
    "postgresql+psycopg://colette:tr0p@dur@127.0.0.1/base": "no URL that can be read.*\n.*%40 for @",
    "postgresql+psycopg://colette:tr0pdur@127.0.0.1:tr0pdur/base": "no URL that can be read",
    "postgresql+psycopg://colette:tr0pdur@127.0.0.1:1/base": "sql:postgresql://127.0.0.1/base: no server answers",
    "postgresql+psycopg://colette:tr0pdur@127.0.0.1:1/base?tr0pdur=1": "sql:postgresql://127.0.0.1/base: the database cannot be reached",
    "postgresql+psycopg://colette:tr0pdur@nulle-part.invalid/base": "sql:postgresql://nulle-part.invalid/base: the host is not known",
    "postgresql+asyncpg://colette:tr0pdur@127.0.0.1/base": "asynchronous|is not installed",
    "postgresql+nodriver://colette:tr0pdur@127.0.0.1/base": "SQLAlchemy knows no database",
    "mssql+pymssql://colette:tr0pdur@127.0.0.1/base": "the driver of mssql.pymssql is not installed",
    "sqlite:////nulle/part/avis.db": "sql:sqlite:///avis.db: no such file",
    "sqlite://": "no such file",
}


@pytest.mark.parametrize("place", _PLACES)
def test_a_database_that_cannot_be_reached_is_explained_without_its_password(
    place: str | None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("VOC_DB", place) if place is not None else monkeypatch.delenv("VOC_DB", raising=False)
    error = refused("SELECT 1")
    assert pytest.RaisesExc(VocpipeError, match=_PLACES[place]).matches(error)
    text = shown(error, caplog)
    assert not [secret for secret in ("colette", "tr0p", "dur@", "/nulle/") if secret in text]


def test_a_server_that_refuses_is_explained_without_the_user(url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for part, other, says in (
        (URL_PASSWORD, "faux", "the password is refused"),
        ("/postgres?", "/ailleurs?", "no such database"),
        ("vocpipe-pg-", "vocpipe-pg-nulle-part-", "no server answers"),
    ):
        monkeypatch.setenv("VOC_DB", url.replace(part, other))
        error = refused("SELECT 1")
        assert says in str(error)
        assert not [secret for secret in (USER, URL_PASSWORD, "faux") if secret in shown(error, caplog)]


def test_sqlite_that_refuses_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOC_DB", f"sqlite:///{tmp_path / 'avis.db'}?timeout=0.1")
    with closing(sqlite3.connect(tmp_path / "avis.db")) as other:
        other.execute("CREATE TABLE avis (note int)")
        assert "the query is refused: no such column: nota" in str(refused("SELECT nota FROM avis"))
        other.execute("INSERT INTO avis VALUES (3)")
        other.commit()
        other.execute("BEGIN EXCLUSIVE")
        assert str(refused("SELECT * FROM avis")).startswith("sql:sqlite:///avis.db: database is locked\nrun the same command again")


def test_sqlalchemy_is_loaded_by_the_reading_only_and_its_absence_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import sys, vocpipe.sources.sql; sys.exit('sqlalchemy' in sys.modules or 'psycopg' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    monkeypatch.setenv("VOC_DB", "sqlite:///avis.db")
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    error = refused("SELECT 1")
    assert "pip install '.[sql]'" in error.hint
