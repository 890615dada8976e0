"""The queries of the month's report. `{language}` is fr or en; parameters are $month and $previous."""

TABLES = (
    "fact_verbatim",
    "fact_opinion",
    "dim_irritant",
    "dim_enchantment",
    "agg_irritant_month",
    "agg_enchantment_month",
    "agg_step_month",
    "agg_phase_month",
    "agg_residual_month",
    "irritant_impact",
    "irritant_movements",
    "promise_gap",
    "alerts",
)
"""The tables that the report reads."""

MONTHS = "SELECT DISTINCT month FROM fact_verbatim WHERE analysed ORDER BY month"

_NAMES = """
WITH names AS (
    SELECT irritant_id AS id, if('{language}' = 'en', coalesce(label_en, label), label) AS label FROM dim_irritant
    UNION ALL
    SELECT enchantment_id, if('{language}' = 'en', coalesce(label_en, label), label) FROM dim_enchantment
)
"""

VOLUME = """
SELECT
    count(*) AS read,
    count(*) FILTER (WHERE analysed) AS analysed,
    count(*) FILTER (WHERE is_duplicate AND reject IS NULL) AS duplicates,
    count(*) FILTER (WHERE reject = 'language') AS language,
    count(*) FILTER (WHERE starts_with(reject, 'no_content:')) AS no_content,
    count(*) FILTER (WHERE reject = 'empty') AS empty,
    count(*) FILTER (WHERE reject NOT IN ('empty', 'language') AND NOT starts_with(reject, 'no_content:')) AS failed,
    min(date) FILTER (WHERE analysed) AS first_day,
    max(date) FILTER (WHERE analysed) AS last_day,
    (SELECT count(*) FROM fact_opinion WHERE month = $month AND NOT is_duplicate) AS opinions,
    (SELECT count(*) FROM fact_opinion WHERE month = $month AND NOT is_duplicate AND sentiment < 0) AS negative,
    (SELECT count(*) FROM fact_opinion WHERE month = $month AND NOT is_duplicate AND sentiment > 0) AS positive,
    (SELECT count(*) FROM fact_opinion WHERE month = $month AND NOT is_duplicate AND sentiment = 0) AS mixed,
    (SELECT nullif(count(*), 0) FROM fact_verbatim WHERE month = $previous AND analysed) AS previous_analysed
FROM fact_verbatim
WHERE month = $month
"""

IRRITANTS = (
    _NAMES
    + """
SELECT
    agg.irritant_id,
    names.label,
    dim_theme.label_{language} AS theme,
    dim_step.label_{language} AS step,
    dim_emotion.label_{language} AS emotion,
    agg.status,
    agg.opinions,
    agg.verbatims,
    agg.share,
    agg.share_low,
    agg.share_high,
    agg.baseline,
    agg.q_value,
    agg.severity,
    agg.severity_pareto_share,
    if(earlier.opinions > 0, earlier.rank, NULL) AS previous_rank,
    earlier.opinions AS previous_opinions,
    dim_irritant.resolved_since
FROM agg_irritant_month AS agg
JOIN dim_irritant ON dim_irritant.irritant_id = agg.irritant_id
JOIN names ON names.id = agg.irritant_id
LEFT JOIN agg_irritant_month AS earlier ON earlier.month = $previous AND earlier.irritant_id = agg.irritant_id
LEFT JOIN dim_theme ON dim_theme.theme = dim_irritant.theme
LEFT JOIN dim_step ON dim_step.step = agg.step
LEFT JOIN dim_emotion ON dim_emotion.emotion = agg.emotion
WHERE agg.month = $month
ORDER BY agg.rank
"""
)

MOVEMENTS = (
    _NAMES
    + """
SELECT moves.movement, moves.irritant_id, names.label, coalesce(moves.opinions, 0) AS opinions, coalesce(moves.previous_opinions, 0) AS previous_opinions,
    others.label AS other
FROM irritant_movements AS moves
JOIN names ON names.id = moves.irritant_id
LEFT JOIN names AS others ON others.id = moves.other_id
WHERE moves.month = $month
ORDER BY coalesce(moves.previous_opinions, 0) DESC, coalesce(moves.opinions, 0) DESC, moves.irritant_id
"""
)

ALERTS = """
SELECT alert, level, irritant_id, message_{language} AS message
FROM alerts
WHERE month = $month
ORDER BY level <> 'critical', opinions DESC, alert, irritant_id
"""


def _places(table: str, phase: str, step: str, join: str, order: str) -> str:
    return (
        _NAMES
        + f"""
SELECT
    {phase} AS phase,
    {order}.phase_{{language}} AS phase_label,
    {step} AS step,
    {"dim_step.label_{language}" if table == "agg_step_month" else "NULL"} AS label,
    agg.opinions,
    agg.positive,
    agg.negative,
    agg.positive + agg.negative + agg.mixed AS expressed,
    agg.net_sentiment,
    dim_emotion.label_{{language}} AS emotion,
    agg.irritants[1] AS irritant_id,
    irritant.label AS irritant,
    agg.enchantments[1] AS enchantment_id,
    enchantment.label AS enchantment
FROM {table} AS agg
{join}
LEFT JOIN dim_emotion ON dim_emotion.emotion = agg.emotion
LEFT JOIN names AS irritant ON irritant.id = agg.irritants[1]
LEFT JOIN names AS enchantment ON enchantment.id = agg.enchantments[1]
WHERE agg.month = $month AND agg.opinions > 0
ORDER BY {order}.position
"""
    )


STEPS = _places("agg_step_month", "dim_step.phase", "agg.step", "JOIN dim_step ON dim_step.step = agg.step", "dim_step")
PHASES = _places(
    "agg_phase_month",
    "agg.phase",
    "NULL",
    "JOIN (SELECT phase, any_value(phase_{language}) AS phase_{language}, min(position) AS position FROM dim_step GROUP BY phase) AS phases USING (phase)",
    "phases",
)

ENCHANTMENTS = (
    _NAMES
    + """
SELECT agg.enchantment_id, names.label, dim_step.label_{language} AS step, agg.opinions, agg.share, agg.share_low, agg.share_high, agg.previous_share
FROM agg_enchantment_month AS agg
JOIN names ON names.id = agg.enchantment_id
LEFT JOIN dim_step ON dim_step.step = agg.step
WHERE agg.month = $month AND agg.opinions > 0
ORDER BY agg.rank
"""
)

IMPACTS = (
    _NAMES
    + """
SELECT
    impact.period,
    impact.irritant_id,
    impact.kind,
    names.label,
    impact.measure,
    impact.n_with,
    impact.n_without,
    impact.mean_with,
    impact.mean_without,
    impact.leave_one_out AS cost,
    impact.leave_one_out_low AS cost_low,
    impact.leave_one_out_high AS cost_high,
    impact.effect,
    impact.effect_low,
    impact.effect_high,
    impact.enough,
    impact.reason
FROM irritant_impact AS impact
JOIN names ON names.id = impact.irritant_id
WHERE impact.period IN ($month, 'all')
ORDER BY impact.measure, impact.leave_one_out DESC NULLS LAST, impact.irritant_id
"""
)

GAPS = (
    _NAMES
    + """
SELECT gap.promise, gap.label_fr AS label, gap.opinions, gap.positive_share, gap.target, gap.irritant_id, names.label AS irritant
FROM promise_gap AS gap
LEFT JOIN names ON names.id = gap.irritant_id
WHERE gap.month = $month
ORDER BY gap.positive_share - gap.target NULLS LAST, gap.promise, gap.step
"""
)

RESIDUALS = (
    _NAMES
    + """
SELECT names.label AS nearest, residual.opinions, residual.quote
FROM agg_residual_month AS residual
LEFT JOIN names ON names.id = residual.nearest_irritant_id
WHERE residual.month = $month AND residual.opinions > 0
ORDER BY residual.opinions DESC, residual.nearest_irritant_id
"""
)

QUOTES = """
WITH cited AS (
    SELECT irritant_id AS id, opinion_id, verbatim_id, month, text, evidence_start - opinion_start AS proof_start, evidence_end - opinion_start AS proof_end,
        coalesce(evidence_rank, 99) AS place, irritant_score AS score
    FROM fact_opinion WHERE irritant_id IS NOT NULL AND month = $month AND NOT is_duplicate
    UNION ALL
    SELECT enchantment_id, opinion_id, verbatim_id, month, text, if(irritant_id IS NULL, evidence_start - opinion_start, NULL),
        if(irritant_id IS NULL, evidence_end - opinion_start, NULL), if(irritant_id IS NULL, coalesce(evidence_rank, 99), 99), enchantment_score
    FROM fact_opinion WHERE enchantment_id IS NOT NULL AND month = $month AND NOT is_duplicate
)
SELECT cited.id, cited.text, coalesce(proof_start, 0), coalesce(proof_end, 0), fact_verbatim.date
FROM cited
LEFT JOIN fact_verbatim ON fact_verbatim.verbatim_id = cited.verbatim_id AND fact_verbatim.analysed
QUALIFY row_number() OVER (PARTITION BY id ORDER BY cited.place, cited.score DESC, cited.opinion_id) <= 6
ORDER BY cited.id, cited.place, cited.score DESC, cited.opinion_id
"""
