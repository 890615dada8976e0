import pytest

from tests.contract.fakes import WordCount
from vocpipe.errors import ConfigError
from vocpipe.stages import STAGES, find_stage
from vocpipe.stages.base import Stage


@pytest.mark.parametrize("name", STAGES)
def test_every_stage_of_ours_is_found_and_documented(name: str) -> None:
    stage = find_stage(name)
    assert issubclass(stage, Stage)
    assert stage.__doc__
    assert stage.adds
    assert stage().name == name


def test_a_stage_of_the_user() -> None:
    assert find_stage("tests.contract.fakes:WordCount") is WordCount


@pytest.mark.parametrize(
    ("use", "message"),
    [
        ("langage", "did you mean 'language'?"),
        ("no_such_package.module:Stage", "cannot be imported: ModuleNotFoundError"),
        ("tests.contract.fakes:WordCuont", "did you mean 'WordCount'?"),
        ("tests.contract.fakes:write_export", "has no stage called 'write_export'"),
        (":", "cannot be imported"),
    ],
)
def test_a_wrong_name_comes_with_the_way_out(use: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        find_stage(use)
    assert message in str(caught.value)
