-- Every month for every irritant and enchantment that was ever met, so that one nobody speaks of any more falls to zero instead of vanishing.
WITH months AS (
    SELECT month, count(*) AS analysed
    FROM fact_verbatim
    WHERE analysed
    GROUP BY month
),

met AS (
    SELECT 'irritant' AS kind, irritant_id, month, verbatim_id FROM fact_opinion WHERE irritant_id IS NOT NULL AND NOT is_duplicate
    UNION ALL
    SELECT 'enchantment', enchantment_id, month, verbatim_id FROM fact_opinion WHERE enchantment_id IS NOT NULL AND NOT is_duplicate
),

counts AS (
    SELECT kind, irritant_id, month, count(*) AS opinions, count(DISTINCT verbatim_id) AS verbatims FROM met GROUP BY kind, irritant_id, month
),

seen AS (
    SELECT kind, irritant_id, min(month) AS first_seen, max(month) AS last_seen FROM counts GROUP BY kind, irritant_id
)

SELECT
    seen.kind,
    months.month,
    seen.irritant_id,
    seen.first_seen,
    seen.last_seen,
    coalesce(counts.opinions, 0) AS opinions,
    coalesce(counts.verbatims, 0) AS verbatims,
    months.analysed,
    coalesce(counts.verbatims, 0) / months.analysed AS share,
    lag(coalesce(counts.verbatims, 0) / months.analysed) OVER months_in_order AS previous_share,
    months.month = min(months.month) OVER (PARTITION BY seen.irritant_id) AS is_first_month,
    -- The level before a person resolved it, over all those months together.
    sum(counts.verbatims) FILTER (WHERE months.month < irritants.resolved_since) OVER whole
        / sum(months.analysed) FILTER (WHERE months.month < irritants.resolved_since) OVER whole AS former_share
FROM months
CROSS JOIN seen
LEFT JOIN counts ON counts.kind = seen.kind AND counts.irritant_id = seen.irritant_id AND counts.month = months.month
LEFT JOIN irritants ON irritants.irritant_id = seen.irritant_id
WINDOW months_in_order AS (PARTITION BY seen.irritant_id ORDER BY months.month), whole AS (PARTITION BY seen.irritant_id)
ORDER BY seen.kind, months.month, seen.irritant_id
