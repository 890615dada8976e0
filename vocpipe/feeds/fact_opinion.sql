WITH opinions AS (
    SELECT
        rows.batch,
        rows.verbatim_id,
        rows.shard,
        rows.place,
        marks.month,
        marks.is_duplicate,
        rows.text AS verbatim,
        rows.parts,
        unnest(range(len(rows.opinion_start)))::INTEGER AS position,
        unnest(rows.opinion_start) AS opinion_start,
        unnest(rows.opinion_end) AS opinion_end,
        unnest(rows.opinion_sentiment) AS sentiment,
        unnest(rows.opinion_sentiment_p) AS sentiment_p,
        unnest(rows.opinion_emotions) AS emotions,
        unnest(rows.opinion_intensities) AS intensities,
        unnest(rows.opinion_step) AS step,
        unnest(rows.opinion_step_p) AS step_p,
        unnest(rows.opinion_theme) AS theme,
        unnest(rows.opinion_theme_p) AS theme_p,
        unnest(rows.opinion_flags) AS flags,
        unnest(rows.opinion_irritant) AS irritant,
        unnest(rows.opinion_irritant_p) AS irritant_p
    FROM rows
    JOIN row_marks AS marks USING (batch, shard, place)
    WHERE rows.reject IS NULL
)

SELECT
    opinions.verbatim_id || '-' || opinions.position AS opinion_id,
    opinions.batch,
    opinions.verbatim_id,
    opinions.month,
    opinions.position,
    opinions.opinion_start,
    opinions.opinion_end,
    list_filter(opinions.parts, lambda stretch: stretch.start <= opinions.opinion_start AND opinions.opinion_start < stretch.end)[1].role AS part,
    -- substring counts code points, as the offsets do
    substring(opinions.verbatim, opinions.opinion_start + 1, opinions.opinion_end - opinions.opinion_start) AS text,
    opinions.sentiment,
    CASE WHEN opinions.sentiment < 0 THEN 'negative' WHEN opinions.sentiment = 0 THEN 'mixed' WHEN opinions.sentiment > 0 THEN 'positive' END AS polarity,
    opinions.sentiment_p,
    opinions.emotions[1] AS emotion,
    taxonomy_emotions.emotion_group,
    opinions.emotions,
    opinions.intensities,
    opinions.step,
    opinions.step_p,
    taxonomy_steps.phase,
    opinions.theme,
    opinions.theme_p,
    list_contains(opinions.flags, 'effort') AS effort,
    list_contains(opinions.flags, 'churn') AS churn,
    list_contains(opinions.flags, 'suggestion') AS suggestion,
    list_contains(opinions.flags, 'reco') AS reco,
    list_contains(opinions.flags, 'antireco') AS antireco,
    opinions.irritant,
    opinions.irritant_p,
    assignments.irritant_id,
    assignments.score AS irritant_score,
    assignments.margin AS irritant_margin,
    if(assignments.irritant_id IS NULL, praises.evidence_rank, assignments.evidence_rank) AS evidence_rank,
    opinions.is_duplicate,
    corrected.opinion IS NOT NULL AS corrected,
    if(assignments.irritant_id IS NULL, praises.evidence_start, assignments.evidence_start) AS evidence_start,
    if(assignments.irritant_id IS NULL, praises.evidence_end, assignments.evidence_end) AS evidence_end,
    -- Opinions are compared with the irritants as they were found; a person may have merged the nearest into another since.
    coalesce(nearest.merged_into, assignments.nearest_id) AS nearest_irritant_id,
    coalesce(assignments.edit, praises.edit) AS edit,
    praises.irritant_id AS enchantment_id,
    praises.score AS enchantment_score,
    batches.model_version
FROM opinions
JOIN batches ON batches.batch = opinions.batch
LEFT JOIN assignments
    ON assignments.batch = opinions.batch AND assignments.verbatim_id = opinions.verbatim_id AND assignments.opinion = opinions.position
LEFT JOIN praises ON praises.batch = opinions.batch AND praises.verbatim_id = opinions.verbatim_id AND praises.opinion = opinions.position
LEFT JOIN irritants AS nearest ON nearest.irritant_id = assignments.nearest_id
LEFT JOIN corrected ON corrected.batch = opinions.batch AND corrected.verbatim_id = opinions.verbatim_id AND corrected.opinion = opinions.position
LEFT JOIN taxonomy_emotions ON taxonomy_emotions.emotion = opinions.emotions[1]
LEFT JOIN taxonomy_steps ON taxonomy_steps.step = opinions.step
ORDER BY opinions.batch, opinions.verbatim_id, opinions.is_duplicate, opinions.shard, opinions.place, opinions.position
