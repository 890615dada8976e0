"""Reading the feed: the top irritants of a month, and a connection that can change nothing."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from vocpipe.errors import ConfigError, WorkspaceError
from vocpipe.feeds import BatchFiles, TopIrritant, build, feed_months, open_feed, top_irritants
from vocpipe.taxonomy import Taxonomy


def test_the_last_month_is_told_by_default_and_the_silent_irritants_are_left_out(feed: Path) -> None:
    (top,) = top_irritants(feed)
    assert replace(top, severity=round(top.severity, 9)) == TopIrritant(
        irritant_id="IRR-0002",
        label="application qui plante",
        step="Usage",
        opinions=1,
        share=0.5,
        delta=0.25,
        emotion="Dégoût",
        severity=35.0,
        pareto_share=1.0,
        quote="L'appli plante, c'est répugnant.",
    )


def test_a_month_can_be_chosen_and_the_list_cut(feed: Path) -> None:
    found = top_irritants(feed, "2026-03")
    assert [(top.irritant_id, top.delta, top.emotion, top.quote) for top in found] == [
        ("IRR-0001", None, "Frustration", "Colis jamais arrivé."),
        ("IRR-0002", None, None, "L'appli plante."),
    ]
    assert top_irritants(feed, "2026-03", limit=1) == found[:1]
    assert feed_months(feed) == ["2026-03", "2026-04"]


def test_a_missing_feed_or_month_is_told(feed: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="no feed in"):
        open_feed(tmp_path)
    with pytest.raises(ConfigError, match="did you mean '2026-04'"):
        top_irritants(feed, "2026-4")


def test_nothing_can_be_changed_through_the_connection(feed: Path) -> None:
    with open_feed(feed) as connection, pytest.raises(duckdb.Error, match="read-only"):
        connection.execute("DELETE FROM fact_opinion")


def test_an_open_connection_does_not_hide_a_newer_feed(batches: tuple[BatchFiles, ...], catalogue: pa.Table, taxonomy: Taxonomy, tmp_path: Path) -> None:
    target = tmp_path / "feed"
    build(batches[:1], catalogue, taxonomy, target)
    with open_feed(target) as old:
        build(batches, catalogue, taxonomy, target)
        assert old.execute("SELECT count(*) FROM data_quality").fetchone() == (1,)
        assert len(feed_months(target)) == 2


def test_a_feed_without_irritants_has_no_top(taxonomy: Taxonomy, catalogue: pa.Table, tmp_path: Path) -> None:
    build([], catalogue, taxonomy, tmp_path / "feed")
    assert top_irritants(tmp_path / "feed") == []
