WITH seen AS (
    SELECT irritant_id, min(month) AS first_seen, max(month) AS last_seen
    FROM fact_opinion
    WHERE irritant_id IS NOT NULL AND NOT is_duplicate
    GROUP BY irritant_id
)

SELECT
    irritants.irritant_id,
    irritants.label,
    irritants.theme,
    irritants.step,
    taxonomy_steps.phase,
    irritants.first_batch,
    seen.first_seen,
    seen.last_seen,
    irritants.quote,
    irritants.terms
FROM irritants
LEFT JOIN seen USING (irritant_id)
LEFT JOIN taxonomy_steps ON taxonomy_steps.step = irritants.step
ORDER BY irritants.irritant_id
