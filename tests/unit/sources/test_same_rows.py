"""The same export gives the same rows, whatever its format, its encoding and the way it is packed and given."""

import csv
import datetime as dt
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, TypeAlias

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vocpipe.sources import SourceConfig, ingest
from vocpipe.sources.inputs import expand

SOURCE = SourceConfig(name="essai")
HEADER = ("N° réponse", "Date", "Enseigne", "Note /5", "Ville", "Commentaire")
TEXTS = (
    'Très déçu ; "jamais" reçu, à l’heure | où êtes-vous ?\nDeuxième ligne à 10 €',
    "Le colis est arrivé ouvert et abîmé, personne ne répond au téléphone",
    "Ça va… sans plus",
    "Conseillère agréable, problème réglé très vite\n\n- délai : 2 jours\n- coût : 0 €",
)
Row: TypeAlias = tuple[int, dt.date, str, int | None, str, str]
Save: TypeAlias = Callable[[Sequence[Row]], bytes]


def rows() -> list[Row]:
    """Return rows with texts and identifiers that come back, near and far from each other."""
    return [
        (1_000 + number % 20, dt.date(2021, 3, 1 + number % 28), "Café Élan", None if number % 5 == 0 else number % 5, "Orléans", TEXTS[number % 4])
        for number in range(30)
    ]


def as_text(row: Row) -> list[str]:
    return ["" if value is None else str(value) for value in row]


def delimited(encoding: str, delimiter: str, table: Sequence[Row]) -> bytes:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n").writerows([HEADER, *map(as_text, table)])
    return buffer.getvalue().encode(encoding)


def workbook(table: Sequence[Row]) -> bytes:
    book = openpyxl.Workbook()
    for row in (HEADER, *table):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def records(table: Sequence[Row]) -> list[dict[str, Any]]:
    return [dict(zip(HEADER, row, strict=True)) for row in table]


def array(table: Sequence[Row]) -> bytes:
    return json.dumps(records(table), default=str, indent=1).encode()


def nested(table: Sequence[Row]) -> bytes:
    document = {"meta": {"pages": [1, 2], "total": len(table)}, "data": {"none": [], "avis": records(table)}, "errors": []}
    return json.dumps(document, default=str, ensure_ascii=False).encode("utf-8-sig")


def lines(table: Sequence[Row]) -> bytes:
    return "\n".join(json.dumps(record, default=str, ensure_ascii=False) for record in records(table)).encode()


def parquet(table: Sequence[Row]) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records(table)), buffer)
    return buffer.getvalue()


ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman")
FORMATS: dict[str, tuple[str, Save]] = {
    **{f"csv {encoding} {delimiter!r}": (".csv", partial(delimited, encoding, delimiter)) for encoding in ENCODINGS for delimiter in ";,\t|"},
    "tsv utf-16": (".tsv", partial(delimited, "utf-16", "\t")),
    "xlsx": (".xlsx", workbook),
    "json array": (".json", array),
    "json nested": (".json", nested),
    "jsonl": (".jsonl", lines),
    "parquet": (".parquet", parquet),
}


def plain(folder: Path, suffix: str, save: Save) -> list[Any]:
    (folder / f"avis{suffix}").write_bytes(save(rows()))
    return [folder / f"avis{suffix}"]


def gzipped(folder: Path, suffix: str, save: Save) -> list[Any]:
    (folder / f"avis{suffix}.gz").write_bytes(gzip.compress(save(rows())))
    return [folder / f"avis{suffix}.gz"]


def zipped(folder: Path, suffix: str, save: Save) -> list[Any]:
    with zipfile.ZipFile(folder / "avis.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"export/avis{suffix}", save(rows()))
    return [folder / "avis.zip"]


def gzipped_parts(folder: Path, suffix: str, save: Save) -> list[Any]:
    for number in range(3):
        (folder / f"part-{number}{suffix}.gz").write_bytes(gzip.compress(save(rows()[10 * number : 10 * number + 10])))
    return [folder]


def zipped_parts(folder: Path, suffix: str, save: Save) -> list[Any]:
    with zipfile.ZipFile(folder / "avis.zip", "w") as archive:
        for number in (1, 0):
            archive.writestr(f"part-{number}{suffix}", save(rows()[15 * number : 15 * number + 15]))
    return [folder / "avis.zip"]


def pattern(folder: Path, suffix: str, save: Save) -> list[Any]:
    for number in range(2):
        (folder / f"part-{number}{suffix}").write_bytes(save(rows()[15 * number : 15 * number + 15]))
    return [f"{folder}/part-*{suffix}"]


def standard_input(folder: Path, suffix: str, save: Save) -> list[Any]:
    return expand(["-"], io.BytesIO(save(rows())))


@cache
def expected() -> list[dict[str, Any]]:
    (given,) = expand(["-"], io.BytesIO(delimited("utf-8", ";", rows())))
    return canonical([given], SOURCE)


def canonical(given: list[Any], source: SourceConfig) -> list[dict[str, Any]]:
    ingestion = ingest(given, source)
    found = [row for batch in ingestion for row in batch.to_pylist()]
    assert ingestion.report.problems == {}
    assert ingestion.report.quarantined == 0
    return found


def test_what_is_expected() -> None:
    table = rows()
    assert [(row["source_id"], row["date"], row["stars"], row["text"]) for row in expected()] == [(str(row[0]), row[1], row[3], row[5]) for row in table]
    assert expected()[0]["attributes"] == [("Ville", "Orléans")]
    assert sum(row["duplicate_of"] is not None for row in expected()) > 10
    assert len({row["verbatim_id"] for row in expected()}) == 30


@pytest.mark.parametrize("give", [plain, gzipped, zipped, gzipped_parts, zipped_parts, pattern, standard_input])
@pytest.mark.parametrize("form", FORMATS)
def test_the_same_rows(tmp_path: Path, form: str, give: Callable[[Path, str, Save], list[Any]]) -> None:
    suffix, save = FORMATS[form]
    assert canonical(give(tmp_path, suffix, save), SOURCE) == expected()


def test_declared_records_give_the_same_rows(tmp_path: Path) -> None:
    assert canonical(plain(tmp_path, ".json", nested), SourceConfig(name="essai", format="json", records="data.avis")) == expected()


@pytest.mark.parametrize("give", [gzipped_parts, pattern])
def test_rows_that_are_only_numbered_are_so_in_all_parts(tmp_path: Path, give: Callable[[Path, str, Save], list[Any]]) -> None:
    def numbered(table: Sequence[Row]) -> bytes:
        start = rows().index(table[0])
        return delimited("utf-8", ";", [(start + place, *row[1:]) for place, row in enumerate(table, start=1)])

    inputs = (give(tmp_path, ".csv", numbered), expand(["-"], io.BytesIO(numbered(rows()))))
    in_parts, whole = ([row for batch in ingest(given, SOURCE) for row in batch.to_pylist()] for given in inputs)
    assert in_parts == whole
