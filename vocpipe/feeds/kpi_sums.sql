-- What the means of ratings are made of, in whole millionths, because the sum of doubles depends on their order.
WITH ratings AS (
    UNPIVOT (SELECT month, company, stars, nps, csat, ces FROM fact_verbatim WHERE analysed) ON stars, nps, csat, ces INTO NAME measure VALUE rating
),

scored AS (
    SELECT
        month,
        company,
        measure,
        (1e6 * CASE WHEN measure <> 'nps' THEN rating WHEN rating >= 9 THEN 100 WHEN rating <= 6 THEN -100 ELSE 0 END)::HUGEINT AS score
    FROM ratings
)

SELECT month, company, measure, count(*) AS n, sum(score) AS total, sum(score * score) AS squares
FROM scored
GROUP BY GROUPING SETS ((month, company, measure), (month, measure))
HAVING grouping(company) = 1 OR company IS NOT NULL
