from pathlib import Path

import pytest

from tests.contract.fakes import FakeClassify, write_config
from vocpipe.config import RunConfig, fingerprint, load_config
from vocpipe.errors import ConfigError
from vocpipe.resources import root
from vocpipe.stages.language import Language

SHIPPED = sorted(path.stem for path in (root() / "configs" / "runs").glob("*.yaml"))


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config(write_config(folder, text))
    first, *found = caught.value.message.splitlines()
    assert f"{len(found)} mistake" in first
    assert "run.yaml" in first
    return found


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_configurations_are_right(name: str) -> None:
    try:
        config = load_config(name)
    except ConfigError as error:
        if (root() / "models" / "voc-fr-small").is_dir() or any("no model 'voc-fr-small@2'" not in line for line in error.message.splitlines()[1:]):
            raise
        pytest.skip("the embedded model is not there")
    assert config.name == name
    assert [stage.name for stage in config.stages] == ["language", "content", "segment", "classify"]


def test_a_stage_of_the_user_and_paths_beside_the_file(tmp_path: Path) -> None:
    config = load_config(write_config(tmp_path))
    assert config.source.name == "essai"
    assert isinstance(config.stages[2], FakeClassify)
    assert (config.shard_rows, config.workers, config.engine) == (15, 1, "local")


def test_every_mistake_is_reported_at_once_with_its_line(tmp_path: Path) -> None:
    found = mistakes(
        tmp_path,
        """
source: insurrance
stages:
  - use: langage
  - use: language
    min_leters: 10
    min_confidence: 3
  - use: segment
workers: zero
feed:
  scheme: ekmann
  severity: {angre: 1}
shard_row: 5
""",
    )
    expected = [
        ("line 2: source: ", "no such configuration: insurrance"),
        ("line 4: stages.1.use: ", "did you mean 'language'?"),
        ("line 6: stages.2.min_leters: ", "did you mean 'min_letters'?"),
        ("line 7: stages.2.min_confidence: ", "less than or equal to 1"),
        ("line 9: workers: ", "not 'zero'"),
        ("line 12: feed.severity.angre: ", "did you mean 'anger'?"),
        ("line 13: shard_row: ", "did you mean 'shard_rows'?"),
    ]
    for place, advice in expected:
        assert [line for line in found if place in line and advice in line], (place, found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a mapping is expected"),
        ("- a\n- b", "a mapping is expected"),
        ("source: source.yaml", "stages: is missing"),
        ("stages: [language]", "source: is missing"),
        ("source: source.yaml\nstages: [segment, {}]", "stages.2: a stage is written with use:"),
        ("source: source.yaml\nstages: [tests.contract.fakes:FakeClassify]", "reads 'opinion_start', which no earlier stage adds"),
        ("source: source.yaml\nstages: [language, segment]", "opinion_sentiment"),
        ("source: source.yaml\nstages: [{use: language}]\nfeed: {scheme: ekmann}", "did you mean 'ekman'?"),
        ("source: source.yaml\nstages: [{use: language}]\nengine: locale", "did you mean 'local'?"),
        ("source: source.yaml\nsource: source.yaml", "source: given twice"),
        ("source: source.yaml\nmodels: nowhere", "models: no such folder: nowhere"),
        ("source: source.yaml\ntaxonomies: nowhere", "taxonomies: no such folder: nowhere"),
    ],
)
def test_one_mistake(tmp_path: Path, text: str, message: str) -> None:
    assert message in "\n".join(mistakes(tmp_path, text))


@pytest.mark.parametrize("text", ["a: [", "a: b: c", "\t- x", "a: &a [*a]\nb: *c"])
def test_what_is_not_yaml_is_told(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="not valid YAML"):
        load_config(write_config(tmp_path, text))


def test_an_unknown_name_gives_the_nearest() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config("insurence")
    assert "did you mean 'insurance'?" in caught.value.hint


def test_the_fingerprint_follows_what_can_change_a_row(tmp_path: Path) -> None:
    config = load_config(write_config(tmp_path))

    def changed(**values: object) -> str:
        return fingerprint(RunConfig(**{**dict(config), **values}).settings())

    same = fingerprint(config.settings())
    assert changed() == same == changed(workers=3)
    others = [changed(shard_rows=16), changed(stages=(Language(min_letters=5), *config.stages[1:])), changed(stages=config.stages[1:])]
    assert len({same, *others}) == 4
