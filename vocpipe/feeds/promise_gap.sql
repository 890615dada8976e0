WITH months AS (
    SELECT DISTINCT month FROM fact_verbatim WHERE analysed
),

lived AS (
    SELECT
        months.month,
        promises.*,
        coalesce(place_months.expressed, 0) AS opinions,
        place_months.positive / nullif(place_months.expressed, 0) AS positive_share,
        place_months.irritants[1] AS irritant_id
    FROM months
    CROSS JOIN promises
    LEFT JOIN place_months ON place_months.kind = 'promise' AND place_months.place = promises.promise AND place_months.month = months.month
)

SELECT month, promise, label_fr, step, themes, opinions, positive_share, target, positive_share - target AS gap, irritant_id
FROM lived
ORDER BY month, position
