"""A name stands for the version that was promoted, and none is promoted that does worse without saying why."""

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest

from tests.unit.training.stores import add_version, annotated
from vocpipe.errors import ConfigError, ModelError
from vocpipe.ml.store import promotion_of, resolve
from vocpipe.training.promote import promote

DAY = dt.date(2026, 11, 22)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("store")
    for version, is_worse in (("1", False), ("2", True), ("3", False)):
        add_version(folder, version, is_worse=is_worse)
    annotated(folder / "pinned.jsonl")
    return folder


@pytest.fixture(autouse=True)
def nothing_promoted(store: Path) -> None:
    (store / "essai" / "promoted.json").unlink(missing_ok=True)


def test_the_first_promotion_needs_no_comparison(store: Path) -> None:
    with pytest.raises(ModelError, match="none is promoted"):
        resolve("essai", store)
    assert promote("essai@1", folder=store, today=DAY).against is None
    assert resolve("essai", store) == store / "essai" / "1"
    with pytest.raises(ModelError, match="names no version"):
        resolve("essai", store, pinned=True)
    with pytest.raises(ModelError, match="promoted version already"):
        promote("essai@1", folder=store)


def test_a_worse_version_is_refused_unless_there_is_a_reason(store: Path) -> None:
    promote("essai@1", folder=store, today=DAY)
    with pytest.raises(ConfigError, match="must be compared"):
        promote("essai@2", folder=store)
    with pytest.raises(ModelError, match=r"beyond chance, on .*polarity: \d\.\d+ -> \d\.\d+") as caught:
        promote("essai@2", store / "pinned.jsonl", folder=store, accept_regression="  ")
    assert "--accept-regression" in caught.value.hint
    assert resolve("essai", store).name == "1"
    found = promote("essai@2", store / "pinned.jsonl", folder=store, accept_regression="a trial of the fallback", today=DAY)
    assert "polarity" in found.regressions
    recorded = json.loads((store / "essai" / "promoted.json").read_text(encoding="utf8"))
    assert (recorded["version"], recorded["date"], recorded["against"], recorded["reason"]) == ("2", "2026-11-22", "1", "a trial of the fallback")
    assert recorded["data"]["name"] == "pinned.jsonl"
    assert recorded["figures"]["polarity"]["difference"]["high"] < 0
    back = promote("essai@3", store / "pinned.jsonl", folder=store, accept_regression="the first one again", today=DAY)
    assert "polarity" not in back.regressions
    assert [entry["version"] for entry in back.before] == ["2", "1"]
    assert back.before[0]["reason"] == "a trial of the fallback"


def test_an_equal_version_is_accepted_and_recorded_without_a_reason(store: Path) -> None:
    promote("essai@1", folder=store, today=DAY)
    found = promote("essai@3", store / "pinned.jsonl", folder=store, today=DAY)
    assert found.reason is None
    assert found == promotion_of("essai", store)
    assert {entry["difference"]["value"] for entry in found.figures.values()} == {0.0}


def test_a_handful_of_verbatims_decides_nothing(store: Path, tmp_path: Path) -> None:
    promote("essai@1", folder=store, today=DAY)
    few = tmp_path / "few.jsonl"
    few.write_text("\n".join((store / "pinned.jsonl").read_text(encoding="utf8").splitlines()[:9]), encoding="utf8")
    with pytest.raises(ModelError, match="9 verbatims"):
        promote("essai@3", few, folder=store)


def test_a_broken_or_orphaned_promotion_is_told(store: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="names no version"):
        promote("essai", folder=store)
    (store / "essai" / "promoted.json").write_text("{}")
    with pytest.raises(ModelError, match="does not say which version"):
        resolve("essai", store)
    shutil.copytree(store / "essai", tmp_path / "essai")
    (tmp_path / "essai" / "promoted.json").write_text('{"version": "9", "date": "2026-11-22"}')
    with pytest.raises(ModelError, match="essai@9 is not in"):
        resolve("essai", tmp_path)
