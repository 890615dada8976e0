"""Reading labels: every form of file gives the same verbatims, and every mistake is told with its place and the nearest code."""

import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vocpipe.errors import InputError
from vocpipe.taxonomy import load_taxonomy
from vocpipe.training.annotated import read_annotated
from vocpipe.training.flat import COLUMNS
from vocpipe.training.segments import HEADS, Segment, Verbatim, labels_of

TAXONOMY = load_taxonomy()


def nested(verbatim: Verbatim) -> dict[str, Any]:
    segments = [{"text": segment.text, **labels_of(segment)} for segment in verbatim.segments]
    date = verbatim.date.isoformat() if verbatim.date else None
    return {"id": verbatim.id, "source": verbatim.source, "date": date, "company": verbatim.company, "text": verbatim.text, "segments": segments}


def flat(verbatim: Verbatim) -> list[dict[str, str]]:
    """Write a verbatim as people do in a spreadsheet."""
    rows = []
    for segment in verbatim.segments:
        cells = {
            "sentiment": "" if segment.sentiment is None else str(segment.sentiment),
            "emotions": ", ".join(f"{code}:{intensity}" for code, intensity in segment.emotions.items()),
            "step": segment.step or "",
            "theme": segment.theme or "",
            "flags": ",".join(segment.flags),
            "irritant": segment.irritant or "",
        }
        cells = {head: cell if head in segment.judged else "?" for head, cell in cells.items()}
        date = verbatim.date.isoformat() if verbatim.date else ""
        rows.append(
            {
                "id": verbatim.id,
                "source": verbatim.source,
                "date": date,
                "company": verbatim.company or "",
                "text": verbatim.text,
                "segment": segment.text,
                **cells,
            }
        )
    return rows


def write_csv(place: Path, rows: list[dict[str, str]], delimiter: str = ",", encoding: str = "utf-8", columns: tuple[str, ...] = COLUMNS) -> Path:
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, columns, delimiter=delimiter)
    table.writeheader()
    table.writerows(rows)
    place.write_bytes(text.getvalue().encode(encoding))
    return place


def write_lines(place: Path, records: list[dict[str, Any]]) -> Path:
    place.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records), encoding="utf-8")
    return place


CHARACTERS = st.one_of(st.characters(exclude_categories=["Cc", "Cs"]), st.sampled_from('\n";,\té’'))
WORDS = st.text(CHARACTERS, min_size=1, max_size=40).filter(str.strip)
NAMES = WORDS.map(str.strip).filter(lambda name: name not in ("", "-", "?"))


@st.composite
def segments(draw: st.DrawFn) -> Segment:
    judged = draw(st.frozensets(st.sampled_from(HEADS)))
    told: dict[str, Any] = {
        "sentiment": draw(st.sampled_from([None, -2, -1, 0, 1, 2])),
        "emotions": draw(st.dictionaries(st.sampled_from(TAXONOMY.emotion_codes), st.integers(1, 2))),
        "step": draw(st.sampled_from(TAXONOMY.step_codes)),
        "theme": draw(st.sampled_from([None, *TAXONOMY.theme_codes])),
        "flags": tuple(draw(st.lists(st.sampled_from(TAXONOMY.flag_codes), unique=True))),
        "irritant": draw(st.none() | NAMES),
    }
    nothing: dict[str, Any] = {"sentiment": None, "emotions": {}, "step": None, "theme": None, "flags": (), "irritant": None}
    return Segment(draw(WORDS), **{head: told[head] if head in judged else nothing[head] for head in HEADS}, judged=judged)


VERBATIMS = st.lists(
    st.builds(
        Verbatim,
        NAMES,
        NAMES,
        WORDS,
        st.lists(segments(), min_size=1, max_size=3).map(tuple),
        st.none() | st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31)),
        st.none() | NAMES,
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda verbatim: verbatim.id,
)


@settings(deadline=None, max_examples=60)
@given(VERBATIMS, st.sampled_from([",", ";", "\t"]))
def test_a_flat_csv_gives_back_the_verbatims(tmp_path_factory: pytest.TempPathFactory, verbatims: list[Verbatim], delimiter: str) -> None:
    place = tmp_path_factory.mktemp("flat") / "labels.csv"
    rows = [(number, row) for verbatim in verbatims for number, row in enumerate(flat(verbatim))]
    assert read_annotated(write_csv(place, [row for _, row in rows], delimiter), TAXONOMY) == verbatims
    apart = [row for _, row in sorted(rows, key=lambda pair: pair[0])]  # first segments first
    assert read_annotated(write_csv(place, apart, delimiter), TAXONOMY) == verbatims


@settings(deadline=None, max_examples=60)
@given(VERBATIMS)
def test_json_lines_give_back_the_verbatims(tmp_path_factory: pytest.TempPathFactory, verbatims: list[Verbatim]) -> None:
    place = tmp_path_factory.mktemp("nested") / "labels.jsonl"
    assert read_annotated(write_lines(place, [nested(verbatim) for verbatim in verbatims]), TAXONOMY) == verbatims


ONE = Verbatim(
    "V1",
    "enquête",
    "Accueil charmant mais la table est arrivée rayée.",
    (
        Segment("Accueil charmant", 1, {"joie": 1}, "achat", "relation", (), None),
        Segment("mais la table est arrivée rayée.", -1, {"colere": 2, "deception": 1}, "livraison", "livraison", ("effort", "churn"), "produit endommagé"),
    ),
    dt.date(2026, 3, 31),
    "Meubles Dupin",
)
TWO = Verbatim("V2", "enquête", "Rien à dire", (Segment("Rien à dire", None, {}, "general", None, (), None),))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_a_csv_may_have_any_encoding(tmp_path: Path, encoding: str) -> None:
    place = write_csv(tmp_path / "labels.csv", flat(ONE) + flat(TWO), ";", encoding)
    assert read_annotated(place, TAXONOMY) == [ONE, TWO]


def test_a_workbook_with_numbers_and_dates(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(COLUMNS))
    for row in flat(ONE) + flat(TWO):
        number = int(row["sentiment"]) if row["sentiment"] else None
        sheet.append([ONE.date if name == "date" and row["date"] else number if name == "sentiment" else row[name] or None for name in COLUMNS])
    book.save(tmp_path / "labels.xlsx")
    assert read_annotated(tmp_path / "labels.xlsx", TAXONOMY) == [ONE, TWO]


EMOTIONS = {
    "list": (pa.list_(pa.struct({"code": pa.string(), "intensity": pa.int8()})), lambda emotions: [{"code": c, "intensity": i} for c, i in emotions.items()]),
    "map": (pa.map_(pa.string(), pa.int8()), lambda emotions: list(emotions.items())),
    "json": (pa.string(), json.dumps),
    "struct": (pa.struct({"joie": pa.int8(), "colere": pa.int8(), "deception": pa.int8()}), dict),
}


@pytest.mark.parametrize("form", EMOTIONS)
def test_parquet_may_hold_emotions_in_several_forms(tmp_path: Path, form: str) -> None:
    kind, written = EMOTIONS[form]
    labels = {"sentiment": pa.int8(), "emotions": kind, "step": pa.string(), "theme": pa.string(), "flags": pa.list_(pa.string()), "irritant": pa.string()}
    segment = pa.struct({"text": pa.string(), **labels})
    schema = pa.schema({**dict.fromkeys(("id", "source", "text", "company"), pa.string()), "date": pa.date32(), "segments": pa.list_(segment)})
    rows = [{**nested(verbatim), "date": verbatim.date} for verbatim in (ONE, TWO)]
    for row in rows:
        row["segments"] = [{**each, "emotions": written(each["emotions"])} for each in row["segments"]]
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), tmp_path / "labels.parquet")
    assert read_annotated(tmp_path / "labels.parquet", TAXONOMY) == [ONE, TWO]


def test_flat_parquet(tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(flat(ONE) + flat(TWO)), tmp_path / "labels.parquet")
    assert read_annotated(tmp_path / "labels.parquet", TAXONOMY) == [ONE, TWO]


@pytest.mark.parametrize("saved", [True, False])
def test_a_dataset_in_a_folder(tmp_path: Path, saved: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.chdir(tmp_path)
    if saved:
        datasets.DatasetDict({"labels": datasets.Dataset.from_list([nested(ONE), nested(TWO)])}).save_to_disk("set")
    else:
        (tmp_path / "set").mkdir()
        write_lines(tmp_path / "set" / "train.jsonl", [nested(ONE), nested(TWO)])
    assert read_annotated("datasets:./set", TAXONOMY) == [ONE, TWO]
    with pytest.raises(InputError, match="has no split 'trian'"):
        read_annotated("datasets:./set:trian", TAXONOMY)
    with pytest.raises(InputError, match="no such folder"):
        read_annotated("datasets:./sets", TAXONOMY)


def test_a_table_of_texts_and_some_labels(tmp_path: Path) -> None:
    place = tmp_path / "labels.csv"
    place.write_text("Verbatim;Sentiment;Thème\nTrès déçu du prix;-1;prix\nBonjour;;\nBonjour;?;?\n", encoding="utf-8")
    one, two, three = read_annotated(place, TAXONOMY)
    assert one.segments == (Segment("Très déçu du prix", -1, {}, None, "prix", (), None, frozenset({"sentiment", "theme"})),)
    assert two.segments[0].judged == {"sentiment", "theme"}
    assert three.segments[0].judged == frozenset()
    assert two.id != three.id
    reordered = tmp_path / "reordered.csv"
    reordered.write_text("text,theme,sentiment\nBonjour,,\nTrès déçu du prix,prix,-1\n", encoding="utf-8")
    assert {verbatim.id for verbatim in read_annotated(reordered, TAXONOMY)} == {one.id, two.id}


def test_what_the_first_row_told_need_not_be_told_again(tmp_path: Path) -> None:
    first, second = flat(ONE)
    short = {name: "" if name in ("source", "date", "company", "text") else cell for name, cell in second.items()}
    assert read_annotated(write_csv(tmp_path / "labels.csv", [first, short]), TAXONOMY) == [ONE]
    unnamed = [{**row, "id": ""} for row in flat(ONE) + flat(TWO)]
    found = read_annotated(write_csv(tmp_path / "labels.csv", unnamed), TAXONOMY)
    assert [verbatim.segments for verbatim in found] == [ONE.segments, TWO.segments]


def test_heads_may_be_left_out(tmp_path: Path) -> None:
    step = {"text": "Rien à dire", "step": "achat"}
    named = {"text": "Rien à dire", "step": "achat", "theme": "prix", "flags": None, "judged": ["theme"]}
    place = write_lines(tmp_path / "labels.jsonl", [{"id": "a", "text": "Rien à dire", "segments": [step, named]}])
    first, second = read_annotated(place, TAXONOMY)[0].segments
    assert (first.step, first.judged) == ("achat", {"step"})
    assert (second.step, second.theme, second.judged) == (None, "prix", {"theme"})


def changed(**labels: Any) -> dict[str, Any]:
    record = nested(ONE)
    return {**record, "segments": [{**record["segments"][0], **labels}]}


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (changed(step="achats"), "line 2: .*unknown step 'achats': did you mean 'achat'"),
        (changed(theme="pris"), "line 2: .*unknown theme 'pris': did you mean 'prix'"),
        (changed(emotions={"colère": 1}), "line 2: .*unknown emotion 'colère': did you mean 'colere'"),
        (changed(emotions={"colere": 3}), "line 2: .*intensity '3' of colere is not 1 or 2"),
        (changed(flags=["churns"]), "line 2: .*unknown flag 'churns': did you mean 'churn'"),
        (changed(sentiment=3), "line 2: .*sentiment '3' is not null or -2…2"),
        (changed(judged=["themes"]), "line 2: .*unknown head 'themes': did you mean 'theme'"),
        ({"id": "V1", "text": "x", "segments": [{"text": "x", "sentimnt": 1}]}, "line 2: .*'sentimnt' of a segment: did you mean 'sentiment'"),
        ({**nested(ONE), "date": "31/02/2026"}, "line 2: .*date '31/02/2026': impossible day"),
        (nested(TWO), "line 2: .*the id 'V2' is given twice"),
        ({"id": "V3", "text": "x"}, "line 2: .*'segments' is missing"),
        ({**nested(ONE), "segments": [{"sentiment": 1}]}, "line 2: .*'text' is missing"),
    ],
)
def test_mistakes_in_json_lines(tmp_path: Path, record: dict[str, Any], message: str) -> None:
    place = write_lines(tmp_path / "labels.jsonl", [nested(TWO), record])
    with pytest.raises(InputError, match=message):
        read_annotated(place, TAXONOMY)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("id,text,step\na,Bien,achat\na,Bien,achat\n", "line 3: the id 'a' is given twice"),
        ("id,text,segment,step\na,Bien,Bien,achat\na,Mal,Mal,achat\n", "line 3: its text is not that of the first row of 'a'"),
        ("id,text,emotions\na,Bien,colere:1;peurs\n", "line 2: unknown emotion 'peurs': did you mean 'peur'"),
        ("id,text,emotions\na,Bien,colere 2 !\n", "line 2: 'colere 2 !' is not an emotion with its intensity"),
        ("id,text,step\na,Bien,achat\nb,,achat\n", "line 3: no text"),
        ("id,text,sentimnt\na,Bien,1\n", "unknown column 'sentimnt'\ndid you mean 'sentiment'"),
        ("id,text,note\na,Bien,1\n", "no column of labels"),
        ("id,phrase,theme\na,Bien,prix\n", "no column `text`"),
        ("id,text,step\na,Bien,achat\nb,oui, mais,achat\n", "line 3: 4 fields where the header has 3"),
        ("id,text,step\n", "holds no verbatim"),
    ],
)
def test_mistakes_in_tables(tmp_path: Path, table: str, message: str) -> None:
    place = tmp_path / "labels.csv"
    place.write_text(table, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_annotated(place, TAXONOMY)


def test_a_slipped_column_quotes_no_customer(tmp_path: Path) -> None:
    place = write_lines(tmp_path / "labels.jsonl", [changed(step="Bonjour, ici Paul Martin, je demande le retrait")])
    with pytest.raises(InputError) as caught:
        read_annotated(place, TAXONOMY)
    assert "Martin" not in str(caught.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "labels.parquet").write_bytes(b"PAR1 and nothing more")
    (tmp_path / "labels.doc").write_text("text")
    (tmp_path / "labels.jsonl").write_bytes('{"id": "é"}'.encode("cp1252"))
    for name, message in (("labels.parquet", "as Parquet"), ("labels.doc", "unknown kind"), ("labels.jsonl", "not UTF-8"), ("label.jsonl", "no such file")):
        with pytest.raises(InputError, match=message):
            read_annotated(tmp_path / name, TAXONOMY)
