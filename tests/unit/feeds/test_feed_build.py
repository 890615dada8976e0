"""The figures of the feed, against two months counted by hand; and what must not change them."""

import json
import resource
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.feeds.conftest import select
from vocpipe.duplicates import DUPLICATES
from vocpipe.errors import ConfigError, WorkspaceError
from vocpipe.feeds import BatchFiles, FeedSettings, SeverityWeights, build, open_feed
from vocpipe.feeds.contract import TABLES
from vocpipe.taxonomy import Taxonomy

WriteTexts = Callable[[Path, Sequence[Sequence[str]]], BatchFiles]


def parquet_bytes(feed: Path) -> dict[str, bytes]:
    return {name: (feed / f"{name}.parquet").read_bytes() for name in TABLES}


def test_verbatims_are_dated_counted_and_told_apart(feed: Path) -> None:
    rows = select(feed, "SELECT batch, verbatim_id, month, is_duplicate, analysed, n_opinions, sentiment FROM fact_verbatim")
    assert rows == [
        ("2026-03", "v1", "2026-03", False, True, 2, -0.5),
        ("2026-03", "v2", "2026-03", False, True, 2, -1.0),
        ("2026-03", "v3", "2026-03", False, True, 2, -1.0),
        ("2026-03", "v4", "2026-03", True, False, 2, -0.5),
        ("2026-03", "v5", "2026-03", False, False, 0, None),
        ("2026-03", "v6", "2026-03", False, False, 0, None),
        ("2026-03", "v7", "2026-03", False, True, 1, None),
        ("2026-04", "v1", "2026-03", True, False, 2, -0.5),
        ("2026-04", "v10", "2026-04", False, True, 1, 2.0),
        ("2026-04", "v8", "2026-03", True, False, 2, -1.0),
        ("2026-04", "v9", "2026-04", False, True, 2, -1.5),
    ]
    attributes = select(feed, "SELECT attributes FROM fact_verbatim WHERE batch = '2026-03' AND verbatim_id IN ('v1', 'v2')")
    assert [value and json.loads(value) for (value,) in attributes] == [{"région": 'l\'"Ouest"', "code": "=1+1"}, None]


def test_an_opinion_carries_its_words_labels_and_irritant(feed: Path) -> None:
    names = (
        "text, opinion_start, opinion_end, sentiment, polarity, emotion, emotion_group, emotions, intensities, step, phase, theme, "
        "effort, churn, suggestion, reco, antireco, irritant, irritant_id, evidence_rank, is_duplicate"
    )
    rows = select(feed, f"SELECT opinion_id, {names} FROM fact_opinion WHERE batch = '2026-03' AND verbatim_id IN ('v1', 'v7')")
    no_flags = (False,) * 5
    late = ("Livraison en retard.", 0, 20, -2, "negative", "colere", "colere", ["colere", "frustration"], [2, 1], "livraison", "pendant", "livraison")
    seller = ("Vendeuse charmante.", 21, 40, 1, "positive", "gratitude", "joie", ["gratitude"], [1], "achat", "pendant", "relation")
    fact: tuple[object, ...] = ("Commande du lundi.", 0, 18, None, None, None, None, [], [], "general", None, None)
    assert rows == [
        ("v1-0", *late, True, False, False, False, False, True, "IRR-0001", 2, False),
        ("v1-1", *seller, *no_flags, False, None, 1, False),
        ("v7-0", *fact, *no_flags, False, None, None, False),
    ]


def test_irritants_by_month_are_those_counted_by_hand(feed: Path) -> None:
    rows = select(
        feed,
        "SELECT month, irritant_id, opinions, verbatims, share, previous_share, delta, step, phase, emotion, mean_sentiment, frustration_share, "
        "anger_share, effort_share, churn_share, round(severity, 9), rank, pareto_share FROM agg_irritant_month",
    )
    # March: 4 verbatims analysed; 75 × (0.4 × 1.25/2 + 0.3/4 + 0.15/4 + 0.15/4) = 30. April: 2 analysed; 50 × (0.4 × 1 + 0.3 × 1) = 35.
    assert rows == [
        ("2026-03", "IRR-0001", 4, 3, 0.75, None, None, "livraison", "pendant", "frustration", -1.25, 0.5, 0.25, 0.25, 0.25, 30.0, 1, 0.8),
        ("2026-03", "IRR-0002", 1, 1, 0.25, None, None, "usage", "apres", None, -1.0, 0.0, 0.0, 0.0, 0.0, 5.0, 2, 1.0),
        ("2026-04", "IRR-0002", 1, 1, 0.5, 0.25, 0.25, "usage", "apres", "degout", -2.0, 0.0, 1.0, 0.0, 0.0, 35.0, 1, 1.0),
        ("2026-04", "IRR-0001", 0, 0, 0.0, 0.75, -0.75, None, None, None, None, None, None, None, None, 0.0, 2, 1.0),
    ]


def test_a_month_of_an_irritant_tells_its_share_of_the_severity(feed: Path) -> None:
    rows = select(feed, "SELECT month, irritant_id, status, intensity, severity_pareto_share FROM agg_irritant_month")
    assert rows == [
        ("2026-03", "IRR-0001", "active", 0.625, 30 / 35),
        ("2026-03", "IRR-0002", "active", 0.5, 1.0),
        ("2026-04", "IRR-0002", "active", 1.0, 1.0),
        ("2026-04", "IRR-0001", "dormant", None, 1.0),
    ]


def test_the_words_that_prove_an_opinion_and_who_decided_are_told(feed: Path) -> None:
    rows = select(
        feed,
        "SELECT opinion_id, substring(fact_verbatim.text, evidence_start + 1, evidence_end - evidence_start), nearest_irritant_id, edit, enchantment_id, "
        "round(enchantment_score::DOUBLE, 2) FROM fact_opinion JOIN fact_verbatim USING (batch, verbatim_id) "
        "WHERE verbatim_id IN ('v2', 'v9') OR (verbatim_id = 'v1' AND batch = '2026-03') ORDER BY opinion_id",
    )
    assert rows == [
        ("v1-0", "Livraison en retard", "IRR-0001", None, None, None),
        ("v1-1", "Vendeuse charmante", None, None, "ENC-0001", 0.9),
        ("v2-0", "Colis jamais arrivé", "IRR-0001", 3, None, None),
        ("v2-1", "L'appli plante", "IRR-0002", None, None, None),
        ("v9-0", "L'appli plante, c'est répugnant", "IRR-0002", None, None, None),
        ("v9-1", None, "IRR-0002", None, None, None),
    ]


def test_severity_follows_its_weights(batches: tuple[BatchFiles, ...], catalogue: pa.Table, taxonomy: Taxonomy, tmp_path: Path) -> None:
    build(batches, catalogue, taxonomy, tmp_path / "feed", settings=FeedSettings(severity=SeverityWeights(intensity=0, anger=0, effort=0, churn=1)))
    assert select(tmp_path / "feed", "SELECT severity FROM agg_irritant_month WHERE month = '2026-03'") == [(18.75,), (0.0,)]


def test_dimensions_and_quality(feed: Path) -> None:
    assert select(feed, "SELECT irritant_id, phase, first_seen, last_seen, terms FROM dim_irritant") == [
        ("IRR-0001", "pendant", "2026-03", "2026-03", ["retard"]),
        ("IRR-0002", "pendant", "2026-03", "2026-04", ["retard"]),
        ("IRR-0003", "pendant", None, None, ["retard"]),
        ("IRR-0009", "pendant", None, None, ["retard"]),
    ]
    assert select(feed, "SELECT * EXCLUDE definition FROM dim_emotion WHERE emotion = 'tristesse'") == [
        ("tristesse", 3, "Tristesse", "Sadness", "tristesse", "Tristesse", "Sadness", "deception", "Déception", "Disappointment")
    ]
    assert select(feed, "SELECT step, phase_fr FROM dim_step WHERE position IN (0, 10)") == [("decouverte", "Avant"), ("general", None)]
    assert select(feed, "FROM data_quality") == [
        ("2026-03", 7, 4, 1, 0, 2, 1, 1, 0, 0, 1, 7, 0, 8, 1, 3),
        ("2026-04", 4, 2, 2, 0, 0, 0, 0, 0, 0, 0, 3, 1, None, None, None),
    ]


def test_the_other_scheme_rolls_up_otherwise(batches: tuple[BatchFiles, ...], catalogue: pa.Table, taxonomy: Taxonomy, tmp_path: Path) -> None:
    build(batches, catalogue, taxonomy, tmp_path / "feed", settings=FeedSettings(scheme="cx"))
    groups = dict(select(tmp_path / "feed", "SELECT DISTINCT emotion, emotion_group FROM fact_opinion WHERE emotion IS NOT NULL"))
    assert groups == {"colere": "colere", "gratitude": "gratitude", "frustration": "frustration", "deception": "deception", "degout": "colere", "joie": "joie"}
    assert json.loads((tmp_path / "feed" / "feed.json").read_text())["scheme"] == "cx"


def test_a_rebuild_gives_the_same_bytes_in_any_order(
    feed: Path, batches: tuple[BatchFiles, ...], catalogue: pa.Table, taxonomy: Taxonomy, chosen: FeedSettings, tmp_path: Path
) -> None:
    target = tmp_path / "feed"
    for _ in range(2):
        report = build(batches[::-1], catalogue.take([2, 0, 4, 1, 3]), taxonomy, target, settings=chosen)
    assert parquet_bytes(target) == parquet_bytes(feed)
    assert (target / "feed.json").read_bytes() == (feed / "feed.json").read_bytes()
    assert report.tables == {name: pq.read_metadata(target / f"{name}.parquet").num_rows for name in TABLES}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["feed"]


def test_the_database_and_the_parquet_files_hold_the_same_rows(feed: Path) -> None:
    for name in TABLES:
        with open_feed(feed) as connection:
            assert connection.sql(f"FROM {name}").to_arrow_table().to_pylist() == pq.read_table(feed / f"{name}.parquet").to_pylist()


def test_no_batch_and_a_batch_without_rows_give_empty_tables(
    batches: tuple[BatchFiles, ...], catalogue: pa.Table, taxonomy: Taxonomy, write_texts: WriteTexts, tmp_path: Path
) -> None:
    assert build([], catalogue.slice(0, 0), taxonomy, tmp_path / "none").tables["fact_verbatim"] == 0
    build([replace(write_texts(tmp_path / "w", []), rows=())], catalogue, taxonomy, tmp_path / "empty")
    assert select(tmp_path / "empty", "FROM data_quality") == [("2026-05", *(0,) * 12, None, None, None)]


def test_an_opinion_assigned_twice_counts_once(
    feed: Path, batches: tuple[BatchFiles, ...], catalogue: pa.Table, taxonomy: Taxonomy, chosen: FeedSettings, tmp_path: Path
) -> None:
    assigned = pq.read_table(batches[0].assignments)
    pq.write_table(pa.concat_tables([assigned, assigned]), tmp_path / "twice.parquet")
    build([replace(batches[0], assignments=tmp_path / "twice.parquet"), batches[1]], catalogue, taxonomy, tmp_path / "feed", settings=chosen)
    assert parquet_bytes(tmp_path / "feed") == parquet_bytes(feed)


def test_an_opinion_tells_which_part_of_the_text_it_is_from(feed: Path) -> None:
    found = select(feed, "SELECT verbatim_id, part FROM fact_opinion WHERE batch = '2026-03' AND verbatim_id IN ('v1', 'v2') ORDER BY opinion_id")
    assert found == [("v1", None), ("v1", None), ("v2", "titre"), ("v2", "avis")]


def test_copies_are_marked_and_count_when_the_settings_say_so(batches: tuple[BatchFiles, ...], catalogue: pa.Table, taxonomy: Taxonomy, tmp_path: Path) -> None:
    copies = [
        {"verbatim_id": "v4", "duplicate_of": "v1", "of_batch": "2026-03", "kind": "near", "similarity": 0.9},
        {"verbatim_id": "v2", "duplicate_of": "gone", "of_batch": "2026-02", "kind": "exact", "similarity": 1.0},
    ]
    pq.write_table(pa.Table.from_pylist(copies, schema=DUPLICATES), tmp_path / "copies.parquet")
    march = replace(batches[0], duplicates=tmp_path / "copies.parquet")
    build([march, batches[1]], catalogue, taxonomy, tmp_path / "once")
    build([march, batches[1]], catalogue, taxonomy, tmp_path / "counted", count_copies=True)
    marks = "SELECT verbatim_id, duplicate_of, duplicate_kind, analysed FROM fact_verbatim WHERE verbatim_id IN ('v1', 'v2', 'v4') ORDER BY ALL"
    again, original, unknown = ("v1", "v1", "again", False), ("v1", None, None, True), ("v2", None, None, True)
    assert select(tmp_path / "once", marks) == [again, original, unknown, ("v4", "v1", "near", False)]
    assert select(tmp_path / "counted", marks) == [again, original, unknown, ("v4", "v1", "near", True)]
    late = "SELECT verbatims FROM agg_irritant_month WHERE month = '2026-03' AND irritant_id = 'IRR-0001'"
    assert select(tmp_path / "counted", late)[0][0] == select(tmp_path / "once", late)[0][0] + 1
    assert select(tmp_path / "once", "SELECT duplicates, near_duplicates FROM data_quality WHERE batch = '2026-03'") == [(1, 1)]


HOSTILE = [
    "👍🏽 Été e\u0301tonnant 👨‍👩‍👧 c'est cassé !",
    "='=cmd|' /C calc'!A0",
    "'); DROP TABLE fact_opinion; --",
    "<script>alert(1)</script>\t\r\n\u202ereversed",
    "long " * 2000,
    '"',
    "a\x00b",
]


def test_hostile_words_come_out_as_they_went_in(catalogue: pa.Table, taxonomy: Taxonomy, write_texts: WriteTexts, tmp_path: Path) -> None:
    build([write_texts(tmp_path / "w", [HOSTILE, HOSTILE[::-1]])], catalogue, taxonomy, tmp_path / "feed")
    texts = pq.read_table(tmp_path / "feed" / "fact_opinion.parquet", columns=["text"])["text"].to_pylist()
    assert texts == [*HOSTILE, *HOSTILE[::-1]]


@settings(max_examples=10, deadline=None)
@given(verbatims=st.lists(st.lists(st.text(), min_size=1, max_size=6), min_size=1, max_size=40))
def test_offsets_cut_any_text_as_python_does(
    catalogue: pa.Table, taxonomy: Taxonomy, write_texts: WriteTexts, tmp_path_factory: pytest.TempPathFactory, verbatims: list[list[str]]
) -> None:
    place = tmp_path_factory.mktemp("any")
    build([write_texts(place / "w", verbatims)], catalogue, taxonomy, place / "feed")
    assert [text for (text,) in select(place / "feed", "SELECT text FROM fact_opinion")] == [text for texts in verbatims for text in texts]


def test_what_does_not_fit_is_told_and_the_earlier_feed_stays(batches: tuple[BatchFiles, ...], catalogue: pa.Table, taxonomy: Taxonomy, tmp_path: Path) -> None:
    target = tmp_path / "feed"
    build(batches, catalogue, taxonomy, target)
    before = parquet_bytes(target)
    with pytest.raises(ConfigError, match="did you mean 'ekman'"):
        build(batches, catalogue, taxonomy, target, settings=FeedSettings(scheme="ekmann"))
    with pytest.raises(WorkspaceError, match="the catalogue lacks: IRR-0002"):
        build(batches, catalogue.slice(0, 1), taxonomy, target)
    with pytest.raises(ConfigError, match="columns for the flags"):
        build(batches, catalogue, taxonomy.model_copy(update={"flags": taxonomy.flags[1:]}), target)
    broken = tmp_path / "broken.parquet"
    pq.write_table(pq.read_table(batches[0].rows[0]).drop_columns(["opinion_step"]), broken)
    with pytest.raises(WorkspaceError, match=r"batch 2026-03: .*broken\.parquet lacks.*: opinion_step"):
        build([replace(batches[0], rows=(broken,))], catalogue, taxonomy, target)
    broken.write_bytes(b"not parquet")
    with pytest.raises(WorkspaceError, match="cannot be read"):
        build([replace(batches[0], assignments=broken)], catalogue, taxonomy, target)
    assert parquet_bytes(target) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.parquet", "feed"]


def test_a_full_disk_is_told_and_the_earlier_feed_stays(
    feed: Path, batches: tuple[BatchFiles, ...], catalogue: pa.Table, taxonomy: Taxonomy, chosen: FeedSettings, tmp_path: Path
) -> None:
    target = tmp_path / "feed"
    build(batches, catalogue, taxonomy, target, settings=chosen)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(WorkspaceError, match="cannot be written") as caught:
            build(batches, catalogue, taxonomy, target, settings=chosen)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "make room" in caught.value.hint
    assert parquet_bytes(target) == parquet_bytes(feed)
    assert [path.name for path in tmp_path.iterdir()] == ["feed"]
