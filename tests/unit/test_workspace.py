import errno
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vocpipe import files
from vocpipe.errors import ConfigError, WorkspaceError
from vocpipe.workspace import Workspace, check_batch_name, writer

SETTINGS = {"stages": [{"use": "language", "min_letters": 12}], "shard_rows": 15}


def irritants(*identifiers: str) -> pa.Table:
    return pa.table({"irritant_id": list(identifiers)})


def known(workspace: Workspace, but: str = "") -> list[str]:
    return sorted(name for path in workspace.known_irritants(but) for name in pq.read_table(path)["irritant_id"].to_pylist())


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace with two finished batches, and one that was stopped."""
    with writer(tmp_path / "w", SETTINGS) as opened:
        for name, brought in (("2026-01", irritants("a", "b")), ("2026-02", irritants("c")), ("2026-03", irritants("d"))):
            files.write_parquet(brought, opened.folder(name).discovered)
            files.write_parquet(pa.table({"verbatim_id": [name]}), opened.folder(name).rows / "00000.parquet")
            if name != "2026-03":
                files.write_json({"batch": name}, opened.folder(name).manifest)
    return opened


def test_only_finished_batches_count(workspace: Workspace) -> None:
    assert workspace.batches == ("2026-01", "2026-02")
    assert workspace.rows("2026-02")["verbatim_id"].to_pylist() == ["2026-02"]
    assert known(workspace) == ["a", "b", "c"]
    assert known(workspace, but="2026-01") == ["c"]


def test_an_unknown_batch_or_table_gives_the_nearest(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match="did you mean '2026-02'"):
        workspace.rows("2026-2")
    with pytest.raises(WorkspaceError, match="no finished batch called '2026-03'"):
        workspace.manifest("2026-03")
    files.write_parquet(irritants("a"), workspace.feed / "dim_irritant.parquet")
    assert workspace.table("dim_irritant").num_rows == 1
    with pytest.raises(WorkspaceError, match="did you mean 'dim_irritant'"):
        workspace.table("dim_iritant")


def test_irritants_stay_known_when_their_batch_is_done_again(workspace: Workspace) -> None:
    folder = workspace.folder("2026-01")
    folder.restart()
    folder.restart()
    assert workspace.batches == ("2026-02",)
    assert known(workspace, but="2026-01") == ["a", "b", "c"]
    files.write_parquet(irritants("e"), folder.discovered)
    files.write_json({}, folder.manifest)
    assert known(workspace) == ["a", "b", "c", "e"]
    folder.restart()
    assert known(workspace) == ["a", "b", "c", "e"]


def test_irritants_of_a_batch_that_was_stopped_are_forgotten(workspace: Workspace) -> None:
    workspace.folder("2026-03").restart()
    assert known(workspace) == ["a", "b", "c"]
    assert not workspace.folder("2026-03").rows.exists()


def test_other_settings_are_refused_and_named(workspace: Workspace) -> None:
    other = {**SETTINGS, "stages": [{"use": "language", "min_letters": 25}, {"use": "segment"}]}
    with pytest.raises(WorkspaceError) as caught, writer(workspace.path, other):
        pass
    assert "stages.1.min_letters: was 12, is 25" in caught.value.message
    assert "stages.2.use: was not there, is 'segment'" in caught.value.message
    assert "shard_rows" not in caught.value.message
    assert "another --workspace" in caught.value.hint
    with writer(workspace.path, json.loads(json.dumps(SETTINGS))) as opened:
        assert opened.settings == SETTINGS


def test_one_writer_at_a_time(workspace: Workspace) -> None:
    with writer(workspace.path, SETTINGS), pytest.raises(WorkspaceError, match="another run is writing"), writer(workspace.path, SETTINGS):
        pass
    with writer(workspace.path, SETTINGS):
        pass


def test_another_format_is_refused(workspace: Workspace) -> None:
    files.write_json({"format": 99, "settings": SETTINGS}, workspace.path / "workspace.json")
    with pytest.raises(WorkspaceError, match="another version of vocpipe"), writer(workspace.path, SETTINGS):
        pass


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Bonjour")
    with pytest.raises(WorkspaceError, match="is not empty"), writer(tmp_path, SETTINGS):
        pass
    with pytest.raises(WorkspaceError, match="is a file"), writer(tmp_path / "letter.txt", SETTINGS):
        pass
    with pytest.raises(WorkspaceError, match="no workspace at"):
        Workspace(tmp_path)


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "-x", "é", "a b", "x" * 65, "a\n"])
def test_names_that_cannot_be_folders_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be the name of a batch"):
        check_batch_name(name)


@pytest.mark.parametrize("name", ["2026-03", "2026-W12", "mars_2026", "v1.2"])
def test_names_that_can(name: str) -> None:
    check_batch_name(name)


@pytest.mark.parametrize(("number", "message"), [(errno.ENOSPC, "no space left"), (errno.EROFS, "not allowed to write")])
def test_a_full_disk_leaves_the_former_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, message: str) -> None:
    path = tmp_path / "table.parquet"
    files.write_parquet(irritants("a"), path)

    def full(table: pa.Table, where: Path, **_: object) -> None:
        where.write_bytes(b"half")
        raise OSError(number, "broken")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(WorkspaceError, match=message):
        files.write_parquet(irritants("b"), path)
    assert [found.name for found in tmp_path.iterdir()] == ["table.parquet"]
    assert pq.read_table(path)["irritant_id"].to_pylist() == ["a"]
