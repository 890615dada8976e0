-- NPS: adjusted Wald interval (Sauro and Lewis), as if 3/4 promoter, 3/4 detractor and 3/2 passive had answered too: few answers that agree prove little.
-- Means: Student's, which few or equal ratings do not allow, kept within what somebody gave.
WITH extremes AS (
    SELECT measure, round(min(rating)::DOUBLE, 6) AS lowest, round(max(rating)::DOUBLE, 6) AS highest
    FROM (UNPIVOT (SELECT stars, csat, ces FROM fact_verbatim WHERE analysed) ON stars, csat, ces INTO NAME measure VALUE rating)
    GROUP BY measure
),

measured AS (
    SELECT
        sums.*,
        total / n / 1e6 AS value,
        if(measure = 'nps', total / (n + 3) / 1e6, value) AS centre,
        if(measure = 'nps', -100, extremes.lowest) AS lowest,
        if(measure = 'nps', 100, extremes.highest) AS highest,
        CASE
            WHEN measure = 'nps' THEN z95 * sqrt(((squares / 1e12 + 1.5e4) / (n + 3) - centre * centre) / (n + 3))
            WHEN n * squares > total * total THEN t95 * sqrt((n * squares - total * total) / 1e12 / n / n / (n - 1))
        END AS half
    FROM kpi_sums AS sums
    LEFT JOIN quantiles USING (n)
    LEFT JOIN extremes USING (measure)
)

SELECT
    month,
    company,
    measure,
    n,
    value,
    -- greatest and least pass over nulls, and would make an interval of the value alone.
    if(half IS NULL, NULL, greatest(lowest, least(value, centre - half))) AS low,
    if(half IS NULL, NULL, least(highest, greatest(value, centre + half))) AS high
FROM measured
ORDER BY month, company NULLS FIRST, measure
