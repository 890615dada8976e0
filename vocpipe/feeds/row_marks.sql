-- One row per stored row: its month, whether an earlier row already tells the same thing, and which.
-- Rows are known by batch, shard and place in the shard, because an identifier may come back in a later export.
-- A copy counts as one as long as its original is there: an earlier batch may have been done again without it.
WITH originals AS (
    SELECT DISTINCT verbatim_id FROM rows
),

copies AS (
    SELECT duplicates.* FROM duplicates SEMI JOIN originals ON originals.verbatim_id = duplicates.duplicate_of WHERE duplicates.kind <> 'again'
),

told AS (
    SELECT
        batch,
        shard,
        place,
        verbatim_id,
        coalesce(strftime(date, '%Y-%m'), batch) AS month,
        row_number() OVER (PARTITION BY verbatim_id ORDER BY batch, shard, place) > 1
            OR coalesce(source_id IS NOT NULL AND min(batch) OVER (PARTITION BY source_id, content_hash) < batch, false) AS again
    FROM rows
)

SELECT
    told.batch,
    told.shard,
    told.place,
    told.month,
    if(told.again, told.verbatim_id, copies.duplicate_of) AS duplicate_of,
    if(told.again, 'again', copies.kind) AS duplicate_kind,
    if(told.again, 1, copies.similarity)::FLOAT AS similarity,
    told.again OR (copies.kind IS NOT NULL AND NOT settings.count_copies) AS is_duplicate
FROM told
CROSS JOIN settings
LEFT JOIN copies ON copies.batch = told.batch AND copies.verbatim_id = told.verbatim_id
