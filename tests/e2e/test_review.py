"""The review loop on the sample: opinions out, corrections back in the feed, and there to stay."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.contract.fakes import write_config, write_export
from vocpipe import Workspace
from vocpipe.errors import InputError
from vocpipe.feeds.contract import SCHEMA_VERSION
from vocpipe.resources import PACKAGE, root
from vocpipe.review import export_review, import_review
from vocpipe.runs import run
from vocpipe.taxonomy import load_taxonomy
from vocpipe.training.annotated import read_annotated

MODEL = root() / "models" / "voc-fr-small" / "2" / "card.json"
MONTH = "2026-01"
EXPORT = PACKAGE / "sample" / f"{MONTH}.csv"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace of one month of the sample, made with the embedded model, or with a stand-in where it is not there."""
    folder = tmp_path_factory.mktemp("made")
    config: str | Path = "sample"
    if not MODEL.is_file():
        config = write_config(folder)
        config.write_text(config.read_text().replace("source.yaml", "survey"))
    run(config, EXPORT, batch=MONTH, workspace=folder / "w")
    return folder


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return tmp_path / "w"


def again(workspace: Path, export: Path = EXPORT) -> None:
    config = workspace.parent / "run.yaml"
    run(config if config.is_file() else "sample", export, batch=MONTH, workspace=workspace)


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def save_as_a_spreadsheet_does(rows: list[dict[str, str]], path: Path) -> Path:
    with path.open("w", encoding="cp1252", errors="replace", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def edited(workspace: Path, count: int = 60) -> tuple[list[dict[str, str]], dict[str, dict[str, Any]]]:
    """Return the rows of an export with five of them changed as a person would, and what the feed must say of those."""
    (path,) = export_review(workspace, count).paths
    rows = read_rows(path)
    problems = [row for row in rows if row["irritant"]]
    others = [row for row in rows if not row["irritant"]]
    praise, theme, emotion = problems[:3]
    problem, right = others[0], next(row for row in others[1:] if row["sentiment"] != "-2")
    praise |= {"sentiment": "2", "emotions": "joie:2, gratitude", "irritant": "", "flags": "reco", "relu": "x"}
    theme |= {"theme": "prix" if theme["theme"] != "prix" else "delai"}
    emotion |= {"emotions": "tristesse:2, colere:1"}
    problem |= {"sentiment": "-2", "irritant": "banc de scie introuvable", "theme": "disponibilite"}
    right |= {"relu": "oui"}
    expected: dict[str, dict[str, Any]] = {
        key(praise): {"sentiment": 2, "emotions": ["joie", "gratitude"], "reco": True, "irritant": False, "irritant_id": None, "irritant_p": None},
        key(theme): {"theme": theme["theme"], "theme_p": None},
        key(emotion): {"emotions": ["tristesse", "colere"], "intensities": [2, 1]},
        key(problem): {"sentiment": -2, "sentiment_p": None, "irritant": True, "theme": "disponibilite"},
    }
    return rows, expected


def key(row: dict[str, str]) -> str:
    return f"{row['id']} {row['start']}"


def feed(workspace: Path) -> dict[str, dict[str, Any]]:
    return {f"{row['verbatim_id']} {row['opinion_start']}": row for row in Workspace(workspace).table("fact_opinion").to_pylist()}


def shows(workspace: Path, expected: dict[str, dict[str, Any]]) -> bool:
    found = feed(workspace)
    differences = [(name, column, found[name][column], value) for name, columns in expected.items() for column, value in columns.items()]
    assert [each for each in differences if each[2] != each[3]] == []
    return {name for name, row in found.items() if row["corrected"]} == set(expected)


def files_of(workspace: Path) -> dict[str, bytes]:
    return {str(path.relative_to(workspace)): path.read_bytes() for path in workspace.rglob("*") if path.is_file() and path.name != ".lock"}


def test_corrections_reach_the_feed_and_stay(workspace: Path, tmp_path: Path) -> None:
    answers = {path.name: path.read_bytes() for path in Workspace(workspace).folder(MONTH).answer_files()}
    ids = set(Workspace(workspace).table("dim_irritant")["irritant_id"].to_pylist())
    rows, expected = edited(workspace)
    file = save_as_a_spreadsheet_does(rows, tmp_path / "relu.csv")
    report = import_review(workspace, file, author="ana")
    assert (report.opinions, report.written) == (5, len({name.split()[0] for name in expected} | {row["id"] for row in rows if row["relu"]}))
    assert report.batches == (MONTH,)
    assert shows(workspace, expected)
    assert {path.name: path.read_bytes() for path in Workspace(workspace).folder(MONTH).answer_files()} == answers
    assert ids <= set(Workspace(workspace).table("dim_irritant")["irritant_id"].to_pylist())
    praised, _, _, problem = expected
    candidates = pq.read_table(Workspace(workspace).folder(MONTH).irritants)
    places = set(zip(candidates["verbatim_id"].to_pylist(), candidates["opinion"].to_pylist(), strict=True))
    of_problem = {name: (row["verbatim_id"], row["position"]) for name, row in feed(workspace).items() if name in expected}
    assert [of_problem[name] in places for name in (praised, problem)] == [False, True]

    before = files_of(workspace)
    assert import_review(workspace, file).judgements == 0
    again(workspace)
    assert files_of(workspace) == before

    shorter = tmp_path / EXPORT.name
    shorter.write_text("\n".join(EXPORT.read_text(encoding="utf-8").splitlines()[:-1]), encoding="utf-8")
    again(workspace, shorter)
    shows(workspace, {name: columns for name, columns in expected.items() if name in feed(workspace)})
    again(workspace)
    assert shows(workspace, expected)


def test_only_what_was_judged_becomes_a_label(workspace: Path, tmp_path: Path) -> None:
    rows, expected = edited(workspace)
    target = tmp_path / "labels.jsonl"
    own = json.dumps({"id": "V1", "source": "survey", "text": "Accueil charmant.", "segments": [{"text": "Accueil charmant.", "sentiment": 1}]})
    target.write_text(own + "\n", encoding="utf-8")
    import_review(workspace, save_as_a_spreadsheet_does(rows, tmp_path / "relu.csv"), to=target)
    assert target.read_text(encoding="utf-8").startswith(own + "\n")
    verbatims = {verbatim.id: verbatim for verbatim in read_annotated(target, load_taxonomy())}
    praise, theme, _, problem = expected
    judged = {name: next(segment for segment in verbatims[name.split()[0]].segments if segment.text == _words(rows, name)).judged for name in expected}
    assert len(judged[praise]) == 6
    assert judged[theme] == {"theme"}
    assert judged[problem] == {"sentiment", "irritant", "theme"}
    whole = {row["id"]: row["text"] for row in rows}
    assert all(verbatim.text == whole[name] for name, verbatim in verbatims.items() if name in whole)


def _words(rows: list[dict[str, str]], name: str) -> str:
    return next(row["segment"] for row in rows if key(row) == name)


def test_every_mistake_is_told_at_once_and_nothing_is_written(workspace: Path, tmp_path: Path) -> None:
    rows, _ = edited(workspace)
    judged = [row for row in rows if row["relu"] or row["irritant"] == "banc de scie introuvable"]
    judged[0]["theme"] = "livraisson"
    judged[0]["emotions"] = "colère:3"
    judged[1]["segment"] = "Tout autre chose."
    judged[2]["id"] = "nobody"
    rows.append({**rows[-1], "relu": "oui"})
    rows.append(dict(rows[-1]))
    rows.append({**rows[0], "sentiment": "5", "relu": "peut-être"})
    before = files_of(workspace)
    with pytest.raises(InputError) as caught:
        import_review(workspace, save_as_a_spreadsheet_does(rows, tmp_path / "relu.csv"))
    for told in (
        "column theme: unknown theme 'livraisson': did you mean 'livraison'?",
        "column emotions:",
        "column segment: not the words",
        "'nobody'",
        "the opinion was given before",
        "column sentiment: sentiment '5'",
        "'peut-être' is neither oui nor empty",
    ):
        assert told in caught.value.message
    assert files_of(workspace) == before


def test_the_work_of_others_is_not_overwritten(workspace: Path, tmp_path: Path) -> None:
    rows, _ = edited(workspace)
    file, target = save_as_a_spreadsheet_does([{**rows[0], "relu": "oui"}], tmp_path / "one.csv"), tmp_path / "labels.jsonl"
    target.write_text(json.dumps({"id": rows[0]["id"], "text": "x", "segments": []}) + "\n", encoding="utf-8")
    before = files_of(workspace)
    with pytest.raises(InputError, match="annotated by other means"):
        import_review(workspace, file, to=target)
    assert files_of(workspace) == before


def test_label_studio_and_xlsx_bring_the_same_answers(workspace: Path, tmp_path: Path) -> None:
    (book,) = export_review(workspace, 20, to=tmp_path / "a.xlsx").paths
    tasks, configuration = export_review(workspace, 20, to=tmp_path / "a.json").paths
    answered = [
        {**task, "annotations": [{"was_cancelled": bool(number % 2), "updated_at": "2026-03-01", "result": task["predictions"][0]["result"]}]}
        for number, task in enumerate(json.loads(tasks.read_text(encoding="utf-8")))
    ]
    tasks.write_text(json.dumps(answered), encoding="utf-8")
    assert 'alias="aucun"' in configuration.read_text(encoding="utf-8")
    report = import_review(workspace, tasks)
    assert (report.opinions, report.changed) == (10, 0)
    assert not any(row["corrected"] for row in feed(workspace).values())

    import openpyxl

    opened = openpyxl.load_workbook(book)
    sheet = opened["relecture"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    assert {str(each.sqref).rstrip("0123456789") for each in sheet.data_validations.dataValidation} >= {f"{'I'}2:I", "K2:K", "L2:L"}
    for row in range(2, 22):
        sheet.cell(row, columns["relu"]).value = "oui"
    opened.save(book)
    report = import_review(workspace, book)
    assert (report.opinions, report.changed) == (20, 0)
    assert report.judgements == sum(6 for _ in range(10))


def test_corrections_go_to_another_workspace(workspace: Path, made: Path, tmp_path: Path) -> None:
    rows, expected = edited(workspace)
    import_review(workspace, save_as_a_spreadsheet_does(rows, tmp_path / "relu.csv"))
    other = tmp_path / "other"
    shutil.copytree(made, other)
    report = import_review(other / "w", workspace / "review" / "corrections.jsonl")
    assert report.opinions == 5
    assert shows(other / "w", expected)


def test_what_was_read_is_not_asked_again_unless_the_model_is_sure_of_the_contrary(workspace: Path, tmp_path: Path) -> None:
    rows, expected = edited(workspace, 100)
    first = [key(row) for row in rows]
    import_review(workspace, save_as_a_spreadsheet_does(rows, tmp_path / "relu.csv"))
    (path,) = export_review(workspace, 100).paths
    found = read_rows(path)
    back = {key(row): row for row in found if key(row) in expected}
    assert all(row["raison"].startswith("à revoir") for row in back.values())
    assert next(key(row) for row in rows if row["relu"] == "oui") not in {key(row) for row in found}
    assert all(row["relu"] == "" for row in found)
    assert len(first) == len(set(first)) == 100
    assert read_rows(export_review(workspace, 100, to=tmp_path / "same.csv").paths[0]) == found


def test_a_stop_between_the_log_and_the_feed_is_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, export = write_config(tmp_path), write_export(tmp_path / "a.csv")
    place = tmp_path / "w"
    run(config, export, batch=MONTH, workspace=place)
    (path,) = export_review(place, 5).paths
    rows = read_rows(path)
    praise = next(row for row in rows if not row["irritant"])
    praise |= {"sentiment": "-2", "irritant": "rappeler Mme Durand au 06 12 34 56 78"}
    file = save_as_a_spreadsheet_does(rows, tmp_path / "relu.csv")

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("vocpipe.review.importing.runs.refresh", stopped)
        with pytest.raises(KeyboardInterrupt):
            import_review(place, file)
    shutil.copytree(place, tmp_path / "other")
    assert "06 12" not in Workspace(place).corrections.read_text(encoding="utf-8")
    assert run(config, export, batch=MONTH, workspace=place).unchanged is False
    assert import_review(tmp_path / "other", file).batches == (MONTH,)
    for found in (place, tmp_path / "other"):
        assert shows(found, {key(praise): {"sentiment": -2, "irritant": True}})


def test_an_older_feed_is_built_again(tmp_path: Path) -> None:
    config, export = write_config(tmp_path), write_export(tmp_path / "a.csv")
    place = tmp_path / "w"
    run(config, export, batch=MONTH, workspace=place)
    stamp = place / "feed" / "made_from.json"
    stamp.write_text(json.dumps(json.loads(stamp.read_text())["batches"]))
    run(config, export, batch=MONTH, workspace=place)
    assert json.loads(stamp.read_text())["schema_version"] == SCHEMA_VERSION
