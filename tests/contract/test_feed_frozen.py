"""Dashboards stand on the feed: within a major version a table or a column stays, with its type and its key."""

import json
from pathlib import Path
from typing import Any

import pytest

from vocpipe.feeds.contract import SCHEMA_VERSION, TABLES
from vocpipe.feeds.dictionary import type_name

MAJOR = SCHEMA_VERSION.split(".")[0]
FROZEN = Path(__file__).with_name(f"feed_contract_{MAJOR}.json")


def now() -> dict[str, Any]:
    tables = {table.name: {"key": list(table.key), "columns": {column.name: type_name(column.type) for column in table.columns}} for table in TABLES.values()}
    return {"schema_version": SCHEMA_VERSION, "tables": tables}


def frozen() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FROZEN.read_text(encoding="utf-8"))
    return found


def broken(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Return what a change takes away from those who read the feed."""
    found = []
    for name, table in before["tables"].items():
        there = after["tables"].get(name, {"key": None, "columns": {}})
        if there["key"] != table["key"]:
            found.append(f"{name}: key")
        found += [f"{name}.{column}" for column, kind in table["columns"].items() if there["columns"].get(column) != kind]
        kept = [column for column in there["columns"] if column in table["columns"]]
        if not found and list(there["columns"])[: len(kept)] != list(table["columns"]):
            found.append(f"{name}: order of the columns")
    return found


def test_nothing_is_taken_away_within_a_major_version() -> None:
    assert broken(frozen(), now()) == [], "a table, a column, a type or a key of the contract changed: keep it, or begin another major version"


def test_the_frozen_copy_holds_what_is_new() -> None:
    """Write the copy again with: python -m tests.contract.test_feed_frozen."""
    assert frozen() == now(), "the contract grew: raise the minor version, then run python -m tests.contract.test_feed_frozen"


@pytest.mark.parametrize("change", ["table", "column", "type", "key", "order"])
def test_each_kind_of_loss_is_seen(change: str) -> None:
    after = now()
    table = after["tables"]["alerts"]
    if change == "table":
        del after["tables"]["alerts"]
    elif change == "column":
        del table["columns"]["value"]
    elif change == "type":
        table["columns"]["value"] = "float"
    elif change == "key":
        table["key"] = ["month"]
    else:
        table["columns"] = dict(reversed(table["columns"].items()))
    assert broken(frozen(), after)


if __name__ == "__main__":
    lost = broken(frozen(), now()) if FROZEN.is_file() else []
    if lost:
        raise SystemExit(f"these are lost: {', '.join(lost)}")
    FROZEN.write_text(json.dumps(now(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
