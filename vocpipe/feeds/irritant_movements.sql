WITH months AS (
    SELECT DISTINCT month, min(month) OVER () AS first_month FROM fact_verbatim WHERE analysed
),

-- What a person merged or split away entirely is in no month's counts.
told AS (
    SELECT agg.month, agg.irritant_id, agg.status, agg.opinions, agg.month = dim.first_seen AS is_first
    FROM agg_irritant_month AS agg
    JOIN dim_irritant AS dim USING (irritant_id)
    UNION ALL
    SELECT months.month, dim.irritant_id, dim.status, 0, false
    FROM dim_irritant AS dim
    CROSS JOIN months
    WHERE dim.first_seen IS NULL AND dim.status IN ('merged', 'split')
),

compared AS (
    SELECT
        told.*,
        if(told.month = months.first_month, NULL, coalesce(lag(told.opinions) OVER (PARTITION BY told.irritant_id ORDER BY told.month), 0)) AS previous_opinions
    FROM told
    JOIN months ON months.month = told.month
),

moved AS (
    SELECT
        compared.*,
        dim.merged_into,
        dim.split_from,
        CASE
            WHEN compared.status IN ('merged', 'split') AND compared.opinions = 0 THEN compared.status
            WHEN compared.status = 'resolved' THEN 'resolved'
            WHEN compared.opinions = 0 THEN 'dormant'
            WHEN compared.is_first AND dim.split_from IS NOT NULL THEN 'split'
            WHEN compared.is_first THEN 'new'
            WHEN compared.previous_opinions = 0 OR compared.month >= dim.resolved_since THEN 'back'
            ELSE 'matched'
        END AS movement
    FROM compared
    JOIN dim_irritant AS dim ON dim.irritant_id = compared.irritant_id
)

SELECT
    month,
    irritant_id,
    movement,
    opinions,
    previous_opinions,
    CASE movement WHEN 'merged' THEN merged_into WHEN 'split' THEN split_from END AS other_id
FROM moved
ORDER BY month, irritant_id
