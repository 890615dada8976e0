import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import typer
from typer.testing import CliRunner, Result

from tests.contract.fakes import write_config, write_export
from vocpipe.cli import app
from vocpipe.resources import PACKAGE

NAMES = (
    *("run", "check", "describe", "explain", "evaluate", "doctor", "report", "serve", "review export", "review import"),
    *("feed export", "feed push", "feed verify", "feed roles"),
    *("irritants list", "irritants show", "irritants month", "irritants history", "irritants rename", "irritants merge", "irritants split"),
    *("irritants move", "irritants resolve", "irritants reopen", "irritants undo", "irritants export", "irritants import"),
    *("train pretrain", "train distil", "train finetune"),
    *("models list", "models show", "models verify", "models promote", "models export", "models add"),
    *("sources suggest", "sources check", "sources list"),
)


def call(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def refused(*arguments: str | Path) -> str:
    """Return the message of a call that a user can mend."""
    result = call(*arguments)
    assert result.exit_code == 2, (result.exit_code, result.output, result.exception)
    assert "Error: " in result.stderr
    assert "Fix: " in result.stderr
    assert "Traceback" not in result.output
    return str(result.stderr)


def commands(group: click.Group, prefix: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{name} ")
        else:
            yield prefix + name


def test_every_command_is_documented_with_an_example() -> None:
    found = list(commands(typer.main.get_command(app)))  # type: ignore[arg-type]
    assert sorted(found) == sorted(NAMES)
    for name in found:
        shown = call(*name.split(), "--help").stdout
        assert re.search(rf"Examples?:\s+vocpipe {name}", shown), name


def test_run_tells_what_it_found_and_where(tmp_path: Path) -> None:
    config, export = write_config(tmp_path), write_export(tmp_path / "avis.csv")
    arguments = ("run", config, export, "--batch", "2026-03", "--workspace", tmp_path / "w")
    result = call(*arguments)
    assert result.exit_code == 0, result.output
    for expected in ("40 read · 40 kept", "5 rejected (language 5)", "not French (en 5)", "rows/s", "peak memory", "Irritants · 2026-03", "Livraison", "«"):
        assert expected in result.stdout
    assert str(tmp_path / "w" / "feed") in result.stdout
    assert "unchanged" in call(*arguments).stdout
    ranked = json.loads(call("irritants", "list", "--workspace", tmp_path / "w", "--json").stdout)
    assert ranked
    assert ranked[0]["severity"] >= ranked[-1]["severity"]
    assert "étape" in call("irritants", "list", "--workspace", tmp_path / "w").stdout


def test_check_writes_nothing_and_tells_the_mapping(tmp_path: Path) -> None:
    config, export = write_config(tmp_path), write_export(tmp_path / "avis.csv")
    before = sorted(tmp_path.iterdir())
    result = call("check", config, export)
    assert result.exit_code == 0, result.output
    for expected in ("the configuration is right", "text        <- Commentaire", "40 read · 40 kept"):
        assert expected in result.stdout
    assert sorted(tmp_path.iterdir()) == before


def test_describe_shows_what_stages_read_and_add(tmp_path: Path) -> None:
    shown = call("describe", write_config(tmp_path)).stdout
    assert "fakeclassify" in shown
    assert "opinion_start" in shown
    assert "opinion_vector" in shown


def test_doctor_and_models() -> None:
    shown = call("doctor").stdout
    assert "pyarrow" in shown
    assert "cores" in shown
    assert call("models", "list").exit_code == 0
    assert call("models", "verify").exit_code == 0


BAD_INPUTS = {
    "empty": b"",
    "header only": b"Identifiant;Date;Commentaire\n",
    "unknown columns": b"a;b;c\n1;2;3\n4;5;6\n",
    "binary": bytes(range(256)) * 20,
}


@pytest.mark.parametrize("name", BAD_INPUTS)
def test_an_input_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    path = tmp_path / "avis.csv"
    path.write_bytes(BAD_INPUTS[name])
    assert "avis.csv" in refused("run", write_config(tmp_path), path, "--batch", "2026-03", "--workspace", tmp_path / "w")
    assert not [found for found in (tmp_path / "w").rglob("*") if found.suffix in (".parquet", ".tmp")]


def test_rows_that_cannot_be_read_are_counted_and_nothing_is_lost(tmp_path: Path) -> None:
    path = tmp_path / "avis.csv"
    rows = [b"Identifiant;Date;Note;Commentaire"]
    rows += [b"R%d;31/02/2026;beaucoup;Colis arriv\xe9 cass\xe9, \x00 quelle honte" % number for number in range(20)]
    rows += [b"G;01/03/2026;1;" + b"x" * 5_000_000, "U;01/03/2026;1;Très déçu, standard injoignable 😡".encode()]
    path.write_bytes(b"\n".join(rows) + b"\n")
    result = call("run", write_config(tmp_path), path, "--batch", "2026-03", "--workspace", tmp_path / "w")
    assert result.exit_code == 0, result.output
    assert "22 read · 21 kept · 1 in quarantine" in result.stdout


def test_mistakes_on_the_command_line_come_with_a_fix(tmp_path: Path) -> None:
    config, export = write_config(tmp_path), write_export(tmp_path / "avis.csv")
    workspace = ("--workspace", tmp_path / "w")
    assert "add --batch" in refused("run", config, export, *workspace)
    assert "no configuration" in refused("run", *workspace)
    assert "--sample runs its own" in refused("run", config, "--sample")
    assert "no input" in refused("run", config, "--batch", "2026-03", *workspace)
    assert "cannot be the name of a batch" in refused("run", config, export, "--batch", "../03", *workspace)
    assert "did you mean 'avis.csv'?" in refused("run", config, tmp_path / "aviz.csv", "--batch", "2026-03", *workspace)
    assert "did you mean 'insurance'?" in refused("check", "insurence")
    assert "no workspace at" in refused("irritants", "list", "--workspace", tmp_path / "nowhere")
    assert "no such file" in refused("evaluate", "voc-fr-small@2", "--data", tmp_path / "none.jsonl")
    assert "no model" in refused("models", "show", "voc-fr-smal@7")
    assert "no model" in refused("explain", "Bonjour", "--model", "voc-fr-smal@7")


def test_a_workspace_made_with_other_settings_is_refused(tmp_path: Path) -> None:
    config, export = write_config(tmp_path), write_export(tmp_path / "avis.csv")
    arguments = ("run", config, export, "--batch", "2026-03", "--workspace", tmp_path / "w")
    assert call(*arguments).exit_code == 0
    config.write_text(config.read_text() + "feed: {scheme: cx}\n")
    message = refused(*arguments)
    assert "feed.scheme: was 'ekman', is 'cx'" in message
    assert "another --workspace" in message


def test_debug_shows_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VOCPIPE_DEBUG", "1")
    assert type(call("check", tmp_path / "none.yaml").exception).__name__ == "ConfigError"


def test_importing_and_asking_for_help_is_immediate() -> None:
    heavy = "pyarrow, duckdb, numpy, onnxruntime, torch, sklearn, spacy, pydantic"
    code = f"import sys, vocpipe, vocpipe.cli; print([name for name in '{heavy}'.split(', ') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=PACKAGE.parent, check=True).stdout.strip() == "[]"
    spent = []
    for _ in range(3):
        before, started = os.times(), time.perf_counter()
        subprocess.run([sys.executable, "-c", "from vocpipe.cli import main; main()", "--help"], capture_output=True, cwd=PACKAGE.parent, check=True)
        after = os.times()
        spent.append(min(time.perf_counter() - started, after.children_user + after.children_system - before.children_user - before.children_system))
    assert min(spent) < 0.5
