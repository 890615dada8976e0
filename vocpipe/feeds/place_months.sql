WITH totals AS (
    SELECT
        kind,
        place,
        month,
        count(*) AS opinions,
        count(DISTINCT verbatim_id) AS verbatims,
        count(*) FILTER (WHERE polarity = 'positive') AS positive,
        count(*) FILTER (WHERE polarity = 'negative') AS negative,
        count(*) FILTER (WHERE polarity = 'mixed') AS mixed,
        count(*) FILTER (WHERE polarity IS NULL) AS neutral,
        count(polarity) AS expressed,
        avg(sentiment) AS mean_sentiment,
        avg(list_has_any(emotions, ['colere', 'degout'])::INTEGER) AS anger_share,
        avg(effort::INTEGER) AS effort_share
    FROM places
    GROUP BY kind, place, month
),

expressed AS (
    SELECT kind, place, month, unnest(emotions) AS emotion FROM places
),

-- The most frequent emotion; the order of the taxonomy settles ties.
main_emotions AS (
    SELECT expressed.kind, expressed.place, expressed.month, expressed.emotion
    FROM expressed
    JOIN taxonomy_emotions ON taxonomy_emotions.emotion = expressed.emotion
    GROUP BY expressed.kind, expressed.place, expressed.month, expressed.emotion
    QUALIFY row_number() OVER (PARTITION BY expressed.kind, expressed.place, expressed.month ORDER BY count(*) DESC, min(taxonomy_emotions.position)) = 1
),

-- Verbatims stand for the share: all are divided by the same number of verbatims of the month.
weights AS (
    SELECT
        kind,
        place,
        month,
        irritant_id,
        count(*) AS opinions,
        severity(
            count(DISTINCT verbatim_id),
            avg(abs(sentiment)) / 2,
            avg(list_has_any(emotions, ['colere', 'degout'])::INTEGER),
            avg(effort::INTEGER),
            avg(churn::INTEGER)
        ) AS weight
    FROM places
    WHERE irritant_id IS NOT NULL
    GROUP BY kind, place, month, irritant_id
),

top_irritants AS (
    SELECT kind, place, month, list(irritant_id ORDER BY weight DESC, opinions DESC, irritant_id)[:5] AS irritants FROM weights GROUP BY kind, place, month
),

enchanted AS (
    SELECT kind, place, month, enchantment_id, count(DISTINCT verbatim_id) AS verbatims
    FROM places
    WHERE enchantment_id IS NOT NULL
    GROUP BY kind, place, month, enchantment_id
),

top_enchantments AS (
    SELECT kind, place, month, list(enchantment_id ORDER BY verbatims DESC, enchantment_id)[:5] AS enchantments FROM enchanted GROUP BY kind, place, month
)

SELECT
    totals.kind,
    totals.place,
    totals.month,
    totals.opinions,
    totals.verbatims,
    totals.positive,
    totals.negative,
    totals.mixed,
    totals.neutral,
    totals.expressed,
    (totals.positive - totals.negative) / nullif(totals.expressed, 0) AS net_sentiment,
    totals.mean_sentiment,
    main_emotions.emotion,
    totals.anger_share,
    totals.effort_share,
    coalesce(top_irritants.irritants, []) AS irritants,
    coalesce(top_enchantments.enchantments, []) AS enchantments
FROM totals
LEFT JOIN main_emotions USING (kind, place, month)
LEFT JOIN top_irritants USING (kind, place, month)
LEFT JOIN top_enchantments USING (kind, place, month)
