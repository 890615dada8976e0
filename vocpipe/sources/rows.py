"""What every reader gives: rows by header, and rows that could not be read."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple, Protocol


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
    """Read one input. `rows` may be called several times, opens the input itself and counts what it repairs in `problems`.

    `name` is the one shown to people; `format` is csv, xlsx, json, jsonl, parquet or sql; `encoding` and `delimiter` are "" where there is none.
    """

    name: str
    format: str
    encoding: str
    delimiter: str
    headers: list[str]

    @property
    def bytes(self) -> int:
        """Return the size of what was read, decompressed. Complete once `rows` has been read to its end."""
        ...

    @property
    def sha256(self) -> str:
        """Return the hash of what was read, decompressed. Complete once `rows` has been read to its end."""
        ...

    def rows(self, problems: Counter[str]) -> Iterator[Row | BadRow]:
        """Yield the rows after the header, in their order, without the blank lines of CSV and the blank rows of sheets."""
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
