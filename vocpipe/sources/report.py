"""Count what reading did to the rows, for people and for manifests."""

import html
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from vocpipe.french.redaction import Redactor
from vocpipe.sources.delimited import NAMES
from vocpipe.sources.rows import BadRow, Reader

QUARANTINE_SCHEMA = pa.schema([("file", pa.string()), ("row", pa.int64()), ("reason", pa.string()), ("content", pa.string())])
_QUARANTINE_CHARACTERS = 500
_QUARANTINE_READ = 8 * _QUARANTINE_CHARACTERS
# Where the part that is read ends, a number may be cut in two, and be no number any more: nothing that near to the cut is kept.
_NEAR_THE_CUT = 200
_SHORT = 60
EXAMPLES = 3
EXAMPLE_CHARACTERS = 60
_EXAMPLE_READ = 8 * EXAMPLE_CHARACTERS


class FileReport(BaseModel):
    """Tell how one file was read: `rows` counts those kept and those in quarantine."""

    model_config = ConfigDict(frozen=True)

    name: str
    bytes: int
    sha256: str
    format: str
    encoding: str
    delimiter: str
    rows: int


class IngestReport(BaseModel):
    """Tell what was read: read = kept + quarantined; duplicates and empty rows are among the kept.

    `problems` counts repairs and broken values by what is wrong, `redactions` replacements by kind over all columns, `columns` gives our column ->
    header found, `attributes` the other headers, which are kept as attributes, `scales` rating -> "worst to best".
    """

    model_config = ConfigDict(frozen=True)

    files: tuple[FileReport, ...]
    read: int
    kept: int
    quarantined: int
    duplicates: int
    empty: int
    problems: dict[str, int]
    redactions: dict[str, int]
    columns: dict[str, str]
    attributes: tuple[str, ...]
    scales: dict[str, str]


class Place(NamedTuple):
    """Say where in an input: its name, and the 1-based line or row, null when it is about the whole of it."""

    file: str
    row: int | None = None


_NOWHERE = Place("")


class Example(BaseModel):
    """Show a problem: where, and the value, redacted, at most 60 characters; "" when there is none to show."""

    model_config = ConfigDict(frozen=True)

    file: str
    row: int | None
    value: str


@dataclass
class Tally:
    """Gather the counts while the rows flow. `place` is the row that is being read."""

    redact: Redactor
    place: Place = _NOWHERE
    kept: int = 0
    duplicates: int = 0
    empty: int = 0
    problems: Counter[str] = field(default_factory=Counter)
    redactions: Counter[str] = field(default_factory=Counter)
    files: list[FileReport] = field(default_factory=list)
    quarantine: list[tuple[str, int, str, str]] = field(default_factory=list)
    columns: dict[str, list[str]] = field(default_factory=dict)
    attributes: dict[str, None] = field(default_factory=dict)
    scales: dict[str, dict[str, None]] = field(default_factory=dict)
    examples: dict[str, list[Example]] = field(default_factory=dict)
    _told: int = 0

    def begin_row(self, file: str, row: int) -> None:
        """Note which row is being read, and that what the reader repaired since the last one was found there."""
        self.place = Place(file, row)
        if self.problems and self.problems.total() > self._told:
            for what in self.problems:
                if what not in self.examples:
                    self.examples[what] = [Example(file=file, row=row, value="")]
            self._told = self.problems.total()

    def problem(self, what: str, place: Place | None = None, value: str = "") -> None:
        """Count a problem, and keep its first examples, redacted."""
        self.problems[what] += 1
        self._told += 1
        examples = self.examples.setdefault(what, [])
        if len(examples) < EXAMPLES:
            at = place or self.place
            examples.append(Example(file=at.file, row=at.row, value=self.shorten(value)))

    def shorten(self, text: str) -> str:
        """Return the beginning of a text, on one line, without personal data, and without counting what was replaced."""
        shown = self.redact(" ".join(text[:_EXAMPLE_READ].split())).text
        return shown[: -_NEAR_THE_CUT if len(text) > _EXAMPLE_READ else None][:EXAMPLE_CHARACTERS]

    def __post_init__(self) -> None:
        # The cells of a column of companies or towns are the same few, over and over.
        self._redact_again = lru_cache(maxsize=4096)(self.redact.__call__)

    def clean(self, text: str) -> str:
        """Return a text without personal data, and count what was replaced."""
        text, found = self._redact_again(text) if len(text) <= _SHORT else self.redact(text)
        if found:
            self.redactions.update(found)
        return text

    def set_aside(self, file: str, row: BadRow) -> None:
        """Put a row in quarantine with its place, the reason, and its first characters, redacted."""
        read = html.unescape(row.content[:_QUARANTINE_READ].replace("\0", "")).encode("utf-8", "replace").decode("utf-8")
        content = self.clean(read)[: -_NEAR_THE_CUT if len(row.content) > _QUARANTINE_READ else None].strip()
        self.quarantine.append((file, row.number, row.reason, content[:_QUARANTINE_CHARACTERS]))

    def note_columns(self, columns: Mapping[str, str], attributes: Iterable[str], ratings: Mapping[str, tuple[str, tuple[float, float]]]) -> None:
        """Note where our columns were found, once for each header, which headers are kept as attributes, and the scales of the ratings."""
        for rating, (_, (worst, best)) in ratings.items():
            self.scales.setdefault(rating, {})[f"{worst:g} to {best:g}"] = None
        for column, header in columns.items():
            headers = self.columns.setdefault(column, [])
            if header not in headers:
                headers.append(header)
        self.attributes.update(dict.fromkeys(attributes))

    def end_file(self, reader: Reader, rows: int) -> None:
        """Note that a file was read to its end."""
        delimiter = NAMES.get(reader.delimiter, reader.delimiter) if reader.format == "csv" else ""
        self.files.append(
            FileReport(
                name=reader.name,
                bytes=reader.bytes,
                sha256=reader.sha256,
                format=reader.format,
                encoding=reader.encoding,
                delimiter=delimiter,
                rows=rows,
            )
        )

    def report(self) -> IngestReport:
        """Return the counts so far."""
        return IngestReport(
            files=tuple(self.files),
            read=self.kept + len(self.quarantine),
            kept=self.kept,
            quarantined=len(self.quarantine),
            duplicates=self.duplicates,
            empty=self.empty,
            problems=dict(sorted(self.problems.items())),
            redactions=dict(sorted(self.redactions.items())),
            columns={column: " | ".join(headers) for column, headers in self.columns.items()},
            attributes=tuple(self.attributes),
            scales={rating: " | ".join(scales) for rating, scales in self.scales.items()},
        )

    def quarantine_table(self) -> pa.Table:
        """Return the quarantined rows: file, row, reason, content."""
        return pa.Table.from_pylist([dict(zip(QUARANTINE_SCHEMA.names, row, strict=True)) for row in self.quarantine], schema=QUARANTINE_SCHEMA)
