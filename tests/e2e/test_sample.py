import re
import shutil
from pathlib import Path

import pyarrow.parquet as pq
from typer.testing import CliRunner

from tests.contract.fakes import write_config
from vocpipe import Workspace
from vocpipe.cli import app
from vocpipe.resources import PACKAGE
from vocpipe.runs import report, run

MONTHS = ("2026-01", "2026-02", "2026-03")
PERSONAL = re.compile(rb"[\w.+-]+@[\w-]+\.(?:fr|com|org|net)\b|\bFR76\b|\b0[67](?:[ .]?\d\d){4}\b")


def personal_data(folder: Path) -> list[str]:
    """Return what looks personal in the texts of a workspace."""
    found = []
    for path in folder.rglob("*.parquet"):
        table = pq.read_table(path)
        for name in table.column_names:
            if str(table.schema.field(name).type) == "string":
                found += [f"{path.name}: {name}" for value in table[name].drop_null().to_pylist() if PERSONAL.search(value.encode())]
    return found


def test_the_sample_goes_through_with_a_stand_in_for_the_model(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    config.write_text(config.read_text().replace("source.yaml", "survey"))
    reports = [run(config, PACKAGE / "sample" / f"{month}.csv", batch=month, workspace=tmp_path / "w") for month in MONTHS]
    for each in reports:
        assert 150 < each.counts["kept"] == each.counts["read"] - each.counts["quarantined"]
        assert each.counts["duplicates"]
        assert sum(each.counts["redactions"].values())
    assert Workspace(tmp_path / "w").batches == MONTHS
    assert personal_data(tmp_path / "w") == []


def test_the_sample_tells_its_story(sample_run: tuple[Path, str], tmp_path: Path) -> None:
    made, printed = sample_run
    assert "Irritants · 2026-03" in printed
    assert "▲" in printed
    assert "▼" in printed
    place = tmp_path / "w"
    shutil.copytree(made, place)
    workspace = Workspace(place)
    assert workspace.batches == MONTHS
    reports = [report(workspace, month).irritants for month in MONTHS]
    assert all(reports[0]["new"][0] not in each["new"] for each in reports[1:])
    assert reports[1]["matched"]
    assert reports[2]["matched"]
    assert personal_data(place) == []
    before = {path: path.read_bytes() for path in place.rglob("*.parquet")}
    again = CliRunner().invoke(app, ["run", "--sample", "--workspace", str(place), "--workers", "2"])
    assert again.exit_code == 0
    assert again.stdout.count("unchanged") == 3
    assert {path: path.read_bytes() for path in place.rglob("*.parquet")} == before
