"""The feed as files: every value arrives, only what changed is written, and a copy that differs is found."""

import csv
import json
import os
import shutil
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow.parquet as pq
import pytest

from tests.contract.feeds_made import HOSTILE, batches, build_feed
from vocpipe.errors import ConfigError, WorkspaceError
from vocpipe.feeds import open_feed
from vocpipe.feeds.cells import safe_cell
from vocpipe.feeds.contract import TABLES
from vocpipe.feeds.sinks import FORMATS, export, verify


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return batches(tmp_path_factory.mktemp("made"))


@pytest.fixture(scope="module")
def feed(made: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_feed(tmp_path_factory.mktemp("w"), made)


def states(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path.relative_to(folder)): (path.stat().st_ino, path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


def rows(feed: Path, table: str) -> list[dict[str, Any]]:
    with open_feed(feed) as connection:
        found: list[dict[str, Any]] = connection.sql(f"FROM {table}").to_arrow_table().to_pylist()
        return found


@pytest.mark.parametrize("form", FORMATS)
def test_every_value_arrives_and_a_second_export_writes_nothing(feed: Path, tmp_path: Path, form: str) -> None:
    target = tmp_path / "l'été [a]*?" / form
    first = export(feed, target, form)
    assert first.written
    found = verify(feed, str(target))
    assert found.differences == ()
    assert found.rows == sum(len(rows(feed, name)) for name in TABLES)
    before = states(target)
    assert not list(target.rglob("*.tmp"))
    second = export(feed, target, form)
    if form != "duckdb":
        assert (second.written, second.removed, second.unchanged) == ((), (), len(first.written))
        assert states(target) == before


def test_parquet_goes_by_month_and_reads_as_one_table(feed: Path, tmp_path: Path) -> None:
    export(feed, tmp_path / "p")
    for name, table in TABLES.items():
        read = pq.read_table(tmp_path / "p" / name, partitioning="hive" if table.by_month else None)
        assert sorted(read.column_names) == sorted(table.arrow.names)
        assert read.num_rows == len(rows(feed, name))
    march = pq.read_table(tmp_path / "p" / "fact_verbatim" / "month=2026-03" / "data.parquet")
    assert march.to_pylist() == [
        {key: value for key, value in row.items() if key != "month"} for row in rows(feed, "fact_verbatim") if row["month"] == "2026-03"
    ]


def test_a_new_batch_touches_only_its_month_and_the_whole_tables(made: Any, tmp_path: Path) -> None:
    target = tmp_path / "p"
    export(build_feed(tmp_path, made[:2]), target)
    before = states(target)
    (target / "notes.txt").write_text("mine", encoding="utf-8")
    later = build_feed(tmp_path, made)
    done = export(later, target)
    months = {name for name in done.written if "/month=" in name}
    assert months
    assert all("/month=2026-05/" in name for name in months)
    assert "fact_opinion/month=2026-05/data.parquet" in months
    kept = {name: state for name, state in states(target).items() if name in before and name not in done.written and name.endswith("/data.parquet")}
    assert kept
    assert all(before[name] == state for name, state in kept.items())
    assert verify(later, str(target)).differences == ()

    back = export(build_feed(tmp_path, made[:2]), target)
    assert all("month=2026-05" in name for name in back.removed)
    assert not list(target.rglob("month=2026-05"))
    assert (target / "notes.txt").read_text(encoding="utf-8") == "mine"
    assert verify(tmp_path / "feed", str(target)).differences == ()


def test_an_export_stopped_between_two_files_is_made_good(feed: Path, made: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "p"
    export(build_feed(tmp_path, made[:2]), target)
    with monkeypatch.context() as patched:
        patched.setattr("vocpipe.feeds.sinks.folder._tell", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            export(feed, target)
    assert export(feed, target).written
    assert verify(feed, str(target)).differences == ()


def test_a_spreadsheet_reads_as_it_should(feed: Path, tmp_path: Path) -> None:
    export(feed, tmp_path / "c", "csv")
    raw = (tmp_path / "c" / "fact_opinion.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbfopinion_id;batch;")
    with (tmp_path / "c" / "fact_opinion.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = list(csv.DictReader(file, delimiter=";"))
    source = rows(feed, "fact_opinion")
    assert [row["text"] for row in cells] == [safe_cell(row["text"]) for row in source]
    assert all(cell[:1] not in tuple("=+-@\t\r") or key not in ("text", "attributes", "label", "quote") for row in cells for key, cell in row.items())
    hostile = next(row for row in cells if row["text"].startswith("'=cmd"))
    assert (hostile["sentiment"], hostile["irritant"], hostile["effort"], hostile["step_p"], hostile["theme"]) == ("-2", "1", "0", "0,8", "livraison")
    assert next(row for row in cells if row["opinion_id"] == "v1-0")["emotions"] == '["colere","frustration"]'
    unexpressed = next(row for row in cells if row["opinion_id"] == "v7-0")
    assert (unexpressed["sentiment"], unexpressed["emotion"], unexpressed["theme"]) == ("", "", "")
    with (tmp_path / "c" / "fact_verbatim.csv").open(encoding="utf-8-sig", newline="") as file:
        assert next(csv.DictReader(file, delimiter=";"))["date"] == "2026-03-02"


def test_a_changed_copy_is_found(feed: Path, tmp_path: Path) -> None:
    for form in FORMATS:
        export(feed, tmp_path / form, form)
    path = tmp_path / "parquet" / "agg_irritant_month" / "month=2026-03" / "data.parquet"
    table = pq.read_table(path)
    pq.write_table(table.set_column(table.column_names.index("opinions"), "opinions", [[value + 1 for value in table["opinions"].to_pylist()]]), path)
    (tmp_path / "parquet" / "dim_theme" / "data.parquet").unlink()
    found = {(each.table, each.month): (each.rows, each.found) for each in verify(feed, str(tmp_path / "parquet")).differences}
    assert found == {("agg_irritant_month", "2026-03"): (2, 2), ("dim_theme", ""): (17, 0)}
    assert export(feed, tmp_path / "parquet").written == ("dim_theme/data.parquet",)

    spreadsheet = tmp_path / "csv" / "dim_irritant.csv"
    spreadsheet.write_text(spreadsheet.read_text(encoding="utf-8-sig").replace("plante", "planta"), encoding="utf-8-sig")
    (tmp_path / "csv" / "alerts.csv").write_bytes(b"month;alert\r\n")
    assert {each.table for each in verify(feed, str(tmp_path / "csv")).differences} == {"dim_irritant", "alerts"}

    with duckdb.connect(tmp_path / "duckdb" / "voc.duckdb") as connection:
        connection.execute("DELETE FROM fact_opinion WHERE month = '2026-04'; DROP TABLE dim_step")
        connection.execute("UPDATE fact_verbatim SET month = NULL WHERE month = '2026-04'")
    found = {(each.table, each.month): each.found for each in verify(feed, str(tmp_path / "duckdb" / "voc.duckdb")).differences}
    gone = sum(row["month"] == "2026-04" for row in rows(feed, "fact_verbatim"))
    assert found == {("fact_opinion", "2026-04"): 0, ("dim_step", ""): 0, ("fact_verbatim", "2026-04"): 0, ("fact_verbatim", "?"): gone}


def test_a_spreadsheet_saved_by_another_program_differs(feed: Path, tmp_path: Path) -> None:
    export(feed, tmp_path, "csv")
    path = tmp_path / "fact_opinion.csv"
    written = path.read_bytes()
    for spoilt, month in (
        (written.decode("utf-8-sig").encode("cp1252", "replace"), "2026-03"),
        (written + b'v;"' + b"x" * 200_000, "2026-03"),
        (written + b"a;row;too;short\r\n", "?"),
    ):
        path.write_bytes(spoilt)
        found = verify(feed, str(tmp_path)).differences
        assert ({each.table for each in found}, found[0].month) == ({"fact_opinion"}, month)
    path.write_bytes(written + b"\r\n")
    assert verify(feed, str(tmp_path)).differences == ()


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_table_that_is_missing_is_told(feed: Path, tmp_path: Path, form: str) -> None:
    name = next(name for name in TABLES if not rows(feed, name))
    export(feed, tmp_path, form)
    assert verify(feed, str(tmp_path)).differences == ()
    if form == "duckdb":
        with duckdb.connect(tmp_path / "voc.duckdb") as connection:
            connection.execute(f"DROP TABLE {name}; CREATE TABLE {name} (month VARCHAR)")
    elif form == "csv":
        (tmp_path / f"{name}.csv").unlink()
    else:
        shutil.rmtree(tmp_path / name)
    assert [(each.table, each.month, each.missing) for each in verify(feed, str(tmp_path)).differences] == [(name, "", True)]


@pytest.mark.skipif(os.name != "posix", reason="the size of files can be limited on POSIX only")
@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk_is_told(feed: Path, tmp_path: Path, form: str) -> None:
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, before[1]))
    try:
        with pytest.raises(WorkspaceError, match="no space left"):
            export(feed, tmp_path / form, form)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    export(feed, tmp_path / form, form)
    assert verify(feed, str(tmp_path / form)).differences == ()


def test_what_cannot_be_is_told(feed: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such format: 'parket'"):
        export(feed, tmp_path / "x", "parket")
    export(feed, tmp_path / "x", "csv")
    with pytest.raises(ConfigError, match="holds an export as csv"):
        export(feed, tmp_path / "x")
    (tmp_path / "file").write_bytes(b"not a database")
    with pytest.raises(ConfigError, match="is a file"):
        export(feed, tmp_path / "file")
    with pytest.raises(WorkspaceError, match="no DuckDB file"):
        verify(feed, str(tmp_path / "file"))
    with pytest.raises(ConfigError, match="no export of the feed"):
        verify(feed, str(tmp_path / "nowhere"))
    with pytest.raises(WorkspaceError, match="no feed"):
        export(tmp_path / "nowhere", tmp_path / "y")


def test_a_list_of_files_that_was_tampered_with_removes_nothing_else(feed: Path, tmp_path: Path) -> None:
    export(feed, tmp_path / "p")
    (tmp_path / "mine.parquet").write_bytes(b"mine")
    manifest = tmp_path / "p" / "vocpipe_feed.json"
    held = json.loads(manifest.read_text(encoding="utf-8"))
    held["files"] |= {"../mine.parquet": None, str(tmp_path / "mine.parquet"): None}
    manifest.write_text(json.dumps(held), encoding="utf-8")
    export(feed, tmp_path / "p")
    assert (tmp_path / "mine.parquet").is_file()


def test_a_feed_of_another_version_is_refused(feed: Path, tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "voc.duckdb") as connection:
        connection.execute("CREATE TABLE fact_verbatim (batch VARCHAR)")
    with pytest.raises(WorkspaceError, match="another version of vocpipe built it") as caught:
        export(tmp_path, tmp_path / "x")
    assert "run any batch" in caught.value.hint


def test_excel_opens_the_cells_as_text(feed: Path, tmp_path: Path) -> None:
    """Put the cells in a workbook as Excel does, and see that none is a formula."""
    export(feed, tmp_path / "c", "csv")
    with (tmp_path / "c" / "fact_verbatim.csv").open(encoding="utf-8-sig", newline="") as file:
        sheet = openpyxl.Workbook().active
        for row in csv.reader(file, delimiter=";"):
            sheet.append(row)
    assert len(HOSTILE) + 12 == sheet.max_row
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
