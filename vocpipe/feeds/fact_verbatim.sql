SELECT
    rows.batch,
    rows.verbatim_id,
    marks.month,
    rows.date,
    rows.source,
    rows.source_id,
    rows.channel,
    rows.company,
    rows.product,
    rows.stars,
    rows.nps,
    rows.csat,
    rows.ces,
    rows.score,
    rows.text,
    rows.language,
    rows.reject,
    marks.is_duplicate,
    marks.duplicate_of,
    marks.duplicate_kind,
    marks.similarity,
    rows.reject IS NULL AND NOT marks.is_duplicate AS analysed,
    if(rows.reject IS NULL, coalesce(len(rows.opinion_start), 0), 0)::INTEGER AS n_opinions,
    if(rows.reject IS NULL, list_avg(rows.opinion_sentiment), NULL) AS sentiment,
    if(cardinality(rows.attributes) > 0, to_json(rows.attributes)::VARCHAR, NULL) AS attributes
FROM rows
JOIN row_marks AS marks USING (batch, shard, place)
ORDER BY rows.batch, rows.verbatim_id, marks.is_duplicate, rows.shard, rows.place
