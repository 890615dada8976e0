WITH opinions AS (
    SELECT fact_opinion.irritant_id, fact_opinion.step, fact_opinion.phase, taxonomy_steps.position
    FROM fact_opinion
    LEFT JOIN taxonomy_steps ON taxonomy_steps.step = fact_opinion.step
    WHERE fact_opinion.irritant_id IS NOT NULL AND NOT fact_opinion.is_duplicate
),

totals AS (
    SELECT irritant_id, count(*) AS opinions FROM opinions GROUP BY irritant_id
),

steps AS (
    SELECT irritant_id, step, count(*) AS opinions, min(position) AS position FROM opinions GROUP BY irritant_id, step
),

step_lists AS (
    SELECT
        irritant_id,
        list(step ORDER BY steps.opinions DESC, position, step) AS steps,
        list(steps.opinions / totals.opinions ORDER BY steps.opinions DESC, position, step) AS step_shares
    FROM steps
    JOIN totals USING (irritant_id)
    GROUP BY irritant_id
),

phases AS (
    SELECT irritant_id, phase, count(*) AS opinions, min(position) AS position FROM opinions WHERE phase IS NOT NULL GROUP BY irritant_id, phase
),

phase_lists AS (
    SELECT
        irritant_id,
        list(phase ORDER BY phases.opinions DESC, position) AS phases,
        list(phases.opinions / totals.opinions ORDER BY phases.opinions DESC, position) AS phase_shares
    FROM phases
    JOIN totals USING (irritant_id)
    GROUP BY irritant_id
),

seen AS (
    SELECT DISTINCT irritant_id, first_seen, last_seen FROM met_counts
),

statuses AS (
    SELECT irritant_id, status FROM agg_irritant_month QUALIFY row_number() OVER (PARTITION BY irritant_id ORDER BY month DESC) = 1
)

SELECT
    irritants.irritant_id,
    irritants.label,
    irritants.theme,
    irritants.step,
    taxonomy_steps.phase,
    irritants.first_batch,
    seen.first_seen,
    seen.last_seen,
    irritants.quote,
    irritants.terms,
    irritants.label_en,
    irritants.origin,
    coalesce(statuses.status, if(irritants.state = 'active', NULL, irritants.state)) AS status,
    irritants.merged_into,
    irritants.split_from,
    irritants.resolved_since,
    irritants.edited,
    coalesce(totals.opinions, 0) AS opinions,
    coalesce(step_lists.steps, []) AS steps,
    coalesce(step_lists.step_shares, []) AS step_shares,
    coalesce(phase_lists.phases, []) AS phases,
    coalesce(phase_lists.phase_shares, []) AS phase_shares
FROM irritants
LEFT JOIN seen USING (irritant_id)
LEFT JOIN statuses USING (irritant_id)
LEFT JOIN totals USING (irritant_id)
LEFT JOIN step_lists USING (irritant_id)
LEFT JOIN phase_lists USING (irritant_id)
LEFT JOIN taxonomy_steps ON taxonomy_steps.step = irritants.step
ORDER BY irritants.irritant_id
