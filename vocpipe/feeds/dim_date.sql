-- Whole months, so that a calendar in a dashboard has no holes; a batch named after a month counts for its verbatims without a date.
WITH months AS (
    SELECT min(first_day) AS first_day, max(first_day) AS last_first_day
    FROM (SELECT try_cast(month || '-01' AS DATE) AS first_day FROM fact_verbatim WHERE regexp_full_match(month, '\d{4}-\d{2}'))
),

days AS (
    SELECT unnest(range(first_day::TIMESTAMP, last_first_day::TIMESTAMP + INTERVAL 1 MONTH, INTERVAL 1 DAY))::DATE AS date FROM months
)

SELECT
    date,
    year(date)::INTEGER AS year,
    quarter(date)::INTEGER AS quarter,
    strftime(date, '%Y-%m') AS month,
    month(date)::INTEGER AS month_number,
    [
        'janvier', 'février', 'mars', 'avril', 'mai', 'juin', 'juillet', 'août', 'septembre', 'octobre', 'novembre', 'décembre'
    ][month(date)] AS month_fr,
    monthname(date) AS month_en,
    isoyear(date)::INTEGER AS iso_year,
    weekofyear(date)::INTEGER AS iso_week,
    isodow(date)::INTEGER AS weekday,
    ['lundi', 'mardi', 'mercredi', 'jeudi', 'vendredi', 'samedi', 'dimanche'][isodow(date)] AS weekday_fr,
    dayname(date) AS weekday_en
FROM days
ORDER BY date
