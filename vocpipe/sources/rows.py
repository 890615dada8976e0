"""What every reader gives: rows by header, and rows that could not be read."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from vocpipe.sources.encoding import FileFacts


class Row(NamedTuple):
    """Hold one row: its 1-based line (CSV, JSONL) or row (XLSX, Parquet) in the file, and its cells by header."""

    number: int
    cells: Mapping[str, object]


class BadRow(NamedTuple):
    """Hold a row for the quarantine: where it starts, why it cannot be read, and its raw content."""

    number: int
    reason: str
    content: str


class Reader(Protocol):
    """Read one file. `rows` may be called several times, opens the file itself and counts what it repairs in `problems`."""

    path: Path
    facts: FileFacts
    format: str
    encoding: str
    delimiter: str
    headers: list[str]

    def rows(self, problems: Counter[str]) -> Iterator[Row | BadRow]:
        """Yield the rows after the header, in the order of the file, without the blank lines of CSV and the blank rows of sheets."""
        ...


def unique_headers(names: list[str]) -> list[str]:
    """Return usable headers: blank ones are called "column 3", repeated ones "Note (2)"."""
    seen: Counter[str] = Counter()
    headers = []
    for position, name in enumerate(names, start=1):
        clean = name.replace("\ufeff", "").strip() or f"column {position}"
        seen[clean] += 1
        headers.append(clean if seen[clean] == 1 else f"{clean} ({seen[clean]})")
    return headers
