"""Every snippet of docs/feed.md does what it says, on files and on a real PostgreSQL."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from tests.contract.feeds_made import batches, build_feed
from vocpipe.cli.feed import app
from vocpipe.feeds.contract import TABLES
from vocpipe.feeds.sinks import export, push

PAGE = Path(__file__).parents[2] / "docs" / "feed.md"
SNIPPETS = [
    (heading.splitlines()[0], language, code)
    for heading in PAGE.read_text(encoding="utf-8").split("\n## ")
    for language, code in re.findall(r"^```(\w*)\n(.*?)^```$", heading, re.MULTILINE | re.DOTALL)
]
QUERIES = [pytest.param(code, id=f"{heading}-{number}") for number, (heading, language, code) in enumerate(SNIPPETS) if language == "sql"]
PROGRAMS = [pytest.param(code, id=f"{heading}-{number}") for number, (heading, language, code) in enumerate(SNIPPETS) if language == "python"]
COMMANDS = [line for _, language, code in SNIPPETS if language == "sh" for line in code.splitlines()]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a workspace and what the page exports from it."""
    place = tmp_path_factory.mktemp("recipes")
    (place / "workspace").mkdir()
    (place / "workspace" / "workspace.json").write_text('{"format": 1, "settings": {}}', encoding="utf-8")
    feed = build_feed(place / "workspace", batches(place / "made"))
    export(feed, place / "feed-parquet")
    export(feed, place / "feed-excel", "csv")
    export(feed, place / "voc.duckdb", "duckdb")
    return place


@pytest.fixture(scope="module")
def database(place: Path, postgres_url: str) -> Iterator[Any]:
    """Give a connection to the database that the feed was pushed to, in a schema of its own."""
    import psycopg

    push(place / "workspace" / "feed", postgres_url, "recipes")
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True, options="-c search_path=recipes") as connection:
        yield connection
        connection.execute("DROP SCHEMA recipes CASCADE")


def test_the_page_holds_what_is_tested_and_names_every_table() -> None:
    assert {language for _, language, _ in SNIPPETS} == {"sql", "python", "sh"}
    assert PAGE.read_text(encoding="utf-8").count("```") == 2 * len(SNIPPETS)
    section = PAGE.read_text(encoding="utf-8").split("\n## Tables\n")[1].split("\n## ")[0]
    assert set(re.findall(r"`(\w+)`", section.split("\n\n")[0])) == set(TABLES)


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_gives_the_same_rows_in_both_databases(query: str, place: Path, database: Any) -> None:
    there = database.execute(query).fetchall()
    with duckdb.connect(place / "voc.duckdb", read_only=True) as connection:
        here = connection.execute(query).fetchall()
    assert there
    assert [tuple(map(_plain, row)) for row in there] == [pytest.approx(tuple(map(_plain, row)), nan_ok=True) for row in here]


def _plain(value: Any) -> Any:
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else value if value is None or hasattr(value, "year") else float(value)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_runs(program: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in re.findall(r"^import (\w+)", program, re.MULTILINE):
        pytest.importorskip(name)
    monkeypatch.chdir(place)
    exec(compile(program, str(PAGE), "exec"), {})


def test_the_commands_run_in_their_order(place: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import psycopg

    monkeypatch.chdir(place)
    try:
        for command in COMMANDS:
            program, group, *words = shlex.split(command)
            assert (program, group) == ("vocpipe", "feed")
            result = CliRunner().invoke(app, [postgres_url if word.startswith("postgresql://") else word for word in words])
            assert result.exit_code == 0, f"{command}: {result.output}"
    finally:
        with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("DROP SCHEMA IF EXISTS voc CASCADE; DROP OWNED BY voc_reader, voc_writer; DROP ROLE voc_reader, voc_writer")
