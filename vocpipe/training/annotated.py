"""Read annotated verbatims from a file of any of the forms that docs/annotated-format.md describes, or from a dataset of the `datasets` library."""

import difflib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from vocpipe.errors import InputError
from vocpipe.sources.config import SourceConfig
from vocpipe.sources.inputs import expand
from vocpipe.sources.readers import open_reader
from vocpipe.sources.rows import BadRow
from vocpipe.taxonomy import Taxonomy
from vocpipe.training.dataset_rows import PREFIX, dataset_rows
from vocpipe.training.flat import flat_verbatims
from vocpipe.training.segments import HEADS, Segment, Verbatim, day_of, labels_of, segment_of
from vocpipe.training.splits import Split, split_by_verbatim

__all__ = ["HEADS", "Segment", "Split", "Verbatim", "labels_of", "read_annotated", "split_by_verbatim"]

Rows = Iterator[tuple[str, Mapping[str, Any]]]

_HINT = "see docs/annotated-format.md for the format"
_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods")


def read_annotated(path: Path | str, taxonomy: Taxonomy) -> list[Verbatim]:
    """Read the verbatims of a .jsonl, .parquet, .csv or .xlsx file, or of `datasets:ORG/NAME[:SPLIT]`, in their order.

    Records that hold `segments` are verbatims; else every record is a segment, as the rows of CSV and XLSX are.
    Raises `InputError` with the line or row and the nearest valid code.
    """
    where = str(path)
    headers, rows = dataset_rows(where) if where.startswith(PREFIX) else _opened(Path(path))
    found = _nested(rows, where, taxonomy) if "segments" in headers else flat_verbatims(rows, headers, where, taxonomy)
    if not found:
        raise InputError(f"{where} holds no verbatim", f"give a file with at least one; {_HINT}")
    return found


def _opened(path: Path) -> tuple[list[str], Rows]:
    given = expand([path])[0]  # which says what is wrong with a path, too
    suffix = path.suffix.lower()
    if suffix in (".jsonl", ".ndjson"):
        return _json_lines(path)
    if suffix == ".parquet":
        return _parquet(path)
    if suffix not in _TABLES:
        raise InputError(f"{path}: unknown kind of annotated file", "give a .jsonl, .parquet, .csv or .xlsx file, or datasets:ORG/NAME")
    reader = open_reader(given, SourceConfig(name="annotated"))
    word = "row" if reader.format == "xlsx" else "line"
    return reader.headers, _table_rows(reader.rows(Counter()), f"{path}", word)


def _table_rows(rows: Iterable[Any], where: str, word: str) -> Rows:
    for row in rows:
        if isinstance(row, BadRow):
            raise InputError(f"{where}, {word} {row.number}: {row.reason}", "correct the row: a text that holds the delimiter stands between quotes")
        yield f"{word} {row.number}", row.cells


def _json_lines(path: Path) -> tuple[list[str], Rows]:
    rows = _json_rows(path)
    first = next(rows, None)
    return (list(first[1]), chain([first], rows)) if first else ([], iter(()))


def _json_rows(path: Path) -> Rows:
    number = 0
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    record = json.loads(line)
                    if not isinstance(record, dict):
                        raise ValueError("not a JSON object")
                    yield f"line {number}", record
    except UnicodeDecodeError as error:
        raise InputError(f"{path}, after line {number}: not UTF-8", "save the file as UTF-8") from error
    except ValueError as error:
        raise InputError(f"{path}, line {number}: not an annotated verbatim: {error}", _HINT) from error


def _parquet(path: Path) -> tuple[list[str], Rows]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{path} cannot be read as Parquet: {error}", "the file may have been cut while it was copied: copy it again") from error
    return table.column_names, ((f"row {number}", row) for number, row in enumerate(table.to_pylist(), 1))


def _nested(rows: Rows, where: str, taxonomy: Taxonomy) -> list[Verbatim]:
    found: dict[str, Verbatim] = {}
    for place, record in rows:
        try:
            verbatim = _verbatim(record, taxonomy)
            if verbatim.id in found:
                raise ValueError(f"the id {verbatim.id!r} is given twice")
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{where}, {place}: not an annotated verbatim: {_reason(error)}", _HINT) from error
        found[verbatim.id] = verbatim
    return list(found.values())


def _verbatim(record: Mapping[str, Any], taxonomy: Taxonomy) -> Verbatim:
    segments = tuple(_segment(segment, taxonomy) for segment in record["segments"])
    company = record.get("company")
    return Verbatim(
        str(record["id"]), str(record.get("source") or "unknown"), str(record["text"]), segments, day_of(record.get("date")), str(company) if company else None
    )


def _segment(record: Mapping[str, Any], taxonomy: Taxonomy) -> Segment:
    """Return a segment; a head may be missing, but not by a slip of the pen."""
    missing = [head for head in HEADS if head not in record]
    for name in record:
        if name not in HEADS and (close := difflib.get_close_matches(name, missing, n=1, cutoff=0.8)):
            raise ValueError(f"unknown field {name!r} of a segment: did you mean {close[0]!r}?")
    return segment_of(str(record["text"]), record, taxonomy)


def _reason(error: Exception) -> str:
    return f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
