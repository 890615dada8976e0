"""Rows: identifiers, duplicates, scores, redaction, attributes, and the report that counts them."""

import json
from pathlib import Path
from typing import Any

import pytest

from vocpipe.errors import InputError
from vocpipe.sources import Ingestion, SourceConfig, content_hash, ingest

LONG = "Le colis est arrivé ouvert et personne ne répond au téléphone."


def read(tmp_path: Path, text: str, *more: str, **settings: object) -> tuple[list[dict[str, Any]], Ingestion]:
    paths = []
    for number, content in enumerate((text, *more)):
        paths.append(tmp_path / f"{number}.csv")
        paths[-1].write_text(content, encoding="utf-8")
    ingestion = ingest(paths, SourceConfig.model_validate({"name": "essai", **settings}))
    return [row for batch in ingestion for row in batch.to_pylist()], ingestion


def test_identifiers_come_from_the_source_identifier_or_from_the_content(tmp_path: Path) -> None:
    first, _ = read(tmp_path, "Id;Commentaire\nA1;bien\nA2;mal\n")
    edited, _ = read(tmp_path, "Id;Commentaire\nA2;mal\nA1;bien mais cher\n")
    other, _ = read(tmp_path, "Id;Commentaire\nA1;bien\n", name="autre")
    assert edited[1]["verbatim_id"] == first[0]["verbatim_id"] != other[0]["verbatim_id"]
    assert all(len(str(row["verbatim_id"])) == 20 for row in first)
    content, _ = read(tmp_path, "Date;Commentaire\n2021-03-01;bien\n2021-03-02;bien\n2021-03-01;  BIEN \n")
    again, _ = read(tmp_path, "Commentaire;Date\nbien;2021-03-02\nbien;2021-03-01\n")
    assert len({row["verbatim_id"] for row in content}) == 3
    assert [row["verbatim_id"] for row in again] == [content[1]["verbatim_id"], content[0]["verbatim_id"]]


def test_duplicates_need_the_same_words_and_length_or_identifier(tmp_path: Path) -> None:
    rows, ingestion = read(
        tmp_path,
        f"Id;Société;Commentaire\nA1;X;{LONG}\nA2;X;{LONG.upper()}\nA3;Y;{LONG}\nA4;X;Très bien\nA5;X;Très bien\nA1;X;autre\n",
        "Id;Société;Commentaire\nA4;X;Très  bien\nA4;X;Très bien\n",
    )
    first = {row["source_id"]: row["verbatim_id"] for row in reversed(rows)}
    assert [row["duplicate_of"] for row in rows] == [None, first["A1"], None, None, None, None, first["A4"], first["A4"]]
    assert ingestion.report.duplicates == 3
    assert rows[0]["content_hash"] == rows[1]["content_hash"] == content_hash("X", LONG) != rows[2]["content_hash"]


def test_rows_do_not_depend_on_batch_size(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_text("Id;Commentaire\n" + "".join(f"A{number % 7};{LONG} {number % 5}\n" for number in range(40)), encoding="utf-8")
    tables = [[row for batch in ingest([path], SourceConfig(name="essai"), batch_rows=size) for row in batch.to_pylist()] for size in (1, 7, 1000)]
    assert tables[0] == tables[1] == tables[2]


def test_score_is_the_first_rating_on_its_declared_scale(tmp_path: Path) -> None:
    rows, ingestion = read(
        tmp_path,
        "Note;Satisfaction;NPS;CES;Commentaire\n4;1;0;7;a\n12;3;0;7;b\ncinq;;9;7;c\n;;;6;d\n;;11;9;e\n",
        scales={"ces": [7, 1]},
    )
    assert [row["score"] for row in rows] == pytest.approx([0.75, 0.5, 0.9, 1 / 6, None])
    assert ingestion.report.problems == {"ces: out of scale": 1, "nps: out of scale": 1, "stars: not a number": 1, "stars: out of scale": 1}


def test_scale_of_the_header_counts_unless_declared(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, "Note /10;Commentaire\n8;a\n")
    assert (rows[0]["stars"], rows[0]["score"]) == (8.0, pytest.approx(0.8))
    assert read(tmp_path, "Note /10;Commentaire\n8;a\n", scales={"stars": [1, 5]})[0][0]["stars"] is None


def test_broken_dates_are_null_and_counted(tmp_path: Path) -> None:
    rows, ingestion = read(tmp_path, "Date;Commentaire\n31/02/2021;a\nn/c;b\n;c\n12 mars 2021;d\n")
    assert [str(row["date"]) for row in rows] == ["None", "None", "None", "2021-03-12"]
    assert ingestion.report.problems == {"date: impossible day": 1, "date: not a date": 1}


def test_personal_data_vanishes_from_every_column(tmp_path: Path) -> None:
    secret = ["jean@exemple.fr", "06 12 34 56 78", "FR76 3000 6000 0112 3456 7890 189", "4111 1111 1111 1111"]
    columns = ["Id", "Société", "Produit", "Canal", "Titre", "Commentaire", "Adresse", "Note", "Date"]
    rows, ingestion = read(tmp_path, ";".join(columns) + "\n" + ";".join([secret[0], *(f"{name} {' '.join(secret)}" for name in columns[1:])]) + "\n")
    everything = json.dumps([rows, ingestion.report.model_dump()], default=str)
    assert not any(value in everything for value in secret)
    assert dict(rows[0]["redactions"]) == {"card": 2, "email": 2, "iban": 2, "phone": 2}
    assert rows[0]["source_id"] == "[EMAIL]"
    assert ingestion.report.redactions == {"card": 6, "email": 7, "iban": 6, "phone": 6}


def test_identifier_that_is_personal_data_identifies_no_row(tmp_path: Path) -> None:
    one, _ = read(tmp_path, "Id;Commentaire\njean@exemple.fr;bien\n")
    two, _ = read(tmp_path, "Id;Commentaire\nzoe@exemple.fr;bien\n")
    assert one == two


def test_long_numeric_identifiers_are_kept(tmp_path: Path) -> None:
    assert read(tmp_path, "Id;Commentaire\n4111111111111111;bien\n")[0][0]["source_id"] == "4111111111111111"


def test_title_is_put_before_the_text(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, "Titre;Avis\nDéçu;Colis perdu\nDéçu;\n;Colis perdu\nColis per…;Colis perdu hier\n")
    assert [row["text"] for row in rows] == ["Déçu\nColis perdu", "Déçu", "Colis perdu", "Colis perdu hier"]


def test_other_columns_become_attributes(tmp_path: Path) -> None:
    rows, ingestion = read(tmp_path, f"Commentaire;Région;Ville;Note;Ville\nbien;Nord;;3;{'x' * 600}\n")
    assert rows[0]["attributes"] == [("Région", "Nord"), ("Ville (2)", "x" * 500)]
    assert ingestion.report.attributes == ("Région", "Ville", "Ville (2)")
    assert ingestion.report.columns == {"text": "Commentaire", "stars": "Note"}


def test_constants_fill_columns_that_the_export_lacks(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, "Commentaire;Enseigne\nbien;Nord\nmal;\n", company="Constante", channel="boutique")
    assert [(row["company"], row["channel"]) for row in rows] == [("Nord", "boutique"), (None, "boutique")]
    assert read(tmp_path, "Commentaire\nbien\n", company="Constante")[0][0]["company"] == "Constante"


def test_blank_text_is_kept_and_counted(tmp_path: Path) -> None:
    rows, ingestion = read(tmp_path, "Id;Commentaire\nA1;\nA2;   \nA3;ok\n")
    assert [row["text"] for row in rows] == ["", "", "ok"]
    assert (ingestion.report.kept, ingestion.report.empty) == (3, 2)


def test_text_is_otherwise_untouched(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, 'Commentaire;x\n"  L\u2019été\u00a0!!  &amp; \U0001f600\r\n\tfin\r "; \n')
    assert rows[0]["text"] == "L\u2019été\u00a0!!  &amp; \U0001f600\n\tfin"


def test_report_counts_files_and_is_json(tmp_path: Path) -> None:
    _, ingestion = read(tmp_path, "Id;Commentaire\nA1;bien\n", "Ref,Avis\nA2,mal\nA3,mal,trop\n")
    report = json.loads(ingestion.report.model_dump_json())
    assert [(file["name"], file["rows"], file["delimiter"]) for file in report["files"]] == [("0.csv", 1, ";"), ("1.csv", 2, ",")]
    assert (report["read"], report["kept"], report["quarantined"]) == (3, 2, 1)
    assert report["columns"]["text"] == "Commentaire | Avis"


def test_one_bad_file_stops_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"1\.csv"):
        read(tmp_path, "Id;Commentaire\nA1;bien\n", "")
    with pytest.raises(InputError):
        ingest([], SourceConfig(name="essai"))


def test_an_ingestion_is_read_once(tmp_path: Path) -> None:
    _, ingestion = read(tmp_path, "Commentaire\nbien\n")
    with pytest.raises(RuntimeError):
        next(iter(ingestion))
