"""What changed between two feeds: a checksum for each month of a table, and a short text that carries them to the client and back."""

import base64
import binascii
import hashlib
import json
import re
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MONTHS = ("month", "period")
"""The columns that tell the month of a row, the first that a table has."""
_LARGEST = 200_000
_PART = re.compile(r"(?:[A-Za-z0-9][A-Za-z0-9._-]{0,63})?")
"""Names of parts: a month, the name of a batch, or nothing for a whole table."""


def month_column(columns: tuple[str, ...]) -> str | None:
    """Return the column by which a table is parted."""
    return next((name for name in MONTHS if name in columns), None)


def checksums(connection: "DuckDBPyConnection", table: str, columns: tuple[str, ...]) -> dict[str, str]:
    """Return a checksum of the rows of each month, whatever their order; of the whole table under "" when it has no month."""
    month = month_column(columns)
    row = ", ".join(f'"{name}"' for name in columns)
    # A sum, because an exclusive or would not see a row that comes twice.
    query = f"SELECT {month or repr('')}, count(*), sum(hash(row({row}))::HUGEINT) FROM {table} GROUP BY 1 ORDER BY 1"
    found = connection.execute(query).fetchall()
    return {part: _short(rows, total) for part, rows, total in found} or ({} if month else {"": _short(0, 0)})


def write_since(table: str, parts: dict[str, str]) -> str:
    """Return the text by which a client tells what it has of a table."""
    return _encode([table, parts])


def read_since(text: str, table: str) -> dict[str, str] | None:
    """Return the parts that `write_since` wrote; null when it wrote no such text for that table."""
    match _decode(text):
        case [name, dict(parts)] if name == table and all(map(_PART.fullmatch, parts)):
            return {part: str(value) for part, value in parts.items()}
    return None


def write_cursor(snapshot: str, query: str, after: int) -> str:
    """Return the text by which a client asks for what comes after a row of a query."""
    return _encode([snapshot, _digest(query), after])


def read_cursor(text: str, query: str) -> tuple[str, int] | None:
    """Return the snapshot and the row that `write_cursor` wrote; null when it wrote no such text for that query."""
    match _decode(text):
        case [str(snapshot), digest, int(after)] if digest == _digest(query) and 0 <= after < 2**63:
            return snapshot, after
    return None


def _digest(query: str) -> str:
    return f"{zlib.crc32(query.encode()):08x}"


def _short(rows: int, total: int) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(f"{rows} {total}".encode()).digest()[:6]).decode()


def _encode(value: object) -> str:
    return base64.urlsafe_b64encode(zlib.compress(json.dumps(value, separators=(",", ":")).encode(), 9)).decode().rstrip("=")


def _decode(text: str) -> object:
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        unpacker = zlib.decompressobj()
        value = unpacker.decompress(packed, _LARGEST)
        # What follows the end is no part of what was given: it would be kept with the answer.
        return json.loads(value) if unpacker.eof and not unpacker.unused_data else None
    except (binascii.Error, ValueError, zlib.error, RecursionError):
        return None
