"""Open an export with the reader of its format: CSV, XLSX, JSON, JSON lines or Parquet."""

import json

from vocpipe.errors import InputError
from vocpipe.sources.config import SourceConfig
from vocpipe.sources.delimited import CsvReader
from vocpipe.sources.encoding import PARQUET_MAGIC, WORKBOOK_MAGIC, find_encoding
from vocpipe.sources.inputs import Input
from vocpipe.sources.json_documents import JsonDocumentReader
from vocpipe.sources.json_lines import JsonLinesReader
from vocpipe.sources.nested import flatten
from vocpipe.sources.parquet import ParquetReader
from vocpipe.sources.rows import Reader
from vocpipe.sources.spreadsheets import SpreadsheetReader

_TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
_LINES_SUFFIXES = (".jsonl", ".ndjson")


def open_reader(given: Input, source: SourceConfig) -> Reader:
    """Return the reader of an export, its headers read.

    Raises `InputError` naming the export when it is empty, damaged, or of no known format.
    """
    if not given.facts.head.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        raise InputError(f"{given.name} is empty", "export it again; nothing was read")
    kind = _format_of(given, source) if source.format == "auto" else source.format
    if kind == "csv":
        return CsvReader(given, source)
    if kind == "jsonl":
        return JsonLinesReader(given, source)
    if kind == "json":
        return JsonDocumentReader(given, source)
    if kind == "xlsx":
        return SpreadsheetReader(given, source)
    return ParquetReader(given)


def _format_of(given: Input, source: SourceConfig) -> str:
    facts = given.facts
    if facts.head.startswith(PARQUET_MAGIC):
        return "parquet"
    if facts.head.startswith(WORKBOOK_MAGIC):
        return "xlsx"
    start = facts.head.decode(find_encoding(facts), "ignore").lstrip("\ufeff \t\r\n")
    if not start.startswith(("{", "[")) or given.suffix in _TEXT_SUFFIXES:
        return "csv"
    return "json" if start.startswith("[") or source.records is not None or _is_document(start, given) else "jsonl"


def _is_document(start: str, given: Input) -> bool:
    """Tell whether a file that begins with an object is that one object, and not one object a line."""
    if given.suffix in _LINES_SUFFIXES:
        return False
    line, _, others = start.partition("\n")
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return True  # an object over several lines, or too long to be one of many
    return not others.strip() and any(".0." in path for path in flatten(record))
