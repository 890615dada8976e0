"""CSV files for Excel: UTF-8 with its mark, semicolons, decimal commas, and no cell that could run or mislead."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from vocpipe.feeds.cells import safe_cell
from vocpipe.feeds.contract import FeedTable
from vocpipe.feeds.sinks.sums import NO_MONTH, Sum, sums, together

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_BLOCK = 10_000


def write(connection: "DuckDBPyConnection", table: FeedTable, path: Path) -> None:
    """Write a table of an open feed as a CSV file."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
        writer.writerow(table.arrow.names)
        for block in _rendered(connection, table):
            writer.writerows(block)


def written_sums(connection: "DuckDBPyConnection", table: FeedTable) -> dict[str, Sum]:
    """Return the sums of the cells that `write` writes."""
    return together(_sums_of(connection, table, block) for block in _rendered(connection, table))


def file_sums(connection: "DuckDBPyConnection", table: FeedTable, path: Path) -> dict[str, Sum] | None:
    """Return the sums of the cells of a file, null when it is no such file or its columns are not those of the table."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=";")
            if next(reader, None) != table.arrow.names:
                return None
            return together(_sums_of(connection, table, block) for block in _blocks(reader))
    except (UnicodeError, csv.Error):  # saved again by another program
        return None


def _sums_of(connection: "DuckDBPyConnection", table: FeedTable, rows: list[list[str]]) -> dict[str, Sum]:
    width = len(table.columns)
    whole = [row for row in rows if len(row) == width]
    others = sum(0 < len(row) != width for row in rows)
    columns = zip(*whole, strict=True) if whole else ((),) * width
    connection.register("cells", pa.table([pa.array(values, pa.string()) for values in columns], names=table.arrow.names))
    found = sums(connection, "cells", table)
    connection.unregister("cells")
    return together((found, {NO_MONTH: Sum(others)})) if others else found


def _blocks(reader: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    block: list[list[str]] = []
    for row in reader:
        block.append(row)
        if len(block) == _BLOCK:
            yield block
            block = []
    yield block


def _rendered(connection: "DuckDBPyConnection", table: FeedTable) -> Iterator[list[list[str]]]:
    expressions = ", ".join(_expression(field) for field in table.arrow)
    words = [field.type == pa.string() or pa.types.is_list(field.type) for field in table.arrow]
    reader = connection.cursor().execute("USE feed").execute(f"SELECT {expressions} FROM {table.name}")
    while rows := reader.fetchmany(_BLOCK):
        yield [["" if value is None else safe_cell(value) if is_words else value for value, is_words in zip(row, words, strict=True)] for row in rows]
    yield []


def _expression(field: pa.Field) -> str:
    """Return the SQL that gives a value as a text: lists as JSON, true as 1, decimals with a comma, days as 2026-03-14."""
    name = f'"{field.name}"'
    if field.type == pa.string():
        return name
    if pa.types.is_list(field.type):
        return f"to_json({name})::VARCHAR"
    if pa.types.is_boolean(field.type):
        return f"{name}::INTEGER::VARCHAR"
    text = f"{name}::VARCHAR"
    return f"replace({text}, '.', ',')" if pa.types.is_floating(field.type) else text
