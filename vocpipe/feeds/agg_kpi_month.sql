-- The standard error of the mean; that of the NPS is by its multinomial variance, which has no degree of freedom taken off.
WITH measured AS (
    SELECT
        month,
        company,
        measure,
        n,
        total / n / 1e6 AS value,
        sqrt((n * squares - total * total) / 1e12 / n / n / if(measure = 'nps', n, nullif(n - 1, 0))) AS error
    FROM kpi_sums
)

SELECT
    measured.month,
    measured.company,
    measured.measure,
    measured.n,
    measured.value,
    -- greatest and least pass over nulls: without a quantile there is no interval.
    CASE WHEN quantiles.n IS NULL THEN NULL WHEN measured.measure = 'nps' THEN greatest(value - z95 * error, -100) ELSE value - t95 * error END AS low,
    CASE WHEN quantiles.n IS NULL THEN NULL WHEN measured.measure = 'nps' THEN least(value + z95 * error, 100) ELSE value + t95 * error END AS high
FROM measured
LEFT JOIN quantiles ON quantiles.n = measured.n
ORDER BY measured.month, measured.company NULLS FIRST, measured.measure
