"""Open a file with the reader of its format: CSV, XLSX, JSON lines or Parquet."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from vocpipe.errors import ConfigError, InputError, nearest
from vocpipe.sources.config import SourceConfig
from vocpipe.sources.delimited import CsvReader
from vocpipe.sources.encoding import FileFacts, find_encoding, inspect, text_lines
from vocpipe.sources.rows import BadRow, Reader, Row, unique_headers
from vocpipe.sources.values import to_string

_SPREADSHEET_MAGIC = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_TEXT_SUFFIXES = {".csv", ".txt", ".tsv"}
# The headers of JSON lines are the keys of that many first records; keys that come later are attributes unless the source maps them.
_RECORDS_FOR_HEADERS = 1_000


def open_reader(path: Path, source: SourceConfig) -> Reader:
    """Return the reader of a file, opened and its headers read.

    Raises `InputError` naming the file when it is missing, empty, or of no known format.
    """
    if not path.is_file():
        if not path.parent.is_dir():
            raise InputError(f"no such file: {path}", f"the folder {path.parent} does not exist either")
        raise InputError(f"no such file: {path}", nearest(path.name, [found.name for found in path.parent.iterdir() if found.is_file()]))
    facts = inspect(path)
    if not facts.head.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        raise InputError(f"{path.name} is empty", "export it again; nothing was read")
    kind = _format_of(path, facts) if source.format == "auto" else source.format
    if kind == "csv":
        return CsvReader(path, facts, source.encoding, source.delimiter)
    if kind == "jsonl":
        return JsonLinesReader(path, facts, source.encoding, source.columns)
    if kind == "xlsx":
        return SpreadsheetReader(path, facts, source.sheet)
    return ParquetReader(path, facts)


def _format_of(path: Path, facts: FileFacts) -> str:
    if facts.head.startswith(b"PAR1"):
        return "parquet"
    if facts.head.startswith(_SPREADSHEET_MAGIC):
        return "xlsx"
    start = facts.head[:1000].decode(find_encoding(facts), "ignore").lstrip("\ufeff \t\r\n")
    return "jsonl" if start.startswith(("{", "[")) and path.suffix.lower() not in _TEXT_SUFFIXES else "csv"


def flatten(record: Mapping[str, Any], prefix: str = "") -> dict[str, object]:
    """Return a record without nesting: {"user": {"id": 3}} gives {"user.id": 3}; lists become JSON text."""
    flat: dict[str, object] = {}
    for key, value in record.items():
        if isinstance(value, Mapping):
            flat.update(flatten(value, f"{prefix}{key}."))
        else:
            flat[prefix + key] = json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list) else value
    return flat


class JsonLinesReader:
    """Read one JSON object a line; nested values are named by dotted path."""

    format = "jsonl"
    delimiter = ""

    def __init__(self, path: Path, facts: FileFacts, encoding: str, mapped: Mapping[str, str | None]) -> None:
        self.path = path
        self.facts = facts
        self.encoding = find_encoding(facts) if encoding == "auto" else encoding
        if facts.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
            raise InputError(f"{path.name} is one JSON array, not JSON lines", f"write one object a line: jq -c '.[]' {path.name} > {path.stem}.jsonl")
        keys: dict[str, None] = {}
        for row in islice(self.rows(Counter()), _RECORDS_FOR_HEADERS):
            if isinstance(row, Row):
                keys.update(dict.fromkeys(row.cells))
        if not keys:
            raise InputError(f"{path.name} holds no JSON object in its first {_RECORDS_FOR_HEADERS} lines", "write one JSON object a line")
        self.headers = list(keys)

    def rows(self, problems: Counter[str]) -> Iterator[Row | BadRow]:
        """Yield one row a line; a line that is no JSON object is a bad row."""
        for number, line in enumerate(text_lines(self.path, self.encoding, problems), start=1):
            if not line.strip("\ufeff \t\r\n"):
                continue
            try:
                record = json.loads(line.lstrip("\ufeff"))
            except (ValueError, RecursionError):
                yield BadRow(number, "not valid JSON", line)
                continue
            if "\\ud" in line.lower():
                # Half of a surrogate pair is legal JSON and no legal text: posts cut in the middle of an emoji hold some.
                record = json.loads(json.dumps(record, ensure_ascii=False).encode("utf-8", "replace"))
            if isinstance(record, dict):
                yield Row(number, flatten(record))
            else:
                yield BadRow(number, "JSON, but not an object", line)


class SpreadsheetReader:
    """Read one sheet of a workbook; the first row that is not blank is the header."""

    format = "xlsx"
    encoding = ""
    delimiter = ""

    def __init__(self, path: Path, facts: FileFacts, sheet: str | None) -> None:
        from python_calamine import CalamineError, CalamineWorkbook

        self.path = path
        self.facts = facts
        try:
            workbook = CalamineWorkbook.from_path(str(path))
            names = workbook.sheet_names
            if sheet is not None and sheet not in names:
                raise ConfigError(f"{path.name} has no sheet {sheet!r}", f"set `sheet:` in the source; {nearest(sheet, names)}")
            sheets = [workbook.get_sheet_by_name(name) for name in ([sheet] if sheet else names)]
        except CalamineError as error:
            raise InputError(f"{path.name} cannot be read as a spreadsheet: {error}", "open it, remove any password, and save it as .xlsx or as CSV") from error
        self._sheet = next((each for each in sheets if each.height > 1), sheets[0])
        self.headers: list[str] = []
        for _, values in self._values():
            self.headers = unique_headers([to_string(value) for value in values])
            break

    def _values(self) -> Iterator[tuple[int, list[Any]]]:
        for number, values in enumerate(self._sheet.iter_rows(), start=1):
            if any(value != "" for value in values):
                yield number, values

    def rows(self, problems: Counter[str]) -> Iterator[Row | BadRow]:
        """Yield the rows after the header; `number` is the one that the spreadsheet shows."""
        for number, values in islice(self._values(), 1, None):
            yield Row(number, dict(zip(self.headers, (_midnight_is_a_day(value) for value in values), strict=False)))


def _midnight_is_a_day(value: Any) -> Any:
    return value.date() if isinstance(value, dt.datetime) and value.time() == dt.time() else value


class ParquetReader:
    """Read a Parquet file batch by batch; struct fields are named by dotted path."""

    format = "parquet"
    encoding = ""
    delimiter = ""

    def __init__(self, path: Path, facts: FileFacts) -> None:
        import pyarrow.parquet as pq

        self.path = path
        self.facts = facts
        try:
            with pq.ParquetFile(path) as file:
                empty = file.schema_arrow.empty_table()
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"{path.name} cannot be read as Parquet: {error}", "the file may have been cut while it was copied: copy it again") from error
        while any(pa.types.is_struct(field.type) for field in empty.schema):
            empty = empty.flatten()
        self.headers = [str(name) for name in empty.schema.names]

    def rows(self, problems: Counter[str]) -> Iterator[Row | BadRow]:
        """Yield the rows; `number` counts them from 1."""
        import pyarrow.parquet as pq

        number = 0
        with pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(batch_size=2_000):
                for record in batch.to_pylist():
                    number += 1
                    yield Row(number, flatten(record))
