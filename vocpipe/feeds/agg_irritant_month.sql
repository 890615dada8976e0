WITH opinions AS (
    SELECT * FROM fact_opinion WHERE irritant_id IS NOT NULL AND NOT is_duplicate
),

counts AS (
    SELECT
        month,
        irritant_id,
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

measured AS (
    SELECT
        met.month,
        met.irritant_id,
        met.opinions,
        met.verbatims,
        met.share,
        met.previous_share,
        met.share - met.previous_share AS delta,
        main_steps.step,
        main_steps.phase,
        main_emotions.emotion,
        counts.* EXCLUDE (month, irritant_id, intensity),
        counts.intensity,
        severity(met.share, counts.intensity, counts.anger_share, counts.effort_share, counts.churn_share) AS severity,
        trends.share_low,
        trends.share_high,
        trends.moving_average,
        trends.baseline,
        trends.p_value,
        trends.q_value,
        CASE
            WHEN met.opinions = 0 AND irritants.state IN ('merged', 'split') THEN irritants.state
            -- As often as before it was resolved, as far as the month can tell, and not by one verbatim of a small month.
            WHEN met.month >= irritants.resolved_since
                AND met.opinions > 0 AND trends.share_high >= coalesce(met.former_share, 0) AND met.share >= coalesce(met.former_share, 0) / 2
                THEN 'rising'
            WHEN met.month >= irritants.resolved_since THEN 'resolved'
            WHEN met.opinions = 0 THEN 'dormant'
            WHEN met.month = met.first_seen AND NOT met.is_first_month THEN 'new'
            WHEN trends.q_value < settings.trends_q AND met.share > trends.baseline THEN 'rising'
            WHEN trends.q_value < settings.trends_q AND met.share < trends.baseline THEN 'falling'
            ELSE 'active'
        END AS status
    FROM met_counts AS met
    CROSS JOIN settings
    JOIN irritants ON irritants.irritant_id = met.irritant_id
    JOIN trends ON trends.month = met.month AND trends.irritant_id = met.irritant_id
    LEFT JOIN counts ON counts.month = met.month AND counts.irritant_id = met.irritant_id
    LEFT JOIN main_steps ON main_steps.month = met.month AND main_steps.irritant_id = met.irritant_id
    LEFT JOIN main_emotions ON main_emotions.month = met.month AND main_emotions.irritant_id = met.irritant_id
    WHERE met.kind = 'irritant' AND met.month >= met.first_seen
),

ranked AS (
    SELECT *, row_number() OVER (PARTITION BY month ORDER BY severity DESC, opinions DESC, irritant_id)::INTEGER AS rank FROM measured
)

SELECT
    * EXCLUDE (intensity, share_low, share_high, moving_average, baseline, p_value, q_value, status, rank),
    rank,
    sum(opinions) OVER (PARTITION BY month ORDER BY opinions DESC, irritant_id ROWS UNBOUNDED PRECEDING)
        / nullif(sum(opinions) OVER (PARTITION BY month), 0) AS pareto_share,
    share_low,
    share_high,
    moving_average,
    baseline,
    p_value,
    q_value,
    status,
    intensity,
    -- Decimals, because the sum of doubles depends on their order.
    sum(severity::DECIMAL(18, 9)) OVER (PARTITION BY month ORDER BY rank ROWS UNBOUNDED PRECEDING)
        / nullif(sum(severity::DECIMAL(18, 9)) OVER (PARTITION BY month), 0) AS severity_pareto_share
FROM ranked
ORDER BY month, rank
