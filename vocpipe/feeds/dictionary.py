"""The data dictionary: the contract of the feed, written for those who query it."""

import pyarrow as pa

from vocpipe.feeds.contract import SCHEMA_VERSION, TABLES, FeedTable
from vocpipe.feeds.severity import SeverityWeights


def dictionary() -> str:
    """Return the data dictionary as Markdown, generated from the contract."""
    formula = next(line.strip() for line in (SeverityWeights.__doc__ or "").splitlines() if "severity =" in line)
    head = [
        f"# Data dictionary of the feed, version {SCHEMA_VERSION}",
        "",
        "Null means *not expressed* or *not known*, never zero. Shares are between 0 and 1. A key identifies a row once duplicates are left aside.",
        "",
        f"`{formula}`",
    ]
    return "\n".join([*head, *(line for table in TABLES.values() for line in _section(table))]) + "\n"


def _section(table: FeedTable) -> list[str]:
    rows = [f"| `{column.name}` | {_type(column.type)} | {column.meaning} | {column.null or 'never null'} |" for column in table.columns]
    key = ", ".join(f"`{name}`" for name in table.key)
    return ["", f"## {table.name}", "", table.meaning, "", f"Key: {key}.", "", "| column | type | meaning | null |", "|---|---|---|---|", *rows]


def _type(kind: pa.DataType) -> str:
    return f"list of {kind.value_type}" if pa.types.is_list(kind) else str(kind)
