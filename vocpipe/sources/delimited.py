"""Read CSV: find the delimiter, honour quotes over several lines, and lose no row to a quote that is never closed."""

import csv
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from vocpipe.errors import ConfigError, InputError
from vocpipe.sources.config import SourceConfig
from vocpipe.sources.encoding import find_encoding, is_binary, text_lines
from vocpipe.sources.inputs import Input
from vocpipe.sources.rows import BadRow, Row, unique_headers
from vocpipe.sources.titles import header_index, names_text

DELIMITERS = (";", ",", "\t", "|")
NAMES = {"\t": "tab", "": "none"}
# A file of one column is parsed with a delimiter that no text holds, so that its quotes are still honoured.
_NO_DELIMITER = "\x1f"
_LONGEST_CELL = 1 << 24
_SAMPLE_LINES = 500
_SAMPLE_CHARACTERS = 1 << 18
_EXCEL_HINT = re.compile(r"sep=(.)[\r\n]*")


@dataclass(frozen=True)
class _Table:
    """Hold the first lines of a file cut by one delimiter: the line of the header, from 0, the header, and the rows after it."""

    line: int
    header: list[str]
    rows: list[list[str]]


def _cut(lines: list[str], delimiter: str, source: SourceConfig) -> _Table:
    rows: list[list[str]] = []
    starts: list[int] = []
    start = 0
    reader = csv.reader(lines, delimiter=delimiter)
    limit = csv.field_size_limit(_LONGEST_CELL)
    try:
        for row in reader:
            if any(map(str.strip, row)):
                rows.append(row)
                starts.append(start)
            start = reader.line_num
    finally:
        csv.field_size_limit(limit)
    if not rows:
        return _Table(0, [], [])
    index = header_index(rows, source)
    return _Table(starts[index], rows[index], rows[index + 1 :])


def find_delimiter(lines: list[str], source: SourceConfig) -> str:
    """Return the delimiter that cuts the header so that its text column is known, else cuts most rows, and at least half, in as many fields as the
    header; "" for a single column."""
    best, best_score = "", (False, 0.5, 0)
    for delimiter in DELIMITERS:
        table = _cut(lines, delimiter, source)
        if len(table.header) > 1:
            consistent = sum(len(row) == len(table.header) for row in table.rows) / max(1, len(table.rows))
            named = names_text(table.header, source)
            if table.line and not named and (len(table.header) < 3 or consistent < 0.9):
                continue  # the commas of a text, below the name of a single column
            score = (named, consistent, len(table.header))
            best, best_score = (delimiter, score) if score > best_score else (best, best_score)
    return best


def _first_lines(lines: Iterable[str]) -> list[str]:
    sample: list[str] = []
    characters = 0
    for line in islice(lines, _SAMPLE_LINES):
        characters += len(line)
        if characters > _SAMPLE_CHARACTERS:
            break
        sample.append(line)
    return sample


class _Lines:
    """Hand lines to csv one at a time, remember those of the current record, and take them back when they turn out to be other records."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._returned: deque[str] = deque()
        self.record: list[str] = []
        self.first_line = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else next(self._lines)
        self.record.append(line)
        return line

    def begin_record(self) -> None:
        self.first_line += len(self.record)
        self.record = []

    def give_back(self, keep: int) -> None:
        """Return all the lines of the record but the first `keep` to the stream."""
        self._returned.extendleft(reversed(self.record[keep:]))
        del self.record[keep:]


class CsvReader:
    """Read a delimited text file, line by line, from its header on. Raises `ConfigError` when the declared delimiter is not the one of the file."""

    format = "csv"

    def __init__(self, given: Input, source: SourceConfig) -> None:
        self._given = given
        self.name = given.name
        self.bytes = given.facts.size
        self.sha256 = given.facts.sha256
        self.encoding = find_encoding(given.facts) if source.encoding == "auto" else source.encoding
        sample = _first_lines(self._lines(Counter()))
        hint = _EXCEL_HINT.fullmatch(sample[0]) if sample else None
        hints = 1 if hint else 0
        found = hint[1] if hint else find_delimiter(sample, source)
        self.delimiter = self._checked(found, sample[hints:], source)
        self._skip = hints + _cut(sample[hints:], self.delimiter or _NO_DELIMITER, source).line
        first = next(self._records(Counter()), None)
        self.headers = unique_headers(first[1]) if first and isinstance(first[1], list) else []
        if is_binary(given.facts) and not names_text(self.headers, source):
            raise InputError(f"{self.name} is not a text file", "give a CSV, XLSX, JSON or Parquet export, or a gzip or zip of these")

    def _lines(self, problems: Counter[str]) -> Iterator[str]:
        return text_lines(self._given.open(), self.name, self.encoding, problems)

    def _checked(self, found: str, sample: list[str], source: SourceConfig) -> str:
        declared = source.delimiter
        if declared == "auto":
            return found
        header = _cut(sample, declared, source).header
        if found not in ("", declared) and (len(header) <= 1 or (names_text(_cut(sample, found, source).header, source) and not names_text(header, source))):
            wrong, right = NAMES.get(declared, declared), NAMES.get(found, found)
            raise ConfigError(
                f"{self.name}: the source declares the delimiter {wrong!r}, but the file is separated by {right!r}",
                f"write `delimiter: {right!r}` in the source, or leave it out: it is found",
            )
        return declared

    def rows(self, problems: Counter[str]) -> Iterator[Row | BadRow]:
        """Yield the rows after the header; `number` is the line on which the row starts."""
        width = len(self.headers)
        first = self.headers[0] if self.headers else ""
        records = self._records(problems)
        next(records, None)
        for number, fields, lines in records:
            if isinstance(fields, str):
                yield BadRow(number, fields, "".join(lines))
            elif not any(map(str.strip, fields)):
                continue
            elif first in fields[0] and unique_headers(fields) == self.headers:
                problems["header repeated: line left out"] += 1
            elif len(fields) > width and "".join(fields[width:]).strip():
                yield BadRow(number, f"{len(fields)} fields where the header has {width}", "".join(lines))
            else:
                yield Row(number, dict(zip(self.headers, fields, strict=False)))

    def _records(self, problems: Counter[str]) -> Iterator[tuple[int, list[str] | str, list[str]]]:
        """Yield (first line, fields or what is wrong, raw lines), the header first."""
        feed = _Lines(self._lines(problems))
        for _ in islice(feed, self._skip):
            pass
        dialect = self.delimiter or _NO_DELIMITER
        strict = csv.reader(feed, delimiter=dialect, strict=True)
        lenient = csv.reader(feed, delimiter=dialect)
        width = 0
        while True:
            feed.begin_record()
            limit = csv.field_size_limit(_LONGEST_CELL)  # of the whole process: put back at once, never across a yield
            try:
                fields = _parse(strict)
                # Strict quoting notices that a quote has swallowed the following rows.
                if isinstance(fields, str) or (len(fields) != width and len(feed.record) > 1):
                    fields = self._repaired(fields, lenient, feed, width, problems)
            except StopIteration:
                return
            finally:
                csv.field_size_limit(limit)
            if fields:
                width = width or len(fields)
                yield feed.first_line, fields, feed.record

    def _repaired(self, fields: list[str] | str, lenient: Iterator[list[str]], feed: _Lines, width: int, problems: Counter[str]) -> list[str] | str:
        """Return the fields of a record that does not have the width of the header, or what is wrong with it."""
        dialect = self.delimiter or _NO_DELIMITER
        if width > 1 and _holds_row(feed.record[1:], dialect, width):
            feed.give_back(1)
            problems["quote never closed: row ended with its line"] += 1
            return next(csv.reader(feed.record, delimiter=dialect, quoting=csv.QUOTE_NONE))
        if isinstance(fields, list):
            return fields
        feed.give_back(0)
        return _parse(lenient)


def _holds_row(lines: list[str], delimiter: str, width: int) -> bool:
    try:
        return any(len(row) == width for row in csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return False


def _parse(reader: Iterator[list[str]]) -> list[str] | str:
    try:
        return next(reader)
    except csv.Error:
        return f"a cell longer than {_LONGEST_CELL} characters, or a quote that is never closed"
