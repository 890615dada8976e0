"""Name the values of nested records by dotted path."""

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from vocpipe.sources.rows import BadRow, Row

# The headers are the keys of that many first records; keys that come later are attributes unless the source maps them.
_RECORDS_FOR_HEADERS = 1_000
# A list may hold thousands of objects, and each of their values would be a column.
_OBJECTS_NAMED = 20


def flatten(record: Mapping[str, Any]) -> dict[str, object]:
    """Return a record without nesting: {"user": {"id": 3}, "answers": [{"value": 5}]} gives {"user.id": 3, "answers.0.value": 5}.

    Lists of other values become JSON text, and so do the objects of a list after the twentieth.
    """
    return dict(_leaves(record, ""))


def _leaves(record: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, object]]:
    for key, value in record.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            yield from _items(value, f"{prefix}{key}")
        else:
            yield prefix + key, value


def _items(values: list[Any], path: str) -> Iterator[tuple[str, object]]:
    named = 0
    if values and all(isinstance(value, Mapping) for value in values):
        for named, value in enumerate(values[:_OBJECTS_NAMED], start=1):
            yield from _leaves(value, f"{path}.{named - 1}.")
    if named < len(values) or not values:
        yield path, json.dumps(values[named:], ensure_ascii=False, default=str)


def without_half_characters(record: Any) -> Any:
    """Return a decoded value with "?" for each half of a surrogate pair: legal JSON, but no legal text. Posts cut inside an emoji hold some."""
    return json.loads(json.dumps(record, ensure_ascii=False).encode("utf-8", "replace"))


def keys_of(rows: Iterable[Row | BadRow]) -> list[str]:
    """Return the paths that the first records have, in the order in which they come."""
    return list(dict.fromkeys(key for row in islice(rows, _RECORDS_FOR_HEADERS) if isinstance(row, Row) for key in row.cells))
