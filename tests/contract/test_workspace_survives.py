import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.fakes import write_config, write_export
from tests.contract.kill_at import content
from vocpipe import batch as steps
from vocpipe.errors import VocpipeError, WorkspaceError
from vocpipe.resources import PACKAGE
from vocpipe.runs import run
from vocpipe.workspace import Workspace


def test_a_kill_at_any_moment_is_made_good_by_running_again(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "tests.contract.kill_at", str(tmp_path)], capture_output=True, text=True, cwd=PACKAGE.parent, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    first, other = json.loads(done.stdout)
    assert first > 10
    assert other > 15


def test_a_finished_batch_is_left_as_it_is(tmp_path: Path) -> None:
    config, export = write_config(tmp_path), write_export(tmp_path / "a.csv")
    made = run(config, export, batch="2026-03", workspace=tmp_path / "w")
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / "w").rglob("*") if path.is_file() and path.name != ".lock"}
    again = run(config, export, batch="2026-03", workspace=tmp_path / "w")
    assert {path: path.stat().st_mtime_ns for path in times} == times
    assert again.unchanged
    assert not made.unchanged
    assert (again.counts, again.irritants, again.timing, again.top) == (made.counts, made.irritants, made.timing, made.top)


def test_the_number_of_workers_and_the_order_of_inputs_change_nothing(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    exports = [write_export(tmp_path / "a.csv", 40), write_export(tmp_path / "b.csv", 20, first=30)]
    run(config, exports, batch="2026-03", workspace=tmp_path / "one")
    run(config, exports[::-1], batch="2026-03", workspace=tmp_path / "two", workers=2)
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_a_verbatim_told_in_two_batches_counts_once(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    run(config, write_export(tmp_path / "a.csv", 40), batch="2026-03", workspace=tmp_path / "w")
    run(config, write_export(tmp_path / "b.csv", 40, first=24, month="04/2026"), batch="2026-04", workspace=tmp_path / "w")
    workspace = Workspace(tmp_path / "w")
    told = workspace.rows("2026-03")["verbatim_id"].to_pylist()
    assert set(told) & set(workspace.rows("2026-04")["verbatim_id"].to_pylist())
    opinions = workspace.table("fact_opinion")
    named = [(row["verbatim_id"], row["month"]) for row in opinions.to_pylist() if row["irritant_id"]]
    assert {month for _, month in named} == {"2026-03", "2026-04"}
    assert not [verbatim for verbatim, month in named if month == "2026-04" and verbatim in told]


def test_irritants_keep_their_identifiers(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    run(config, write_export(tmp_path / "a.csv", 80), batch="2026-03", workspace=tmp_path / "w")
    before = Workspace(tmp_path / "w").table("dim_irritant")["irritant_id"].to_pylist()
    run(config, write_export(tmp_path / "b.csv", 80, first=200, month="04/2026"), batch="2026-04", workspace=tmp_path / "w")
    assert before
    assert Workspace(tmp_path / "w").table("dim_irritant")["irritant_id"].to_pylist() == before
    run(config, write_export(tmp_path / "c.csv", 72, first=400), batch="2026-03", workspace=tmp_path / "w")
    assert Workspace(tmp_path / "w").table("dim_irritant")["irritant_id"].to_pylist() == before


def test_inputs_that_cannot_be_read_leave_the_batch_as_it_was(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    run(config, write_export(tmp_path / "a.csv"), batch="2026-03", workspace=tmp_path / "w")
    before = content(tmp_path / "w")
    (tmp_path / "empty.csv").write_bytes(b"")
    for path in (tmp_path / "empty.csv", tmp_path / "missing.csv"):
        with pytest.raises(VocpipeError):
            run(config, path, batch="2026-03", workspace=tmp_path / "w")
    assert content(tmp_path / "w") == before


def test_a_disk_that_fills_up_is_told_and_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, export = write_config(tmp_path), write_export(tmp_path / "a.csv")
    run(config, export, batch="2026-03", workspace=tmp_path / "peaceful")
    real, left = steps.files.pq.write_table, 0

    def filling(table: object, where: Path, **options: object) -> None:
        nonlocal left
        if not left:
            where.write_bytes(b"half")
            raise OSError(28, "No space left on device")
        left -= 1
        real(table, where, **options)

    for writes in range(9):
        left, place = writes, tmp_path / str(writes)
        with monkeypatch.context() as patch:
            patch.setattr(steps.files.pq, "write_table", filling)
            with pytest.raises(WorkspaceError, match="no space left"):
                run(config, export, batch="2026-03", workspace=place)
        assert not list(place.rglob("*.tmp"))
        run(config, export, batch="2026-03", workspace=place)
        assert content(place) == content(tmp_path / "peaceful")
