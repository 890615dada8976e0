"""The corpus: each text once, none of those held out, in pieces that fit."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vocpipe.errors import InputError
from vocpipe.training.corpus import Document, load_documents, opening_key, read_documents, save_documents, text_key

LONG = "La commande passée lundi matin au magasin est arrivée jeudi avec une lampe cassée. Je suis déçu du service."


def texts_of(documents: list[Document]) -> list[str]:
    return [" ".join(document.pieces) for document in documents]


def test_keys_forgive_case_spaces_and_punctuation() -> None:
    assert text_key("Très déçu !") == text_key("TRÈS  DÉÇU") != text_key("tres decu")
    assert opening_key(LONG) == opening_key(LONG.upper().replace(" ", "\n") + " Et encore autre chose.")
    assert opening_key(LONG) != opening_key(LONG.replace("lundi", "mardi"))
    assert opening_key("Très déçu") is None


def test_each_text_once_and_none_held_out(tmp_path: Path) -> None:
    texts = ["Très déçu.", "TRÈS DÉÇU", LONG, LONG[:70], "Ravi de mon achat.", None, " "]
    pq.write_table(pa.table({"text": texts, "rating": ["1", "5", "2.0", "9", None, "3", "4"]}), tmp_path / "reviews.parquet")
    (tmp_path / "posts.jsonl").write_text('{"text": "Merci beaucoup."}\n', encoding="utf8")
    paths = [tmp_path / "reviews.parquet", tmp_path / "posts.jsonl"]
    found = list(read_documents(paths))
    assert [(document.stars, document.source) for document in found] == [(1, "reviews"), (2, "reviews"), (None, "reviews"), (None, "reviews"), (None, "posts")]
    skip = frozenset({text_key("très déçu"), opening_key(LONG) or ""})
    assert texts_of(list(read_documents(paths, skip=skip))) == texts_of(found)[3:]
    with pytest.raises(InputError, match="unknown kind of training text"):
        list(read_documents([tmp_path / "reviews.csv"]))


def test_a_long_text_is_cut_between_opinions(tmp_path: Path) -> None:
    pq.write_table(pa.table({"text": [f"{LONG} Fin."]}), tmp_path / "reviews.parquet")
    whole, cut = (list(read_documents([tmp_path / "reviews.parquet"], longest=longest)) for longest in (1200, 40))
    assert len(whole) == 1 < len(cut)
    assert [piece for document in cut for piece in document.pieces] == list(whole[0].pieces)


def test_documents_are_kept_as_they_are(tmp_path: Path) -> None:
    documents = [Document(("Très déçu", "😡"), 1, "reviews"), Document((), None, "posts")]
    save_documents(documents, tmp_path / "kept.parquet")
    assert load_documents(tmp_path / "kept.parquet") == documents
