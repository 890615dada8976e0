import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from filelock import FileLock
from typer.testing import CliRunner, Result

from tests.hand_workspace import MONTHS, make
from vocpipe.cli import app
from vocpipe.curation import Signature, merge, open_desk
from vocpipe.irritants.edit_log import append
from vocpipe.irritants.edits import LOG, read_log


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["irritants", *(str(argument) for argument in arguments)])


def done(*arguments: str | Path) -> str:
    result = call(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return str(result.stdout)


def refused(*arguments: str | Path) -> str:
    result = call(*arguments)
    assert result.exit_code == 2, (result.exit_code, result.output, result.exception)
    assert "Error: " in result.stderr
    assert "Fix: " in result.stderr
    return " ".join(str(result.stderr).split())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("made") / "workspace")


@pytest.fixture
def place(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(made, "workspace")
    return Path("workspace")


def counts(place: Path) -> dict[str | None, int]:
    """Return how many opinions each irritant holds, in all batches."""
    found: dict[str | None, int] = {}
    for month in MONTHS:
        for name in pq.read_table(place / "batches" / month / "irritants.parquet")["irritant_id"].to_pylist():
            found[name] = found.get(name, 0) + 1
    return found


def state(place: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(place.rglob("*")) if path.is_file() and path.name != ".lock"}


def edit(*arguments: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(done(*arguments, "--json"))
    return found


def test_a_trial_shows_real_sentences_and_changes_nothing(place: Path) -> None:
    before = state(place)
    for arguments in (
        ("merge", "IRR-1001", "IRR-0002"),
        ("rename", "IRR-0002", "livraison tardive"),
        ("split", "IRR-0001", "--words", "appli"),
        ("split", "IRR-0001", "--into", "2"),
        ("move", "0100-1", "none"),
        ("resolve", "colis en retard"),
    ):
        shown = done(*arguments, "--dry-run")
        assert "Rien n'a été changé." in shown
        assert state(place) == before
    shown = done("merge", "IRR-1001", "IRR-0002", "--dry-run")
    assert "de IRR-1001 livreur introuvable vers IRR-0002 colis en retard" in shown
    assert shown.count("« Le livreur n'a jamais sonné") >= 3
    told = edit("merge", "IRR-1001", "IRR-0002", "--dry-run")
    assert [(change["month"], change["opinions"], change["verbatims"]) for change in told["changes"]] == [("2026-01", 6, 6), ("2026-02", 4, 4)]
    assert not told["applied"]
    assert "aucune opinion ne change d'irritant ; 10 opinions portent IRR-0002" in done("rename", "IRR-0002", "livraison tardive", "--dry-run")


def test_edits_hold_everywhere_and_can_be_undone(place: Path) -> None:
    before = counts(place)
    assert before == {"IRR-0001": 10, "IRR-0002": 10, "IRR-1001": 10, "IRR-1002": 10}
    done("merge", "IRR-1001", "IRR-0002", "--author", "camille", "--reason", "même problème, appeler le 06 12 34 56 78")
    done("rename", "IRR-0002", "colis jamais livré")
    done("resolve", "IRR-1002", "--since", "2026-02")
    assert counts(place) == {"IRR-0001": 10, "IRR-0002": 20, "IRR-1002": 10}
    names = {row["irritant_id"]: row for row in pq.read_table(place / "feed" / "dim_irritant.parquet").to_pylist()}
    assert names["IRR-0002"]["label"] == "colis jamais livré"
    assert names["IRR-1001"]["merged_into"] == "IRR-0002"
    assert names["IRR-1002"]["resolved_since"] == "2026-02"
    assert "06 12" not in (place / LOG).read_text("utf-8")
    rows = edit("history", "IRR-0002")
    assert [(row["action"], row["in_force"], row["decides"]) for row in rows] == [("merge", True, 10), ("rename", True, 0)]
    assert rows[0]["author"] == "camille"
    done("undo", "1")
    assert counts(place) == before
    assert [row["in_force"] for row in edit("history")] == [False, True, True, True]
    done("undo", "4")
    assert counts(place)["IRR-0002"] == 20
    assert "is undone already" in refused("undo", "4")
    assert "edit 4 is undone already" in refused("undo", "4")
    assert "no edit 9" in refused("undo", "9")
    done("undo")
    assert json.loads(done("show", "IRR-1002", "--json"))["facts"]["resolved_since"] is None


def test_an_edit_waits_for_its_turn_and_survives_a_kill(place: Path) -> None:
    with FileLock(place / ".lock"):
        assert "another run is writing" in refused("resolve", "IRR-1002")
    assert not (place / LOG).exists()
    done("resolve", "IRR-1002")
    done("reopen", "IRR-1002")
    assert json.loads(done("show", "IRR-1002", "--json"))["facts"]["resolved_since"] is None
    desk = open_desk(place)
    append(desk.path, merge(desk, "IRR-1001", "IRR-0002", Signature("2026-03-02")), desk.known)
    assert counts(place)["IRR-0002"] == 10
    done("rename", "frais cachés", "frais surprises")
    assert counts(place)["IRR-0002"] == 20


def test_splits_make_irritants_of_their_own(place: Path) -> None:
    told = edit("split", "IRR-0001", "--words", "appli,application", "--label", "application qui plante")
    (child,) = told["edit"]["children"]
    assert child["irritant_id"] == "IRR-1003"
    assert counts(place) == {"IRR-0001": 5, "IRR-1003": 5, "IRR-0002": 10, "IRR-1001": 10, "IRR-1002": 10}
    done("undo")
    told = edit("split", "IRR-0001", "--into", "2")
    labels = [child["label"] for child in told["edit"]["children"]]
    assert [child["irritant_id"] for child in told["edit"]["children"]] == ["IRR-1004", "IRR-1005"]
    assert len(set(labels)) == 2
    assert all(label.startswith("application mobile en panne (") for label in labels)
    assert counts(place) == {"IRR-1004": 5, "IRR-1005": 5, "IRR-0002": 10, "IRR-1001": 10, "IRR-1002": 10}
    assert "is split into IRR-1004, IRR-1005" in refused("merge", "IRR-0001", "IRR-0002")
    done("rename", "IRR-1005", "site internet fermé")
    assert "undo edit 4 first" in refused("undo", "3")
    page = json.loads(done("show", "site internet fermé", "--json"))
    assert page["facts"]["split_from"] == "IRR-0001"
    assert sum(month["opinions"] for month in page["months"]) == 5


def test_one_opinion_goes_where_a_person_puts_it(place: Path) -> None:
    quote, *_ = json.loads(done("show", "IRR-1002", "--json"))["quotes"]
    told = edit("move", quote[0], "IRR-0002")
    assert [(change["source"], change["target"], change["opinions"]) for change in told["changes"]] == [("IRR-1002", "IRR-0002", 1)]
    assert told["changes"][0]["quotes"] == [quote[2]]
    assert counts(place)["IRR-0002"] == 11
    done("move", quote[0], "none")
    assert counts(place)[None] == 1
    assert "is in no irritant already" in refused("move", quote[0], "none")
    assert "is no opinion_id" in refused("move", "abc", "IRR-0002")
    assert "is no opinion that can be moved there" in refused("move", "0100-0", "IRR-0002")


def test_mistakes_are_told_with_the_way_out(place: Path) -> None:
    assert "has no irritant 'IRR-0003'" in refused("show", "IRR-0003")
    assert "did you mean 'colis en retard'" in refused("rename", "colis en retar", "autre")
    assert "would both be called 'frais cachés'" in refused("rename", "IRR-0002", "Frais cachés")
    assert "is called 'frais cachés' already" in refused("rename", "IRR-1002", "frais cachés")
    assert "none of the 10 opinions of IRR-0002 holds 'girafe'" in refused("split", "IRR-0002", "--words", "girafe")
    assert "every one of the 10 opinions" in refused("split", "IRR-0002", "--words", "colis")
    assert "'12' holds no word" in refused("split", "IRR-0002", "--words", "12")
    assert "either by words or by meaning" in refused("split", "IRR-0002")
    assert "do not fall into 20 parts" in refused("split", "IRR-0002", "--into", "20")
    assert "'mars' is no month" in refused("resolve", "IRR-0002", "--since", "mars")
    assert "IRR-0002 is not resolved" in refused("reopen", "IRR-0002")
    assert "no edit is in force" in refused("undo")
    assert "did you mean 'rising'" in refused("list", "--status", "risin")
    assert "did you mean 'livraison'" in refused("list", "--theme", "livraisons")
    assert "no workspace at" in refused("merge", "IRR-1001", "IRR-0002", "--workspace", "nowhere")
    assert not (place / LOG).exists()


def test_irritants_are_listed_shown_and_told(place: Path) -> None:
    ranked = json.loads(done("list", "--json", "--theme", "livraison"))
    assert {irritant["irritant_id"] for irritant in ranked} == {"IRR-0002", "IRR-1001"}
    assert len(json.loads(done("list", "--json", "--limit", "3"))) == 3
    assert "IRR-1002" in done("list")
    done("merge", "IRR-1001", "IRR-0002")
    assert [irritant["irritant_id"] for irritant in json.loads(done("list", "--json", "--status", "merged"))] == ["IRR-1001"]
    assert {irritant["irritant_id"] for irritant in json.loads(done("list", "--json"))} == {"IRR-0001", "IRR-0002", "IRR-1002"}
    shown = done("show", "IRR-0002")
    for expected in ("IRR-0002 · colis en retard", "Livraison 100,0 %", "2026-01", "Mon colis traîne au dépôt", "fusionner IRR-1001", "proches"):
        assert expected in shown
    assert "fusionner IRR-1001 livreur introuvable dans IRR-0002 colis en retard" in done("history")
    assert "aucune modification" in done("history", "IRR-1002")


def test_irritants_travel_to_another_workspace(place: Path, made: Path) -> None:
    done("rename", "IRR-1002", "frais surprises")
    done("split", "IRR-0001", "--words", "appli", "--label", "application qui plante")
    done("merge", "IRR-1001", "IRR-0002")
    assert "4 irritants et enchantements écrits" in done("export", "partage.yaml")
    text = Path("partage.yaml").read_text("utf-8")
    assert "label: frais surprises" in text
    assert "traîne" not in text
    assert "traîne" in (done("export", "avec.yaml", "--quotes") and Path("avec.yaml").read_text("utf-8"))
    other = Path(shutil.copytree(made, "autre"))
    before = counts(other)
    shown = done("import", "partage.yaml", "--workspace", other, "--dry-run")
    assert "IRR-1002 est pris par un autre : devient IRR-1004" in shown
    assert "IRR-0002 laissé de côté, déjà là : colis en retard" in shown
    assert counts(other) == before
    done("import", "partage.yaml", "--workspace", other)
    (brought,) = read_log(other / LOG)
    assert [entry["id"] for entry in brought.irritants] == ["IRR-1004", "IRR-1003"]
    assert sorted(edit("import", "partage.yaml", "--workspace", other)["skipped"]) == ["IRR-0001", "IRR-0002", "IRR-1002", "IRR-1003"]
    assert "0 à importer, 4 déjà là" in done("import", "partage.yaml", "--workspace", other)
    assert counts(other)["IRR-1003"] == 5
    kinds = {row["irritant_id"]: row["origin"] for row in pq.read_table(other / "feed" / "dim_irritant.parquet").to_pylist()}
    assert kinds["IRR-1003"] == kinds["IRR-1004"] == "imported"
    done("undo", "--workspace", other)
    assert counts(other) == before
