"""Write the rows of the feed as PostgreSQL reads them: the types of its columns, and the lines of COPY."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from vocpipe.feeds.contract import FeedTable
from vocpipe.feeds.inputs import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LINES = 5_000
_TYPES = {
    pa.string(): "text",
    pa.date32(): "date",
    pa.bool_(): "boolean",
    pa.int8(): "smallint",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float32(): "real",
    pa.float64(): "double precision",
}


def column_types(table: FeedTable) -> dict[str, str]:
    """Return the columns of a table with their types in PostgreSQL; a list is an array."""
    return {field.name: _type(field.type) for field in table.arrow}


def copy_lines(connection: "DuckDBPyConnection", table: FeedTable, month: str) -> Iterator[bytes]:
    """Yield the rows of one part of a table of an open feed, as blocks of lines in the text format of COPY; an empty month is the whole table."""
    cells = ", ".join(f"coalesce({_escaped(field)}, '\\N')" for field in table.arrow)
    where = f" WHERE month = {literal(month)}" if month else ""
    reader = connection.cursor().execute("USE feed").execute(f"SELECT concat_ws(chr(9), {cells}) FROM {table.name}{where}")
    while lines := reader.fetchmany(_LINES):
        yield "".join(f"{line}\n" for (line,) in lines).encode()


def arrow_rows(table: FeedTable, rows: list[tuple[Any, ...]]) -> pa.Table:
    """Return rows fetched from PostgreSQL with the types of the contract."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(table.columns)
    return pa.table([pa.array(values, field.type) for values, field in zip(columns, table.arrow, strict=True)], schema=table.arrow)


def _type(kind: pa.DataType) -> str:
    return f"{_TYPES[kind.value_type]}[]" if pa.types.is_list(kind) else _TYPES[kind]


def _escaped(field: pa.Field) -> str:
    """Return the SQL that gives a value as COPY reads it. PostgreSQL has no NUL: U+FFFD stands for it."""
    text = f'"{field.name}"'
    if pa.types.is_list(field.type):
        item = "item::VARCHAR"
        if field.type.value_type == pa.string():
            item = "'\"' || replace(replace(item, '\\', '\\\\'), '\"', '\\\"') || '\"'"
        text = f"'{{' || array_to_string(list_transform({text}, lambda item: coalesce({item}, 'NULL')), ',') || '}}'"
    elif field.type != pa.string():
        return f"{text}::VARCHAR"
    for character, escape in (("'\\'", "'\\\\'"), ("chr(9)", "'\\t'"), ("chr(10)", "'\\n'"), ("chr(13)", "'\\r'"), ("chr(0)", "chr(65533)")):
        text = f"replace({text}, {character}, {escape})"
    return text
