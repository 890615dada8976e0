"""The irritants of a month in the order of their severity, with those that nobody speaks of when they are asked for."""

from dataclasses import dataclass

from vocpipe import feeds
from vocpipe.curation.desk import Desk
from vocpipe.errors import ConfigError, nearest

STATUSES = ("new", "active", "rising", "falling", "dormant", "resolved", "merged", "split")

_RANKING = """
SELECT
    irritant_id,
    dim_irritant.label,
    dim_irritant.theme,
    coalesce(agg.status, dim_irritant.status) AS irritant_status,
    dim_step.label_fr AS step,
    coalesce(agg.opinions, 0) AS opinions,
    coalesce(agg.share, 0) AS share,
    agg.delta,
    dim_emotion.label_fr AS emotion,
    coalesce(agg.severity, 0) AS severity,
    agg.pareto_share,
    coalesce(quotes.text, dim_irritant.quote) AS quote
FROM dim_irritant
LEFT JOIN (SELECT * FROM agg_irritant_month WHERE month = $month) AS agg USING (irritant_id)
LEFT JOIN dim_step ON dim_step.step = coalesce(agg.step, dim_irritant.step)
LEFT JOIN dim_emotion ON dim_emotion.emotion = agg.emotion
LEFT JOIN (
    SELECT irritant_id, text
    FROM fact_opinion
    WHERE month = $month AND irritant_id IS NOT NULL AND NOT is_duplicate
    QUALIFY row_number() OVER (PARTITION BY irritant_id ORDER BY evidence_rank, irritant_score DESC, opinion_id) = 1
) AS quotes USING (irritant_id)
WHERE
    ($theme IS NULL OR dim_irritant.theme = $theme)
    AND CASE WHEN $status IS NULL THEN agg.opinions > 0 ELSE coalesce(agg.status, dim_irritant.status) = $status END
ORDER BY agg.rank NULLS LAST, irritant_id
LIMIT $limit
"""


@dataclass(frozen=True)
class Ranked:
    """Sum an irritant up for one month; see the tables `agg_irritant_month` and `dim_irritant`. Labels are in French; `quote` is the best of the month."""

    irritant_id: str
    label: str
    theme: str | None
    status: str | None
    step: str | None
    opinions: int
    share: float
    delta: float | None
    emotion: str | None
    severity: float
    pareto_share: float | None
    quote: str | None


def ranking(desk: Desk, month: str | None, limit: int, theme: str | None = None, status: str | None = None) -> list[Ranked]:
    """Return the irritants of a month, by default the last one, the most severe first; those of a theme or a status only, when one is given.

    Without a status, only those that somebody speaks of. Raises `ConfigError` for a month, theme or status that is none.
    """
    feed = desk.workspace.feed
    if status is not None and status not in STATUSES:
        raise ConfigError(f"no status is called {status!r}", nearest(status, STATUSES))
    months = feeds.feed_months(feed)
    if month is not None and month not in months:
        raise ConfigError(f"the feed has no irritants for the month {month}", nearest(month, months) if months else "it has none for any month")
    with feeds.open_feed(feed) as connection:
        themes = [code for (code,) in connection.execute("SELECT theme FROM dim_theme").fetchall()]
        if theme is not None and theme not in themes:
            raise ConfigError(f"no theme is called {theme!r}", nearest(theme, themes))
        told = {"month": month or max(months, default=""), "theme": theme, "status": status, "limit": limit}
        return [Ranked(*values) for values in connection.execute(_RANKING, told).fetchall()]
