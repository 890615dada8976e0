"""Decide, before any row is read, where our columns are in a file."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import islice

from vocpipe.errors import ConfigError, InputError, nearest
from vocpipe.french.redaction import redact
from vocpipe.sources.config import DEFAULT_SCALES, RATINGS, Scale, SourceConfig
from vocpipe.sources.headers import find_columns, missing_columns, nearest_header, scale_of
from vocpipe.sources.report import Place, Tally
from vocpipe.sources.rows import Reader, Row, unique_headers
from vocpipe.sources.values import to_string

_ROWS_TO_SPOT_A_COUNTER = 20
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Plan:
    """Say how to read one file.

    `columns` gives our column -> header, `parts` role -> header when several columns hold the text, `ratings` rating -> (header, scale) for those the
    file has, `attributes` header -> name to keep the others under, `counter_id` tells that the identifiers only number the rows.
    """

    reader: Reader
    columns: Mapping[str, str]
    parts: Mapping[str, str]
    ratings: Mapping[str, tuple[str, Scale]]
    attributes: Mapping[str, str]
    counter_id: bool

    @cached_property
    def used(self) -> frozenset[str]:
        """Return the headers of the columns that are ours."""
        return frozenset((*self.columns.values(), *self.parts.values()))

    @cached_property
    def text_headers(self) -> tuple[str, ...]:
        """Return the headers of the columns without which a row tells nothing."""
        return tuple(self.parts.values()) or (self.columns["text"],)


def make_plan(reader: Reader, source: SourceConfig, tally: Tally, *, may_be_empty: bool = False) -> Plan:
    """Find our columns in what a reader has opened; `may_be_empty`: one that has no row is right.

    Raises `InputError` or `ConfigError` naming the file, the columns that it has, and the lines of YAML that map them.
    """
    columns, parts = _find(reader.headers, source)
    declared = {**source.columns, **_named(source.text_parts)}
    missing = missing_columns(reader.headers, declared)
    mapped = [column for column, header in declared.items() if header is not None]
    if not (parts or "text" in columns) or (mapped and len(missing) == len(mapped)):
        raise _unknown_columns(reader, source, missing)
    if not may_be_empty and next(reader.rows(Counter()), None) is None:
        raise InputError(f"{reader.name} has a header and no row", "export it again with its answers")
    used = {*columns.values(), *parts.values()}
    others = [header for header in reader.headers if header not in used]
    ratings = {name: (columns[name], _scale(name, columns[name], source)) for name in RATINGS if name in columns}
    may_count = reader.format != "sql" and "source_id" in columns and "source_id" not in source.columns  # what numbers the rows of a table is its key
    counter = may_count and _is_a_counter([reader], columns["source_id"])
    for column, header in missing.items():
        tally.problem(f"{column}: no column {header!r} in the file", Place(reader.name))
    if counter:
        tally.problem("source_id: only numbers the rows of the file, identifiers made from content", Place(reader.name))
    # Long questions may begin alike: once shortened they are told apart by a number.
    attributes = dict(zip(others, unique_headers([shown(header) for header in others]), strict=True))
    tally.note_columns({**columns, **_named(parts)}, attributes.values(), ratings)
    return Plan(reader, columns, parts, ratings, attributes, counter)


def _find(headers: Sequence[str], source: SourceConfig) -> tuple[dict[str, str], dict[str, str]]:
    """Return our column -> header, and role -> header. With parts, nothing else is the text, whatever its header."""
    parts = find_columns(headers, source.text_parts, known={})
    if not source.text_parts:
        return find_columns(headers, source.columns), {}
    others = [header for header in headers if header not in parts.values()]
    return find_columns(others, {**source.columns, "text": None, "title": None}), parts


def _named(parts: Mapping[str, str]) -> dict[str, str]:
    return {f"text ({role})": header for role, header in parts.items()}


def _scale(rating: str, header: str, source: SourceConfig) -> Scale:
    """Return the scale that the source declares, else the one that the header states, else one point a label, else the usual one."""
    labels = source.labels.get(rating)
    return source.scales.get(rating) or scale_of(header) or ((1.0, float(len(labels))) if labels else DEFAULT_SCALES[rating])


@lru_cache(maxsize=10_000)
def shown(header: str) -> str:
    """Return a header fit to be shown and kept: a file without a header has a customer's words in its place."""
    return redact(header)[0][:_LONGEST_NAME]


def _unknown_columns(reader: Reader, source: SourceConfig, missing: Mapping[str, str]) -> ConfigError:
    expected = missing if source.text_parts else {"text": "commentaire", **missing}
    parts = _named(source.text_parts)
    known = find_columns(reader.headers, {})
    last = reader.headers[-1] if reader.headers else ""  # where exports tend to put the text
    found_of = {
        column: known.get(column) or nearest_header([header], reader.headers) or (last if column == "text" else "?") for column, header in expected.items()
    }
    nearest_of = {column: f'"{shown(header)}"' for column, header in found_of.items()}
    by_headers = "; or let the headers tell, with the configuration `auto`" if "text" in known else ""
    lines = [f"    {column}: {header}" for column, header in nearest_of.items() if column not in parts]
    roles = [f'    "{role}": {nearest_of[column]}' for role, column in zip(source.text_parts, parts, strict=True) if column in nearest_of]
    blocks = "\n".join((["  columns:", *lines] if lines else []) + (["  text_parts:", *roles] if roles else []))
    wrong = "".join(f"; the source maps {column} to {header!r}: {nearest(header, map(shown, reader.headers[:30]))}" for column, header in missing.items())
    found = ", ".join(repr(shown(header)) for header in reader.headers[:30]) or "none"
    return ConfigError(
        f"{reader.name}: no column is known to hold the customer's words{wrong}\ncolumns found: {found}",
        f"say which is which in the YAML file of the source {source.name!r}{by_headers}:\n{blocks}",
    )


def agree_on_counters(plans: Sequence[Plan], source: SourceConfig) -> list[Plan]:
    """Return the plans, none with identifiers when those of one file, or of all files one after the other, only number the rows: parts count on."""
    found = [plan for plan in plans if "source_id" in plan.columns and "source_id" not in source.columns]
    if any(plan.counter_id for plan in found) or (len(found) > 1 and _is_a_counter([plan.reader for plan in found], found[0].columns["source_id"])):
        return [replace(plan, counter_id=True) for plan in plans]
    return list(plans)


def _is_a_counter(readers: Sequence[Reader], header: str) -> bool:
    """Tell whether a column only numbers the rows 1, 2, 3 … or 0, 1, 2 …: such numbers start again in every export."""
    first = islice((row for reader in readers for row in reader.rows(Counter())), _ROWS_TO_SPOT_A_COUNTER)
    rows: Sequence[object] = [row.cells.get(header) for row in first if isinstance(row, Row)]
    values = [to_string(value).strip() for value in rows]
    return len(values) == _ROWS_TO_SPOT_A_COUNTER and any(values == [str(number + start) for number in range(len(values))] for start in (0, 1))
