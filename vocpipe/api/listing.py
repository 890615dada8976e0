"""Pages of rows: what a request asks for, what changed since the client last asked, and where the next page starts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

import pyarrow as pa
from pydantic import BaseModel

from vocpipe.api import answers, formats
from vocpipe.api.answers import Answer
from vocpipe.api.formats import Asked, Rows
from vocpipe.api.parts import month_column, read_since, write_cursor, write_since
from vocpipe.api.problems import ProblemError
from vocpipe.api.selection import Condition, conditions, in_months, page_query
from vocpipe.api.snapshots import Snapshot
from vocpipe.feeds.contract import FeedTable

_AHEAD = 400
"""Rows read at once for who follows pages: reading twenty takes the database as long."""
_MOST_PAGES = 8


@dataclass(frozen=True)
class Wanted:
    """Hold a request for a page: `given` are the values of each filter, `form` the format."""

    name: str
    given: Mapping[str, tuple[str, ...]]
    limit: int
    form: str
    cursor: str | None = None
    since: str | None = None

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Return the parameters that stay the same from page to page, in one order."""
        return [(name, value) for name in sorted(self.given) for value in self.given[name]] + ([("since", self.since)] if self.since else [])

    @property
    def canonical(self) -> str:
        """Return one text for all ways to write the request, page and format left aside."""
        return f"{self.name}?{urlencode(self.parameters)}"

    @property
    def key(self) -> tuple[str, ...]:
        """Return what sets its answer apart from all others of one feed."""
        return self.name, self.canonical, str(self.limit), self.cursor or "", self.form

    @property
    def pages(self) -> int:
        """Return how many pages to read at once: who follows pages is likely to ask for the next ones."""
        return max(1, min(_MOST_PAGES, _AHEAD // self.limit)) if self.cursor else 1

    @property
    def rows(self) -> int:
        """Return how many rows to read, one more than the pages hold: it tells whether more follow."""
        return self.pages * self.limit + 1


Page = tuple[Wanted, Answer]
"""An answer, with the request that it answers."""


def wanted(name: str, query: BaseModel, accept: str) -> Wanted:
    """Return what a request asks for. Raises `ProblemError` when it accepts no format that there is."""
    values = query.model_dump()
    paging = {word: values.pop(word, None) for word in ("limit", "cursor", "since", "format")}
    given = {word: tuple(sorted(set(held))) for word, held in values.items() if held}
    return Wanted(name, given, paging["limit"], formats.chosen(paging["format"], accept), paging["cursor"], paging["since"])


def told(since: str | None, table: FeedTable) -> dict[str, str] | None:
    """Return what the client has of a table, null when it does not tell. Raises `ProblemError` when it tells something else."""
    if since is None:
        return None
    found = read_since(since, table.name)
    if found is None:
        raise ProblemError(400, f"`since` is not one that was given for {table.name}", "give the `since` of an earlier answer, or leave it out to read all")
    return found


def pages(snapshot: Snapshot, table: FeedTable, asked: Wanted, after: int, had: Mapping[str, str] | None) -> list[Page]:
    """Return the page of a table that is asked for, and maybe the next ones; with `had`, only rows of the months that changed since."""
    columns = snapshot.held[table.name]
    condition = conditions(table, asked.given)
    facts: dict[str, Any] = {"since": write_since(table.name, snapshot.parts(table))}
    headers = {"X-Vocpipe-Since": facts["since"]}
    if had is not None:
        changes, inside = _changes(snapshot, table, had)
        condition &= inside
        facts |= changes
        headers |= {f"X-Vocpipe-{name.replace('_', '-').title()}": _in_header(value) for name, value in changes.items()}
    sql, values = page_query(table.name, columns, condition, after, asked.rows)
    schema = pa.schema([table.arrow.field(name) for name in columns])
    return filled(snapshot, asked, Asked(sql, asked.limit, schema, values, asked.pages), facts, headers)


def filled(snapshot: Snapshot, asked: Wanted, query: Asked, facts: Mapping[str, Any], headers: Mapping[str, str]) -> list[Page]:
    """Return the pages that a query gives, in the format asked for, each with the way to the next."""
    with snapshot.reading() as connection:
        found = formats.read(connection, query, asked.form)
    filled = []
    for rows in found:
        following = write_cursor(snapshot.id, asked.canonical, rows.last) if rows.last is not None else None
        filled.append((asked, _answer(snapshot, asked, rows, following, facts, headers)))
        asked = replace(asked, cursor=following)
    return filled


def _answer(snapshot: Snapshot, asked: Wanted, rows: Rows, following: str | None, facts: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
    told = {"X-Vocpipe-Snapshot": snapshot.id, **headers}
    if following:
        told["Link"] = f'</v1/{asked.name}?{urlencode([*asked.parameters, ("limit", asked.limit), ("cursor", following)])}>; rel="next"'
    if asked.form == "json":
        body = formats.envelope(rows, {"table": asked.name, "snapshot": snapshot.id, "next": following, **facts})
        return answers.made(body, formats.MEDIA["json"], told, rows.count)
    if asked.form == "csv":
        told["Content-Disposition"] = f'attachment; filename="{asked.name}.csv"'
    return answers.made(rows.body, formats.MEDIA[asked.form], told, rows.count)


def _changes(snapshot: Snapshot, table: FeedTable, had: Mapping[str, str]) -> tuple[dict[str, Any], Condition]:
    """Return what tells the client which rows to replace, and the condition of being one of those that are given."""
    now = snapshot.parts(table)
    changed = [part for part, checksum in now.items() if had.get(part) != checksum]
    column = month_column(snapshot.held[table.name])
    if column:
        return {"changed_months": changed, "removed_months": sorted(had.keys() - now.keys())}, in_months(column, changed)
    return {"changed": bool(changed), "changed_months": [], "removed_months": []}, Condition("true" if changed else "false")


def _in_header(value: bool | list[str]) -> str:
    return ",".join(map(quote, value)) if isinstance(value, list) else str(value).lower()
