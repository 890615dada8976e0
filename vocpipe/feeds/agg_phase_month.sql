WITH phases AS (
    SELECT phase, min(position) AS position
    FROM taxonomy_steps
    WHERE phase IS NOT NULL
    GROUP BY phase
)

SELECT
    place_months.month,
    nullif(place_months.place, '') AS phase,
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
LEFT JOIN phases ON phases.phase = place_months.place
WHERE place_months.kind = 'phase'
ORDER BY place_months.month, phases.position NULLS LAST
