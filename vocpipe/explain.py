"""Why a figure is what it is: the opinions behind it, the counts that lead to it one after the other, who judged them, and what people edited."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vocpipe.errors import ConfigError, nearest
from vocpipe.feeds.inputs import literal
from vocpipe.feeds.ratios import wilson
from vocpipe.feeds.read import open_feed
from vocpipe.feeds.swap import current
from vocpipe.irritants.edits import LOG, Edit, read_log, undone
from vocpipe.workspace import Workspace

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_OPINIONS = "FROM fact_opinion WHERE irritant_id = $irritant AND month = $month AND NOT is_duplicate"
_ANALYSED = "SELECT count(*) FROM fact_verbatim WHERE analysed AND month = $month"
_BEFORE = "(SELECT DISTINCT month FROM fact_verbatim WHERE analysed AND month < $month ORDER BY month DESC LIMIT {months})"
_COUNTS = {
    "analysed": ("verbatims analysés du mois", _ANALYSED),
    "opinions": ("opinions sur l'irritant", f"SELECT count(*) {_OPINIONS}"),
    "verbatims": ("verbatims avec au moins une de ces opinions", f"SELECT count(DISTINCT verbatim_id) {_OPINIONS}"),
    "judging": ("opinions qui portent un jugement", f"SELECT count(sentiment) {_OPINIONS}"),
    "sentiment_sum": ("somme des |sentiments| de ces opinions", f"SELECT coalesce(sum(abs(sentiment)), 0) {_OPINIONS}"),
    "anger": ("opinions avec colère ou dégoût", f"SELECT count(*) {_OPINIONS} AND list_has_any(emotions, ['colere', 'degout'])"),
    "effort": ("opinions qui disent un effort", f"SELECT count(*) {_OPINIONS} AND effort"),
    "churn": ("opinions qui annoncent un départ", f"SELECT count(*) {_OPINIONS} AND churn"),
}
_EARLIER = {
    "{name}_analysed": ("verbatims analysés {when}", "SELECT count(*) FROM fact_verbatim WHERE analysed AND month IN {before}"),
    "{name}_verbatims": (
        "verbatims avec l'irritant {when}",
        "SELECT count(DISTINCT verbatim_id) FROM fact_opinion WHERE irritant_id = $irritant AND NOT is_duplicate AND month IN {before}",
    ),
}
_READ = ("rank", "p_value", "q_value", "moving_average", "status")
_READ_FR = {
    "rank": "rang du mois, par sévérité",
    "p_value": "probabilité d'un tel écart par hasard",
    "q_value": "la même, corrigée du nombre d'irritants",
    "moving_average": "moyenne mobile de la part",
    "status": "statut",
}
_ROWS = """
SELECT
    fact_opinion.opinion_id, fact_opinion.batch, fact_verbatim.date, fact_verbatim.company, fact_opinion.text,
    fact_opinion.irritant_p, fact_opinion.irritant_score, fact_opinion.irritant_margin, fact_opinion.evidence_rank,
    fact_opinion.evidence_start, fact_opinion.evidence_end,
    substring(fact_verbatim.text, fact_opinion.evidence_start + 1, fact_opinion.evidence_end - fact_opinion.evidence_start) AS evidence,
    fact_opinion.sentiment, fact_opinion.sentiment_p, fact_opinion.emotions, fact_opinion.intensities, fact_opinion.step, fact_opinion.step_p,
    fact_opinion.theme, fact_opinion.theme_p, fact_opinion.effort, fact_opinion.churn, fact_opinion.corrected, fact_opinion.edit,
    {model} AS model_version
FROM fact_opinion
LEFT JOIN fact_verbatim ON fact_verbatim.verbatim_id = fact_opinion.verbatim_id AND fact_verbatim.batch = fact_opinion.batch AND fact_verbatim.analysed
WHERE fact_opinion.irritant_id = $irritant AND fact_opinion.month = $month AND NOT fact_opinion.is_duplicate
ORDER BY fact_opinion.evidence_rank, fact_opinion.irritant_score DESC, fact_opinion.opinion_id
LIMIT $limit
"""
_ALL = 2**31


@dataclass(frozen=True)
class Figure:
    """Hold one number on the way to a figure: its name, what it is (French), its value, and `how` it comes about: from earlier ones, or by an SQL query.

    `stored` is what agg_irritant_month holds under that name, when it has such a column; both are equal but for rounding.
    """

    name: str
    meaning_fr: str
    value: float | int | str | None
    how: str
    stored: float | int | str | None = None


@dataclass(frozen=True)
class Explanation:
    """Hold why an irritant's figures of a month are what they are.

    `figures` are in the order in which they build on one another; `rows` the opinions, the best evidence first, with probabilities, closeness to the
    irritant (`irritant_score`), its lead over the next one (`irritant_margin`), the words that prove it, and the edit that decided it, if one did;
    `edits` those of the log about the irritant, undone ones too; `models` the sha256 of each by name@version; `taxonomy` its version and fingerprint.
    """

    irritant_id: str
    label: str
    month: str
    schema_version: str
    taxonomy: dict[str, str]
    models: dict[str, str]
    weights: dict[str, float]
    figures: tuple[Figure, ...]
    opinions: int
    rows: tuple[dict[str, Any], ...]
    edits: tuple[dict[str, Any], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON values, dates as YYYY-MM-DD."""
        found: dict[str, Any] = json.loads(json.dumps(asdict(self), default=str))
        return found


def explain_irritant(workspace: str | Path, irritant: str, month: str | None = None, limit: int | None = None) -> Explanation:
    """Return why the figures of an irritant, given by id or French name, are what they are in a month, by default the last one that it has.

    `limit` is the most rows to list, by default all. Raises `ConfigError` for an irritant or a month that there is not, `WorkspaceError` without a feed.
    """
    opened = Workspace(workspace)
    with open_feed(opened.feed) as connection:
        facts = json.loads((current(opened.feed) / "feed.json").read_text(encoding="utf-8"))
        return explain_from(connection, facts, opened, irritant, month, limit)


def explain_from(
    connection: "DuckDBPyConnection", facts: Mapping[str, Any], workspace: Workspace, irritant: str, month: str | None = None, limit: int | None = None
) -> Explanation:
    """Do what `explain_irritant` does on an open feed, whose feed.json holds `facts`."""
    name, label = _found(connection, irritant)
    chosen = _month(connection, name, month)
    asked = {"irritant": name, "month": chosen}
    rows = _records(connection, _ROWS.format(model=_model_column(connection)), {**asked, "limit": _ALL if limit is None else limit})
    figures = _figures(connection, asked, facts)
    return Explanation(
        name,
        label,
        chosen,
        facts["schema_version"],
        dict(facts["taxonomy"]),
        dict(workspace.settings["models"]),
        dict(facts["severity"]),
        figures,
        int(next(figure.value or 0 for figure in figures if figure.name == "opinions")),
        tuple(rows),
        tuple(_edits(workspace, name, {row["edit"] for row in rows})),
    )


def _found(connection: "DuckDBPyConnection", wanted: str) -> tuple[str, str]:
    known = dict(connection.execute("SELECT irritant_id, label FROM dim_irritant ORDER BY irritant_id").fetchall())
    text = wanted.strip()
    if text.upper() in known:
        return text.upper(), known[text.upper()]
    for name, label in known.items():
        if label.casefold() == text.casefold():
            return name, label
    if not known:
        raise ConfigError(f"no irritant is called {wanted!r}", "the workspace has none yet: run a batch first")
    close = nearest(text, known.values())
    raise ConfigError(
        f"no irritant is called {wanted!r}", close if close.startswith("did") else "see them with: vocpipe irritants list, or the table dim_irritant"
    )


def _month(connection: "DuckDBPyConnection", name: str, month: str | None) -> str:
    held = [row[0] for row in connection.execute("SELECT month FROM agg_irritant_month WHERE irritant_id = ? ORDER BY month", [name]).fetchall()]
    if not held:
        raise ConfigError(f"{name} has no figures: no opinion is about it", "it was merged, split, or never met; see: vocpipe irritants show " + name)
    if month is not None and month not in held:
        raise ConfigError(f"{name} has no figures for the month {month}: it is first seen in {held[0]}", nearest(month, held))
    return month or str(held[-1])


def _figures(connection: "DuckDBPyConnection", asked: Mapping[str, str], facts: Mapping[str, Any]) -> tuple[Figure, ...]:
    stored = _records(connection, "SELECT * FROM agg_irritant_month WHERE irritant_id = $irritant AND month = $month", asked)[0]
    values: dict[str, Any] = {}
    found: list[Figure] = []

    def add(name: str, meaning: str, value: Any, how: str) -> None:
        values[name] = value
        found.append(Figure(name, meaning, value, how, stored.get(name)))

    months = int(facts["trends"]["months"])
    counts = {**_COUNTS, **_earlier("previous", "du mois précédent", 1), **_earlier("baseline", f"des {months} mois d'avant", months)}
    for name, (meaning, query) in counts.items():
        add(name, meaning, _count(connection, query, asked), query.replace("$irritant", literal(asked["irritant"])).replace("$month", literal(asked["month"])))
    add("share", "part des verbatims", _over(values, "verbatims", "analysed"), "verbatims / analysed")
    low, high = wilson(np.array([float(values["verbatims"])]), np.array([float(values["analysed"])]))
    add("share_low", "bas de l'intervalle à 95 % de la part", float(low[0]), "Wilson(verbatims, analysed)")
    add("share_high", "haut de l'intervalle à 95 % de la part", float(high[0]), "Wilson(verbatims, analysed)")
    add("previous_share", "part du mois précédent", _over(values, "previous_verbatims", "previous_analysed"), "previous_verbatims / previous_analysed")
    delta = None if values["previous_share"] is None else values["share"] - values["previous_share"]
    add("delta", "écart avec le mois précédent", delta, "share - previous_share")
    add("baseline", "part des mois d'avant, ensemble", _over(values, "baseline_verbatims", "baseline_analysed"), "baseline_verbatims / baseline_analysed")
    intensity = values["sentiment_sum"] / 2 / values["judging"] if values["judging"] else None
    add("intensity", "force moyenne du jugement, de 0 à 1", intensity, "sentiment_sum / 2 / judging")
    for name, meaning in (("anger", "de colère ou dégoût"), ("effort", "d'effort"), ("churn", "de départ annoncé")):
        add(f"{name}_share", f"part {meaning} parmi les opinions", _over(values, name, "opinions"), f"{name} / opinions")
    weights = facts["severity"]
    factors = {"intensity": "intensity", "anger": "anger_share", "effort": "effort_share", "churn": "churn_share"}
    terms = " + ".join(f"{weights[weight]:g} × {factor}" for weight, factor in factors.items())
    sum_of_terms = sum(weights[weight] * (values[factor] or 0) for weight, factor in factors.items())
    add("severity", "sévérité, de 0 à 100", 100 * values["share"] * sum_of_terms, f"100 × share × ({terms})")
    for name in _READ:
        add(name, _READ_FR[name], stored.get(name), "agg_irritant_month")
    return tuple(found)


def _earlier(name: str, when: str, months: int) -> dict[str, tuple[str, str]]:
    before = _BEFORE.format(months=months)
    return {key.format(name=name): (meaning.format(when=when), query.format(before=before)) for key, (meaning, query) in _EARLIER.items()}


def _count(connection: "DuckDBPyConnection", query: str, asked: Mapping[str, str]) -> int:
    given = {name: value for name, value in asked.items() if f"${name}" in query}
    return int(connection.execute(query, given).fetchall()[0][0])


def _over(values: Mapping[str, Any], part: str, whole: str) -> float | None:
    return values[part] / values[whole] if values[whole] else None


def _model_column(connection: "DuckDBPyConnection") -> str:
    """Return the column that tells the model, which the feeds of an older vocpipe do not have."""
    query = "SELECT count(*) FROM information_schema.columns WHERE table_catalog = 'feed' AND table_name = 'fact_opinion' AND column_name = 'model_version'"
    return "fact_opinion.model_version" if _count(connection, query, {}) else "NULL::VARCHAR"


def _records(connection: "DuckDBPyConnection", query: str, asked: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = connection.execute(query, dict(asked))
    names = [name for name, *_ in found.description or ()]
    return [dict(zip(names, values, strict=True)) for values in found.fetchall()]


def _edits(workspace: Workspace, name: str, decided: set[int | None]) -> list[dict[str, Any]]:
    """Return the edits about an irritant and those that decided one of its opinions, oldest first."""
    log = read_log(workspace.path / LOG)
    without = undone(log)
    about = [edit for edit in log if name in (*edit.names, *edit.makes) or edit.number in decided]
    numbers = {edit.number for edit in about}
    return [_told(edit, edit.number not in without) for edit in log if edit.number in numbers or edit.of in numbers]


def _told(edit: Edit, in_force: bool) -> dict[str, Any]:
    shown = {name: getattr(edit, name) for name in ("number", "action", "date", "irritant", "into", "label", "was", "month", "of", "author", "reason")}
    return {**{key: value for key, value in shown.items() if value is not None}, "in_force": in_force}
