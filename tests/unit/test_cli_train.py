"""vocpipe train: each job is found, explained, and told of mistakes in words."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

pytest.importorskip("torch")

from vocpipe.cli.train import app
from vocpipe.errors import ConfigError
from vocpipe.training import jobs

RUN = CliRunner()


@pytest.mark.parametrize("job", ["pretrain", "distil", "finetune"])
def test_each_job_is_explained_and_runs_its_configuration(job: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = RUN.invoke(app, [job, "--help"])
    assert shown.exit_code == 0
    assert "CONFIG" in shown.output
    asked = []
    monkeypatch.setattr(jobs, f"{job}_job", lambda config, *others: asked.append(config) or Path("there"))
    done = RUN.invoke(app, [job, "some.yaml"])
    assert asked == ["some.yaml"]
    assert "there" in done.output


def test_an_unknown_configuration_names_the_nearest() -> None:
    result = RUN.invoke(app, ["finetune", "quik"])
    assert isinstance(result.exception, ConfigError)
    assert "did you mean 'quick'" in str(result.exception)
