import json
import math
import shutil
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from tests.hand_workspace import MODEL, MONTHS
from vocpipe import curation
from vocpipe.cli import app
from vocpipe.errors import ConfigError
from vocpipe.explain import explain_irritant
from vocpipe.feeds import open_feed


def test_every_step_leads_to_what_the_feed_holds(made: Path) -> None:
    with open_feed(made / "feed") as connection:
        held = connection.execute("SELECT irritant_id, month FROM agg_irritant_month").fetchall()
    assert held
    for irritant, month in held:
        found = explain_irritant(made, irritant, month)
        values = {figure.name: figure for figure in found.figures}
        for name in ("opinions", "verbatims", "share", "share_low", "share_high", "previous_share", "delta", "baseline", "intensity", "severity"):
            figure = values[name]
            same = figure.value == figure.stored or math.isclose(float(figure.value or 0), float(figure.stored or 0), rel_tol=1e-9)
            assert same, (irritant, month, figure)
        assert values["severity"].value > 0
        assert len(found.rows) == found.opinions == values["opinions"].value


def test_each_count_is_a_query_that_anybody_can_run(made: Path) -> None:
    found = explain_irritant(made, "IRR-0001", MONTHS[1])
    queries = [figure for figure in found.figures if figure.how.startswith("SELECT")]
    assert len(queries) == 12
    with open_feed(made / "feed") as connection:
        for figure in queries:
            assert connection.execute(figure.how).fetchall() == [(figure.value,)]


def test_rows_tell_probabilities_proof_and_who_judged(made: Path) -> None:
    found = explain_irritant(made, " application mobile EN panne", limit=2)
    assert (found.irritant_id, found.month, len(found.rows)) == ("IRR-0001", MONTHS[1], 2)
    assert found.models == {MODEL: "0" * 64}
    row = found.rows[0]
    assert row["evidence"] in row["text"]
    assert (row["evidence_rank"], round(row["irritant_p"], 2), row["edit"]) == (1, 0.9, None)
    assert row["irritant_score"] > 0.5
    assert row["irritant_margin"] > 0


def test_edits_behind_a_figure_are_told_undone_ones_too(made: Path, tmp_path: Path) -> None:
    place = shutil.copytree(made, tmp_path / "workspace")
    sign = curation.Signature("2026-03-01", "Ada", "même panne")
    curation.apply(desk := curation.open_desk(place), curation.merge(desk, "IRR-1002", "IRR-0001", sign))
    curation.apply(desk := curation.open_desk(place), curation.rename(desk, "IRR-0001", "tout en panne", sign))
    curation.apply(desk := curation.open_desk(place), curation.undo(desk, sign, 2))
    found = explain_irritant(place, "IRR-0001", MONTHS[0])
    assert [(edit["number"], edit["action"], edit["in_force"]) for edit in found.edits] == [(1, "merge", True), (2, "rename", False), (3, "undo", True)]
    assert {row["edit"] for row in found.rows} == {None, 1}
    with pytest.raises(ConfigError, match="no figures"):
        explain_irritant(place, "IRR-1002")


def test_the_service_and_the_command_tell_the_same(client: TestClient, made: Path) -> None:
    expected = explain_irritant(made, "IRR-0002", MONTHS[0]).to_dict()
    assert client.get(f"/v1/explain?irritant=irr-0002&month={MONTHS[0]}&limit=1000").json() == expected
    arguments = ["explain", "--irritant", "IRR-0002", "--month", MONTHS[0], "--workspace", str(made)]
    assert json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout) == expected
    shown = CliRunner().invoke(app, arguments).stdout
    for told in ("colis en retard", MODEL, "sévérité, de 0 à 100", "Mon colis traîne au dépôt", "aucune édition"):
        assert told in " ".join(shown.split())


@pytest.mark.parametrize("arguments", [[], ["Un texte", "--irritant", "IRR-0001"]])
def test_explain_takes_a_text_or_an_irritant(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, ["explain", *arguments])
    assert (result.exit_code, "Fix: give a text" in result.stderr) == (2, True)
