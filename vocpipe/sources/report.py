"""Count what reading did to the rows, for people and for manifests."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from vocpipe.french.redaction import Redactor
from vocpipe.sources.delimited import NAMES
from vocpipe.sources.rows import BadRow, Reader

QUARANTINE_SCHEMA = pa.schema([("file", pa.string()), ("row", pa.int64()), ("reason", pa.string()), ("content", pa.string())])
_QUARANTINE_CHARACTERS = 500
# Redaction shortens a text at most eight times, so that this many characters always give those kept, and no number is cut before it is redacted.
_QUARANTINE_READ = 8 * _QUARANTINE_CHARACTERS


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
    header found, `attributes` the other headers, which are kept as attributes.
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


@dataclass
class Tally:
    """Gather the counts while the rows flow."""

    redact: Redactor
    kept: int = 0
    duplicates: int = 0
    empty: int = 0
    problems: Counter[str] = field(default_factory=Counter)
    redactions: Counter[str] = field(default_factory=Counter)
    files: list[FileReport] = field(default_factory=list)
    quarantine: list[tuple[str, int, str, str]] = field(default_factory=list)
    columns: dict[str, list[str]] = field(default_factory=dict)
    attributes: dict[str, None] = field(default_factory=dict)

    def clean(self, text: str) -> str:
        """Return a text without personal data, and count what was replaced."""
        text, found = self.redact(text)
        if found:
            self.redactions.update(found)
        return text

    def set_aside(self, file: str, row: BadRow) -> None:
        """Put a row in quarantine with its place, the reason, and its first characters, redacted."""
        content = self.clean(row.content[:_QUARANTINE_READ].replace("\0", "").encode("utf-8", "replace").decode("utf-8"))
        self.quarantine.append((file, row.number, row.reason, content.strip()[:_QUARANTINE_CHARACTERS]))

    def note_columns(self, columns: Mapping[str, str], attributes: Iterable[str]) -> None:
        """Note where our columns were found, once for each header, and which headers are kept as attributes."""
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
                name=reader.path.name,
                bytes=reader.facts.size,
                sha256=reader.facts.sha256,
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
        )

    def quarantine_table(self) -> pa.Table:
        """Return the quarantined rows: file, row, reason, content."""
        return pa.Table.from_pylist([dict(zip(QUARANTINE_SCHEMA.names, row, strict=True)) for row in self.quarantine], schema=QUARANTINE_SCHEMA)
