"""Label packs: labels travel without the texts, and find them again."""

import json
import logging
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocpipe.errors import InputError
from vocpipe.taxonomy import load_taxonomy
from vocpipe.training.corpus import text_key
from vocpipe.training.labels import Labelled, read_pack, write_pack
from vocpipe.training.segments import Segment, Verbatim

TAXONOMY = load_taxonomy()
FILES = ("reviews/shop.parquet", "posts/mobile.parquet")


def write_texts(data: Path, file: str, texts: list[str]) -> None:
    (data / file).parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"text": [*texts, None, "un autre texte"]}), data / file)


def labelled(text: str, file: str, start: int, end: int) -> Labelled:
    negative = Segment(text[start:end], -1, {"colere": 2}, "usage", "produit", ("effort",), "produit cassé")
    step_only = Segment(text[start:], None, {}, "achat", None, (), None, frozenset({"step"}))
    return Labelled(file, text, [(start, end, negative), (start, len(text), step_only)])


@st.composite
def packs(draw: st.DrawFn) -> list[Labelled]:
    texts = draw(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60), min_size=1, max_size=6, unique_by=text_key))
    ends = [draw(st.integers(1, len(text))) for text in texts]
    return [labelled(text, draw(st.sampled_from(FILES)), draw(st.integers(0, end - 1)), end) for text, end in zip(texts, ends, strict=True)]


@settings(deadline=None, max_examples=50)
@given(packs())
def test_a_pack_holds_no_text_and_finds_it_again(tmp_path_factory: pytest.TempPathFactory, given_labels: list[Labelled]) -> None:
    folder = tmp_path_factory.mktemp("pack")
    for file in FILES:
        write_texts(folder, file, [each.text for each in given_labels if each.file == file])
    assert write_pack(folder / "pack.jsonl", given_labels, "lecture assistée") == len(given_labels)
    written = (folder / "pack.jsonl").read_bytes()
    expected = {
        text_key(each.text): Verbatim(f"L-{text_key(each.text)[:12]}", Path(each.file).stem, each.text, tuple(segment for _, _, segment in each.segments))
        for each in given_labels
    }
    assert read_pack(folder / "pack.jsonl", folder, TAXONOMY) == [expected[key] for key in sorted(expected)]
    write_pack(folder / "pack.jsonl", given_labels[::-1], "lecture assistée")
    assert (folder / "pack.jsonl").read_bytes() == written


TEXT = "La lampe du salon est cassée depuis jeudi."


def test_nothing_of_the_text_is_written(tmp_path: Path) -> None:
    write_pack(tmp_path / "pack.jsonl", [labelled(TEXT, FILES[0], 0, 20)], "lecture assistée")
    record = json.loads((tmp_path / "pack.jsonl").read_text(encoding="utf-8"))
    assert set(record) == {"key", "file", "length", "origin", "segments"}
    assert "lampe" not in json.dumps(record, ensure_ascii=False)
    assert record["segments"][1] == {"start": 0, "end": len(TEXT), "step": "achat"}


def test_a_few_texts_may_be_missing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    texts = [f"{TEXT} Ticket {number}" for number in range(100)]
    write_texts(tmp_path, FILES[0], texts[1:])
    write_pack(tmp_path / "pack.jsonl", [labelled(text, FILES[0], 0, 20) for text in texts])
    with caplog.at_level(logging.WARNING, "vocpipe"):
        assert len(read_pack(tmp_path / "pack.jsonl", tmp_path, TAXONOMY)) == 99
    assert "1 of 100 texts are not in the files" in caplog.text
    write_texts(tmp_path, FILES[0], [*texts[2:], texts[0] + "…", texts[1] + "…"])
    with pytest.raises(InputError, match="2 of 100 texts are not in the files"):
        read_pack(tmp_path / "pack.jsonl", tmp_path, TAXONOMY)


def test_mistakes_in_packs(tmp_path: Path) -> None:
    place = tmp_path / "pack.jsonl"
    with pytest.raises(InputError, match="two texts of the pack"):
        write_pack(place, [labelled(TEXT, FILES[0], 0, 20), labelled(TEXT.upper(), FILES[0], 0, 20)])
    with pytest.raises(InputError, match="lies outside the text of 42 characters"):
        write_pack(place, [Labelled(FILES[0], TEXT, [(30, 50, labelled(TEXT, FILES[0], 0, 5).segments[0][2])])])
    assert not place.exists()
    with pytest.raises(InputError, match="no label pack"):
        read_pack(place, tmp_path, TAXONOMY)
    write_pack(place, [labelled(TEXT, FILES[0], 0, 20)])
    with pytest.raises(InputError, match=r"needs .*shop.parquet"):
        read_pack(place, tmp_path, TAXONOMY)
    write_texts(tmp_path, FILES[0], [TEXT])
    whole = place.read_text(encoding="utf-8")
    for before, after, message in (("usage", "usages", "line 1: unknown step 'usages': did you mean 'usage'"), ('"key"', '"clé"', "line 1: key missing")):
        place.write_text(whole.replace(before, after), encoding="utf-8")
        with pytest.raises(InputError, match=message):
            read_pack(place, tmp_path, TAXONOMY)
