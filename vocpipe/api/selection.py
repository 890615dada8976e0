"""Which rows of a table a request asks for, as SQL with parameters; every name in it comes from the contract."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from vocpipe.api.parts import MONTHS
from vocpipe.api.settings import ApiSettings
from vocpipe.feeds.contract import FeedTable

_COLUMNS = {
    "month": MONTHS,
    "company": ("company",),
    "step": ("step",),
    "theme": ("theme",),
    "emotion": ("emotions", "emotion"),
    "irritant": ("irritant_id",),
}
"""The filters, each with the columns that it may look at: the first that a table has."""
_BY_VERBATIM = "fact_opinion"
_ABOUT = {
    "month": "Month (YYYY-MM), or the batch's name when verbatims have no date.",
    "company": "Company, brand or entity, as written.",
    "step": "Code of a step of the journey, see dim_step.",
    "theme": "Code of a theme, see dim_theme.",
    "emotion": "Code of a fine emotion, see dim_emotion; an opinion with several emotions is found by each.",
    "irritant": "Identifier of an irritant, such as IRR-0012.",
}
Value = Annotated[str, Field(min_length=1, max_length=200)]
Format = Literal["json", "csv", "arrow"]
_TOKEN = r"^[A-Za-z0-9_-]+$"


@dataclass(frozen=True)
class Condition:
    """Hold an SQL condition and the values of its parameters, in order; `joins` when DuckDB may make a join of it."""

    sql: str
    values: tuple[Any, ...] = ()
    joins: bool = False

    def __and__(self, other: "Condition") -> "Condition":
        return Condition(f"{self.sql} AND {other.sql}", self.values + other.values, self.joins or other.joins)


def filters(table: FeedTable) -> tuple[str, ...]:
    """Return the names of the filters that a table has."""
    return tuple(name for name in _COLUMNS if _filtered(table, name))


def query_model(table: FeedTable, settings: ApiSettings, name: str, since: bool = True) -> type[BaseModel]:
    """Return the parameters of the requests for the rows of a table, under a name for the documentation."""
    values: dict[str, Any] = {name: (list[Value], Field(default=[], max_length=100, description=_ABOUT[name])) for name in filters(table)}
    paging = {word: told for word, told in _paging(settings).items() if since or word != "since"}
    return create_model(name, __config__=ConfigDict(extra="forbid"), **values, **paging)


def conditions(table: FeedTable, given: Mapping[str, Sequence[str]]) -> Condition:
    """Return the condition of the filters that are given values: all of them must hold, each by one of its values."""
    found = Condition("true")
    for name, values in given.items():
        if values:
            found &= _condition(table, name, values)
    return found


def in_months(column: str, months: Sequence[str]) -> Condition:
    """Return the condition of being in one of those months."""
    return _one_of(f'"{column}"', months)


def page_query(table: str, columns: Sequence[str], condition: Condition, after: int, limit: int) -> tuple[str, list[Any]]:
    """Return the query of the rows after a position in the table, and its parameters: the position as `_row`, then the columns.

    Rows come in the order of the table, and reading starts at the position: a late page costs no more than the first.
    """
    names = ", ".join(f'"{name}"' for name in columns)
    # DuckDB may exchange the sides of a join: rows then come in any order, unless one is asked for, which takes ten times as long.
    order = " ORDER BY rowid" if condition.joins else ""
    return f"SELECT rowid AS _row, {names} FROM {table} WHERE rowid > ? AND {condition.sql}{order} LIMIT ?", [after, *condition.values, limit]


def _paging(settings: ApiSettings) -> dict[str, Any]:
    limit = Field(default=settings.default_limit, ge=1, le=settings.max_limit, description="Most rows of the answer.")
    cursor = Field(default=None, min_length=1, max_length=2_000, pattern=_TOKEN, description="`next` of the answer before; the other parameters stay the same.")
    since = Field(default=None, min_length=1, max_length=60_000, pattern=_TOKEN, description="`since` of an earlier answer: only months that changed come.")
    form = Field(default=None, description="Format of the answer, for clients that cannot send an Accept header.")
    return {"limit": (int, limit), "cursor": (str | None, cursor), "since": (str | None, since), "format": (Format | None, form)}


def _filtered(table: FeedTable, name: str) -> str | None:
    """Return the column that a filter looks at."""
    if table.name == _BY_VERBATIM and name == "company":
        return "verbatim_id"
    there = table.arrow.names
    return next((column for column in _COLUMNS[name] if column in there), None)


def _condition(table: FeedTable, name: str, values: Sequence[str]) -> Condition:
    if table.name == _BY_VERBATIM and name == "company":
        inner = _one_of("company", values)
        return Condition(f"verbatim_id IN (SELECT verbatim_id FROM fact_verbatim WHERE {inner.sql})", inner.values, joins=True)
    column = _filtered(table, name)
    if column == "emotions":
        return Condition(f"list_has_any(emotions, [{_marks(values)}])", tuple(values))
    return _one_of(f'"{column}"', values)


def _one_of(column: str, values: Sequence[str]) -> Condition:
    return Condition(f"{column} IN ({_marks(values)})" if values else "false", tuple(values), joins=len(values) > 1)


def _marks(values: Iterable[str]) -> str:
    return ", ".join("?" for _ in values)
