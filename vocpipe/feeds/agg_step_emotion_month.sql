WITH opinions AS (
    SELECT month, step, phase, verbatim_id, emotions, intensities FROM fact_opinion WHERE NOT is_duplicate
),

totals AS (
    SELECT month, step, count(*) AS opinions FROM opinions GROUP BY month, step
),

expressed AS (
    SELECT month, step, phase, verbatim_id, unnest(emotions) AS emotion, unnest(intensities) AS intensity FROM opinions
    UNION ALL
    SELECT month, step, phase, verbatim_id, NULL, NULL FROM opinions WHERE len(emotions) = 0
)

SELECT
    expressed.month,
    expressed.step,
    expressed.phase,
    expressed.emotion,
    taxonomy_emotions.emotion_group,
    count(*) AS opinions,
    count(DISTINCT expressed.verbatim_id) AS verbatims,
    if(expressed.emotion IS NULL, NULL, count(*) FILTER (WHERE expressed.intensity = 2)) AS strong,
    count(*) / totals.opinions AS share
FROM expressed
JOIN totals ON totals.month = expressed.month AND totals.step = expressed.step
LEFT JOIN taxonomy_emotions ON taxonomy_emotions.emotion = expressed.emotion
LEFT JOIN taxonomy_steps ON taxonomy_steps.step = expressed.step
GROUP BY expressed.month, expressed.step, expressed.phase, expressed.emotion, taxonomy_emotions.emotion_group, totals.opinions
ORDER BY expressed.month, min(taxonomy_steps.position), min(taxonomy_emotions.position) NULLS LAST
