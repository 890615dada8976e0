WITH opinions AS (
    SELECT * FROM fact_opinion WHERE enchantment_id IS NOT NULL AND NOT is_duplicate
),

sentiments AS (
    SELECT month, enchantment_id, avg(sentiment) AS mean_sentiment FROM opinions GROUP BY month, enchantment_id
),

-- The most frequent step; the order of the taxonomy settles ties.
main_steps AS (
    SELECT opinions.month, opinions.enchantment_id, opinions.step
    FROM opinions
    JOIN taxonomy_steps ON taxonomy_steps.step = opinions.step
    GROUP BY opinions.month, opinions.enchantment_id, opinions.step
    QUALIFY row_number() OVER (PARTITION BY opinions.month, opinions.enchantment_id ORDER BY count(*) DESC, min(taxonomy_steps.position)) = 1
)

SELECT
    met.month,
    met.irritant_id AS enchantment_id,
    met.opinions,
    met.verbatims,
    met.share,
    met.previous_share,
    met.share - met.previous_share AS delta,
    main_steps.step,
    sentiments.mean_sentiment,
    row_number() OVER (PARTITION BY met.month ORDER BY met.share DESC, met.opinions DESC, met.irritant_id)::INTEGER AS rank,
    trends.share_low,
    trends.share_high
FROM met_counts AS met
JOIN trends ON trends.month = met.month AND trends.irritant_id = met.irritant_id
LEFT JOIN sentiments ON sentiments.month = met.month AND sentiments.enchantment_id = met.irritant_id
LEFT JOIN main_steps ON main_steps.month = met.month AND main_steps.enchantment_id = met.irritant_id
WHERE met.kind = 'enchantment' AND met.month >= met.first_seen
ORDER BY met.month, rank
