import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocpipe.review.reading import read_cells
from vocpipe.review.sheet import COLUMNS, defused, undone
from vocpipe.review.tables import write_csv, write_xlsx
from vocpipe.taxonomy import load_taxonomy

HOSTILE = ("=HYPERLINK(A1)", "+33", "-2 fois", "@SUM(A1)", "'=1+1", "''=1+1", "\t=1", "'tis", "-", "=")
words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1).map(str.strip).filter(bool)


@given(st.one_of(st.sampled_from(HOSTILE), st.text()))
def test_defusing_is_undone_and_no_text_is_left_a_formula(cell: str) -> None:
    written = defused(cell)
    assert undone(written) == cell
    assert written[:1] not in ("=", "+", "-", "@", "\t", "\r")


def row(**cells: object) -> dict[str, object]:
    return {**dict.fromkeys(COLUMNS, ""), "id": "V1", "text": "Bien.", "segment": "Bien.", "start": 0, "end": 5, "sentiment": -2, **cells}


@given(rows=st.lists(st.tuples(words, words, st.sampled_from(HOSTILE)), min_size=1, max_size=5))
def test_a_csv_gives_back_every_cell(tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]) -> None:
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    given_rows = [row(segment=segment, irritant=irritant, company=company) for segment, irritant, company in rows]
    write_csv(given_rows, path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfid;source;")
    found = [cells for _, cells in read_cells(path)]
    assert [(cells["segment"], cells["irritant"], cells["sentiment"]) for cells in found] == [(segment, irritant, "-2") for segment, irritant, _ in rows]
    assert [cells["company"].strip() for cells in found] == [company.strip() for *_, company in rows]


def test_hostile_cells_are_no_formulas(tmp_path: Path) -> None:
    rows = [row(irritant=cell, segment=cell) for cell in HOSTILE]
    write_csv(rows, tmp_path / "a.csv")
    cells = [cell for line in csv.reader(io.StringIO((tmp_path / "a.csv").read_text(encoding="utf-8-sig")), delimiter=";") for cell in line]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "@", "\t") or (cell[:1] == "-" and cell != "-2")]
    write_xlsx(rows, tmp_path / "a.xlsx", load_taxonomy())
    import openpyxl

    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["relecture"]
    assert {cell.data_type for line in sheet.iter_rows(min_row=2) for cell in line} <= {"s", "n"}
    assert [cells["irritant"] for _, cells in read_cells(tmp_path / "a.xlsx")] == [undone(cell) for cell in HOSTILE]
    first = (tmp_path / "a.xlsx").read_bytes()
    write_xlsx(rows, tmp_path / "a.xlsx", load_taxonomy())
    assert (tmp_path / "a.xlsx").read_bytes() == first
