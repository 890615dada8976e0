"""CSV: whatever the encoding, the delimiter and the damage, rows come in or go to quarantine with a reason."""

import csv
import gc
import io
import tracemalloc
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vocpipe.errors import ConfigError, InputError
from vocpipe.french.redaction import redact
from vocpipe.schema import CANONICAL, arrow_schema
from vocpipe.sources import Ingestion, SourceConfig, ingest

SOURCE = SourceConfig(name="essai")
HEADER = ["Identifiant", "Date de dépôt", "Société", "Note /5", "Commentaire"]
ROWS = [
    ["A1", "12/03/2021", "Café Élan", "4", 'Très bien reçu ; "parfait", à l’heure | merci\nDeuxième ligne à 10 €'],
    ["A2", "13/03/2021", "Café Élan", "1", "Déçu : l'hôtesse n'a rien trouvé, où êtes-vous ?"],
    ["A3", "14/03/2021", "Café Élan", "", "Ça va… sans plus"],
]


def write(path: Path, rows: list[list[str]], delimiter: str = ";", encoding: str = "utf-8", line_end: str = "\r\n") -> Path:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    path.write_bytes(buffer.getvalue().encode(encoding, "replace"))
    return path


def read(*paths: Path, source: SourceConfig = SOURCE) -> tuple[list[dict[str, Any]], Ingestion]:
    ingestion = ingest(paths, source)
    rows = [row for batch in ingestion for row in batch.to_pylist()]
    report = ingestion.report
    assert report.read == report.kept + report.quarantined
    assert report.kept == len(rows) == len({row["verbatim_id"] for row in rows})
    assert report.quarantined == ingestion.quarantine().num_rows
    return rows, ingestion


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_encoding_and_delimiter_are_found(tmp_path: Path, encoding: str, delimiter: str, line_end: str) -> None:
    path = write(tmp_path / "export.csv", [HEADER, *ROWS], delimiter, encoding, line_end)
    rows, ingestion = read(path)
    assert [row["text"] for row in rows] == [row[-1] for row in ROWS]
    assert [row["company"] for row in rows] == ["Café Élan"] * 3
    assert [row["stars"] for row in rows] == [4, 1, None]
    assert ingestion.report.files[0].encoding == encoding
    assert ingestion.report.files[0].delimiter == ("tab" if delimiter == "\t" else delimiter)
    assert ingestion.report.problems == {}


def test_latin_1_and_dos_files_give_french_letters(tmp_path: Path) -> None:
    rows = [["Commentaire", "Date"], ["Très déçu, où êtes-vous ? à côté", "2021-03-01"]]
    for encoding in ("latin-1", "cp850"):
        assert read(write(tmp_path / "e.csv", rows, encoding=encoding))[0][0]["text"] == rows[1][0]


def test_schema_is_the_contract(tmp_path: Path) -> None:
    batches = list(ingest([write(tmp_path / "e.csv", [HEADER, *ROWS])], SOURCE, batch_rows=2))
    assert [batch.num_rows for batch in batches] == [2, 1]
    assert all(batch.schema.equals(arrow_schema(CANONICAL)) for batch in batches)
    assert pa.Table.from_batches(batches).num_rows == 3


def test_a_single_accent_at_the_very_end(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_bytes("Id;Commentaire\nA1;un peu gêné".replace("ê", "e").encode("cp1252"))
    rows, ingestion = read(path)
    assert (rows[0]["text"], ingestion.report.files[0].encoding, ingestion.report.problems) == ("un peu gené", "cp1252", {})


def test_lines_of_another_encoding_are_repaired_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "mixed.csv"
    lines = [b"Date;Commentaire", "2021-03-01;Colis abîmé".encode(), "2021-03-02;Réponse tardive".encode("cp1252"), b"2021-03-03;\x81 ok"]
    path.write_bytes(b"\n".join(lines))
    rows, ingestion = read(path)
    assert [row["text"] for row in rows] == ["Colis abîmé", "Réponse tardive", "\x81 ok"]
    assert ingestion.report.problems == {"encoding: mixed, line repaired": 2}


def test_nul_bytes_are_removed_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "nul.csv"
    path.write_bytes(b'Date;Commentaire\n2021-03-01;"Col\0is"\0;\n2021-03-02;ok\n')
    rows, ingestion = read(path)
    assert [row["text"] for row in rows] == ["Colis", "ok"]
    assert ingestion.report.problems == {"NUL bytes: removed from line": 1}


def test_a_huge_cell_goes_to_quarantine_and_the_limit_of_csv_is_put_back(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    huge = "jean.dupont@exemple.fr " + "é" * 5_000_000
    rows, ingestion = read(write(tmp_path / "huge.csv", [HEADER, ROWS[0], ["A9", "", "", "", huge], ROWS[1]]))
    assert [row["source_id"] for row in rows] == ["A1", "A2"]
    (bad,) = ingestion.quarantine().to_pylist()
    assert bad["file"] == "huge.csv"
    assert bad["row"] == 4
    assert bad["reason"] == f"Commentaire: {len(huge)} characters, more than 20000"
    assert bad["content"].startswith("[EMAIL] é")
    assert len(bad["content"]) == 500
    assert csv.field_size_limit() == before


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    peaks = []
    for rows in (100, 1_000):
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, delimiter=";").writerows([["Id", "Commentaire"], *([f"A{number}", f"{number} " + "été" * 3_000] for number in range(rows))])
        gc.collect()
        tracemalloc.start()
        for batch in ingest([path], SOURCE, batch_rows=50):
            del batch
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert path.stat().st_size > 10_000_000
    assert peaks[1] - peaks[0] < 4_000_000


def test_rows_with_the_wrong_number_of_fields_go_to_quarantine(tmp_path: Path) -> None:
    path = tmp_path / "fields.csv"
    path.write_text("Id;Commentaire;Magasin\nA1;bien;Nord;;\nA2;trop;Sud;encore;06 12 34 56 78\nA3\nA4;court\n\n;;\n", encoding="utf-8")
    rows, ingestion = read(path)
    assert [(row["source_id"], row["text"], row["product"]) for row in rows] == [("A1", "bien", "Nord"), ("A4", "court", None)]
    assert ingestion.quarantine().to_pylist() == [
        {"file": "fields.csv", "row": 3, "reason": "5 fields where the header has 3", "content": "A2;trop;Sud;encore;[TELEPHONE]"},
        {"file": "fields.csv", "row": 4, "reason": "1 field(s): the row ends before the column 'Commentaire'", "content": "A3"},
    ]
    assert ingestion.report.redactions == {"phone": 1}


@pytest.mark.parametrize("bad", ['A2;2021-03-02;"jamais refermé', 'A2;"2021-03-02;jamais refermé'])
@pytest.mark.parametrize("after", [["A3;2021-03-03;troisième"], ['A3;2021-03-03;"troisième"', 'A4;2021-03-04;"deux', 'lignes"'], []])
def test_a_quote_never_closed_swallows_no_row(tmp_path: Path, bad: str, after: list[str]) -> None:
    path = tmp_path / "quote.csv"
    path.write_text("\n".join(["Id;Date;Commentaire", "A1;2021-03-01;premier", bad, *after]), encoding="utf-8")
    rows, ingestion = read(path)
    found = {row["source_id"]: row["text"] for row in rows}
    assert found["A1"] == "premier"
    expected = {"A3": "troisième", "A4": "deux\nlignes"}
    starts = [line[:2] for line in after if line[:1] == "A"]
    assert {name: text for name, text in found.items() if name > "A2"} == {name: expected[name] for name in starts}
    assert "A2" in found or ingestion.report.quarantined == 1


def test_sloppy_quotes_are_read_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "sloppy.csv"
    path.write_text('Id;Commentaire\nA1;il a dit "non"\nA2;"oui" mais\nA3;"sur\ndeux "lignes" ; et plus"\n', encoding="utf-8")
    assert [row["text"] for row in read(path)[0]][:2] == ['il a dit "non"', "oui mais"]


def test_a_file_of_one_column(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text('Votre commentaire\nbien, mais cher; non ?\n"deux\nlignes"\n\nfin | fin\n', encoding="utf-8")
    rows, ingestion = read(path)
    assert [row["text"] for row in rows] == ["bien, mais cher; non ?", "deux\nlignes", "fin | fin"]
    assert ingestion.report.files[0].delimiter == "none"


def test_excel_separator_line_blank_lines_and_repeated_header(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    path.write_text("sep=|\n\nId|Commentaire\nA1|un\nId|Commentaire\nA2|deux\n", encoding="utf-8")
    rows, ingestion = read(path)
    assert [row["text"] for row in rows] == ["un", "deux"]
    assert ingestion.report.problems == {"header repeated: line left out": 1}


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize(
    "above",
    [
        [["Export du 12/03/2021"]],
        [["Avis"], [], ["Période : du 1er, au 31 mars; Lyon"], ["Filtre", "web"], []],
        [["Commentaires"], [""]],
        [['Export "complet"\nsur deux lignes']],
    ],
)
def test_lines_above_the_header_are_passed_over(tmp_path: Path, above: list[list[str]], delimiter: str) -> None:
    path = write(tmp_path / "e.csv", [*above, HEADER, *ROWS, ["A9", "", "", "", "x" * 30_000]], delimiter)
    for source in (SOURCE, SourceConfig(name="essai", delimiter=delimiter)):
        rows, ingestion = read(path, source=source)
        assert [row["text"] for row in rows] == [row[-1] for row in ROWS]
        lines = path.read_text(encoding="utf-8").splitlines()
        assert ingestion.quarantine()["row"].to_pylist() == [len(lines)]


def test_lines_above_a_header_of_unknown_or_mapped_names(tmp_path: Path) -> None:
    path = write(tmp_path / "e.csv", [["Export"], ["Clef", "Quand", "Dit"], *([f"K{number}", "2021-03-01", "bien"] for number in range(9))])
    with pytest.raises(ConfigError, match="columns found: 'Clef', 'Quand', 'Dit'"):
        ingest([path], SOURCE)
    assert len(read(path, source=SourceConfig(name="essai", columns={"text": "Dit"}))[0]) == 9
    assert len(read(path, source=SourceConfig(name="essai", text_parts={"avis": "Dit"}))[0]) == 9


@pytest.mark.parametrize(
    ("content", "header"),
    [
        ("Votre commentaire\nbien, mais cher\nrien, merci\ndu retard, encore\n", "Votre commentaire"),
        ("Commentaire;\nbien;x\nmal;y\nlent;z\n", "Commentaire"),
        ("Id;Avis;;;;\nA1;bien;a;b;c;d\nA2;mal;e;f;g;h\n", "Avis"),
    ],
)
def test_a_short_header_is_no_line_above_it(tmp_path: Path, content: str, header: str) -> None:
    path = tmp_path / "e.csv"
    path.write_text(content, encoding="utf-8")
    rows, ingestion = read(path)
    assert len(rows) == content.count("\n") - 1
    assert ingestion.report.columns["text"] == header


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b" \r\n\n\t"])
def test_empty_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "vide.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"vide\.csv is empty"):
        ingest([path], SOURCE)


def test_header_only(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"entete\.csv has a header and no row"):
        ingest([write(tmp_path / "entete.csv", [HEADER])], SOURCE)


def test_unknown_columns_are_listed_with_the_lines_to_map_them(tmp_path: Path) -> None:
    path = write(tmp_path / "inconnu.csv", [["Clef", "Quand", "Comentaires du jour"], ["1", "hier", "bien"]])
    with pytest.raises(ConfigError) as caught:
        ingest([path], SOURCE)
    assert "inconnu.csv" in caught.value.message
    assert "'Clef', 'Quand', 'Comentaires du jour'" in caught.value.message
    assert 'text: "Comentaires du jour"' in caught.value.hint


def test_mapped_text_column_that_is_missing(tmp_path: Path) -> None:
    source = SourceConfig(name="essai", columns={"text": "Comentaire", "date": "Date de dépôt"})
    with pytest.raises(ConfigError, match="did you mean 'Commentaire'") as caught:
        ingest([write(tmp_path / "e.csv", [HEADER, *ROWS])], source)
    assert 'text: "Commentaire"' in caught.value.hint


def test_another_mapped_column_that_is_missing_is_reported(tmp_path: Path) -> None:
    source = SourceConfig(name="essai", columns={"text": "commentaire", "channel": "Canal"})
    rows, ingestion = read(write(tmp_path / "e.csv", [HEADER, *ROWS]), source=source)
    assert ingestion.report.problems == {"channel: no column 'Canal' in the file": 1}
    assert rows[0]["channel"] is None


def test_personal_data_in_place_of_a_header_is_not_shown(tmp_path: Path) -> None:
    path = write(tmp_path / "sans.csv", [["x", "jean@exemple.fr"], ["y", "06 12 34 56 78"]])
    with pytest.raises(ConfigError) as caught:
        ingest([path], SOURCE)
    assert "jean" not in str(caught.value)
    assert "[EMAIL]" in str(caught.value)


def test_wrong_delimiter_declared(tmp_path: Path) -> None:
    path = write(tmp_path / "e.csv", [HEADER, *ROWS], ";")
    with pytest.raises(ConfigError, match=r"declares the delimiter ',', but the file is separated by ';'"):
        ingest([path], SourceConfig(name="essai", delimiter=","))


def test_impossible_encoding_declared(tmp_path: Path) -> None:
    path = write(tmp_path / "e.csv", [HEADER, *ROWS])
    with pytest.raises(InputError, match=r"e\.csv is not encoded in utf-16"):
        ingest([path], SourceConfig(name="essai", encoding="utf-16"))


def test_wrong_encoding_declared_is_repaired(tmp_path: Path) -> None:
    path = write(tmp_path / "e.csv", [HEADER, *ROWS], encoding="cp1252")
    rows, ingestion = read(path, source=SourceConfig(name="essai", encoding="utf-8"))
    assert rows[0]["company"] == "Café Élan"
    assert ingestion.report.problems["encoding: mixed, line repaired"] > 0


def test_missing_file_names_the_nearest(tmp_path: Path) -> None:
    write(tmp_path / "mars.csv", [HEADER, *ROWS])
    with pytest.raises(InputError, match=r"did you mean 'mars\.csv'"):
        ingest([tmp_path / "mar.csv"], SOURCE)


def test_binary_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "photo.csv"
    path.write_bytes(bytes(range(7)) * 1000)
    with pytest.raises(InputError, match="not a text file"):
        ingest([path], SOURCE)


# A comma of the text may look like a delimiter when every row has one: the delimiter is declared, as the source of a real export would.
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(
    texts=st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80), min_size=1, max_size=8),
    delimiter=st.sampled_from([";", ",", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    above=st.sampled_from([[], [["Export du 12/03/2021"], []]]),
)
def test_any_text_comes_back(tmp_path: Path, texts: list[str], delimiter: str, encoding: str, above: list[list[str]]) -> None:
    table = [*above, ["Id", "Commentaire", "Canal"], *([f"A{number}", text, "web"] for number, text in enumerate(texts))]
    path = write(tmp_path / "e.csv", table, delimiter, encoding)
    rows, ingestion = read(path, source=SourceConfig(name="essai", delimiter=delimiter))
    assert [row["text"] for row in rows] == [redact(text.strip().replace("\r\n", "\n").replace("\r", "\n"))[0] for text in texts]
    assert ingestion.report.empty == sum(not row["text"] for row in rows)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(body=st.binary(max_size=300))
def test_any_bytes_are_read_or_set_aside(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "e.csv"
    path.write_bytes(b"Id;Commentaire\nA1;bien\n" + body)
    rows, _ = read(path, source=SourceConfig(name="essai", delimiter=";", encoding="utf-8", format="csv"))
    assert rows[0]["text"].startswith("bien") if rows else True
