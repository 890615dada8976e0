WITH months AS (
    SELECT month, count(*) AS analysed
    FROM fact_verbatim
    WHERE analysed
    GROUP BY month
),

opinions AS (
    SELECT * FROM fact_opinion WHERE irritant_id IS NOT NULL AND NOT is_duplicate
),

counts AS (
    SELECT
        month,
        irritant_id,
        count(*) AS opinions,
        count(DISTINCT verbatim_id) AS verbatims,
        avg(sentiment) AS mean_sentiment,
        avg(abs(sentiment)) / 2 AS intensity,
        avg(list_contains(emotions, 'joie')::INTEGER) AS joie_share,
        avg(list_contains(emotions, 'gratitude')::INTEGER) AS gratitude_share,
        avg(list_contains(emotions, 'surprise')::INTEGER) AS surprise_share,
        avg(list_contains(emotions, 'tristesse')::INTEGER) AS tristesse_share,
        avg(list_contains(emotions, 'deception')::INTEGER) AS deception_share,
        avg(list_contains(emotions, 'peur')::INTEGER) AS peur_share,
        avg(list_contains(emotions, 'frustration')::INTEGER) AS frustration_share,
        avg(list_contains(emotions, 'colere')::INTEGER) AS colere_share,
        avg(list_contains(emotions, 'degout')::INTEGER) AS degout_share,
        avg(list_has_any(emotions, ['colere', 'degout'])::INTEGER) AS anger_share,
        avg(effort::INTEGER) AS effort_share,
        avg(churn::INTEGER) AS churn_share
    FROM opinions
    GROUP BY month, irritant_id
),

-- The most frequent step and emotion; the order of the taxonomy settles ties.
main_steps AS (
    SELECT opinions.month, opinions.irritant_id, opinions.step, any_value(taxonomy_steps.phase) AS phase
    FROM opinions
    JOIN taxonomy_steps ON taxonomy_steps.step = opinions.step
    GROUP BY opinions.month, opinions.irritant_id, opinions.step
    QUALIFY row_number() OVER (PARTITION BY opinions.month, opinions.irritant_id ORDER BY count(*) DESC, min(taxonomy_steps.position)) = 1
),

expressed AS (
    SELECT month, irritant_id, unnest(emotions) AS emotion FROM opinions
),

main_emotions AS (
    SELECT expressed.month, expressed.irritant_id, expressed.emotion
    FROM expressed
    JOIN taxonomy_emotions ON taxonomy_emotions.emotion = expressed.emotion
    GROUP BY expressed.month, expressed.irritant_id, expressed.emotion
    QUALIFY row_number() OVER (PARTITION BY expressed.month, expressed.irritant_id ORDER BY count(*) DESC, min(taxonomy_emotions.position)) = 1
),

-- Every month for every irritant, so that an irritant nobody speaks of any more falls to zero instead of vanishing.
shares AS (
    SELECT months.month, dim_irritant.irritant_id, dim_irritant.first_seen, coalesce(counts.verbatims, 0) / months.analysed AS share
    FROM months
    CROSS JOIN dim_irritant
    LEFT JOIN counts ON counts.month = months.month AND counts.irritant_id = dim_irritant.irritant_id
),

trends AS (
    SELECT *, lag(share) OVER (PARTITION BY irritant_id ORDER BY month) AS previous_share FROM shares
),

measured AS (
    SELECT
        trends.month,
        trends.irritant_id,
        coalesce(counts.opinions, 0) AS opinions,
        coalesce(counts.verbatims, 0) AS verbatims,
        trends.share,
        trends.previous_share,
        trends.share - trends.previous_share AS delta,
        main_steps.step,
        main_steps.phase,
        main_emotions.emotion,
        counts.* EXCLUDE (month, irritant_id, opinions, verbatims, intensity),
        100 * trends.share * (
            settings.intensity_weight * coalesce(counts.intensity, 0)
            + settings.anger_weight * coalesce(counts.anger_share, 0)
            + settings.effort_weight * coalesce(counts.effort_share, 0)
            + settings.churn_weight * coalesce(counts.churn_share, 0)
        ) AS severity
    FROM trends
    CROSS JOIN settings
    LEFT JOIN counts ON counts.month = trends.month AND counts.irritant_id = trends.irritant_id
    LEFT JOIN main_steps ON main_steps.month = trends.month AND main_steps.irritant_id = trends.irritant_id
    LEFT JOIN main_emotions ON main_emotions.month = trends.month AND main_emotions.irritant_id = trends.irritant_id
    WHERE trends.month >= trends.first_seen
)

SELECT
    *,
    row_number() OVER (PARTITION BY month ORDER BY severity DESC, opinions DESC, irritant_id)::INTEGER AS rank,
    sum(opinions) OVER (PARTITION BY month ORDER BY opinions DESC, irritant_id ROWS UNBOUNDED PRECEDING)
        / nullif(sum(opinions) OVER (PARTITION BY month), 0) AS pareto_share
FROM measured
ORDER BY month, rank
