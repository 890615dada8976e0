-- Every opinion that counts, once for its step, its phase and its theme (an empty text when it has none), and once for each promise that it judges.
WITH opinions AS (
    SELECT
        month,
        verbatim_id,
        step,
        coalesce(phase, '') AS phase,
        coalesce(theme, '') AS theme,
        sentiment,
        polarity,
        emotions,
        effort,
        churn,
        irritant_id,
        enchantment_id
    FROM fact_opinion
    WHERE NOT is_duplicate
)

SELECT 'step' AS kind, step AS place, * FROM opinions
UNION ALL
SELECT 'phase', phase, * FROM opinions
UNION ALL
SELECT 'theme', theme, * FROM opinions
UNION ALL
SELECT 'promise', promises.promise, opinions.*
FROM opinions
JOIN promises
    ON (promises.step IS NULL OR promises.step = opinions.step) AND (len(promises.themes) = 0 OR list_contains(promises.themes, opinions.theme))
