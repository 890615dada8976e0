SELECT company, min(month) AS first_month, max(month) AS last_month, count(*) FILTER (WHERE analysed) AS verbatims
FROM fact_verbatim
WHERE company IS NOT NULL
GROUP BY company
ORDER BY company
