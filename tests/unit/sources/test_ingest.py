"""Rows: identifiers, duplicates, scores, redaction, attributes, and the report that counts them."""

import json
from pathlib import Path
from typing import Any

import pytest

from vocpipe.errors import ConfigError, InputError
from vocpipe.sources import Ingestion, SourceConfig, content_hash, ingest
from vocpipe.sources.report import Example

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
    assert ingestion.report.redactions == {"address": 1, "card": 5, "email": 6, "iban": 5, "phone": 5}


def test_identifier_that_is_personal_data_identifies_no_row(tmp_path: Path) -> None:
    one, _ = read(tmp_path, "Id;Commentaire\njean@exemple.fr;bien\n")
    two, _ = read(tmp_path, "Id;Commentaire\nzoe@exemple.fr;bien\n")
    assert one == two


def test_long_numeric_identifiers_are_kept(tmp_path: Path) -> None:
    assert read(tmp_path, "Id;Commentaire\n4111111111111111;bien\n")[0][0]["source_id"] == "4111111111111111"


def test_title_is_put_before_the_text(tmp_path: Path) -> None:
    rows, _ = read(tmp_path, "Titre;Avis\nDéçu;Colis perdu\nDéçu;\n;Colis perdu\nColis per…;Colis perdu hier\n")
    assert [row["text"] for row in rows] == ["Déçu\nColis perdu", "Déçu", "Colis perdu", "Colis perdu hier"]
    assert [row["parts"] for row in rows] == [[part("title", 0, 4), part("text", 5, 16)], None, None, None]


def part(role: str, start: int, end: int) -> dict[str, object]:
    return {"role": role, "start": start, "end": end}


PARTS = {"points forts": "Les +", "points faibles": "Les -", "idée": "Vos idées"}


def test_text_parts_are_joined_in_the_order_of_the_source_with_their_roles(tmp_path: Path) -> None:
    rows, ingestion = read(
        tmp_path,
        'Les -;Titre;LES +;Vos idées;Commentaire\ncher;t;accueil;;c\n attente \n;;  ;"ouvrir\nle soir";\n;t;;;c\n',
        text_parts=PARTS,
    )
    assert [row["text"] for row in rows] == ["accueil\ncher", "attente", "ouvrir\nle soir", ""]
    assert rows[0]["parts"] == [part("points forts", 0, 7), part("points faibles", 8, 12)]
    assert rows[1]["parts"] == [part("points faibles", 0, 7)]
    assert rows[3]["parts"] is None
    assert ingestion.report.columns == {"text (points forts)": "LES +", "text (points faibles)": "Les -", "text (idée)": "Vos idées"}
    assert ingestion.report.attributes == ("Titre", "Commentaire")
    assert rows[3]["attributes"] == [("Titre", "t"), ("Commentaire", "c")]


def test_offsets_of_parts_are_exact_after_redaction(tmp_path: Path) -> None:
    rows, _ = read(
        tmp_path, "Les +;Les -\nécrit à jean@exemple.fr 😀;rappelé au 06 12 34 56 78 par zoe@exemple.fr hélas\n", text_parts={"plus": "Les +", "moins": "Les -"}
    )
    (row,) = rows
    words = {found["role"]: row["text"][found["start"] : found["end"]] for found in row["parts"]}
    assert words == {"plus": "écrit à [EMAIL] 😀", "moins": "rappelé au [TELEPHONE] par [EMAIL] hélas"}
    assert dict(row["redactions"]) == {"email": 2, "phone": 1}


def test_a_part_that_the_file_lacks_is_told(tmp_path: Path) -> None:
    rows, ingestion = read(tmp_path, "Les +\naccueil\n", text_parts=PARTS)
    assert rows[0]["parts"] == [part("points forts", 0, 7)]
    assert "text (points faibles): no column 'Les -' in the file" in ingestion.report.problems
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, "Les plus;Commentaire\na;b\n", text_parts=PARTS)
    assert "text_parts:" in caught.value.hint
    assert '"points forts": "' in caught.value.hint


def test_rows_that_end_before_every_part_go_to_quarantine(tmp_path: Path) -> None:
    rows, ingestion = read(tmp_path, "Id;Les +;Les -\nA1\nA2;bien\n", delimiter=";", text_parts={"plus": "Les +", "moins": "Les -"})
    assert [row["text"] for row in rows] == ["bien"]
    assert ingestion.quarantine()["row"].to_pylist() == [2]


def test_question_is_a_column_or_a_constant(tmp_path: Path) -> None:
    export = "N° réponse;Question posée;Commentaire\nR1;Le magasin ?;Bien\nR1;La caisse ?;Bien\nR2;;Bien\n"
    rows, ingestion = read(tmp_path, export, question="Et sinon ?")
    assert [row["question"] for row in rows] == ["Le magasin ?", "La caisse ?", None]
    assert len({row["verbatim_id"] for row in rows}) == 3
    assert ingestion.report.duplicates == 0
    again, _ = read(tmp_path, "\n".join([export.split("\n")[0], *reversed(export.strip().split("\n")[1:]), ""]))
    assert [row["verbatim_id"] for row in reversed(again)] == [row["verbatim_id"] for row in rows]
    assert read(tmp_path, "Commentaire\nBien\n", question="Pourquoi ?")[0][0]["question"] == "Pourquoi ?"
    assert read(tmp_path, "Commentaire\nBien\n")[0][0]["question"] is None


def test_ratings_on_every_scale_keep_the_original(tmp_path: Path) -> None:
    rows, ingestion = read(
        tmp_path,
        "Note;NPS;CSAT (0 à 100);Effort;Commentaire\n1;10;75;1;a\n;0;75;7;b\n;;25;1;c\n;;;1;d\n;;;4;e\n;;;7;f\n",
        scales={"ces": [7, 1], "stars": [1, 5]},
    )
    assert [(row["stars"], row["nps"], row["csat"], row["ces"]) for row in rows[:2]] == [(1, 10, 75, 1), (None, 0, 75, 7)]
    assert [row["score"] for row in rows] == pytest.approx([0, 0.75, 0.25, 1, 0.5, 0])
    assert str(rows[5]["score"]) == "0.0"
    assert ingestion.report.scales == {"stars": "1 to 5", "nps": "0 to 10", "csat": "0 to 100", "ces": "7 to 1"}
    assert ingestion.report.problems == {}


def test_ratings_in_words(tmp_path: Path) -> None:
    labels = {"csat": ["Pas du tout satisfait", "Plutôt pas satisfait", "Plutôt satisfait", "Très satisfait"]}
    export = "Satisfaction;Commentaire\nTRÈS SATISFAIT;a\nplutot satisfait;b\nbof;c\n;d\nPas du tout satisfait;e\n"
    rows, ingestion = read(tmp_path, export, labels=labels)
    assert [row["csat"] for row in rows] == [4, 3, None, None, 1]
    assert [row["score"] for row in rows] == pytest.approx([1, 2 / 3, None, None, 0])
    assert ingestion.report.problems == {"csat: unknown label": 1}
    assert ingestion.examples == {"csat: unknown label": [Example(file="0.csv", row=4, value="bof")]}
    assert [row["csat"] for row in read(tmp_path, export, labels=labels, scales={"csat": [0, 10]})[0]] == pytest.approx([10, 20 / 3, None, None, 0])


def test_moments_are_brought_to_the_time_zone_of_the_source(tmp_path: Path) -> None:
    export = "Date;Commentaire\n2021-03-31T23:30:00Z;a\n31/03/2021 23:30;b\n"
    assert [str(row["date"]) for row in read(tmp_path, export)[0]] == ["2021-03-31", "2021-03-31"]
    assert [str(row["date"]) for row in read(tmp_path, export, timezone="Europe/Paris")[0]] == ["2021-04-01", "2021-03-31"]


def test_examples_tell_where_without_personal_data(tmp_path: Path) -> None:
    lines = [f"{'jean@exemple.fr' if number == 1 else f'hier {number}'};texte {number}" for number in range(9)]
    _, ingestion = read(tmp_path, "Date;Commentaire\n" + "\n".join(lines) + "\n12/03/2021;nul\0 ici\n")
    examples = {what: [(found.file, found.row, found.value) for found in several] for what, several in ingestion.examples.items()}
    assert examples == {
        "NUL bytes: removed from line": [("0.csv", 11, "")],
        "date: not a date": [("0.csv", 2, "hier 0"), ("0.csv", 3, "[EMAIL]"), ("0.csv", 4, "hier 2")],
    }
    assert ingestion.report.problems["date: not a date"] == 9


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
    assert rows[0]["text"] == "L\u2019été\u00a0!!  & \U0001f600\n\tfin"


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


def test_long_headers_that_begin_alike_stay_apart(tmp_path: Path) -> None:
    question = "Parmi les raisons suivantes, lesquelles expliquent votre note ? "
    rows, ingestion = read(tmp_path, f"Commentaire;{question}[prix];{question}[accueil]\nbien;oui;non\n")
    assert [value for _, value in rows[0]["attributes"]] == ["oui", "non"]
    assert [name for name, _ in rows[0]["attributes"]] == list(ingestion.report.attributes) == [question[:60], f"{question[:60]} (2)"]


def test_html_entities_are_read_before_personal_data_is_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    told = "Je suis n&eacute;e le 14/07/1962 &amp; l&#39;accueil est parfait"
    path.write_text(f'Commentaire;Ville\n"{told}";"Orl&eacute;ans"\n"{told}";"trop";"de"\n', encoding="utf-8")
    ingestion = ingest([path], SourceConfig(name="essai"))
    (row,) = [row for batch in ingestion for row in batch.to_pylist()]
    assert row["text"] == "Je suis née le [NAISSANCE] & l'accueil est parfait"
    assert dict(row["attributes"]) == {"Ville": "Orléans"}
    assert ingestion.report.problems == {"HTML entities: read": 2}
    assert "14/07/1962" not in str(ingestion.quarantine().to_pylist())
