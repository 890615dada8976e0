"""Promises of a brand: the worked example is right, mistakes are told with their line, and a run's configuration can name a file of them."""

import re
from pathlib import Path

import pytest

from vocpipe import resources
from vocpipe.config import load_config
from vocpipe.errors import ConfigError
from vocpipe.feeds import FeedSettings, Promise, load_promises
from vocpipe.taxonomy import Taxonomy

EXAMPLE = resources.root() / "configs" / "promise.yaml"
TWO = """version: 1
promises:
  - code: a_l_heure
    fr: Livré à l'heure
    themes: [livraison]
  - {code: aimable, fr: Des équipes aimables, step: assistance, target: 0.9}
"""


def test_the_worked_example_is_right(taxonomy: Taxonomy) -> None:
    promises = load_promises(EXAMPLE, taxonomy)
    assert len(promises) == 8
    assert FeedSettings.model_validate_json(FeedSettings(promise=promises).model_dump_json()).promise == promises


def test_every_mistake_is_told_with_its_line_and_the_nearest_code(taxonomy: Taxonomy, tmp_path: Path) -> None:
    path = tmp_path / "promise.yaml"
    path.write_text(TWO.replace("[livraison]", "[livraisons]").replace("aimable,", "a_l_heure,").replace("assistance", "asistance"), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_promises(path, taxonomy)
    for told in (
        "line 3: promises.1.code: 'a_l_heure' is given 2 times",
        "line 5: promises.1.themes.1: no theme is called 'livraisons'; did you mean 'livraison'",
        "line 6: promises.2.step: no step is called 'asistance'; did you mean 'assistance'",
    ):
        assert told in caught.value.message
    path.write_text(TWO.replace("    themes: [livraison]\n", "").replace("0.9", "90"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"line 5: promises\.2\.target: input should be less than or equal to 1"):
        load_promises(path, taxonomy)
    path.write_text(TWO.replace("    themes: [livraison]\n", ""), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"line 3: promises\.1: names no theme and no step"):
        load_promises(path, taxonomy)


def _run(folder: Path, feed: str) -> Path:
    shipped = (resources.root() / "configs" / "runs" / "sample.yaml").read_text(encoding="utf-8")
    path = folder / "run.yaml"
    path.write_text(shipped.replace("feed:\n", f"feed:\n  {feed}\n"), encoding="utf-8")
    return path


def test_a_run_holds_what_its_promises_say_and_not_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "brand.yaml").write_text(TWO, encoding="utf-8")
    config = load_config(_run(tmp_path, "promise: brand.yaml"))
    assert config.feed.promise == (
        Promise(code="a_l_heure", fr="Livré à l'heure", themes=("livraison",)),
        Promise(code="aimable", fr="Des équipes aimables", step="assistance", target=0.9),
    )
    assert "brand.yaml" not in str(config.settings()["feed"])
    assert load_config(_run(tmp_path, "promise: null")).feed.promise == ()


@pytest.mark.parametrize(
    ("feed", "told"),
    [
        ("promise: gone.yaml", r"feed\.promise: no such file: gone\.yaml"),
        ("promise: [a, b]", r"feed\.promise: name the file of the promises"),
        ("promise: run.yaml", r"feed\.promise: .*run\.yaml has .*unknown setting"),
        ("trends: {moths: 3}", r"feed\.trends\.moths: unknown setting; did you mean 'months'"),
        ("scheme2: ekman", r"feed\.scheme2: unknown setting; did you mean 'scheme'"),
    ],
)
def test_a_mistake_in_the_feed_of_a_run_is_told(tmp_path: Path, feed: str, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(_run(tmp_path, feed))
    assert re.search(told, caught.value.message, re.S)
