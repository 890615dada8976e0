"""Everything that the page shows, as one value that JSON can hold."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vocpipe.errors import WorkspaceError
from vocpipe.feeds.month import queries as month_queries
from vocpipe.feeds.month.figures import Settings
from vocpipe.feeds.read import open_feed
from vocpipe.feeds.settings import FeedSettings, ImpactSettings, TrendSettings
from vocpipe.feeds.swap import current
from vocpipe.irritants.edits import LOG, Edit, read_log
from vocpipe.report import queries
from vocpipe.report.columns import prepare, read_columns
from vocpipe.report.dimensions import MOST_MONTHS, Dimensions, read_dimensions
from vocpipe.report.quotes import read_quotes
from vocpipe.report.safe_json import safe_json
from vocpipe.report.stories import read_stories
from vocpipe.workspace import Workspace

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_OPINIONS = 150_000
"""Opinions that the page holds one by one: about six bytes each once packed."""
_MOST_QUOTES, _LEAST_QUOTES = 1_000_000, 400_000  # bytes
_TABLES = (*month_queries.TABLES, "dim_step", "dim_theme", "dim_emotion", "data_quality", "agg_kpi_month")
_STATISTICS = {
    "irritants": queries.IRRITANT_MONTHS,
    "movements": queries.MOVEMENTS,
    "alerts": queries.ALERTS,
    "impacts": queries.IMPACTS,
    "rated": queries.RATED,
    "promises": queries.PROMISES,
    "quality": queries.QUALITY,
    "residuals": queries.RESIDUALS,
}


def read_payload(workspace: Path, language: str, room: int, most_opinions: int = MOST_OPINIONS) -> dict[str, Any]:
    """Return the data of the page, which take about `room` bytes at most: quotes fill what is left.

    If need be older months lose their opinions, then the oldest ones are left out. Raises `WorkspaceError` when there is no workspace, no feed,
    nothing in it, or when its last month alone is too large.
    """
    opened = Workspace(workspace)
    with open_feed(opened.feed) as connection:
        _check_tables(connection, opened)
        facts = json.loads((current(opened.feed) / "feed.json").read_text(encoding="utf-8"))
        meta = _meta(opened, facts, language) | {"ratings": {name: rest for name, *rest in connection.execute(queries.RATINGS).fetchall()}}
        least, most_months = min(_LEAST_QUOTES, room // 4), MOST_MONTHS
        while True:
            dimensions = read_dimensions(connection, facts["scheme"], most_opinions, most_months)
            statistics = {name: _rows(connection, name, dimensions) for name in _STATISTICS}
            prepare(connection, dimensions)
            told = {"meta": meta, **_shown(connection, dimensions, _settings(facts, meta["scales"])), "statistics": statistics}
            left = room - len(safe_json(told).encode())
            if left >= (least if len(dimensions.detail) > 1 else least // 4) or len(dimensions.months) == 1:
                _check_room(left, room, dimensions)
                return told | {"quotes": read_quotes(connection, min(left, _MOST_QUOTES))}
            if len(dimensions.detail) > 1:
                most_opinions //= 2
            else:
                most_months = len(dimensions.months) // 2


def _check_room(left: int, room: int, dimensions: Dimensions) -> None:
    if left < 0:
        raise WorkspaceError(
            f"{dimensions.months[-1]} alone takes {(room - left) / 1e6:.1f} MB of data, and the page has room for {room / 1e6:.1f} MB",
            "make a workspace for each company or source; the tables of the feed hold everything, whatever their size",
        )


def _shown(connection: "DuckDBPyConnection", dimensions: Dimensions, settings: Settings) -> dict[str, Any]:
    return {
        "months": dimensions.months,
        "verbatims": dimensions.verbatims,
        "detail": len(dimensions.months) - len(dimensions.detail),
        "left_out": len(dimensions.all_months) - len(dimensions.months),
        "companies": dimensions.companies,
        **dimensions.labels,
        "columns": read_columns(connection),
        "stories": read_stories(connection, dimensions.all_months, dimensions.detail, settings),
    }


def _check_tables(connection: "DuckDBPyConnection", workspace: Workspace) -> None:
    found = connection.execute("SELECT table_name FROM information_schema.tables WHERE table_catalog = 'feed'").fetchall()
    missing = [name for name in _TABLES if (name,) not in found]
    if missing:
        raise WorkspaceError(
            f"the feed in {workspace.feed} was built by an older vocpipe: it lacks {', '.join(missing)}", "run the last batch again to rebuild it"
        )


def _settings(facts: dict[str, Any], scales: dict[str, Any]) -> Settings:
    trends, impacts = TrendSettings(**facts.get("trends", {})), ImpactSettings(**facts.get("impact", {}))
    return Settings(trends.months, trends.q, impacts.min_verbatims, scales)


def _rows(connection: "DuckDBPyConnection", name: str, dimensions: Dimensions) -> list[list[Any]]:
    """Return the rows of a table but those of months that the page has no use for; the first column is a month, a batch or "all".

    Curves and batches go back as far as the page; the rest is only told of the months in detail.
    """
    used = dimensions.months if name in ("irritants", "quality") else dimensions.detail
    left_out = set(dimensions.all_months) - set(used)
    return [[_plain(value) for value in row] for row in connection.execute(_STATISTICS[name]).fetchall() if row[0] not in left_out]


def _plain(value: Any) -> Any:
    return round(value, 6) if isinstance(value, float) else value


def _meta(workspace: Workspace, facts: dict[str, Any], language: str) -> dict[str, Any]:
    made_with = workspace.settings
    scales = made_with.get("source", {}).get("scales", {})
    settings = _settings(facts, scales)
    log = workspace.path / LOG
    return {
        "language": language,
        "schema_version": facts["schema_version"],
        "taxonomy": facts["taxonomy"]["version"],
        "taxonomy_fingerprint": facts["taxonomy"]["fingerprint"][:12],
        "models": sorted(made_with.get("models", {})),
        "scales": scales,
        "severity": facts.get("severity", FeedSettings().severity.model_dump()),
        "threshold": settings.threshold,
        "baseline_months": settings.months,
        "impact_minimum": settings.impact_minimum,
        "edits": [_edit(edit) for edit in read_log(log)] if log.is_file() else [],
    }


def _edit(edit: Edit) -> dict[str, Any]:
    about: Sequence[str] = (*edit.names, *edit.makes)
    told = {"number": edit.number, "action": edit.action, "date": edit.date, "about": sorted(set(about)), "author": edit.author}
    return told | {"label": edit.label, "was": edit.was, "into": edit.into, "month": edit.month, "of": edit.of}
