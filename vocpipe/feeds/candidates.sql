-- The opinions that name a problem and count, those that belong to no irritant included.
SELECT
    fact_opinion.month,
    fact_opinion.verbatim_id,
    fact_opinion.opinion_id,
    fact_opinion.text,
    fact_opinion.irritant_id,
    fact_opinion.nearest_irritant_id,
    fact_opinion.irritant_score
FROM fact_opinion
SEMI JOIN assignments
    ON assignments.batch = fact_opinion.batch AND assignments.verbatim_id = fact_opinion.verbatim_id AND assignments.opinion = fact_opinion.position
WHERE NOT fact_opinion.is_duplicate
