"""The SQL source, on a real PostgreSQL and on SQLite."""

import csv
import datetime as dt
import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psutil
import pytest

from tests.contract.reviews_table import ROWS, USER, invented, read, source
from vocpipe.errors import InputError, VocpipeError
from vocpipe.sources.config import SourceConfig
from vocpipe.sources.cursor import Cursor, cursor_range
from vocpipe.sources.ingest import ingest
from vocpipe.sources.rows import Reader, Row
from vocpipe.sources.sql import SqlReader
from vocpipe.sources.values import to_string

sa = pytest.importorskip("sqlalchemy")
PARIS = "Europe/Paris"


@pytest.mark.usefixtures("url")
def test_every_value_comes_back_as_it_was_written() -> None:
    reader: Reader = SqlReader(source())
    assert (reader.name, reader.format) == ("sql:postgresql://localhost/postgres", "sql")
    assert reader.headers == [
        "id",
        "modifie",
        "rang",
        "code",
        "depose",
        "commentaire",
        "note",
        "magasin",
        "recommande",
        "meta.appli.version",
        "meta.étapes",
        "mots",
    ]
    rows = list(reader.rows(Counter()))
    assert [row.number for row in rows] == list(range(1, ROWS + 1))
    for row, made in zip(rows, invented(), strict=True):
        meta, words = made.pop("meta"), made.pop("mots")
        told = {"meta.appli.version": meta["appli"]["version"], "meta.étapes": json.dumps(meta["étapes"])} if meta else {"meta": None}
        assert row.cells == {**made, **told, "mots": json.dumps(words, ensure_ascii=False) if words is not None else None}


@pytest.mark.usefixtures("url")
def test_the_same_rows_in_a_file_give_the_same_batches(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "columns": {"text": "commentaire", "source_id": "code", "date": "modifie", "csat": "note", "product": "magasin"},
        "timezone": PARIS,
    }
    reader = SqlReader(source(**settings))
    with (tmp_path / "avis.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, reader.headers, delimiter=";", extrasaction="ignore")
        writer.writeheader()
        for row in reader.rows(Counter()):
            local = {name: value.astimezone(ZoneInfo(PARIS)) if isinstance(value, dt.datetime) else value for name, value in row.cells.items()}
            writer.writerow({name: to_string(value) for name, value in local.items()})
    from_file = ingest([tmp_path / "avis.csv"], SourceConfig(name="avis", **settings))
    expected = list(from_file)
    from_database = ingest([], source(**settings))
    assert list(from_database) == expected
    assert sum(batch.num_rows for batch in expected) == ROWS
    counts = from_database.report.model_dump(exclude={"files"})
    assert counts == from_file.report.model_dump(exclude={"files"})
    [told] = from_database.report.files
    assert (told.name, told.format, told.rows, told.sha256) == (reader.name, "sql", ROWS, reader.sha256)
    assert told.bytes > 100 * ROWS


@pytest.fixture(params=["postgresql", "sqlite"])
def growing(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A connection to an empty table `flux` that the tests fill; the environment tells where it is."""
    kinds = {"n": "bigint", "rang": "numeric", "code": "text", "jour": "date", "local": "timestamp", "modifie": "timestamptz", "texte": "text"}
    if request.param == "sqlite":
        owner, kinds = f"sqlite:///{tmp_path / 'avis.db'}", {**dict.fromkeys(kinds, "text"), "n": "integer"}
        monkeypatch.setenv("VOC_DB", owner)
    else:
        request.getfixturevalue("url")
        owner = request.getfixturevalue("postgres_url")
    with sa.create_engine(owner, poolclass=sa.pool.NullPool, isolation_level="AUTOCOMMIT").connect() as connection:
        if request.param == "postgresql":
            connection.execute(sa.text("SET search_path = survey"))
        else:
            connection.execute(sa.text("PRAGMA synchronous = OFF"))
        connection.execute(sa.text(f"CREATE TABLE flux ({', '.join(f'{name} {kind}' for name, kind in kinds.items())})"))
        if request.param == "postgresql":
            connection.execute(sa.text(f"GRANT SELECT ON flux TO {USER}"))
        yield connection
        connection.execute(sa.text("DROP TABLE flux"))


def fill(connection: Any, numbers: range) -> None:
    """Add rows whose columns grow together; SQLite holds text for what it has no type for."""
    first = dt.datetime(2025, 12, 30, 22)
    rows: list[dict[str, Any]] = []
    for number in numbers:
        moment = first + dt.timedelta(days=number, seconds=1, microseconds=number)
        values: dict[str, Any] = {"rang": Decimal(number) + Decimal("0.5"), "jour": moment.date(), "local": moment, "modifie": moment.replace(tzinfo=dt.UTC)}
        if connection.dialect.name == "sqlite":
            values = {**{name: str(value) for name, value in values.items()}, "rang": f"{number:05}.5"}
        rows.append({"n": 5_000_000_000 + number, "code": f"A{number:05}", "texte": f"Étape {number} « ok »", **values})
    names = list(rows[0])
    connection.execute(sa.text(f"INSERT INTO flux ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)})"), rows)


@pytest.mark.parametrize("column", ["n", "rang", "code", "jour", "local", "modifie"])
def test_three_batches_lose_and_repeat_nothing(growing: Any, column: str) -> None:
    told: list[tuple[str, dict[str, Any]]] = []
    batches: dict[str, list[str]] = {}
    hashes = {}
    settings = source(f"SELECT {column}, texte FROM flux", column)
    for batch, numbers in (("2026-01", range(700)), ("2026-02", range(700, 701)), ("2026-03", range(701, 1_300))):
        fill(growing, numbers)
        reader = SqlReader(settings, *cursor_range(told, batch))
        batches[batch] = [str(row.cells["texte"]) for row in read(reader)[0]]
        hashes[batch] = reader.sha256
        told.append((batch, json.loads(json.dumps({"cursor": reader.progress()}))))
    assert [len(batch) for batch in batches.values()] == [700, 1, 599]
    assert [text for batch in batches.values() for text in batch] == [f"Étape {number} « ok »" for number in range(1_300)]
    for batch in batches:
        again = SqlReader(settings, *cursor_range(told, batch))
        read(again)
        assert again.sha256 == hashes[batch]
    nothing = SqlReader(settings, *cursor_range(told, "2026-04"))
    assert read(nothing)[0] == []
    assert nothing.progress() == {"after": told[-1][1]["cursor"]["last"], "last": told[-1][1]["cursor"]["last"]}


def test_rows_without_a_cursor_are_read_once_and_always_counted(growing: Any) -> None:
    fill(growing, range(10))
    growing.execute(sa.text("UPDATE flux SET code = NULL WHERE n % 5 = 0"))
    settings = source("SELECT * FROM flux", "code")
    first = SqlReader(settings)
    rows, problems = read(first)
    assert len(rows) == 10
    assert problems == {"cursor: code is empty, row read in the first batch only": 2}
    fill(growing, range(10, 15))
    rows, problems = read(SqlReader(settings, first.last))
    assert [row.cells["code"] for row in rows] == [f"A{number:05}" for number in range(10, 15)]
    assert [row.number for row in rows] == [1, 2, 3, 4, 5]
    assert problems == {"cursor: code is empty, row left out": 2}


def test_the_hash_tells_the_rows_whatever_their_order(growing: Any) -> None:
    fill(growing, range(1_200))
    readers = [SqlReader(source(f"SELECT * FROM flux {order}")) for order in ("ORDER BY n", "ORDER BY n DESC", "WHERE n % 2 = 0 ORDER BY n")]
    assert [reader.sha256 for reader in readers] == ["", "", ""]
    up, down, half = [read(reader)[0] and reader.sha256 for reader in readers]
    assert up == down != half
    growing.execute(sa.text("UPDATE flux SET texte = 'Étape 3 « ko »' WHERE code = 'A00003'"))
    read(readers[0])
    assert readers[0].sha256 != up


def test_a_reading_that_stops_leaves_no_connection_and_the_next_one_is_whole(url: str, postgres: Any) -> None:
    reader, whole = SqlReader(source()), SqlReader(source())
    expected, _ = read(whole)
    assert next(reader.rows(Counter())) == next(reader.rows(Counter())) == expected[0]
    rows = reader.rows(Counter())
    for _ in range(1_200):
        next(rows)
    rows.close()
    assert (reader.sha256, reader.bytes, reader.last) == ("", 0, None)
    rows = reader.rows(Counter())
    next(rows)
    kill = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{USER}'"
    assert postgres.execute(kill).fetchall() == [(True,)]
    with pytest.raises(InputError, match="connection was lost"):
        list(rows)
    assert read(reader)[0] == expected
    assert (reader.sha256, reader.bytes) == (whole.sha256, whole.bytes)
    SqlReader(source()).close()
    with pytest.raises(VocpipeError):
        SqlReader(source("SELECT * FROM interdit"))
    refusing = SqlReader(source("SELECT * FROM avis", "commentaire"))
    with pytest.raises(VocpipeError):
        read(refusing)
    end = time.monotonic() + 5  # a server process ends a moment after its connection
    while connected := postgres.execute(f"SELECT query FROM pg_stat_activity WHERE usename = '{USER}'").fetchall():
        assert time.monotonic() < end, connected


def test_looking_and_reading_see_one_state_of_the_table(growing: Any) -> None:
    if growing.dialect.name == "sqlite":
        growing.execute(sa.text("PRAGMA journal_mode = WAL"))
    fill(growing, range(600))
    reader = SqlReader(source("SELECT * FROM flux", "n"))
    rows = reader.rows(Counter())
    next(rows)
    fill(growing, range(600, 700))
    growing.execute(sa.text("DELETE FROM flux WHERE n < 5000000600"))
    assert len(list(rows)) == 599
    assert reader.last == Cursor(5_000_000_599)


@pytest.mark.usefixtures("url")
def test_memory_does_not_grow_with_the_table() -> None:
    process = psutil.Process()
    before = process.memory_info().rss
    reader = SqlReader(source("SELECT generate_series(1, 300000) AS n, repeat('très déçu ', 30) AS texte", "n"))
    peak = process.memory_info().rss
    for row in reader.rows(Counter()):
        if row.number % 20_000 == 0:
            peak = max(peak, process.memory_info().rss)
    assert reader.last == Cursor(300_000)
    assert reader.bytes > 90_000_000
    assert peak - before < 25_000_000


@pytest.mark.usefixtures("url")
def test_dates_that_python_has_no_value_for_are_read_as_text(postgres: Any) -> None:
    postgres.execute(f"ALTER ROLE {USER} SET DateStyle = 'German'")
    columns = (
        "'infinity'::date AS a, '-infinity'::timestamp AS b, 'infinity'::timestamptz AS c, '2026-03-01 00:30+01'::timestamptz AS d, '0044-03-15 BC'::date AS e"
    )
    moment = dt.datetime(2026, 3, 1, 0, 30, tzinfo=ZoneInfo(PARIS))
    for zone in (None, PARIS):
        [row] = read(SqlReader(source(f"SELECT {columns}, '2026-02-28 23:30+00'::timestamptz::date AS f", timezone=zone)))[0]
        day = dt.date(2026, 3, 1) if zone else dt.date(2026, 2, 28)
        assert row.cells == {"a": "infinity", "b": "-infinity", "c": "infinity", "d": moment, "e": "0044-03-15 BC", "f": day}
    postgres.execute(f"ALTER ROLE {USER} RESET DateStyle")


@pytest.mark.usefixtures("url")
def test_other_types_and_the_signs_that_drivers_take_for_theirs() -> None:
    query = """SELECT '12:30 :x %s 5 % \\:' AS "a:b", 7 % 4 AS "Reste %", '"\\ud83d coupé"'::json AS mot, '{}'::jsonb AS vide,
        '550e8400-e29b-41d4-a716-446655440000'::uuid AS u, '\\xc3a9'::bytea AS octets, '[1, {"a": 2.50}]'::jsonb AS liste, '1 day'::interval AS duree,
        1 AS double, 2 AS double -- la fin ;
        ; -- et rien après"""
    reader = SqlReader(source(query))
    [row] = read(reader)[0]
    assert row.cells == {
        "a:b": "12:30 :x %s 5 % \\:",
        "Reste %": 3,
        "mot": "? coupé",
        "u": "550e8400-e29b-41d4-a716-446655440000",
        "octets": "é".encode(),
        "liste": '[1, {"a": 2.5}]',
        "duree": "1 day, 0:00:00",
        "double": 1,
        "double (2)": 2,
    }


def test_a_cursor_column_is_quoted_as_its_name_needs(growing: Any) -> None:
    fill(growing, range(5))
    reader = SqlReader(source('SELECT n AS "Numéro d\'ordre", texte AS "order" FROM flux', "Numéro d'ordre"), Cursor(5_000_000_001), Cursor(5_000_000_003))
    assert [row.cells["Numéro d'ordre"] for row in read(reader)[0]] == [5_000_000_002, 5_000_000_003]


def test_cells_of_sqlite_that_are_no_utf_8_are_repaired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite3.connect(tmp_path / "avis.db") as connection:
        connection.execute("CREATE TABLE avis AS SELECT CAST(X'64E9E7752021' AS TEXT) AS texte")
    monkeypatch.setenv("VOC_DB", f"sqlite:///{tmp_path / 'avis.db'}")
    assert read(SqlReader(source("SELECT * FROM avis")))[0] == [Row(1, {"texte": "d\ufffd\ufffdu !"})]


@pytest.mark.parametrize(
    "query", ["SELECT ';' AS \"a;b\" -- ;", "/* ; */ WITH a AS (SELECT 1) SELECT '; l''heure' AS \"a;b\" FROM a ; ", 'select $x$;$x$ as "a;b"']
)
@pytest.mark.usefixtures("url")
def test_a_semicolon_in_a_text_does_not_end_the_query(query: str) -> None:
    reader = SqlReader(source(query))
    assert reader.headers == ["a;b"]
    assert len(read(reader)[0]) == 1
