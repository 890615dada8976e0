-- One row per stored row: its month, and whether an earlier row already tells the same thing.
-- Rows are known by batch, shard and place in the shard, because an identifier may come back in a later export.
SELECT
    batch,
    shard,
    place,
    coalesce(strftime(date, '%Y-%m'), batch) AS month,
    duplicate_of IS NOT NULL
        OR row_number() OVER (PARTITION BY verbatim_id ORDER BY batch, duplicate_of IS NOT NULL, shard, place) > 1
        OR coalesce(source_id IS NOT NULL AND min(batch) OVER (PARTITION BY source_id, content_hash) < batch, false) AS is_duplicate
FROM rows
