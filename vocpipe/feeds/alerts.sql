WITH months AS (
    SELECT
        agg.*,
        dim.resolved_since,
        met.analysed,
        met.former_share
    FROM agg_irritant_month AS agg
    JOIN dim_irritant AS dim ON dim.irritant_id = agg.irritant_id
    JOIN met_counts AS met ON met.month = agg.month AND met.irritant_id = agg.irritant_id
    CROSS JOIN settings
    WHERE agg.verbatims >= settings.alert_min_verbatims
),

-- Of the verbatims of an irritant, the share that tell of anger or of leaving in what they say of it.
feelings AS (
    SELECT
        month,
        irritant_id,
        count(DISTINCT verbatim_id) FILTER (WHERE list_has_any(emotions, ['colere', 'degout'])) / count(DISTINCT verbatim_id) AS anger,
        count(DISTINCT verbatim_id) FILTER (WHERE churn) / count(DISTINCT verbatim_id) AS churn
    FROM fact_opinion
    WHERE irritant_id IS NOT NULL AND NOT is_duplicate
    GROUP BY month, irritant_id
),

residuals AS (
    SELECT
        month,
        count(*) FILTER (WHERE irritant_id IS NULL) AS opinions,
        count(DISTINCT verbatim_id) FILTER (WHERE irritant_id IS NULL) AS verbatims,
        count(*) FILTER (WHERE irritant_id IS NULL) / count(*) AS share
    FROM candidates
    GROUP BY month
),

watched AS (
    SELECT month, 'change' AS alert, irritant_id, share AS value, baseline, (1 + settings.alert_change) * baseline AS threshold, opinions, verbatims
    FROM months
    CROSS JOIN settings
    WHERE status = 'rising' AND q_value < settings.trends_q AND share > baseline AND (resolved_since IS NULL OR month < resolved_since)
    UNION ALL
    SELECT month, 'emerging', irritant_id, share, NULL, settings.alert_min_verbatims / analysed, opinions, verbatims
    FROM months
    CROSS JOIN settings
    -- It has a q-value: what is new is never of the first month, and has verbatims.
    WHERE status = 'new' AND q_value < settings.trends_q
    UNION ALL
    SELECT month, 'anger', irritant_id, feelings.anger, NULL, settings.alert_anger, opinions, verbatims
    FROM months
    JOIN feelings USING (month, irritant_id)
    CROSS JOIN settings
    UNION ALL
    SELECT month, 'churn', irritant_id, feelings.churn, NULL, settings.alert_churn, opinions, verbatims
    FROM months
    JOIN feelings USING (month, irritant_id)
    CROSS JOIN settings
    UNION ALL
    SELECT month, 'back', irritant_id, share, former_share, coalesce(former_share, 0) / 2, opinions, verbatims
    FROM months
    WHERE status = 'rising' AND month >= resolved_since
    UNION ALL
    SELECT month, 'residual', NULL, share, NULL, settings.alert_residual, opinions, verbatims
    FROM residuals
    CROSS JOIN settings
    WHERE verbatims >= settings.alert_min_verbatims
)

SELECT
    watched.month,
    watched.alert,
    watched.irritant_id,
    -- Critical: twice the threshold, or for a share of the irritant's own verbatims, halfway from the threshold to all of them.
    if(
        watched.threshold > 0 AND round(watched.value - if(alert IN ('anger', 'churn'), (1 + watched.threshold) / 2, 2 * watched.threshold), 9) >= 0,
        'critical',
        'warning'
    ) AS level,
    watched.value,
    watched.baseline,
    watched.threshold,
    watched.opinions,
    CASE watched.alert
        WHEN 'change' THEN
            quoted_fr(dim.label) || ' monte à ' || percent_fr(value) || ' des verbatims, contre ' || percent_fr(baseline) || ' les mois précédents ('
            || points_fr(value - baseline) || ', ' || count_fr(verbatims, 'verbatim') || ').'
        WHEN 'emerging' THEN quoted_fr(dim.label) || ' apparaît : ' || count_fr(verbatims, 'verbatim') || ', soit ' || percent_fr(value) || ' du mois.'
        WHEN 'anger' THEN
            quoted_fr(dim.label) || ' met en colère : ' || percent_fr(value) || ' de ses verbatims disent colère ou dégoût ('
            || count_fr(verbatims, 'verbatim') || ').'
        WHEN 'churn' THEN
            quoted_fr(dim.label) || ' fait partir : ' || percent_fr(value) || ' de ses verbatims annoncent un départ ou en menacent ('
            || count_fr(verbatims, 'verbatim') || ').'
        WHEN 'back' THEN
            quoted_fr(dim.label) || ', résolu depuis ' || dim.resolved_since || ', revient : ' || percent_fr(value) || ' des verbatims'
            || coalesce(', contre ' || percent_fr(baseline) || ' auparavant', '') || ' (' || count_fr(verbatims, 'verbatim') || ').'
        ELSE percent_fr(value) || ' des opinions qui nomment un problème ne rejoignent aucun irritant connu (' || count_fr(watched.opinions, 'opinion') || ').'
    END AS message_fr,
    CASE watched.alert
        WHEN 'change' THEN
            quoted_en(coalesce(dim.label_en, dim.label)) || ' rises to ' || percent_en(value) || ' of verbatims, from ' || percent_en(baseline)
            || ' in the months before (' || points_en(value - baseline) || ', ' || count_en(verbatims, 'verbatim') || ').'
        WHEN 'emerging' THEN
            quoted_en(coalesce(dim.label_en, dim.label)) || ' appears: ' || count_en(verbatims, 'verbatim') || ', ' || percent_en(value) || ' of the month.'
        WHEN 'anger' THEN
            quoted_en(coalesce(dim.label_en, dim.label)) || ' angers: ' || percent_en(value) || ' of its verbatims express anger or disgust ('
            || count_en(verbatims, 'verbatim') || ').'
        WHEN 'churn' THEN
            quoted_en(coalesce(dim.label_en, dim.label)) || ' drives away: ' || percent_en(value) || ' of its verbatims leave or threaten to ('
            || count_en(verbatims, 'verbatim') || ').'
        WHEN 'back' THEN
            quoted_en(coalesce(dim.label_en, dim.label)) || ', resolved since ' || dim.resolved_since || ', is back: ' || percent_en(value) || ' of verbatims'
            || coalesce(', against ' || percent_en(baseline) || ' before', '') || ' (' || count_en(verbatims, 'verbatim') || ').'
        ELSE percent_en(value) || ' of the opinions that name a problem fit no known irritant (' || count_en(watched.opinions, 'opinion') || ').'
    END AS message_en
FROM watched
LEFT JOIN dim_irritant AS dim ON dim.irritant_id = watched.irritant_id
-- Rounded, because half as much again as 10 % is a hair over 15 % in binary.
WHERE round(watched.value - watched.threshold, 9) >= 0
ORDER BY watched.month, level, watched.alert, watched.value DESC, watched.irritant_id
