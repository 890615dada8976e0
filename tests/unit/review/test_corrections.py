from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocpipe.corrections import Correction, Tally, attach, corrected, latest, read_log, stamp, words_hash, write_log
from vocpipe.errors import InputError
from vocpipe.feeds.contract import TABLES
from vocpipe.schema import COLUMNS

TEXT = "Accueil charmant mais la table est arrivée rayée."
SPANS = [(0, 16), (17, 49)]


def correction(start: int, end: int, head: str, new: object, text: str = TEXT) -> Correction:
    return Correction("V1", start, end, words_hash(text[start:end]), head, None, new)


def rows(spans: list[tuple[int, int]] = SPANS, text: str = TEXT) -> pa.Table:
    count = len(spans)
    values = {
        "verbatim_id": "V1",
        "text": text,
        "opinion_start": [start for start, _ in spans],
        "opinion_end": [end for _, end in spans],
        "opinion_sentiment": [1] * count,
        "opinion_sentiment_p": [0.5] * count,
        "opinion_emotions": [["joie"]] * count,
        "opinion_intensities": [[1]] * count,
        "opinion_emotion_p": [[0.5]] * count,
        "opinion_step": ["achat"] * count,
        "opinion_step_p": [0.5] * count,
        "opinion_theme": [None] * count,
        "opinion_theme_p": [0.5] * count,
        "opinion_flags": [["effort"]] * count,
        "opinion_flag_p": [[0.5]] * count,
        "opinion_irritant": [False] * count,
        "opinion_irritant_p": [0.5] * count,
    }
    other = {**values, "verbatim_id": "V2"}
    return pa.Table.from_pylist([values, other], schema=pa.schema([COLUMNS[name].field for name in values]))


def test_only_what_differs_is_replaced_and_loses_its_probability() -> None:
    log = [
        correction(17, 49, "sentiment", -2),
        correction(17, 49, "emotions", {"peur": 1, "colere": 2}),
        correction(17, 49, "irritant", "produit endommagé"),
        correction(17, 49, "flags", ["effort"]),
        correction(17, 49, "step", "achat"),
        correction(0, 16, "theme", None),
    ]
    found, marks, tally = corrected(rows(), latest(log))
    assert marks == [("V1", 1, ("sentiment", "emotions", "irritant"))]
    assert tally == Tally(applied=6)
    first, second = found.to_pylist()
    assert first["opinion_sentiment"] == [1, -2]
    assert first["opinion_sentiment_p"] == [0.5, None]
    assert (first["opinion_emotions"][1], first["opinion_intensities"][1], first["opinion_emotion_p"][1]) == (["colere", "peur"], [2, 1], None)
    assert first["opinion_irritant"] == [False, True]
    assert (first["opinion_flag_p"], first["opinion_step_p"]) == ([[0.5], [0.5]], [0.5, 0.5])
    assert second == rows().to_pylist()[1]
    assert found.schema == rows().schema


def test_the_last_word_counts() -> None:
    log = latest([correction(0, 16, "sentiment", -2), correction(0, 16, "sentiment", 0)])
    assert corrected(rows(), log)[0]["opinion_sentiment"][0].as_py() == [0, 1]


def test_an_opinion_cut_otherwise_takes_what_overlaps_most() -> None:
    log = latest([correction(0, 16, "sentiment", 2), correction(17, 49, "sentiment", -2)])
    found, _, tally = corrected(rows([(0, 49)]), log)
    assert found["opinion_sentiment"][0].as_py() == [-2]
    assert tally == Tally(applied=1, moved=1)
    found, _, tally = corrected(rows([(0, 21), (22, 49)]), log)
    assert found["opinion_sentiment"][0].as_py() == [2, -2]
    assert tally == Tally(applied=2, moved=2)


def test_words_that_moved_are_found_and_words_that_went_are_counted() -> None:
    log = latest([correction(0, 16, "sentiment", 2), correction(17, 49, "sentiment", -2)])
    text = "Bonjour. Accueil charmant mais tout est arrivé rayé."
    found, _, tally = corrected(rows([(0, 8), (9, 25), (26, 52)], text), log)
    assert found["opinion_sentiment"][0].as_py() == [1, 2, 1]
    assert tally == Tally(applied=1, moved=1, not_applicable=1)


@given(st.lists(st.tuples(st.integers(0, 48), st.integers(1, 49)).filter(lambda span: span[0] < span[1]), max_size=8))
def test_no_correction_is_lost_in_silence(spans: list[tuple[int, int]]) -> None:
    log = [correction(start, end, "sentiment", place) for place, (start, end) in enumerate(spans)]
    found, lost = attach(TEXT, SPANS, log)
    assert set(found) <= {0, 1}
    assert all(min(each.end, 49) - max(each.start, 17) <= 0 and min(each.end, 16) - each.start <= 0 for each in lost)


def test_a_log_comes_back_and_its_stamp_tells_what_it_says(tmp_path: Path) -> None:
    log = [correction(0, 16, "emotions", {"joie": 2}), correction(17, 49, "irritant", True)]
    write_log(log, tmp_path / "log.jsonl")
    assert read_log(tmp_path / "log.jsonl") == log
    assert stamp(latest(log), ["V2"]) == "" != stamp(latest(log), ["V1"])
    assert stamp(latest([replace(each, author="ana", date="2026-03-01") for each in log]), ["V1"]) == stamp(latest(log), ["V1"])
    (tmp_path / "log.jsonl").write_text('{"head": "humour"}\n', encoding="utf-8")
    with pytest.raises(InputError, match="line 1"):
        read_log(tmp_path / "log.jsonl")


def test_the_feed_tells_who_decided() -> None:
    columns = {column.name: column for column in TABLES["fact_opinion"].columns}
    assert not columns["corrected"].null
    assert all(columns[f"{head}_p"].null for head in ("sentiment", "step", "theme", "irritant"))
