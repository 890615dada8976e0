"""What pretraining reads: held-out verbatims and their copies never, and the same files once only."""

import itertools
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytest.importorskip("onnxruntime")

from vocpipe.errors import ConfigError
from vocpipe.taxonomy import load_taxonomy
from vocpipe.training import prepare
from vocpipe.training.annotated import read_annotated, split_by_verbatim
from vocpipe.training.corpus import Document
from vocpipe.training.prepare import CorpusPart, read_corpus

TAXONOMY = load_taxonomy()
TEXTS = [
    f"{what} {when} et {who} ne répond toujours pas malgré tous mes appels de la semaine. C'est long."
    for what, when, who in itertools.product(("Lampe cassée", "Colis perdu", "Table rayée"), ("hier", "lundi", "en mars"), ("le vendeur", "l'accueil"))
]
PARTS = (CorpusPart(files="reviews.parquet"), CorpusPart(files="posts*.parquet", share=0.5))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    label = {"sentiment": -1, "emotions": {}, "step": "usage", "theme": None, "flags": [], "irritant": None}
    records = [{"id": f"V{place}", "source": f"s{place % 2}", "text": text, "segments": [{"text": text, **label}]} for place, text in enumerate(TEXTS[:12])]
    (tmp_path / "labels.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf8")
    pq.write_table(pa.table({"text": [*TEXTS, *(f"{text} Deuxième version." for text in TEXTS)]}), tmp_path / "reviews.parquet")
    pq.write_table(pa.table({"text": [f"Message {number}." for number in range(40)]}), tmp_path / "posts.parquet")
    return tmp_path


def openings(documents: list[Document]) -> set[str]:
    return {text for text in TEXTS for document in documents if " ".join(document.pieces).startswith(text[:40])}


def test_nothing_held_out_is_read_not_even_a_copy(data: Path) -> None:
    verbatims = read_annotated(data / "labels.jsonl", TAXONOMY)
    assert openings(read_corpus(data, PARTS, None, TAXONOMY)) == set(TEXTS)
    for source in (None, "s1"):
        places = split_by_verbatim(verbatims, held_out_source=source)
        held = {verbatim.text for verbatim in verbatims if places[verbatim.id] != "train"}
        assert openings(read_corpus(data, PARTS, data / "labels.jsonl", TAXONOMY, held_out_source=source)) == set(TEXTS) - held
        assert held


def test_a_share_is_read_the_same_every_time(data: Path) -> None:
    posts = [document for document in read_corpus(data, PARTS, None, TAXONOMY) if document.source == "posts"]
    assert 10 <= len(posts) <= 30
    assert posts == read_corpus(data, PARTS[1:], None, TAXONOMY)
    with pytest.raises(ConfigError, match="no file matches"):
        read_corpus(data, [CorpusPart(files="nothing.parquet")], None, TAXONOMY)


def test_a_second_start_reads_nothing_again(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    labels, cache = data / "labels.jsonl", data / "work"
    first = read_corpus(data, PARTS, labels, TAXONOMY, cache=cache)
    assert first == read_corpus(data, PARTS, labels, TAXONOMY)
    read: list[int] = []
    again = prepare.read_documents
    monkeypatch.setattr(prepare, "read_documents", lambda *given, **named: (read.append(1), again(*given, **named))[1])
    assert read_corpus(data, PARTS, labels, TAXONOMY, cache=cache) == first
    assert not read
    # another share, another held-out source, another text: read again, and the old copy goes
    read_corpus(data, [PARTS[0]], labels, TAXONOMY, cache=cache)
    read_corpus(data, [PARTS[0]], labels, TAXONOMY, held_out_source="s0", cache=cache)
    pq.write_table(pa.table({"text": ["Encore un avis."]}), data / "reviews.parquet")
    changed = read_corpus(data, [PARTS[0]], labels, TAXONOMY, held_out_source="s0", cache=cache)
    assert [document.pieces for document in changed] == [("Encore un avis.",)]
    assert len(read) == 3
    assert len(list(cache.iterdir())) == 1


def test_a_second_start_cuts_nothing_into_tokens_again(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = read_corpus(data, PARTS, None, TAXONOMY)
    first = prepare.prepare(documents, data / "work", 150, None)
    assert len(first.stars) == len(first.windows) >= len(documents)
    assert sum(len(window.opinions) for window in first.windows) == sum(len(document.pieces) for document in documents)
    cut: list[int] = []
    again = prepare.opinion_tokens
    monkeypatch.setattr(prepare, "opinion_tokens", lambda *given: (cut.append(1), again(*given))[1])
    assert prepare.prepare(documents, data / "work", 150, None).windows == first.windows
    assert not cut
    fewer = prepare.prepare(documents[1:], data / "work", 150, None)
    assert cut
    assert len(fewer.windows) < len(first.windows)
    assert len(list((data / "work").glob("tokens-*"))) == 1
