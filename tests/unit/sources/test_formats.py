"""XLSX, JSON and Parquet: headers, nesting, types, and what is broken in them."""

import datetime as dt
import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vocpipe.errors import ConfigError, InputError
from vocpipe.sources import Ingestion, SourceConfig, ingest
from vocpipe.sources.inputs import expand
from vocpipe.sources.readers import open_reader

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


def merged(path: Path, ranges: list[str], rows: list[Any]) -> Path:
    workbook(path, Mars=rows)
    book = openpyxl.load_workbook(path)
    for cells in ranges:
        book.active.merge_cells(cells)
    book.save(path)
    return path


DATA = ["A1", dt.date(2021, 3, 12), 4, 2, "Trop d'attente"]


@pytest.mark.parametrize(
    ("ranges", "rows", "headers"),
    [
        # One row of names, under a title over the whole width, with and without an empty row between them.
        (["A1:E1"], [["Export du 12/03/2021"], ["Id", "Date", "Note", "Effort", "Avis"]], ["Id", "Date", "Note", "Effort", "Avis"]),
        ([], [["Avis"], ["Période :", "mars 2021"], [], ["Id", "Date", "Note", "Effort", "Avis"]], ["Id", "Date", "Note", "Effort", "Avis"]),
        # Titles over several columns, the other names merged downwards, or blank, or titled too.
        (
            ["A1:A2", "B1:B2", "C1:D1", "E1:E2"],
            [["Id", "Date", "Satisfaction", None, "Avis"], [None, None, "Note", "Effort"]],
            ["Id", "Date", "Satisfaction › Note", "Satisfaction › Effort", "Avis"],
        ),
        (
            ["C2:D2"],
            [["Export"], [None, None, "Satisfaction"], ["Id", "Date", "Note", "Effort", "Avis"]],
            ["Id", "Date", "Satisfaction › Note", "Satisfaction › Effort", "Avis"],
        ),
        (
            ["A1:E1", "A3:B3", "C3:E3", "C4:D4", "E4:E5"],
            [["Enquête"], [], ["Client", None, "Réponse"], ["Id", "Date", "Satisfaction", None, "Avis"], [None, None, "Note", "Effort"]],
            ["Client › Id", "Client › Date", "Réponse › Satisfaction › Note", "Réponse › Satisfaction › Effort", "Réponse › Avis"],
        ),
        # A name over two columns of which one is used is no title.
        (["E1:F1"], [["Id", "Date", "Note", "Effort", "Avis"]], ["Id", "Date", "Note", "Effort", "Avis"]),
    ],
)
@pytest.mark.parametrize("left", [0, 2])
def test_headers_of_workbooks(tmp_path: Path, ranges: list[str], rows: list[Any], headers: list[str], left: int) -> None:
    if left:
        rows = [[*([None] * left), *row] if row else row for row in rows]
        ranges = [":".join(chr(ord(cell[0]) + left) + cell[1:] for cell in cells.split(":")) for cells in ranges]
    path = merged(tmp_path / "e.xlsx", ranges, [*rows, *[[*([None] * left), *DATA]] * 3])
    (given,) = expand([path])
    reader = open_reader(given, SOURCE)
    assert [header for header in reader.headers if not header.startswith("column ")] == headers
    found = list(reader.rows(Counter()))
    assert [row.number for row in found] == [len(rows) + number for number in (1, 2, 3)]
    assert [cell for cell in found[0].cells.values() if cell != ""] == DATA


def test_workbooks_longer_than_the_first_rows(tmp_path: Path) -> None:
    rows, ingestion = read(workbook(tmp_path / "e.xlsx", Mars=[["Id", "Avis"], *([f"A{number}", f"avis {number}"] for number in range(600))]))
    assert [row["source_id"] for row in rows] == [f"A{number}" for number in range(600)]
    assert ingestion.report.read == 600


def test_cells_of_workbooks(tmp_path: Path) -> None:
    path = workbook(tmp_path / "e.xlsx", Mars=[["Avis", "Part", "Heure", "Durée", "Formule"], ["bien", 0.85, dt.time(10, 30), dt.timedelta(hours=30), "=1/0"]])
    book = openpyxl.load_workbook(path)
    book.active["B2"].number_format = "0%"
    book.save(path)
    assert read(path)[0][0]["attributes"] == [("Part", "0.85"), ("Heure", "10:30:00"), ("Durée", "1 day, 6:00:00")]


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


def test_lists_of_objects_are_reached_by_their_place(tmp_path: Path) -> None:
    answers = [{"question": "Pourquoi ?", "value": "Trop cher"}, {"question": "Note", "value": 4.50}]
    path = tmp_path / "e.jsonl"
    path.write_text("\n".join(json.dumps({"id": f"A{n}", "answers": answers, "tags": [], "log": [{"at": n}] * 21}) for n in range(2)), encoding="utf-8")
    rows, _ = read(path, SourceConfig(name="essai", columns={"text": "answers.0.value", "csat": "answers.1.value"}))
    assert [(row["text"], row["csat"]) for row in rows] == [("Trop cher", 4.5)] * 2
    attributes = dict(rows[1]["attributes"])
    assert (attributes["tags"], attributes["log.19.at"], attributes["log"]) == ("[]", "1", '[{"at": 1}]')


DOCUMENT = {"version": 3, "meta": {"filters": {"stores": [{"name": "Nord"}]}}, "data": {"pages": [[{"a": 1}]], "avis": [{"text": "bien"}, 5, {"text": "mal"}]}}


def test_the_first_list_of_objects_is_the_least_nested(tmp_path: Path) -> None:
    path = tmp_path / "e.json"
    path.write_text(json.dumps(DOCUMENT, indent=2), encoding="utf-16")
    rows, ingestion = read(path)
    assert [row["text"] for row in rows] == ["bien", "mal"]
    assert (ingestion.report.files[0].format, ingestion.report.files[0].encoding) == ("json", "utf-16")
    assert [(bad["row"], bad["reason"]) for bad in ingestion.quarantine().to_pylist()] == [(2, "JSON, but not an object")]


@pytest.mark.parametrize("records", ["data.avi", "data", "version", "data.pages", "data.avis.text"])
def test_a_wrong_path_lists_the_right_ones(tmp_path: Path, records: str) -> None:
    path = tmp_path / "e.json"
    path.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    with pytest.raises(ConfigError, match="holds no list of objects at") as caught:
        ingest([path], SourceConfig(name="essai", records=records))
    assert caught.value.hint == "set `records:` in the source to one of these: meta.filters.stores, data.avis"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('[{"text": "bien"}, {"text": "ma', "no valid JSON after its object 1"),
        ('{"avis": [{"text": "bien"}, {"text": "mal"}', "no valid JSON after its object 2"),
        ('{"avis": [{"text": "bien"} {"text": "mal"}]}', "no valid JSON after its object 1"),
        ('{"avis": [{"text": "bien"}], 3: [{"text": "mal"}', "no valid JSON after its object 1"),
        ('{"avis": []}\n', "no known|holds no list of objects"),
        ("[1, 2]", "holds no list of objects"),
        ("[]", "holds no list of objects"),
        ("[" * 1_000_000, "no valid JSON"),
        ('{"a":' * 200_000, "no valid JSON"),
        ('[{"text": "bien"}, ' + '{"a":' * 200_000, "no valid JSON after its object 1"),
    ],
)
def test_broken_documents(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "e.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises((InputError, ConfigError), match=message):
        read(path, SourceConfig(name="essai", format="json"))


def test_nothing_is_lost_of_numbers_emoji_and_long_lists(tmp_path: Path) -> None:
    record = {
        "text": "cassé \U0001f600 à 4,50 €",
        "prix": 4.50,
        "grand": 12345678901234567890123,
        "petit": 1e-7,
        "vrai": True,
        "vide": math.nan,
        "listes": [[1.5], {"a": 2.0}],
    }
    tables = []
    for name, content in (("e.json", json.dumps([record] * 3_000)), ("e.jsonl", "\n".join([json.dumps(record)] * 3_000))):
        (tmp_path / name).write_text(content, encoding="utf-8")
        tables.append(read(tmp_path / name)[0])
    assert tables[0] == tables[1]
    assert dict(tables[0][0]["attributes"])["listes"] == '[[1.5], {"a": 2.0}]'


def test_json_lines_and_documents_are_told_apart(tmp_path: Path) -> None:
    for name, content, kind in (
        ("un.json", '{"text": "bien"}', "jsonl"),
        ("deux.json", '{"text": "bien"}\n{"text": "mal"}', "jsonl"),
        ("un.ndjson", '{"text": "bien", "tags": [{"a": 1}]}', "jsonl"),
        ("doc.json", '{"avis": [{"text": "bien"}]}', "json"),
        ("long.json", json.dumps({"avis": [{"text": "bien " * 20_000}]}), "json"),
        ("text.csv", "[a];text\nb;bien\n", "csv"),
    ):
        (tmp_path / name).write_text(content, encoding="utf-8")
        assert [file.format for file in read(tmp_path / name)[1].report.files] == [kind]
    (tmp_path / "e.json").write_text('[{"text": "bien"}]', encoding="utf-8")
    with pytest.raises(ConfigError, match="one JSON array, not JSON lines"):
        ingest([tmp_path / "e.json"], SourceConfig(name="essai", format="jsonl"))


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


def test_parquet_lists_of_structs_and_damage_further_on(tmp_path: Path) -> None:
    path = tmp_path / "e.parquet"
    pq.write_table(pa.table({"id": ["A", "B"], "answers": [[{"value": "bien"}], [{"value": "mal"}]]}), path)
    assert [row["text"] for row in read(path, SourceConfig(name="essai", columns={"text": "answers.0.value"}))[0]] == ["bien", "mal"]
    content = path.read_bytes()
    path.write_bytes(content[:4] + bytes(40) + content[44:])
    with pytest.raises(InputError, match=r"e\.parquet cannot be read as Parquet"):
        read(path, SourceConfig(name="essai", columns={"text": "answers.0.value"}))


def test_format_is_found_by_content(tmp_path: Path) -> None:
    path = workbook(tmp_path / "e.xlsx", Mars=[["Avis"], ["bien"]])
    renamed = path.rename(tmp_path / "e.csv")
    assert read(renamed)[0][0]["text"] == "bien"
