"""The feed in a real PostgreSQL: every value, only what changed, all or nothing, the rights of each."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.contract.feeds_made import HOSTILE, batches, build_feed
from tests.postgres import PASSWORD
from vocpipe.errors import ConfigError, VocpipeError, WorkspaceError
from vocpipe.feeds import open_feed
from vocpipe.feeds.contract import SCHEMA_VERSION, TABLES
from vocpipe.feeds.sinks import apply_roles, push, role_script, staging, verify

psycopg = pytest.importorskip("psycopg")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return batches(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def feed(made: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_feed(tmp_path_factory.mktemp("w"), made)


@pytest.fixture(scope="module")
def early(made: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the feed before the batch of May."""
    return build_feed(tmp_path_factory.mktemp("early"), made[:2])


@pytest.fixture
def server(postgres_url: str) -> Iterator[Any]:
    """Give a connection of a superuser; what a test makes goes with it."""
    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        before = {name for (name,) in connection.execute("SELECT nspname FROM pg_namespace")}
        yield connection
        for (name,) in connection.execute("SELECT nspname FROM pg_namespace").fetchall():
            if name not in before:
                connection.execute(f'DROP SCHEMA "{name}" CASCADE')


def contents(server: Any, schema: str) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row with the transaction that wrote it and its place."""
    names = [name for (name,) in server.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", (schema,)).fetchall()]
    return {name: server.execute(f"SELECT xmin::text, ctid::text, t::text FROM {schema}.{name} AS t ORDER BY 1, 2").fetchall() for name in names}


def test_every_value_arrives_and_pushing_again_changes_nothing(feed: Path, server: Any, postgres_url: str) -> None:
    first = push(feed, postgres_url, "twice")
    assert first.unchanged == 0
    found = verify(feed, postgres_url, "twice")
    assert (found.parts, found.rows, found.differences) == (len(first.replaced), first.rows, ())
    before = contents(server, "twice")
    assert set(before) == {*TABLES, "vocpipe_feed"}
    again = push(feed, postgres_url, "twice")
    assert (again.replaced, again.removed, again.rows, again.unchanged) == ((), (), 0, len(first.replaced))
    assert contents(server, "twice") == before
    with open_feed(feed) as connection:
        for name in TABLES:
            ours = connection.sql(f"FROM {name}").to_arrow_table().to_pylist()
            names = ", ".join(f'"{column}"' for column in TABLES[name].arrow.names)
            there = server.execute(f"SELECT {names} FROM twice.{name}").fetchall()
            assert sorted(map(str, there)) == sorted(str(tuple(_without_nul(value) for value in row.values())) for row in _as_postgres(name, ours))


def _as_postgres(name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows with the floats of 32 bits as PostgreSQL shows them: the shortest decimals."""
    short = [field.name for field in TABLES[name].arrow if str(field.type) == "float"]
    import numpy as np

    return [{key: float(str(np.float32(value))) if key in short and value is not None else value for key, value in row.items()} for row in rows]


def _without_nul(value: Any) -> Any:
    return value.replace("\x00", "\ufffd") if isinstance(value, str) else value


def test_hostile_words_arrive_as_they_are(feed: Path, server: Any, postgres_url: str) -> None:
    push(feed, postgres_url, "hostile")
    found = [text for (text,) in server.execute("SELECT text FROM hostile.fact_verbatim WHERE batch = '2026-05' ORDER BY verbatim_id").fetchall()]
    assert found == [text.replace("\x00", "\ufffd") for text in HOSTILE]
    terms = server.execute("SELECT terms FROM hostile.dim_irritant WHERE irritant_id = 'IRR-0001'").fetchone()
    assert terms == (['a"b\\', "{c,d}", "NULL", "", "=e\tf"],)


def test_a_new_batch_touches_only_its_months(early: Path, feed: Path, server: Any, postgres_url: str) -> None:
    push(early, postgres_url, "growing")
    marked = "SELECT month, xmin::text FROM growing.fact_opinion GROUP BY 1, 2 ORDER BY 1"
    before = server.execute(marked).fetchall()
    done = push(feed, postgres_url, "growing")
    assert {month for _, month in done.replaced} == {"2026-05", ""}
    assert done.rows < sum(len(rows) for rows in contents(server, "growing").values())
    after = server.execute(marked).fetchall()
    assert after[:2] == before
    assert [month for month, _ in after] == ["2026-03", "2026-04", "2026-05"]
    assert verify(feed, postgres_url, "growing").differences == ()
    back = push(early, postgres_url, "growing")
    assert {month for _, month in back.removed} == {"2026-05"}
    assert verify(early, postgres_url, "growing").differences == ()
    assert server.execute("SELECT count(*) FROM growing.fact_opinion WHERE month = '2026-05'").fetchone() == (0,)


def test_a_push_that_is_killed_leaves_the_former_tables_and_the_next_goes_on(
    early: Path, feed: Path, server: Any, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    push(early, postgres_url, "killed")
    before = {name: rows for name, rows in contents(server, "killed").items() if "stage" not in name}
    marker = tmp_path / "ready"
    program = subprocess.Popen([sys.executable, "-m", "tests.contract.push_and_wait", str(feed), postgres_url, str(marker)])
    try:
        end = time.monotonic() + 120
        while not marker.exists() and program.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        assert marker.exists()
        with pytest.raises(WorkspaceError, match="another push is writing in the schema killed"):
            push(feed, postgres_url, "killed")
    finally:
        program.kill()
        program.wait()
    while server.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone() != (0,) and time.monotonic() < end:
        time.sleep(0.05)
    assert {name: rows for name, rows in contents(server, "killed").items() if "stage" not in name} == before
    assert verify(early, postgres_url, "killed").differences == ()

    def copied(*_: object) -> Iterator[bytes]:
        raise AssertionError("it was copied already")

    monkeypatch.setattr(staging, "copy_lines", copied)
    assert push(feed, postgres_url, "killed").replaced
    assert verify(feed, postgres_url, "killed").differences == ()
    assert not [name for name in contents(server, "killed") if "stage" in name]


def test_a_change_in_the_database_is_found_and_mended(feed: Path, server: Any, postgres_url: str) -> None:
    push(feed, postgres_url, "changed")
    server.execute("UPDATE changed.fact_opinion SET sentiment = 0 WHERE opinion_id = 'v1-0' AND month = '2026-03'; DELETE FROM changed.dim_theme")
    found = {(each.table, each.month): (each.rows, each.found) for each in verify(feed, postgres_url, "changed").differences}
    assert found == {("fact_opinion", "2026-03"): (13, 13), ("dim_theme", ""): (17, 0)}
    assert push(feed, postgres_url, "changed").replaced == ()
    assert len(push(feed, postgres_url, "changed", everything=True).replaced) > len(TABLES)
    foreign = (
        "INSERT INTO changed.fact_opinion SELECT * FROM changed.fact_opinion LIMIT 3; UPDATE changed.fact_opinion SET month = {} WHERE opinion_id = 'v1-0'"
    )
    for month, told in (("NULL", "?"), ("'2019-01'", "2019-01")):
        server.execute(foreign.format(month))
        assert told in {each.month for each in verify(feed, postgres_url, "changed").differences}
        push(feed, postgres_url, "changed", everything=True)
        assert verify(feed, postgres_url, "changed").differences == ()
    empty = next(name for name, table in TABLES.items() if table.by_month and not server.execute(f"SELECT 1 FROM changed.{name}").fetchall())
    server.execute(f"DROP TABLE changed.{empty}")
    assert [(each.table, each.missing) for each in verify(feed, postgres_url, "changed").differences] == [(empty, True)]
    server.execute("DROP TABLE changed.alerts")
    assert {table for table, _ in push(feed, postgres_url, "changed").replaced} == {"alerts"}
    assert verify(feed, postgres_url, "changed").differences == ()


def test_a_column_that_is_new_is_added_and_a_later_version_is_left_alone(feed: Path, server: Any, postgres_url: str) -> None:
    push(feed, postgres_url, "older")
    server.execute("ALTER TABLE older.fact_opinion DROP COLUMN model_version; DROP TABLE older.agg_kpi_month")
    server.execute("UPDATE older.vocpipe_feed SET schema_version = '1.3', checksum = '0' WHERE table_name = 'fact_opinion'")
    assert {table for table, _ in push(feed, postgres_url, "older").replaced} == {"fact_opinion", "agg_kpi_month"}
    assert verify(feed, postgres_url, "older").differences == ()
    major, minor = SCHEMA_VERSION.split(".")
    for version in (f"{major}.{int(minor) + 1}", f"{int(major) - 1}.9"):
        server.execute("UPDATE older.vocpipe_feed SET schema_version = %s", (version,))
        with pytest.raises(ConfigError, match=f"holds version {version}"):
            push(feed, postgres_url, "older")


def test_what_was_set_aside_by_another_version_is_made_again(feed: Path, server: Any, postgres_url: str) -> None:
    server.execute("CREATE SCHEMA left_over; CREATE TABLE left_over.vocpipe_stage_alerts (month text)")
    push(feed, postgres_url, "left_over")
    assert verify(feed, postgres_url, "left_over").differences == ()


def test_tables_of_others_are_not_touched(feed: Path, server: Any, postgres_url: str) -> None:
    server.execute("CREATE SCHEMA theirs; CREATE TABLE theirs.alerts (id int); INSERT INTO theirs.alerts VALUES (1)")
    with pytest.raises(ConfigError, match="a table alerts that no push made"):
        push(feed, postgres_url, "theirs")
    assert server.execute("SELECT count(*) FROM theirs.alerts").fetchone() == (1,)
    server.execute("CREATE VIEW theirs.voc AS SELECT 1 AS one")
    server.execute("DROP TABLE theirs.alerts")
    push(feed, postgres_url, "theirs")
    server.execute("ALTER TABLE theirs.alerts ALTER COLUMN value TYPE text")
    with pytest.raises(ConfigError, match="columns that are not those of the feed: value text"):
        push(feed, postgres_url, "theirs")


def test_each_role_has_what_it_needs_and_no_more(feed: Path, server: Any, postgres_url: str) -> None:
    for _ in range(2):
        apply_roles(postgres_url, "rights", "rights_reader", "rights_writer")
    server.execute("CREATE ROLE pusher LOGIN PASSWORD 'p1' IN ROLE rights_writer; ALTER ROLE pusher SET role = 'rights_writer'")
    server.execute("CREATE ROLE viewer LOGIN PASSWORD 'p2' IN ROLE rights_reader; CREATE ROLE stranger LOGIN PASSWORD 'p3'")
    server.execute("CREATE SCHEMA private; CREATE TABLE private.pay (amount int)")
    try:
        pusher, viewer, stranger = (
            postgres_url.replace(f"patron:{PASSWORD}", f"{user}:{word}") for user, word in (("pusher", "p1"), ("viewer", "p2"), ("stranger", "p3"))
        )
        push(feed, pusher, "rights")
        assert verify(feed, viewer, "rights").differences == ()
        with pytest.raises(WorkspaceError, match="permission denied") as caught:
            push(feed, viewer, "rights", everything=True)
        assert "vocpipe feed roles" in caught.value.hint
        with pytest.raises(VocpipeError, match="permission denied") as caught:
            verify(feed, stranger, "rights")
        assert "the role of a reader" in caught.value.hint
        for url in (pusher, viewer):
            with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
                for statement in ("SELECT * FROM private.pay", "CREATE SCHEMA mine", "CREATE TABLE public.mine (id int)", "CREATE ROLE mine"):
                    with pytest.raises(psycopg.errors.InsufficientPrivilege):
                        connection.execute(statement)
        with psycopg.connect(viewer.replace("+psycopg", ""), autocommit=True) as connection:
            for statement in ("DELETE FROM rights.alerts", "CREATE TABLE rights.mine (id int)", "UPDATE rights.vocpipe_feed SET checksum = ''"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)
    finally:
        server.execute("DROP SCHEMA rights CASCADE; DROP OWNED BY rights_reader, rights_writer, pusher, viewer, stranger")
        server.execute("DROP ROLE pusher, viewer, stranger, rights_reader, rights_writer")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:s3/cret@h/d",
        "postgresql://u:12/s3cret@127.0.0.1:1/d",
        "postgresql://u:a?host=s3cret@h/d",
        "postgresql+psycopg://u:s3/cret@h/d?a=b",
        "postgresql://u:s3@cret@h/d",
        "postgresql://u:s3cret@h:port/d?nonsense=s3cret",
        "mysql://u:s3cret@h/d",
        "postgresql://u:s3cret@[h/d",
    ],
)
def test_an_address_that_cannot_be_read_is_not_shown(feed: Path, url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        push(feed, url)
    assert not [word for word in ("s3", "cret") if word in str(caught.value)]


def test_a_server_that_refuses_is_told_without_the_password(feed: Path, postgres_url: str) -> None:
    with pytest.raises(ConfigError, match="the user or the password is refused") as caught:
        push(feed, postgres_url.replace(PASSWORD, "s3cret-faux"))
    with pytest.raises(ConfigError, match="there is no such database"):
        push(feed, postgres_url.replace("/postgres?", "/nowhere?"))
    with pytest.raises(ConfigError, match="no server answers there"):
        push(feed, "postgresql://u:s3cret@127.0.0.1:1/d")
    assert "s3cret" not in str(caught.value)


def test_names_that_are_no_names_are_refused(feed: Path, postgres_url: str) -> None:
    for name in ('x"; DROP SCHEMA public; --', "pg_catalog", "Été", ""):
        with pytest.raises(ConfigError, match="cannot be the name of a schema"):
            push(feed, postgres_url, name)
        with pytest.raises(ConfigError, match="cannot be the name of a role"):
            role_script("voc", name)
    with pytest.raises(ConfigError, match="everyone else"):
        role_script("public")


def test_the_meaning_of_columns_is_in_the_database(feed: Path, server: Any, postgres_url: str) -> None:
    push(feed, postgres_url, "told")
    (missing,) = server.execute(
        "SELECT count(*) FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'told'::regnamespace AND relkind = 'r' "
        "AND relname <> 'vocpipe_feed' AND attnum > 0 AND NOT attisdropped AND col_description(attrelid, attnum) IS NULL"
    ).fetchone()
    assert missing == 0


def test_the_commands_push_verify_and_print(feed: Path, server: Any, postgres_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from vocpipe.cli.feed import app

    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "workspace.json").write_text('{"format": 1, "settings": {}}', encoding="utf-8")
    (tmp_path / "w" / "feed").symlink_to(feed)
    monkeypatch.setenv("VOCPIPE_FEED_URL", postgres_url)
    place = ["--workspace", str(tmp_path / "w"), "--schema", "commands"]
    outputs = [CliRunner().invoke(app, ["push", *place]), CliRunner().invoke(app, ["verify", *place])]
    assert [result.exit_code for result in outputs] == [0, 0]
    assert "0 parties qui diffèrent" in outputs[1].output
    server.execute("DELETE FROM commands.dim_emotion")
    differing = CliRunner().invoke(app, ["verify", *place])
    assert (differing.exit_code, "dim_emotion (toute la table) : 0 lignes au lieu de 9" in differing.output) == (1, True)
    exported = CliRunner().invoke(app, ["export", str(tmp_path / "w"), "--to", str(tmp_path / "out"), "--format", "csv"])
    assert f"{len(TABLES)} fichiers écrits" in exported.output
    assert CliRunner().invoke(app, ["verify", str(tmp_path / "out"), "--workspace", str(tmp_path / "w")]).exit_code == 0
    assert CliRunner().invoke(app, ["roles", "--schema", "commands"]).output == role_script("commands")
    assert PASSWORD not in "".join(result.output for result in [*outputs, differing])
