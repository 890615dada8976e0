WITH totals AS (
    SELECT month, count(*) AS opinions FROM candidates GROUP BY month
)

SELECT
    candidates.month,
    candidates.nearest_irritant_id,
    count(*) AS opinions,
    count(DISTINCT candidates.verbatim_id) AS verbatims,
    count(*) / any_value(totals.opinions) AS share,
    list(candidates.text ORDER BY candidates.irritant_score DESC NULLS LAST, candidates.opinion_id)[1] AS quote
FROM candidates
JOIN totals ON totals.month = candidates.month
WHERE candidates.irritant_id IS NULL
GROUP BY candidates.month, candidates.nearest_irritant_id
ORDER BY candidates.month, opinions DESC, candidates.nearest_irritant_id NULLS LAST
