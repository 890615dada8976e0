"""What irritants and enchantments do to the ratings, only where the figures can tell."""

from vocpipe.feeds.month.figures import Impact, Month
from vocpipe.feeds.month.markdown import escape, table
from vocpipe.feeds.month.quotes import Quotes
from vocpipe.feeds.month.voice import Voice, capital

_MEASURES = ("nps", "csat", "ces", "stars")
_WORSE_WHEN_LOW = ("nps", "csat", "stars")  # the direction of ces depends on how the question was asked
_SAME = "all ratings are the same"
_IRRITANTS, _ENCHANTMENTS = 5, 3


def heaviest(month: Month) -> Impact | None:
    """Return the irritant that weighs the most on the first rating it is known to worsen, null when none is known to."""
    for measure in (*_WORSE_WHEN_LOW, "ces"):
        direction = _direction(month, measure)
        found = [row for row in _told(month, measure) if row.kind == "irritant" and _worsens(row, direction)]
        if found:
            return max(found, key=lambda row: direction * (row.cost or 0))
    return None


def _direction(month: Month, measure: str) -> int:
    """Return 1 when a low rating is a bad one, -1 when it is a good one, 0 when nobody said."""
    worst, best = month.scales.get(measure) or ((0, 1) if measure in _WORSE_WHEN_LOW else (0, 0))
    return (best > worst) - (best < worst)


def _worsens(row: Impact, direction: int) -> bool:
    if row.cost_low is None or row.cost_high is None:
        return False
    return row.cost_low > 0 if direction > 0 else direction < 0 and row.cost_high < 0


def _told(month: Month, measure: str) -> list[Impact]:
    """Return the rows with enough verbatims: those of the month, or of all months when the month has none."""
    enough = [row for row in month.impacts if row.measure == measure and row.enough and row.cost is not None]
    return [row for row in enough if row.period == month.name] or [row for row in enough if row.period == "all"]


def impact(month: Month, voice: Voice, quotes: Quotes) -> list[str]:
    """Return one table for each rating, or say that there is not enough to tell."""
    lines = [f"## {voice.say('impact_title')}", ""]
    tables = [line for measure in _MEASURES for line in _measured(month, measure, voice)]
    if not tables:
        return [*lines, _not_enough(month, voice), ""]
    worst = heaviest(month)
    return [*lines, *tables, voice.say("impact_reading"), "", *(quotes.of(worst.irritant_id) if worst else [])]


def _not_enough(month: Month, voice: Voice) -> str:
    """Say why the month has no estimate: nothing rated, ratings that do not differ, too few verbatims with an irritant, or too few without it."""
    when, needed = voice.during(month.name), voice.number(month.impact_minimum)
    rated = [row for row in month.impacts if row.period == month.name and row.kind == "irritant" and row.n_with]
    differing = [row for row in rated if row.reason != _SAME]
    if not differing:
        return voice.say("impact_same" if rated else "impact_unrated", when=when)
    without = [row.n_without for row in differing if row.n_with >= month.impact_minimum]
    if without:
        return voice.say("impact_not_without", most=voice.count(max(without), "rated"), needed=needed, when=when)
    return voice.say("impact_not_enough", most=voice.count(max(row.n_with for row in differing), "rated"), needed=needed, when=when)


def _measured(month: Month, measure: str, voice: Voice) -> list[str]:
    rows = _told(month, measure)
    if not rows:
        return []
    irritants = sorted((row for row in rows if row.kind == "irritant"), key=lambda row: (-abs(row.cost or 0), row.irritant_id))[:_IRRITANTS]
    pleasing = sorted((row for row in rows if row.kind != "irritant"), key=lambda row: (-abs(row.cost or 0), row.irritant_id))[:_ENCHANTMENTS]
    title = voice.say("impact_measure", measure=voice.part(f"measure_{measure}"))
    period = [] if rows[0].period == month.name else [voice.say("impact_all_months", when=voice.during(month.name)), ""]
    header = [voice.say(f"impact_{name}") for name in ("name", "verbatims", "with", "without", "effect", "own")]
    return [f"### {title}", "", *period, *table(header, [_row(row, voice) for row in (*irritants, *pleasing)], right=(1, 2, 3))]


def _row(row: Impact, voice: Voice) -> list[str]:
    kind = f" ({voice.part('impact_enchantment')})" if row.kind != "irritant" else ""
    means = ["–" if mean is None else voice.number(mean, 2) for mean in (row.mean_with, row.mean_without)]
    cost, low, high = (None if value is None else -value for value in (row.cost, row.cost_high, row.cost_low))
    effects = [_estimate(cost, low, high, voice), _estimate(row.effect, row.effect_low, row.effect_high, voice)]
    return [capital(escape(row.label)) + kind, voice.number(row.n_with), *means, *effects]


def _estimate(value: float | None, low: float | None, high: float | None, voice: Voice) -> str:
    """Return a difference with its bounds, and say when zero is between them."""
    if value is None:
        return "–"
    if low is None or high is None:
        return voice.number(value, 2, signed=True)
    unsure = "" if low > 0 or high < 0 else f", {voice.part('unproven')}"
    return f"{voice.number(value, 2, signed=True)} ({voice.bounds(low, high)}{unsure})"
