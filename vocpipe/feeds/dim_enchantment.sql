WITH totals AS (
    SELECT irritant_id AS enchantment_id, any_value(first_seen) AS first_seen, any_value(last_seen) AS last_seen, sum(opinions)::BIGINT AS opinions
    FROM met_counts
    WHERE kind = 'enchantment'
    GROUP BY irritant_id
)

SELECT
    enchantments.enchantment_id,
    enchantments.label,
    enchantments.theme,
    enchantments.step,
    taxonomy_steps.phase,
    enchantments.first_batch,
    totals.first_seen,
    totals.last_seen,
    enchantments.quote,
    enchantments.terms,
    enchantments.label_en,
    enchantments.origin,
    enchantments.merged_into,
    enchantments.split_from,
    enchantments.edited,
    coalesce(totals.opinions, 0) AS opinions,
    enchantments.state AS status
FROM enchantments
LEFT JOIN totals USING (enchantment_id)
LEFT JOIN taxonomy_steps ON taxonomy_steps.step = enchantments.step
ORDER BY enchantments.enchantment_id
