"""XLSX, JSON lines and Parquet give the same canonical rows as CSV."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vocpipe.errors import ConfigError, InputError
from vocpipe.sources import Ingestion, SourceConfig, ingest

SOURCE = SourceConfig(name="essai")


def read(path: Path, source: SourceConfig = SOURCE) -> tuple[list[dict[str, Any]], Ingestion]:
    ingestion = ingest([path], source)
    return [row for batch in ingestion for row in batch.to_pylist()], ingestion


def workbook(path: Path, **sheets: list[Any]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_xlsx_dates_numbers_and_blank_rows(tmp_path: Path) -> None:
    rows = [
        ["N° réponse", "Date", "Note /5", "Avis", "Téléphone", "Vérifié"],
        [1001, dt.datetime(2021, 3, 12, 10, 30), 4, "Bien", 612345678, True],
        [None, None, None, None, None, None],
        [1002, "13/03/2021", 4.5, 10, None, False],
    ]
    found, ingestion = read(workbook(tmp_path / "e.xlsx", Vide=[], Mars=rows))
    assert [(row["source_id"], row["date"], row["stars"], row["text"]) for row in found] == [
        ("1001", dt.date(2021, 3, 12), 4.0, "Bien"),
        ("1002", dt.date(2021, 3, 13), 4.5, "10"),
    ]
    assert [row["attributes"] for row in found] == [[("Téléphone", "[TELEPHONE]"), ("Vérifié", "oui")], [("Vérifié", "non")]]
    assert ingestion.report.files[0].format == "xlsx"
    assert ingestion.report.redactions == {"phone": 1}


def test_xlsx_row_number_is_the_one_shown(tmp_path: Path) -> None:
    _, ingestion = read(workbook(tmp_path / "e.xlsx", Mars=[[], [], ["Avis"], ["bien"], ["x" * 30_000]]))
    assert ingestion.quarantine()["row"].to_pylist() == [5]


def test_unknown_sheet(tmp_path: Path) -> None:
    path = workbook(tmp_path / "e.xlsx", Mars=[["Avis"], ["bien"]])
    with pytest.raises(ConfigError, match="did you mean 'Mars'"):
        ingest([path], SourceConfig(name="essai", sheet="Mar"))


def test_rows_numbered_from_one_are_no_identifiers(tmp_path: Path) -> None:
    march = workbook(tmp_path / "mars.xlsx", A=[["id", "Avis"], *([number, f"avis de mars {number}"] for number in range(1, 31))])
    april = workbook(tmp_path / "avril.xlsx", A=[["id", "Avis"], *([number, f"avis d'avril {number}"] for number in range(1, 31))])
    months = [read(path) for path in (march, april)]
    assert not {row["verbatim_id"] for row in months[0][0]} & {row["verbatim_id"] for row in months[1][0]}
    assert "source_id: only numbers the rows of the file, identifiers made from content" in months[0][1].report.problems
    declared = SourceConfig(name="essai", columns={"source_id": "id"})
    assert read(march, declared)[0][0]["verbatim_id"] == read(april, declared)[0][0]["verbatim_id"]
    assert read(march, SourceConfig(name="essai", columns={"source_id": None}))[0][0]["source_id"] is None


@pytest.mark.parametrize(("name", "content"), [("e.xlsx", b"PK\x03\x04 rien"), ("e.parquet", b"PAR1 rien")])
def test_broken_container(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=f"{name} cannot be read as"):
        ingest([path], SOURCE)


def test_jsonl_nested_values_bad_lines_and_broken_emoji(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    lines = [
        json.dumps({"user": {"id": 7, "city": "Lille"}, "full_text": "Panne à 10 €", "tags": ["a", "b"], "created_at": "2021-03-12T23:30:00Z"}),
        "{broken",
        "[1, 2]",
        '{"full_text": "coupé \\ud83d", "user": {"id": 8}, "created_at": null}',
        "",
        '{"user": {"id": 9}, "full_text": "nul \\u0000 ici"}',
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    rows, ingestion = read(path, SourceConfig(name="essai", columns={"source_id": "user.id"}))
    assert [(row["source_id"], row["text"]) for row in rows] == [("7", "Panne à 10 €"), ("8", "coupé ?"), ("9", "nul  ici")]
    assert rows[0]["date"] == dt.date(2021, 3, 12)
    assert rows[0]["attributes"] == [("user.city", "Lille"), ("tags", '["a", "b"]')]
    assert [(bad["row"], bad["reason"]) for bad in ingestion.quarantine().to_pylist()] == [(2, "not valid JSON"), (3, "JSON, but not an object")]
    assert ingestion.report.problems == {"NUL bytes: removed": 1}


def test_json_array_tells_how_to_convert(tmp_path: Path) -> None:
    path = tmp_path / "e.json"
    path.write_text('[{"text": "bien"}]', encoding="utf-8")
    with pytest.raises(InputError, match="one JSON array") as caught:
        ingest([path], SOURCE)
    assert "jq" in caught.value.hint


def test_parquet_by_batches_with_structs(tmp_path: Path) -> None:
    path = tmp_path / "e.parquet"
    table = pa.table(
        {
            "review": ["bien", None, "mal"],
            "date": pa.array([dt.date(2021, 3, 12), None, dt.date(2021, 3, 14)]),
            "rating": [5.0, float("nan"), 1.0],
            "who": [{"store": "Nord"}, {"store": "Sud"}, None],
        }
    )
    pq.write_table(table, path, row_group_size=2)
    rows, ingestion = read(path, SourceConfig(name="essai", columns={"product": "who.store"}))
    assert [(row["text"], row["stars"], row["product"]) for row in rows] == [("bien", 5.0, "Nord"), ("", None, "Sud"), ("mal", 1.0, None)]
    assert ingestion.report.empty == 1
    assert ingestion.report.problems == {}


def test_format_is_found_by_content(tmp_path: Path) -> None:
    path = workbook(tmp_path / "e.xlsx", Mars=[["Avis"], ["bien"]])
    renamed = path.rename(tmp_path / "e.csv")
    assert read(renamed)[0][0]["text"] == "bien"
