SELECT
    place_months.month,
    place_months.place AS step,
    taxonomy_steps.phase,
    place_months.opinions,
    place_months.verbatims,
    place_months.positive,
    place_months.negative,
    place_months.mixed,
    place_months.neutral,
    place_months.net_sentiment,
    place_months.mean_sentiment,
    place_months.emotion,
    place_months.anger_share,
    place_months.effort_share,
    place_months.irritants,
    place_months.enchantments
FROM place_months
LEFT JOIN taxonomy_steps ON taxonomy_steps.step = place_months.place
WHERE place_months.kind = 'step'
ORDER BY place_months.month, taxonomy_steps.position, place_months.place
