"""What the OpenAPI document says of each answer, from the contract of the feed."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from vocpipe.api.formats import ACCEPTED
from vocpipe.api.parts import month_column
from vocpipe.api.problems import PROBLEM
from vocpipe.feeds.contract import FeedTable
from vocpipe.schema import Column

DESCRIPTION = """Read the tables of a feed: what customers say, what hurts, where on the journey, with the words that prove it.

Answers are JSON, CSV or Arrow by the Accept header. Pages are followed by `next` (`cursor`); what changed since an earlier reading comes by `since`.
Every answer from a feed has an ETag. Null means not expressed or not known, never zero."""
_ANY = {"description": "A problem: what is wrong, and how to fix it."}
_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {**{name: {"type": "string"} for name in ("type", "title", "detail", "fix")}, "status": {"type": "integer"}},
    "required": ["type", "title", "status", "detail", "fix"],
}
_HEADERS = {
    "ETag": "names the answer: send it back in If-None-Match",
    "Link": "the next page, as rel=next; none on the last one",
    "X-Vocpipe-Snapshot": "`snapshot` of the JSON answer",
    "X-Vocpipe-Since": "`since` of the JSON answer",
    "X-Vocpipe-Changed-Months": "with `since`: `changed_months`, commas between them",
    "X-Vocpipe-Removed-Months": "with `since`: `removed_months`, commas between them",
    "X-Vocpipe-Changed": "with `since`: `changed`, true or false",
}
_ALWAYS_SENT = ("ETag", "X-Vocpipe-Snapshot", "X-Vocpipe-Since")
_KEYS = {
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "A key made by vocpipe serve --new-key; none is needed before there is one."},
    "bearer": {"type": "http", "scheme": "bearer", "description": "The same key."},
}
_STRING: dict[str, Any] = {"type": "string"}
_NUMBER: dict[str, Any] = {"type": "number"}
_INTEGER: dict[str, Any] = {"type": "integer"}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of the problems that an address may answer."""
    return {status: {**_ANY, "content": {PROBLEM: {"schema": _PROBLEM_SCHEMA}}} for status in (*statuses, 401, 403, 421, 429, 503)}


def rows(columns: Iterable[Column], since: bool) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of a page of rows with those columns."""
    properties = {column.name: _json_type(column) for column in columns}
    row = {"type": "object", "properties": properties, "additionalProperties": False}
    headers = ["ETag", "Link", "X-Vocpipe-Snapshot"]
    page: dict[str, Any] = {
        "table": _STRING,
        "snapshot": {**_STRING, "description": "names the feed that was read"},
        "next": {"type": ["string", "null"], "description": "cursor of the next page; null on the last one"},
        "rows": {"type": "array", "items": row},
    }
    if since:
        page["since"] = {**_STRING, "description": "give it back as `since`, later, to get only what changed"}
        page["changed_months"] = {"type": "array", "items": _STRING, "description": "with `since`: months to replace by the rows given"}
        page["removed_months"] = {"type": "array", "items": _STRING, "description": "with `since`: months to delete"}
        headers += ["X-Vocpipe-Since", "X-Vocpipe-Changed-Months", "X-Vocpipe-Removed-Months"]
        if month_column(tuple(properties)) is None:
            page["changed"] = {"type": "boolean", "description": "with `since`: whether to replace the whole table by the rows given"}
            headers.append("X-Vocpipe-Changed")
    required = ["table", "snapshot", "next", "rows", *(["since"] if since else [])]
    content: dict[str, dict[str, Any]] = {media: {"schema": {"type": "string"}} for media in ACCEPTED}
    content["application/json"] = {"schema": {"type": "object", "properties": page, "required": required}}
    sent = {name: {"description": _HEADERS[name], "schema": _STRING, "required": name in _ALWAYS_SENT} for name in headers}
    return {200: {"description": "Rows.", "headers": sent, "content": content}, **kept(), **problems(400, 404, 406, 410, 422)}


def found(media: str, kind: str) -> dict[int | str, dict[str, Any]]:
    """Return the documentation of an answer of one media type, whose JSON schema has that type."""
    return {200: {"description": "Found.", "content": {media: {"schema": {"type": kind}}}}}


def kept() -> dict[int | str, dict[str, Any]]:
    """Return the documentation of the answer to who has it already."""
    return {304: {"description": "The client has this answer already (ETag)."}}


def secured(document: dict[str, Any], without: str) -> dict[str, Any]:
    """Return a document that says how to give a key, for every address but one."""
    document.setdefault("components", {})["securitySchemes"] = _KEYS
    document["security"] = [{name: []} for name in _KEYS]
    document["paths"][without]["get"]["security"] = []
    return document


def listed(table: FeedTable, filters: Iterable[str]) -> dict[str, Any]:
    """Return what /v1/tables tells of a table, but what depends on the feed."""
    columns = [{"name": column.name, "type": str(column.type), "meaning": column.meaning, "null": column.null or None} for column in table.columns]
    return {"name": table.name, "meaning": table.meaning, "key": list(table.key), "filters": list(filters), "columns": columns}


def _json_type(column: Column) -> dict[str, Any]:
    kind = _plain(column.type)
    if column.null:
        kind = {**kind, "type": [kind["type"], "null"]}
    return {**kind, "description": column.meaning}


def _plain(kind: pa.DataType) -> dict[str, Any]:
    if pa.types.is_list(kind):
        return {"type": "array", "items": _plain(kind.value_type)}
    if pa.types.is_boolean(kind):
        return {"type": "boolean"}
    if pa.types.is_date(kind):
        return {"type": "string", "format": "date"}
    if pa.types.is_integer(kind):
        return _INTEGER
    return _NUMBER if pa.types.is_floating(kind) else _STRING
