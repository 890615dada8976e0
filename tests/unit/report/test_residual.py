"""What fits no irritant: the page counts the opinions that the feed counts."""

import base64
import gzip
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.unit.feeds.conftest import Opinion, Verbatim, catalogue_of, entry, select, write_batch
from vocpipe.feeds import build, open_feed
from vocpipe.report.columns import prepare, read_columns
from vocpipe.report.dimensions import read_dimensions
from vocpipe.taxonomy import load_taxonomy

OPINIONS = (
    Opinion("En retard.", irritant_id="IRR-0001"),
    Opinion("Sans vecteur.", residual=True),
    Opinion("Un autre problème.", residual=True, nearest="IRR-0001"),
    Opinion("Charmant.", 2),
    Opinion("Sans avis.", None),
)


def test_a_problem_without_a_vector_fits_no_irritant_on_the_page_too(tmp_path: Path) -> None:
    made = write_batch(tmp_path, "2026-03", [Verbatim("v1", OPINIONS, "2026-03-02"), Verbatim("v2", OPINIONS[1:2], "2026-03-02", duplicate_of="v1")])
    # A person said of a problem that it is no complaint: it is not looked for.
    (rows,) = made.rows
    table = pq.read_table(rows)
    named = pa.array([[True, True, True, True, False], [True]], table.schema.field("opinion_irritant").type)
    pq.write_table(table.set_column(table.schema.get_field_index("opinion_irritant"), table.schema.field("opinion_irritant"), named), rows)
    build([made], catalogue_of(entry("IRR-0001", "retard")), load_taxonomy(), tmp_path / "feed")
    with open_feed(tmp_path / "feed") as connection:
        prepare(connection, read_dimensions(connection, "ekman", 100))
        packed = read_columns(connection)
    columns, place = {}, 0
    data = gzip.decompress(base64.b64decode(packed["data"]))
    for name, kind, length in packed["fields"]:
        of = np.dtype(kind.lower()).newbyteorder("<")
        columns[name] = np.frombuffer(data, of, length, place)
        place += -(-length * of.itemsize // 4) * 4
    outside = [bool(mark & 32) and not irritant for mark, irritant in zip(columns["marks"], columns["irritant"], strict=True)]
    assert outside == [False, True, True, False, False]
    assert select(tmp_path / "feed", "SELECT sum(opinions) FROM agg_residual_month") == [(2,)]
