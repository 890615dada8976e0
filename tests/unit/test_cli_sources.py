"""vocpipe sources suggest, check, list."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from vocpipe.cli import app
from vocpipe.sources import load_source

EXPORT = [
    "N° réponse;Date;Satisfaction (1 à 5);Les +;Les -;Nom du client;Commentaire interne",
    "R1;12/03/2026;4;l'accueil était parfait, merci;trop d'attente à la caisse du magasin;Jeanne Exemple;rappeler le 06 12 34 56 78",
    "R2;31/02/2026;12;;la livraison est arrivée avec deux jours de retard;Ali Exemple;",
    "R3;hier jean@exemple.fr;5;;;Zoé Exemple;",
    "R4;13/03/2026;;le conseiller a pris le temps de tout expliquer;;;",
    "R5",
]
SOURCE = """name: magasin
columns: {source_id: N° réponse, csat: Satisfaction (1 à 5), product: Magasin}
text_parts: {plus: Les +, moins: Les -}
channel: survey
"""
SECRETS = ("Jeanne", "Ali Exemple", "06 12 34 56 78", "jean@exemple.fr")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "avis-2026-03.csv"
    path.write_text("\n".join(EXPORT) + "\n", encoding="cp1252")
    return path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "magasin.yaml"
    path.write_text(SOURCE, encoding="utf-8")
    return path


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["sources", *map(str, arguments)])


def refused(*arguments: str | Path) -> str:
    result = call(*arguments)
    assert result.exit_code == 2, (result.exit_code, result.output, result.exception)
    assert "Fix: " in result.stderr
    return str(result.stderr)


def test_suggest_prints_a_source_or_writes_it(tmp_path: Path, export: Path) -> None:
    shown = call("suggest", export, "--name", "magasin")
    assert shown.exit_code == 0, shown.output
    output = tmp_path / "new" / "magasin.yaml"
    written = call("suggest", export, "--name", "magasin", "--output", output)
    assert output.read_text(encoding="utf-8") == shown.stdout
    assert f"--source {output}" in written.stdout.replace("\n", "")
    source = load_source(output)
    assert (source.name, source.columns["source_id"]) == ("magasin", "N° réponse")
    assert not any(secret in shown.stdout for secret in SECRETS)
    assert "exists already" in refused("suggest", export, "--output", output)
    assert output.read_text(encoding="utf-8") == shown.stdout


def test_what_is_suggested_passes_the_check(tmp_path: Path, export: Path) -> None:
    output = tmp_path / "new.yaml"
    assert call("suggest", export, "--output", output).exit_code == 0
    assert "5 read" in call("check", export, "--source", output).stdout


def test_check_tells_everything_and_writes_nothing(tmp_path: Path, export: Path, source: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    shown = call("check", export, "--source", source)
    assert shown.exit_code == 0, shown.output
    for expected in (
        "avis-2026-03.csv: csv, cp1252, ;, 5 rows",
        "text (plus) <- Les +",
        "csat        <- Satisfaction (1 à 5)  (1 to 5)",
        "attributes  <- Nom du client, Commentaire interne",
        "dates       2026-03-12 to 2026-03-13 · 2 without",
        "csat        4: 1 · 5: 1",
        "parts       plus: 2 · moins: 2",
        "5 read · 4 kept · 1 to quarantine",
        "0 duplicates · 1 empty",
        "     1  date: impossible day\n          avis-2026-03.csv, row 3: 31/02/2026",
        "     1  csat: out of scale\n          avis-2026-03.csv, row 3: 12",
        "     1  product: no column 'Magasin' in the file\n          avis-2026-03.csv\n",
        "avis-2026-03.csv, row 4: hier [EMAIL]",
        "field(s): the row ends before the column 'Les +'\n          avis-2026-03.csv, row 6: R5",
    ):
        assert expected in shown.stdout
    assert not any(secret in shown.stdout for secret in SECRETS)
    assert sorted(tmp_path.rglob("*")) == before


def test_check_in_json(export: Path, source: Path) -> None:
    found = json.loads(call("check", export, "--source", source, "--json").stdout)
    assert found["report"]["kept"] == 4
    assert (found["first_day"], found["undated"], found["ratings"], found["parts"]) == ("2026-03-12", 2, {"csat": {"4": 1, "5": 1}}, {"plus": 2, "moins": 2})
    assert found["examples"]["csat: out of scale"] == [{"file": "avis-2026-03.csv", "row": 3, "value": "12"}]
    assert list(found["quarantine"].values()) == [1]
    assert not any(secret in json.dumps(found, ensure_ascii=False) for secret in SECRETS)


def test_ratings_of_many_values_are_shown_by_fifths(tmp_path: Path, source: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_text("Satisfaction /100;Commentaire\n" + "".join(f"{number};avis {number}\n" for number in range(101)), encoding="utf-8")
    found = json.loads(call("check", path, "--source", "auto", "--json").stdout)
    assert found["ratings"] == {"csat": {"0–20": 20, "20–40": 20, "40–60": 20, "60–80": 20, "80–100": 21}}
    assert found["first_day"] is None


def test_list_names_the_sources_and_what_they_are() -> None:
    shown = call("list").stdout
    assert "insurance    Monthly CSV export" in shown
    assert "auto " in shown


def test_mistakes_come_with_a_fix(tmp_path: Path, export: Path) -> None:
    assert "did you mean 'avis-2026-03.csv'" in refused("suggest", tmp_path / "avis-2026-04.csv")
    assert "did you mean 'insurance'" in refused("check", export, "--source", "insurence")
    assert "no file to read" in refused("check", "--source", "insurance")
    assert "maps text to 'Commentaire'" in refused("check", export, "--source", "insurance")
    empty = tmp_path / "vide.csv"
    empty.write_text("", encoding="utf-8")
    assert "empty" in refused("suggest", empty)
