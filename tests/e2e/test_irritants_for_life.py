"""Irritants keep their identifier whatever the order of the months, and edits of people hold in every month, past and to come."""

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from vocpipe import Workspace
from vocpipe.cli import app
from vocpipe.resources import PACKAGE
from vocpipe.runs import run

MONTHS = ("2026-01", "2026-02", "2026-03")


def export(month: str) -> Path:
    return PACKAGE / "sample" / f"{month}.csv"


def given(workspace: Path) -> dict[tuple[str, int], str | None]:
    """Return the irritant of every opinion that names a problem, by verbatim and place."""
    tables = [pq.read_table(Workspace(workspace).folder(month).irritants) for month in MONTHS]
    return {(row["verbatim_id"], row["opinion"]): row["irritant_id"] for table in tables for row in table.to_pylist()}


@pytest.fixture(scope="module")
def in_order(sample_run: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("life") / "w"
    shutil.copytree(sample_run[0], place)
    return place


def vocpipe(*words: str, workspace: Path) -> str:
    result = CliRunner().invoke(app, ["irritants", *words, "--workspace", str(workspace)])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_order_in_which_months_come_changes_next_to_nothing(in_order: Path, tmp_path: Path) -> None:
    for month in ("2026-03", "2026-01", "2026-02"):
        run("sample", export(month), batch=month, workspace=tmp_path / "w")
    one, other = given(in_order), given(tmp_path / "w")
    assert one.keys() == other.keys()
    starters = [
        {row["irritant_id"]: row["label"] for row in Workspace(place).table("dim_irritant").to_pylist() if row["origin"] == "starter"}
        for place in (in_order, tmp_path / "w")
    ]
    assert starters[0] == starters[1]
    kept = [place for place, irritant in one.items() if irritant in starters[0] and other[place] in starters[0]]
    assert len(kept) > 0.6 * len(one)
    assert all(one[place] == other[place] for place in kept)


def test_irritants_carry_on_from_month_to_month(in_order: Path) -> None:
    table = Workspace(in_order).table("agg_irritant_month").to_pylist()
    met = [{row["irritant_id"] for row in table if row["month"] == month and row["opinions"]} for month in MONTHS]
    assert len(met[0] & met[1]) >= 0.85 * len(met[0])
    assert len(met[1] & met[2]) >= 0.85 * len(met[1])


def test_edits_hold_in_every_month_and_after_a_batch_is_done_again(in_order: Path, tmp_path: Path) -> None:
    before = given(in_order)
    ranked = [row["irritant_id"] for row in Workspace(in_order).table("agg_irritant_month").to_pylist() if row["month"] == "2026-03" and row["opinions"]]
    first, second, third = ranked[:3]
    assert "2026-01" in vocpipe("merge", second, first, "--dry-run", workspace=in_order)
    assert given(in_order) == before
    vocpipe("merge", second, first, "--author", "Ana", workspace=in_order)
    vocpipe("rename", first, "le grand irritant", workspace=in_order)
    vocpipe("resolve", third, "--since", "2026-03", workspace=in_order)
    longer = tmp_path / "2026-01.csv"
    longer.write_bytes(export("2026-01").read_bytes() + export("2026-01").read_bytes().splitlines(keepends=True)[-1])
    run("sample", longer, batch="2026-01", workspace=in_order)
    after = given(in_order)
    assert second not in after.values()
    assert all(after.get(place) == first for place, irritant in before.items() if irritant in (first, second))
    known = {row["irritant_id"]: row for row in Workspace(in_order).table("dim_irritant").to_pylist()}
    assert known[first]["label"] == "le grand irritant"
    assert (known[second]["status"], known[second]["merged_into"]) == ("merged", first)
    assert known[third]["resolved_since"] == "2026-03"
    assert "Ana" in vocpipe("history", workspace=in_order)
    for _ in range(3):
        vocpipe("undo", workspace=in_order)
    assert {place: irritant for place, irritant in given(in_order).items() if place in before} == before
