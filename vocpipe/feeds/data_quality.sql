WITH verbatims AS (
    SELECT
        batch,
        count(*) AS rows,
        count(*) FILTER (WHERE analysed) AS analysed,
        count(*) FILTER (WHERE is_duplicate AND reject IS NULL) AS duplicates,
        count(*) FILTER (WHERE duplicate_kind = 'near' AND reject IS NULL) AS near_duplicates,
        count(*) FILTER (WHERE reject IS NOT NULL) AS rejected,
        count(*) FILTER (WHERE reject = 'empty') AS rejected_empty,
        count(*) FILTER (WHERE reject = 'language') AS rejected_language,
        count(*) FILTER (WHERE starts_with(reject, 'no_content:')) AS rejected_no_content,
        count(*) FILTER (WHERE reject NOT IN ('empty', 'language') AND NOT starts_with(reject, 'no_content:')) AS rejected_failed,
        count(*) FILTER (WHERE language NOT IN ('fr', 'und')) AS other_language
    FROM fact_verbatim
    GROUP BY batch
),

opinions AS (
    SELECT batch, count(*) AS opinions FROM fact_opinion WHERE NOT is_duplicate GROUP BY batch
),

residuals AS (
    SELECT batch, count(*) AS residual FROM assignments WHERE irritant_id IS NULL GROUP BY batch
)

SELECT
    batches.batch,
    coalesce(verbatims.rows, 0) AS rows,
    coalesce(verbatims.analysed, 0) AS analysed,
    coalesce(verbatims.duplicates, 0) AS duplicates,
    coalesce(verbatims.near_duplicates, 0) AS near_duplicates,
    coalesce(verbatims.rejected, 0) AS rejected,
    coalesce(verbatims.rejected_empty, 0) AS rejected_empty,
    coalesce(verbatims.rejected_language, 0) AS rejected_language,
    coalesce(verbatims.rejected_no_content, 0) AS rejected_no_content,
    coalesce(verbatims.rejected_failed, 0) AS rejected_failed,
    coalesce(verbatims.other_language, 0) AS other_language,
    coalesce(opinions.opinions, 0) AS opinions,
    coalesce(residuals.residual, 0) AS residual,
    batches.read,
    batches.quarantined,
    batches.redacted
FROM batches
LEFT JOIN verbatims USING (batch)
LEFT JOIN opinions USING (batch)
LEFT JOIN residuals USING (batch)
ORDER BY batches.batch
