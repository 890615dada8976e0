"""The same rows as JSON, CSV or Arrow, as the client accepts them."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from vocpipe.api.problems import ProblemError
from vocpipe.feeds.cells import safe_cell

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MEDIA = {"json": "application/json", "csv": "text/csv; charset=utf-8", "arrow": "application/vnd.apache.arrow.stream"}
ACCEPTED = {"application/json": "json", "text/csv": "csv", "application/vnd.apache.arrow.stream": "arrow"}


@dataclass(frozen=True)
class Rows:
    """Hold the rows of one answer as `body` (JSON: the rows alone), their number, and the position of the last one when more follow."""

    body: bytes
    count: int
    last: int | None


@dataclass(frozen=True)
class Asked:
    """Hold a query with its parameters, whose first column is the position `_row`; it asks for one row more than `pages` of `limit` rows hold."""

    sql: str
    limit: int
    schema: pa.Schema
    values: list[Any] = field(default_factory=list)
    pages: int = 1


def chosen(asked: str | None, accept: str) -> str:
    """Return the format to answer in: the one asked by name, else by the Accept header. Raises `ProblemError` when there is no such."""
    if asked:
        return asked
    if not accept:
        return "json"
    wanted = sorted((weighed(part) for part in accept.split(",")), key=lambda pair: -pair[1])
    for media, weight in wanted:
        if weight > 0:
            if media in ACCEPTED:
                return ACCEPTED[media]
            if media in ("*/*", "application/*"):
                return "json"
            if media == "text/*":
                return "csv"
    raise ProblemError(406, "none of the formats in the Accept header is known", "accept " + ", ".join(ACCEPTED) + ", or add ?format=csv")


def weighed(part: str) -> tuple[str, float]:
    """Return a value of a header such as Accept with its weight, 1 unless told; 0 means refused."""
    media, *parameters = (piece.strip() for piece in part.lower().split(";"))
    weight = next((text[2:] for text in parameters if text.startswith("q=")), "1")
    try:
        return media, float(weight)
    except ValueError:
        return media, 0.0


def read(connection: "DuckDBPyConnection", asked: Asked, form: str) -> list[Rows]:
    """Return the rows of a query in a format, page after page; the first may be empty."""
    return {"json": _json, "csv": _csv, "arrow": _arrow}[form](connection, asked)


def _json(connection: "DuckDBPyConnection", asked: Asked) -> list[Rows]:
    """Let the database write the JSON: numbers come out as short as they were stored."""
    row = ", ".join(f'"{name}" := "{name}"' for name in asked.schema.names)
    found = connection.execute(f"SELECT _row, to_json(struct_pack({row})) FROM ({asked.sql})", asked.values).fetchall()
    return [Rows(("[" + ",\n".join(text for _, text in kept) + "]").encode(), len(kept), last) for kept, last in _cut(found, asked)]


def _csv(connection: "DuckDBPyConnection", asked: Asked) -> list[Rows]:
    """Write text cells so that no spreadsheet runs them, and lists as JSON; numbers are left alone."""
    texts = [place for place, column in enumerate(asked.schema, 1) if _is_text(column.type)]
    cells = ", ".join(_cell(column) for column in asked.schema)
    found = connection.execute(f"SELECT _row, {cells} FROM ({asked.sql})", asked.values).fetchall()
    return [Rows(_written(asked.schema.names, texts, kept), len(kept), last) for kept, last in _cut(found, asked)]


def _written(names: Sequence[str], texts: Sequence[int], rows: Sequence[tuple[Any, ...]]) -> bytes:
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(names)
    for values in rows:
        row = list(values)
        for place in texts:
            if row[place] is not None:
                row[place] = safe_cell(row[place])
        writer.writerow(row[1:])
    return output.getvalue().encode()


def _arrow(connection: "DuckDBPyConnection", asked: Asked) -> list[Rows]:
    table = connection.sql(asked.sql, params=asked.values).to_arrow_table()
    positions = [(position,) for position in table["_row"].to_pylist()]
    rows = table.drop_columns(["_row"]).cast(asked.schema)
    pages = []
    for number, (kept, last) in enumerate(_cut(positions, asked)):
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, asked.schema) as writer:
            writer.write_table(rows.slice(number * asked.limit, len(kept)))
        pages.append(Rows(sink.getvalue().to_pybytes(), len(kept), last))
    return pages


def envelope(rows: Rows, facts: dict[str, Any]) -> bytes:
    """Return the JSON answer: the facts, then the rows."""
    head = json.dumps(facts, ensure_ascii=False)[:-1]
    return f'{head}, "rows": '.encode() + rows.body + b"}"


def _cut(found: Sequence[tuple[Any, ...]], asked: Asked) -> Iterator[tuple[Sequence[tuple[Any, ...]], int | None]]:
    """Yield the rows of each page, with the position of its last row when more follow."""
    for start in range(0, asked.pages * asked.limit, asked.limit):
        if start == 0 or start < len(found):
            kept = found[start : start + asked.limit]
            yield kept, kept[-1][0] if len(found) > start + asked.limit else None


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_list(kind))


def _cell(column: pa.Field) -> str:
    name = f'"{column.name}"'
    if pa.types.is_list(column.type):
        return f"to_json({name})::VARCHAR"
    return name if pa.types.is_string(column.type) else f"{name}::VARCHAR"
