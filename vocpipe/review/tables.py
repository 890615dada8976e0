"""Write a review as CSV or XLSX for a spreadsheet."""

import csv
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vocpipe import files
from vocpipe.review.sheet import COLUMNS, defused
from vocpipe.taxonomy import Taxonomy

_WIDTHS = {"text": 60, "segment": 60, "emotions": 24, "step": 14, "theme": 16, "flags": 14, "irritant": 30, "raison": 40}
_EDITED = ("sentiment", "emotions", "step", "theme", "flags", "irritant", "relu")
_SENTIMENTS = {-2: "très négatif", -1: "négatif", 0: "mitigé", 1: "positif", 2: "très positif", "": "aucune opinion exprimée"}
_SAME_BYTES = dt.datetime(2000, 1, 1)


def write_csv(rows: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write rows as CSV that spreadsheets of French-speaking countries open: UTF-8 with its mark, `;`, formulas defused."""
    with files.replacing(path) as temporary, temporary.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(COLUMNS)
        writer.writerows([defused(row[name]) for name in COLUMNS] for row in rows)


def write_xlsx(rows: Sequence[Mapping[str, Any]], path: Path, taxonomy: Taxonomy) -> None:
    """Write rows as a workbook: the sheet `relecture` with lists to choose from, the sheet `codes` with what they mean."""
    import xlsxwriter

    with files.replacing(path) as temporary, xlsxwriter.Workbook(str(temporary), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": _SAME_BYTES})
        sheet = book.add_worksheet("relecture")
        _write_rows(book, sheet, rows)
        ranges = _write_codes(book, taxonomy)
        for name, source in {**ranges, "relu": ["oui"]}.items():
            column = COLUMNS.index(name)
            options = {"validate": "list", "source": source, "ignore_blank": True, "error_title": "Code inconnu", "error_message": "Voir la feuille codes."}
            sheet.data_validation(1, column, max(1, len(rows)), column, options)


def _write_rows(book: Any, sheet: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    head, edited, plain = (
        book.add_format({"bold": True, "bottom": 1}),
        book.add_format({"bg_color": "#FFF8DC", "text_wrap": True, "valign": "top"}),
        book.add_format({"text_wrap": True, "valign": "top"}),
    )
    for column, name in enumerate(COLUMNS):
        sheet.write_string(0, column, name, head)
        sheet.set_column(column, column, _WIDTHS.get(name, 11), None, {"hidden": name == "avant"})
        for number, row in enumerate(rows, 1):
            write = sheet.write_number if isinstance(row[name], int) else sheet.write_string
            write(number, column, row[name], edited if name in _EDITED else plain)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(rows)), len(COLUMNS) - 1)


def _write_codes(book: Any, taxonomy: Taxonomy) -> dict[str, str]:
    """Write the sheet of codes; return the ranges of those that have a list to choose from."""
    sheet = book.add_worksheet("codes")
    bold = book.add_format({"bold": True, "bottom": 1})
    blocks: dict[str, list[tuple[Any, str]]] = {"sentiment": list(_SENTIMENTS.items())}
    for head, labels in (("step", taxonomy.steps), ("theme", taxonomy.themes), ("emotions", taxonomy.emotions), ("flags", taxonomy.flags)):
        blocks[head] = [(label.code, label.fr) for label in labels]
    ranges = {}
    for block, (head, codes) in enumerate(blocks.items()):
        column = 3 * block
        sheet.write_string(0, column, head, bold)
        sheet.write_string(0, column + 1, "en français", bold)
        sheet.set_column(column, column + 1, 22)
        for number, (code, label) in enumerate(codes, 1):
            (sheet.write_number if isinstance(code, int) else sheet.write_string)(number, column, code)
            sheet.write_string(number, column + 1, label)
        letter = chr(ord("A") + column)
        last = len(codes) if head != "sentiment" else len(codes) - 1
        if head in ("sentiment", "step", "theme"):
            ranges[head] = f"=codes!${letter}$2:${letter}${last + 1}"
    sheet.write_string(len(max(blocks.values(), key=len)) + 2, 0, "emotions : code:1 (légère) ou code:2 (forte), séparées par des virgules ; « ? » : pas jugé")
    return ranges
