"""Count and sum the rows of a table by month, so that a copy can be compared with the feed without reading both side by side."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vocpipe.feeds.contract import TABLES, FeedTable

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

WHOLE = ""
"""The part of a table that does not go by month: all of it."""
NO_MONTH = "?"
"""The part of the rows of a copy that tell no month, or that are no whole rows; the feed has none."""
_MODULUS = 1 << 64


@dataclass(frozen=True)
class Sum:
    """Hold the number of rows and the sum of their hashes, modulo 2**64: the order of rows does not count, their number and every value does."""

    rows: int = 0
    total: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.rows + other.rows, (self.total + other.total) % _MODULUS)

    @property
    def checksum(self) -> str:
        """Return the sum as 16 hexadecimal digits."""
        return f"{self.total:016x}"


Sums = Mapping[str, Sum]
"""The sum of each part of a table: its months, or `WHOLE`."""


def sums(connection: "DuckDBPyConnection", relation: str, table: FeedTable, columns: Sequence[str] | None = None) -> dict[str, Sum]:
    """Return the sums of a relation that has the columns of the table, whatever their order, by month where the table goes by month.

    A NUL character, which PostgreSQL cannot hold, counts as U+FFFD.
    """
    names = columns or table.arrow.names
    values = ", ".join(f"'{name}': \"{name}\"" for name in names)
    part = f"coalesce(nullif(\"month\"::VARCHAR, ''), '{NO_MONTH}')" if table.by_month else f"'{WHOLE}'"
    row = f"replace(to_json({{{values}}})::VARCHAR, '\\u0000', chr(65533))"
    found = connection.execute(f"SELECT {part}, count(*), sum(md5_number_upper({row})) FROM {relation} GROUP BY 1 ORDER BY 1").fetchall()
    known = {month: Sum(rows, int(total) % _MODULUS) for month, rows, total in found}
    return known if table.by_month else {WHOLE: known.get(WHOLE, Sum())}


def feed_sums(connection: "DuckDBPyConnection") -> dict[str, dict[str, Sum]]:
    """Return the sums of every table of an open feed."""
    return {name: sums(connection, name, table) for name, table in TABLES.items()}


def together(several: Iterable[Sums]) -> dict[str, Sum]:
    """Return the sums of rows that come in several pieces."""
    total: dict[str, Sum] = {}
    for each in several:
        for part, found in each.items():
            total[part] = total.get(part, Sum()) + found
    return total
