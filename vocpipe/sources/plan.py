"""Decide, before any row is read, where our columns are in a file."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from vocpipe.errors import ConfigError, InputError, nearest
from vocpipe.french.redaction import redact
from vocpipe.sources.config import DEFAULT_SCALES, RATINGS, Scale, SourceConfig
from vocpipe.sources.encoding import is_binary
from vocpipe.sources.headers import find_columns, missing_columns, nearest_header, normalise, scale_of
from vocpipe.sources.readers import open_reader
from vocpipe.sources.report import Tally
from vocpipe.sources.rows import Reader, Row
from vocpipe.sources.values import to_string

# Spreadsheets drop the first zero of phone numbers: in such a column any number is one.
_PHONE_HEADER = re.compile(r"\b(?:tel|telephone|portable|mobile|phone|gsm)\b")
_ROWS_TO_SPOT_A_COUNTER = 20
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Plan:
    """Say how to read one file.

    `columns` gives our column -> header, `ratings` rating -> (header, scale) for those the file has, `counter_id` tells that the identifiers only
    number the rows.
    """

    reader: Reader
    columns: Mapping[str, str]
    ratings: Mapping[str, tuple[str, Scale]]
    phone_headers: frozenset[str]
    counter_id: bool


def make_plan(path: Path, source: SourceConfig, tally: Tally) -> Plan:
    """Open a file and find our columns in it.

    Raises `InputError` or `ConfigError` naming the file, the columns that it has, and the lines of YAML that map them.
    """
    reader = open_reader(path, source)
    columns = find_columns(reader.headers, source.columns)
    missing = missing_columns(reader.headers, source.columns)
    mapped = [column for column, header in source.columns.items() if header is not None]
    if "text" not in columns or (mapped and len(missing) == len(mapped)):
        if reader.format == "csv" and is_binary(reader.facts):
            raise InputError(f"{path.name} is not a text file", "give a CSV, XLSX, JSON lines or Parquet export; unpack archives first")
        raise _unknown_columns(reader, source, missing)
    if next(reader.rows(Counter()), None) is None:
        raise InputError(f"{path.name} has a header and no row", "export it again with its answers")
    others = [header for header in reader.headers if header not in columns.values()]
    ratings = {name: (columns[name], source.scales.get(name) or scale_of(columns[name]) or DEFAULT_SCALES[name]) for name in RATINGS if name in columns}
    phones = frozenset(header for header in others if _PHONE_HEADER.search(normalise(header)))
    counter = "source_id" in columns and "source_id" not in source.columns and _is_a_counter(reader, columns["source_id"])
    for column, header in missing.items():
        tally.problems[f"{column}: no column {header!r} in the file"] += 1
    if counter:
        tally.problems["source_id: only numbers the rows of the file, identifiers made from content"] += 1
    tally.note_columns(columns, [shown(header) for header in others])
    return Plan(reader, columns, ratings, phones, counter)


def shown(header: str) -> str:
    """Return a header fit to be shown and kept: a file without a header has a customer's words in its place."""
    return redact(header)[0][:_LONGEST_NAME]


def _unknown_columns(reader: Reader, source: SourceConfig, missing: Mapping[str, str]) -> ConfigError:
    expected = {"text": "commentaire", **missing}
    lines = "\n".join(f'    {column}: "{shown(nearest_header([header], reader.headers))}"' for column, header in expected.items())
    wrong = "".join(f"; the source maps {column} to {header!r}: {nearest(header, map(shown, reader.headers[:30]))}" for column, header in missing.items())
    found = ", ".join(repr(shown(header)) for header in reader.headers[:30]) or "none"
    return ConfigError(
        f"{reader.path.name}: no column is known to hold the customer's words{wrong}\ncolumns found: {found}",
        f"say which is which in the YAML file of the source {source.name!r}:\n  columns:\n{lines}",
    )


def _is_a_counter(reader: Reader, header: str) -> bool:
    """Tell whether a column only numbers the rows 1, 2, 3 … or 0, 1, 2 …: such numbers start again in every export."""
    rows: Sequence[object] = [row.cells.get(header) for row in islice(reader.rows(Counter()), _ROWS_TO_SPOT_A_COUNTER) if isinstance(row, Row)]
    values = [to_string(value).strip() for value in rows]
    return len(values) == _ROWS_TO_SPOT_A_COUNTER and any(values == [str(number + start) for number in range(len(values))] for start in (0, 1))
