"""Read CSV: find the delimiter, honour quotes over several lines, and lose no row to a quote that is never closed."""

import csv
import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from vocpipe.errors import ConfigError
from vocpipe.sources.encoding import FileFacts, find_encoding, text_lines
from vocpipe.sources.headers import find_columns
from vocpipe.sources.rows import BadRow, Row, unique_headers

DELIMITERS = (";", ",", "\t", "|")
NAMES = {"\t": "tab", "": "none"}
# A file of one column is parsed with a delimiter that no text holds, so that its quotes are still honoured.
_NO_DELIMITER = "\x1f"
_LONGEST_CELL = 1 << 24
_SAMPLE_LINES = 500
_SAMPLE_CHARACTERS = 1 << 18
_EXCEL_HINT = re.compile(r"sep=(.)[\r\n]*")


@contextmanager
def _long_cells() -> Iterator[None]:
    """Let csv read cells of 16 million characters. The limit belongs to the whole process: it is put back at once, never across a yield."""
    before = csv.field_size_limit(_LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def find_delimiter(lines: list[str]) -> str:
    """Return the delimiter that cuts the header so that its text column is known, else cuts most rows, and at least half, in as many fields as the
    header; "" for a single column."""
    best, best_score = "", (False, 0.5, 0)
    for delimiter in DELIMITERS:
        with _long_cells():
            header, *rows = [row for row in csv.reader(lines, delimiter=delimiter) if row] or [[]]
        if len(header) > 1:
            consistent = sum(len(row) == len(header) for row in rows) / max(1, len(rows))
            score = ("text" in find_columns(header, {}), consistent, len(header))
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
    """Read a delimited text file, line by line. Raises `ConfigError` when the declared delimiter is not the one of the file."""

    format = "csv"

    def __init__(self, path: Path, facts: FileFacts, encoding: str, delimiter: str) -> None:
        self.path = path
        self.facts = facts
        self.encoding = find_encoding(facts) if encoding == "auto" else encoding
        sample = _first_lines(text_lines(path, self.encoding, Counter()))
        hint = _EXCEL_HINT.fullmatch(sample[0]) if sample else None
        self._skip = 1 if hint else 0
        while self._skip < len(sample) and not sample[self._skip].strip():
            self._skip += 1
        found = hint[1] if hint else find_delimiter(sample[self._skip :])
        self.delimiter = self._checked(delimiter, found, sample[self._skip :])
        first = next(self._records(Counter()), None)
        self.headers = unique_headers(first[1]) if first and isinstance(first[1], list) else []

    def _checked(self, declared: str, found: str, sample: list[str]) -> str:
        if declared == "auto":
            return found
        with _long_cells():
            header = next(csv.reader(sample, delimiter=declared), [])
        if len(header) <= 1 and found and found != declared:
            wrong, right = NAMES.get(declared, declared), NAMES.get(found, found)
            raise ConfigError(
                f"{self.path.name}: the source declares the delimiter {wrong!r}, but the file is separated by {right!r}",
                f"write `delimiter: {right!r}` in the source, or leave it out: it is found",
            )
        return declared

    def rows(self, problems: Counter[str]) -> Iterator[Row | BadRow]:
        """Yield the rows after the header; `number` is the line on which the row starts."""
        width = len(self.headers)
        records = self._records(problems)
        next(records, None)
        for number, fields, lines in records:
            if isinstance(fields, str):
                yield BadRow(number, fields, "".join(lines))
            elif not "".join(fields).strip():
                continue
            elif fields[0].strip("\ufeff ") == self.headers[0] and unique_headers(fields) == self.headers:
                problems["header repeated: line left out"] += 1
            elif len(fields) > width and "".join(fields[width:]).strip():
                yield BadRow(number, f"{len(fields)} fields where the header has {width}", "".join(lines))
            else:
                yield Row(number, dict(zip(self.headers, fields, strict=False)))

    def _records(self, problems: Counter[str]) -> Iterator[tuple[int, list[str] | str, list[str]]]:
        """Yield (first line, fields or what is wrong, raw lines), the header first."""
        feed = _Lines(text_lines(self.path, self.encoding, problems))
        for _ in islice(feed, self._skip):
            pass
        dialect = self.delimiter or _NO_DELIMITER
        strict = csv.reader(feed, delimiter=dialect, strict=True)
        lenient = csv.reader(feed, delimiter=dialect)
        width = 0
        while True:
            feed.begin_record()
            try:
                fields: list[str] | str = self._read(strict, lenient, feed, width, problems)
            except StopIteration:
                return
            if not fields:
                continue
            width = width or len(fields)
            yield feed.first_line, fields, feed.record

    def _read(self, strict: Iterator[list[str]], lenient: Iterator[list[str]], feed: _Lines, width: int, problems: Counter[str]) -> list[str] | str:
        """Return the fields of the next record. Strict quoting first: it notices that a quote has swallowed the following rows."""
        with _long_cells():
            fields = _parse(strict)
            if isinstance(fields, list) and (len(fields) == width or len(feed.record) == 1):
                return fields
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
