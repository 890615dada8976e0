"""Read the feed: a connection for any query, and the irritants that matter most."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vocpipe.errors import ConfigError, WorkspaceError, nearest
from vocpipe.feeds.builder import DATABASE
from vocpipe.feeds.inputs import literal
from vocpipe.feeds.swap import current

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_TOP = """
SELECT
    irritant_id,
    dim_irritant.label,
    dim_step.label_fr AS step,
    agg.opinions,
    agg.share,
    agg.delta,
    dim_emotion.label_fr AS emotion,
    agg.severity,
    agg.pareto_share,
    coalesce(quotes.text, dim_irritant.quote) AS quote
FROM agg_irritant_month AS agg
JOIN dim_irritant USING (irritant_id)
LEFT JOIN dim_step ON dim_step.step = agg.step
LEFT JOIN dim_emotion ON dim_emotion.emotion = agg.emotion
LEFT JOIN (
    SELECT irritant_id, text
    FROM fact_opinion
    WHERE month = $month AND irritant_id IS NOT NULL AND NOT is_duplicate
    QUALIFY row_number() OVER (PARTITION BY irritant_id ORDER BY evidence_rank, irritant_score DESC, opinion_id) = 1
) AS quotes USING (irritant_id)
WHERE agg.month = $month AND agg.opinions > 0
ORDER BY agg.rank
LIMIT $limit
"""


@dataclass(frozen=True)
class TopIrritant:
    """Sum an irritant up for one month; see the table `agg_irritant_month` for what each figure means."""

    irritant_id: str
    label: str
    step: str
    opinions: int
    share: float
    delta: float | None
    emotion: str | None
    severity: float
    pareto_share: float
    quote: str | None


def open_feed(feed: str | Path) -> "DuckDBPyConnection":
    """Return a connection that reads the tables of the feed and can change nothing in it.

    It keeps showing the feed as it was when opened. Raises `WorkspaceError` when there is no feed.
    """
    import duckdb

    database = current(Path(feed)) / DATABASE
    if not database.is_file():
        raise WorkspaceError(f"no feed in {feed}", "run a batch first: vocpipe run")
    # Attached, because duckdb.connect would share an older connection to the same path and show the feed it was opened on.
    connection = duckdb.connect(config={"autoinstall_known_extensions": False})
    connection.execute(f"ATTACH {literal(database)} AS feed (READ_ONLY); USE feed")
    return connection


def feed_months(feed: Path) -> list[str]:
    """Return the months that have irritants, oldest first."""
    with open_feed(feed) as connection:
        return [month for (month,) in connection.execute("SELECT DISTINCT month FROM agg_irritant_month ORDER BY month").fetchall()]


def top_irritants(feed: Path, month: str | None = None, limit: int = 10) -> list[TopIrritant]:
    """Return the irritants of a month, by default the last one, the most severe first, with the best quote of that month.

    Labels are in French. Raises `ConfigError` for a month that the feed does not have.
    """
    months = feed_months(feed)
    if month is None and not months:
        return []
    if month is not None and month not in months:
        raise ConfigError(f"the feed has no irritants for the month {month}", nearest(month, months) if months else "it has none for any month")
    with open_feed(feed) as connection:
        found = connection.execute(_TOP, {"month": month or months[-1], "limit": limit}).fetchall()
    return [TopIrritant(*values) for values in found]
