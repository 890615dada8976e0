"""The contract of the feed holds: keys, nulls, queries and dictionary."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from vocpipe import feeds
from vocpipe.feeds import BatchFiles, build, open_feed
from vocpipe.feeds.contract import EMOTIONS, FLAGS, TABLES
from vocpipe.feeds.inputs import ASSIGNMENTS, CATALOGUE
from vocpipe.irritants.assign import ASSIGNMENT_SCHEMA
from vocpipe.irritants.view import CATALOGUE_VIEW
from vocpipe.taxonomy import Taxonomy


def test_there_is_one_query_per_table() -> None:
    found = {path.stem for path in Path(feeds.__file__).parent.glob("*.sql")}
    assert found == {*TABLES, "row_marks", "met_counts", "kpi_sums", "places", "place_months", "candidates"}


def test_the_columns_fit_the_taxonomy(taxonomy: Taxonomy) -> None:
    assert (taxonomy.emotion_codes, taxonomy.flag_codes) == (EMOTIONS, FLAGS)


@pytest.mark.parametrize("name", TABLES)
def test_keys_are_unique_and_nulls_are_only_where_they_mean_something(feed: Path, name: str) -> None:
    table = TABLES[name]
    with open_feed(feed) as connection:
        rows = connection.sql(f"FROM {name}").to_arrow_table()
    keys = list(zip(*(rows[column].to_pylist() for column in table.key), strict=True))
    assert len(keys) == len(set(keys)) > 0
    assert [column.name for column in table.columns if not column.null and rows[column.name].null_count] == []


@pytest.mark.parametrize(("table", "key"), [("fact_verbatim", "verbatim_id"), ("fact_opinion", "opinion_id")])
def test_without_duplicates_one_column_identifies_a_fact(feed: Path, table: str, key: str) -> None:
    with open_feed(feed) as connection:
        rows = connection.execute(f"SELECT count(*), count(DISTINCT {key}) FROM {table} WHERE NOT is_duplicate").fetchone()
        both = connection.execute(f"SELECT count(*) > count(DISTINCT {key}) FROM {table}").fetchone()
    assert rows
    assert rows[0] == rows[1]
    assert both == (True,)


def test_a_query_that_leaves_the_contract_is_caught(
    batches: tuple[BatchFiles, ...], catalogue: pa.Table, taxonomy: Taxonomy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = TABLES["dim_theme"]
    monkeypatch.setitem(TABLES, "dim_theme", replace(table, columns=(*table.columns[:-1], replace(table.columns[-1], type=pa.int8()))))
    with pytest.raises(RuntimeError, match=r"dim_theme\.sql.*definition: int8"):
        build(batches, catalogue, taxonomy, tmp_path / "feed")
    assert list(tmp_path.iterdir()) == []


def test_the_feed_reads_what_irritants_write() -> None:
    assert dict(zip(ASSIGNMENTS.names, ASSIGNMENTS.types, strict=True)) == dict(zip(ASSIGNMENT_SCHEMA.names, ASSIGNMENT_SCHEMA.types, strict=True))
    assert dict(zip(CATALOGUE.names, CATALOGUE.types, strict=True)) == dict(zip(CATALOGUE_VIEW.names, CATALOGUE_VIEW.types, strict=True))
