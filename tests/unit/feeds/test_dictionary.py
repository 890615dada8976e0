"""The data dictionary: every column in both languages, with its unit and an example."""

import csv
import datetime
import json
import math
from pathlib import Path

import pyarrow as pa
import pytest

from tests.unit.feeds.conftest import Opinion, Verbatim, catalogue_of, entry, select, write_batch
from vocpipe.feeds import build
from vocpipe.feeds import dictionary as told
from vocpipe.feeds.contract import TABLES
from vocpipe.feeds.impact import impacts
from vocpipe.feeds.settings import ImpactSettings
from vocpipe.schema import Column
from vocpipe.taxonomy import Taxonomy

COLUMNS = [(table.name, column) for table in TABLES.values() for column in table.columns]
FOLDER = Path(told.__file__).parent


def test_the_page_tells_every_column_in_both_languages(feed: Path) -> None:
    text = (feed / "dictionary.md").read_text(encoding="utf-8")
    for table in TABLES.values():
        section = text.split(f"\n## {table.name}\n")[1].split("\n## ")[0]
        rows = [line.replace("\\|", "/").split(" | ") for line in section.splitlines() if line.startswith("| `")]
        assert [row[0] for row in rows] == [f"| `{column.name}`" for column in table.columns]
        assert all(len(row) == 6 for row in rows)
        for row, column in zip(rows, table.columns, strict=True):
            assert row[3] == f"{told.french(column.meaning)}<br>*{column.meaning}*".replace("|", "/")
    assert "severity = 100 × share" in text
    assert json.loads((feed / "dictionary.json").read_text(encoding="utf-8")) == told.entries()


def test_french_is_told_for_each_meaning_and_for_nothing_else() -> None:
    english = {table.meaning for table in TABLES.values()} | {text for _, column in COLUMNS for text in (column.meaning, column.null) if text}
    with (FOLDER / "dictionary_fr.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert sorted(row[0] for row in rows) == sorted(english)
    assert [row for row in rows if len(row) != 2 or not row[1] or (row[0] == row[1] and " " in row[0])] == []


def test_units_and_examples_are_of_columns_that_exist() -> None:
    known = {column.name for _, column in COLUMNS} | {f"{table}.{column.name}" for table, column in COLUMNS}
    lines = (FOLDER / "dictionary_examples.tsv").read_text(encoding="utf-8").splitlines()[1:]
    names = [line.split("\t")[0] for line in lines]
    assert len(names) == len(set(names))
    assert set(names) <= known
    assert {line.split("\t")[1] for line in lines} == set(told.UNITS)


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[f"{table}.{column.name}" for table, column in COLUMNS])
def test_an_example_is_of_its_type_and_unit(table: str, column: Column) -> None:
    found = told.entries()["tables"][table]["columns"][column.name]
    assert all(found[key] for key in ("type", "meaning", "meaning_fr", "example"))
    assert bool(found["null"]) == bool(found["null_fr"]) == bool(column.null)
    value = _read(found["example"], column.type)
    for number in value if isinstance(value, list) else [value]:
        if found["unit"].startswith(("share", "probability")):
            assert 0 <= math.fabs(number) <= 1


def test_the_example_of_an_alert_is_one_that_the_feed_gives(taxonomy: Taxonomy, tmp_path: Path) -> None:
    example = {column: found["example"] for column, found in told.entries()["tables"]["alerts"]["columns"].items()}
    name = example["irritant_id"]
    opinions = int(example["opinions"])
    late, fine = Opinion("Six semaines que j'attends.", irritant_id=name), Opinion("Bien.", 1)
    before = [Verbatim(f"a{number:04}", (late if number < 51 else fine,), "2026-02-10") for number in range(1000)]
    now = [Verbatim(f"b{number:04}", ((late, late) if number < opinions - 41 else (late if number < 41 else fine,)), "2026-03-10") for number in range(500)]
    known = catalogue_of(entry(name, "remboursement tardif", label_en="late refund"))
    batches = [write_batch(tmp_path, month, rows, shard_rows=1000) for month, rows in (("2026-02", before), ("2026-03", now))]
    build(batches, known, taxonomy, tmp_path / "feed")
    (found,) = select(tmp_path / "feed", f"SELECT {', '.join(example)} FROM alerts")
    rounded = [str(round(value, 6)) if isinstance(value, float) else str(value) for value in found]
    assert rounded == list(example.values())


def test_the_example_of_a_reason_is_one_that_the_feed_gives() -> None:
    verbatims = pa.table(
        {"verbatim_id": [f"v{number:02}" for number in range(60)], "month": ["2026-03"] * 60, "stars": [1.0 + number % 5 for number in range(60)]}
    )
    for measure in ("nps", "csat", "ces"):
        verbatims = verbatims.append_column(measure, pa.nulls(60, pa.float64()))
    met = pa.table({"verbatim_id": [f"v{number:02}" for number in range(12)], "irritant_id": ["IRR-0001"] * 12, "kind": ["irritant"] * 12})
    reasons = set(impacts(verbatims, met, ImpactSettings())["reason"].to_pylist())
    assert reasons == {told.entries()["tables"]["irritant_impact"]["columns"]["reason"]["example"]}


def _read(text: str, kind: pa.DataType) -> object:
    if pa.types.is_list(kind):
        found = json.loads(text)
        assert pa.array([found], kind).to_pylist() == [found]
        return found
    if pa.types.is_date(kind):
        return datetime.date.fromisoformat(text)
    if pa.types.is_boolean(kind):
        return {"true": True, "false": False}[text]
    if pa.types.is_integer(kind):
        return int(text)
    if pa.types.is_floating(kind):
        assert "." in text
        return float(text)
    return text
