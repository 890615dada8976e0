"""The month's report: what a customer experience analyst would write for a committee, from the feed alone."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from vocpipe.errors import ConfigError, WorkspaceError, nearest
from vocpipe.feeds.month import impact, irritants, journey, overview, promise, queries, residual
from vocpipe.feeds.month.figures import Month, Settings, read_month
from vocpipe.feeds.month.quotes import Quotes
from vocpipe.feeds.month.voice import Voice
from vocpipe.feeds.read import open_feed
from vocpipe.feeds.settings import ImpactSettings, TrendSettings
from vocpipe.feeds.swap import current

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_SECTIONS = (
    irritants.ranking,
    irritants.changes,
    irritants.new,
    irritants.life,
    irritants.alerts,
    journey.journey,
    journey.enchantments,
    impact.impact,
    promise.promise,
    residual.residual,
)


def month_report(feed: Path, month: str | None = None, language: str = "fr") -> str:
    """Return the report of a month, by default the last one, as Markdown that also reads well in a terminal.

    `month` is a month of the feed (YYYY-MM, or the name of a batch without dates); `language` is `fr` or `en`, and an irritant
    without an English label keeps its French one. A rise or a fall is only said when it is beyond chance.
    Raises `WorkspaceError` when there is no feed or an older one, `ConfigError` for a month or a language that there is not.
    """
    voice = Voice(language)
    with open_feed(feed) as connection:
        _check_tables(connection, feed)
        months = [name for (name,) in connection.execute(queries.MONTHS).fetchall()]
        name = _chosen(month, months, feed)
        figures = read_month(connection, months, name, language, _settings(feed))
        quotes = Quotes(connection, name, voice)
    return "\n".join(_lines(figures, voice, quotes)).rstrip() + "\n"


def _lines(month: Month, voice: Voice, quotes: Quotes) -> list[str]:
    lines = [f"# {voice.say('title', month=voice.month(month.name))}", "", *overview.headline(month, voice)]
    lines += [*overview.volume(month, voice), *overview.essentials(month, voice)]
    for section in _SECTIONS:
        lines += section(month, voice, quotes)
    return lines


def _check_tables(connection: "DuckDBPyConnection", feed: Path) -> None:
    held = {name for (name,) in connection.execute("SELECT table_name FROM information_schema.tables WHERE table_catalog = 'feed'").fetchall()}
    missing = [name for name in queries.TABLES if name not in held]
    if missing:
        raise WorkspaceError(f"the feed in {feed} was built by an older vocpipe: it lacks {', '.join(missing)}", "run the last batch again to rebuild it")


def _chosen(month: str | None, months: list[str], feed: Path) -> str:
    if not months:
        raise WorkspaceError(f"the feed in {feed} holds no verbatim to report on", "run a batch first: vocpipe run")
    if month is not None and month not in months:
        raise ConfigError(f"the feed has no verbatim analysed for the month {month}", nearest(month, months))
    return month or months[-1]


def _settings(feed: Path) -> Settings:
    """Return the settings that the feed was built with, and the scales that its workspace declares, if it lies in one."""
    facts = json.loads((current(feed) / "feed.json").read_text(encoding="utf-8"))
    trends, impacts = TrendSettings(**facts.get("trends", {})), ImpactSettings(**facts.get("impact", {}))
    workspace = feed.parent / "workspace.json"
    made_with = json.loads(workspace.read_text(encoding="utf-8"))["settings"] if workspace.is_file() else {}
    return Settings(trends.months, trends.q, impacts.min_verbatims, made_with.get("source", {}).get("scales", {}))
