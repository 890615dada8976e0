"""What the command line shows of a model, from invented verbatims: tables, JSON, a page; and models listed, promoted, sent and taken in."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from tests.unit.training.stores import add_version, annotated
from vocpipe.cli import models
from vocpipe.errors import ConfigError, InputError, VocpipeError
from vocpipe.ml.store import load_card
from vocpipe.taxonomy import load_taxonomy
from vocpipe.training.evaluate import evaluate
from vocpipe.training.report import write_report

APP = typer.Typer()
for command in (models.evaluate, models.list_models, models.show, models.verify, models.promote, models.export, models.add):
    APP.command(command.__name__)(command)

HOSTILE = "<script>alert('x')</script> & \"quoted\" </td><img src=x onerror=alert(1)> \x00 {{7*7}} ]]>"


def call(*arguments: object) -> Result:
    return CliRunner().invoke(APP, [str(argument) for argument in arguments], catch_exceptions=True)


def shown(*arguments: object) -> str:
    result = call(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    add_version(folder, "1")
    add_version(folder, "2", is_worse=True)
    annotated(folder / "pinned.jsonl")
    return folder


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words: list[str] = []
        self.addresses: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [str(value) for name, value in attrs if name in ("src", "href") or name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_one_model_beside_another(store: Path, tmp_path: Path) -> None:
    data, page = store / "pinned.jsonl", tmp_path / "out" / "report.html"
    told = shown("evaluate", "essai@1", "--data", data, "--against", "essai@2", "--by", "source", "--report", page, "--models", store)
    for expected in ("essai@1 against essai@2 on 128 segments of 64 verbatims", "polarity κ", "difference", "source 0", "ece", "trained on this file"):
        assert expected in told
    beside = json.loads(page.with_suffix(".json").read_text(encoding="utf8"))
    figure = beside["summary"]["polarity"]
    assert figure["low"] <= figure["value"] <= figure["high"]
    assert figure["difference"]["value"] == pytest.approx(figure["value"] - figure["against"], abs=2e-4)
    assert figure["difference"]["low"] > 0
    assert sum(map(sum, beside["details"]["confusion"]["polarity"]["rows"])) == 128
    read = Page(page.read_text(encoding="utf8"))
    assert "svg" in read.tags
    assert "script" not in read.tags
    assert read.addresses == []
    assert {"Négatif", "Aucun thème", "Livraison"} <= {word.strip() for word in read.words}


def test_json_holds_everything_and_groups_add_up(store: Path) -> None:
    told = json.loads(shown("evaluate", store / "essai" / "1", "--data", store / "pinned.jsonl", "--split", "test", "--by", "step", "--by", "length", "--json"))
    assert told["split"] == "test"
    assert 0 < told["n"] < 128
    for group in ("step", "length"):
        assert sum(row["n"] for row in told["by"][group]) == told["n"]
    assert "step" not in told["by"]["step"][0]["summary"]
    assert all(len(entries) <= 20 for entries in told["details"]["mistakes"].values())


def test_the_floor_learns_from_the_rest_of_the_file(store: Path) -> None:
    told = json.loads(shown("evaluate", "essai@1", "--data", store / "pinned.jsonl", "--split", "test", "--against", "tfidf", "--models", store, "--json"))
    assert told["against"] == "tfidf"
    assert told["summary"]["polarity"]["against"] == 1.0
    assert call("evaluate", "tfidf", "--data", store / "pinned.jsonl").exception.message.startswith("the floor learns from")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("essai@1", "--data", "none.jsonl"), "no such file"),
        (("essai", "--data", "{data}"), "none is promoted"),
        (("essay@1", "--data", "{data}"), "no model"),
        (("essai@1", "--data", "{data}", "--split", "out_of_domain"), "no source was held out"),
        (("essai@1", "--data", "{data}", "--report", "report.pdf"), "not named like one"),
    ],
)
def test_mistakes_are_told(store: Path, arguments: tuple[str, ...], told: str) -> None:
    filled = [argument.format(data=store / "pinned.jsonl") for argument in arguments]
    error = call("evaluate", *filled, "--models", store).exception
    assert isinstance(error, VocpipeError)
    assert told in error.message
    assert error.hint


def test_a_held_out_source_is_measured_apart(store: Path, tmp_path: Path) -> None:
    folder = add_version(tmp_path, "1", "apart")
    card = json.loads((folder / "card.json").read_text(encoding="utf8"))
    (folder / "card.json").write_text(json.dumps({**card, "splits": {"held_out_source": "source 1"}}), encoding="utf8")
    assert evaluate(folder, store / "pinned.jsonl", split="out_of_domain")["verbatims"] == 32
    within = evaluate(folder, store / "pinned.jsonl", split="test")
    assert 0 < within["verbatims"] < 10
    assert any("source 1 was held out" in note for note in within["notes"])
    other = annotated(tmp_path / "other.jsonl", source="ailleurs")
    assert evaluate(folder, other, split="test")["verbatims"] == 10
    with pytest.raises((ConfigError, InputError)):
        evaluate(folder, other, split="out_of_domain")


def hostile(value: Any) -> Any:
    """Put hostile words wherever a file or a model could."""
    if isinstance(value, dict):
        return {
            name: HOSTILE if name in ("text", "id", "model", "against", "group") and isinstance(entry, str) else hostile(entry) for name, entry in value.items()
        }
    return [hostile(entry) for entry in value] if isinstance(value, list) else value


def test_a_page_shows_hostile_words_as_words(store: Path, tmp_path: Path) -> None:
    result = evaluate(store / "essai" / "1", store / "pinned.jsonl", by=("source",), details=True)
    result["details"]["mistakes"]["polarity"] = [{"id": "a", "segment": 1, "text": "b", "said": "negative", "annotated": HOSTILE, "probability": 0.9}]
    result["details"]["confusion"]["step"]["codes"][0] = HOSTILE
    page, _ = write_report(hostile({**result, "data": HOSTILE, "notes": [HOSTILE]}), tmp_path / "report.html", load_taxonomy())
    read = Page(page.read_text(encoding="utf8"))
    assert not {"script", "img"} & read.tags
    assert read.addresses == []
    assert sum("alert('x')" in word for word in read.words) >= 5


def test_models_are_listed_promoted_sent_and_taken_in(store: Path, tmp_path: Path) -> None:
    assert "essai@1 is promoted" in shown("promote", "essai@1", "--models", store)
    refused = call("promote", "essai@2", "--data", store / "pinned.jsonl", "--models", store).exception
    assert isinstance(refused, VocpipeError)
    listed = shown("list_models", "--models", store)
    row = next(line for line in listed.splitlines() if line.strip().startswith("essai@1") and "yes" in line)
    assert f"{load_card(store / 'essai' / '1').metrics['held_out']['heads']['polarity']['kappa']:.3f}" in row
    assert "# essai, version 1" in shown("show", "essai", "--models", store)
    assert "Promoted on" in shown("show", "essai@1", "--models", store)
    assert "models add" in shown("export", "essai", tmp_path / "essai.zip", "--models", store)
    assert "essai@1 is in" in shown("add", tmp_path / "essai.zip", "--models", tmp_path / "there")
    assert "every file is as its card says" in shown("verify", "--models", tmp_path / "there")
    assert "no model is there" in shown("list_models", "--models", tmp_path / "none")
