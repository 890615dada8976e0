"""What the page reads of the feed. `{emotions}` and the like are lists of codes, in the order of the page's dimensions."""

MONTHS = "SELECT month, count(*) FROM fact_verbatim WHERE analysed GROUP BY month ORDER BY month"

OPINIONS_BY_MONTH = "SELECT month, count(*) FROM fact_opinion WHERE NOT is_duplicate GROUP BY month ORDER BY month"

COMPANIES = "SELECT DISTINCT company FROM fact_verbatim WHERE analysed AND company IS NOT NULL ORDER BY company"

STEPS = "SELECT step, label_fr, label_en, phase, phase_fr, phase_en FROM dim_step ORDER BY position"
THEMES = "SELECT theme, label_fr, label_en FROM dim_theme ORDER BY position"
EMOTIONS = "SELECT emotion, label_fr, label_en, {scheme}, {scheme}_fr, {scheme}_en FROM dim_emotion ORDER BY position"
IRRITANTS = """
SELECT irritant_id, label, coalesce(label_en, label), theme, step, origin, first_seen, resolved_since, status
FROM dim_irritant ORDER BY irritant_id
"""
ENCHANTMENTS = """
SELECT enchantment_id, label, coalesce(label_en, label), theme, step, origin, first_seen, NULL, NULL
FROM dim_enchantment ORDER BY enchantment_id
"""

# The verbatims that count, in the order in which the opinions point at them.
VERBATIMS = """
CREATE OR REPLACE TEMP TABLE page_verbatims AS
SELECT
    (row_number() OVER (ORDER BY month, batch, verbatim_id) - 1)::INTEGER AS place,
    verbatim_id,
    date,
    (list_position($months, month) - 1)::INTEGER AS month,
    coalesce(list_position($companies, company), 0)::INTEGER AS company,
    nps,
    csat,
    ces,
    stars
FROM fact_verbatim
WHERE analysed AND list_contains($detail, month)
ORDER BY place
"""

OPINIONS = """
CREATE OR REPLACE TEMP TABLE page_opinions AS
SELECT
    (row_number() OVER (ORDER BY verbatims.place, opinions.position) - 1)::INTEGER AS place,
    verbatims.place AS verbatim,
    verbatims.date,
    opinions.*,
    list_position($steps, opinions.step) AS step_place,
    coalesce(list_position($themes, opinions.theme), 0) AS theme_place,
    coalesce(list_position($irritants, opinions.irritant_id), 0) AS irritant_place,
    coalesce(list_position($enchantments, opinions.enchantment_id), 0) AS enchantment_place,
    coalesce(list_sum(list_transform(opinions.emotions, lambda code: 1 << (list_position($emotions, code) - 1))), 0)::INTEGER AS emotion_bits
FROM fact_opinion AS opinions
JOIN page_verbatims AS verbatims USING (verbatim_id)
WHERE NOT opinions.is_duplicate
ORDER BY place
"""

VERBATIM_COLUMNS = """
SELECT
    month,
    company,
    coalesce(try_cast(round(nps * 100) AS INTEGER), -10000) AS nps,
    coalesce(try_cast(round(csat * 100) AS INTEGER), -10000) AS csat,
    coalesce(try_cast(round(ces * 100) AS INTEGER), -10000) AS ces,
    coalesce(try_cast(round(stars * 100) AS INTEGER), -10000) AS stars,
    coalesce(held.opinions, 0) AS opinions
FROM page_verbatims
LEFT JOIN (SELECT verbatim, count(*) AS opinions FROM page_opinions GROUP BY verbatim) AS held ON held.verbatim = page_verbatims.place
ORDER BY place
"""

OPINION_COLUMNS = """
SELECT
    -- 0 when no sentiment is expressed, else 1 (very negative) to 5 (very positive); 8 more for an effort, 16 for leaving, 32 for naming a problem.
    coalesce(sentiment + 3, 0) + 8 * effort::INTEGER + 16 * churn::INTEGER
        + 32 * coalesce(irritant AND sentiment < 0, false)::INTEGER AS marks,
    step_place AS step,
    theme_place AS theme,
    emotion_bits AS emotions,
    irritant_place AS irritant,
    enchantment_place AS enchantment
FROM page_opinions
ORDER BY place
"""

# An irritant that nobody speaks of has no row: the page counts it as zero.
IRRITANT_MONTHS = """
SELECT agg.month, agg.irritant_id, agg.opinions, agg.verbatims, agg.share, agg.share_low, agg.share_high, agg.previous_share, agg.baseline, agg.q_value,
    agg.status, agg.severity, agg.rank, agg.severity_pareto_share, agg.intensity, agg.anger_share, agg.effort_share, agg.churn_share, agg.emotion, agg.step
FROM agg_irritant_month AS agg
WHERE agg.opinions > 0
ORDER BY agg.month, agg.rank
"""
# What is gone: the rest of an irritant's life is in its status.
MOVEMENTS = """
SELECT month, irritant_id, movement, opinions, previous_opinions, other_id
FROM irritant_movements
WHERE movement = 'resolved' OR (movement IN ('dormant', 'merged', 'split') AND opinions = 0 AND previous_opinions > 0)
ORDER BY month, irritant_id
"""
ALERTS = "SELECT month, alert, irritant_id, level, message_fr, message_en FROM alerts ORDER BY month, level <> 'critical', opinions DESC, alert, irritant_id"
IMPACTS = """
SELECT period, irritant_id, kind, measure, n_with, mean_with, mean_without, leave_one_out, leave_one_out_low, leave_one_out_high,
    effect, effect_low, effect_high
FROM irritant_impact WHERE enough AND leave_one_out IS NOT NULL ORDER BY period, measure, leave_one_out DESC, irritant_id
"""
# Why there may be no estimate: too few verbatims with an irritant, too few without it, or ratings that are all the same.
RATED = """
SELECT period, measure, max(n_with), max(n_without) FILTER (WHERE ends_with(reason, 'without it')),
    bool_and(coalesce(reason = 'all ratings are the same', false))
FROM irritant_impact WHERE kind = 'irritant' AND n_with > 0 GROUP BY period, measure ORDER BY period, measure
"""
RATINGS = """
SELECT measure, min(rating), max(rating)
FROM (UNPIVOT (SELECT stars, nps, csat, ces FROM fact_verbatim WHERE analysed) ON stars, nps, csat, ces INTO NAME measure VALUE rating)
GROUP BY measure ORDER BY measure
"""
PROMISES = "SELECT month, promise, label_fr, opinions, positive_share, target, gap, irritant_id FROM promise_gap ORDER BY month, gap NULLS LAST, promise"
QUALITY = """
SELECT batch, coalesce(read, rows), analysed, duplicates, rejected_empty, rejected_language, rejected_no_content,
    rejected_failed + coalesce(quarantined, 0), redacted, opinions, residual
FROM data_quality ORDER BY batch
"""
RESIDUALS = "SELECT month, sum(opinions)::BIGINT, sum(share) FROM agg_residual_month GROUP BY month ORDER BY month"

# Evidence first. Every group that a reader can open gives its best quotes before any group gives more.
QUOTES = """
WITH ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY month, irritant_id ORDER BY evidence_rank NULLS LAST, irritant_score DESC, opinion_id) AS of_irritant,
        row_number() OVER (PARTITION BY month, enchantment_id ORDER BY evidence_rank NULLS LAST, enchantment_score DESC, opinion_id) AS of_enchantment,
        row_number() OVER (PARTITION BY month, step, emotion, polarity ORDER BY sentiment_p DESC NULLS LAST, opinion_id) AS of_cell,
        row_number() OVER (PARTITION BY month, theme, polarity ORDER BY sentiment_p DESC NULLS LAST, opinion_id) AS of_theme,
        row_number() OVER (PARTITION BY month, nearest_irritant_id, irritant_id IS NULL ORDER BY irritant_score DESC, opinion_id) AS of_nearest
    FROM page_opinions
),

placed AS (
    SELECT
        *,
        least(
            if(irritant_id IS NULL, NULL, of_irritant),
            if(enchantment_id IS NULL, NULL, of_enchantment),
            of_cell + 3,
            of_theme + 3,
            if(nearest_irritant_id IS NULL OR irritant_id IS NOT NULL, NULL, of_nearest + 3)
        ) AS turn
    FROM ranked
)

SELECT
    placed.place,
    placed.opinion_id,
    placed.date,
    fact_verbatim.text,
    placed.opinion_start,
    placed.opinion_end,
    coalesce(placed.evidence_start, placed.opinion_start),
    coalesce(placed.evidence_end, placed.opinion_start),
    placed.sentiment_p,
    placed.irritant_p,
    coalesce(placed.irritant_score, placed.enchantment_score),
    placed.irritant_margin,
    placed.edit,
    placed.corrected,
    placed.evidence_rank
FROM placed
JOIN page_verbatims AS verbatims ON verbatims.place = placed.verbatim
JOIN fact_verbatim ON fact_verbatim.verbatim_id = verbatims.verbatim_id AND fact_verbatim.analysed
ORDER BY placed.turn, placed.month DESC, placed.place
"""
