"""The sample, run once for all tests that read it."""

import os
from pathlib import Path

import pytest
from filelock import FileLock
from typer.testing import CliRunner

from vocpipe.cli import app
from vocpipe.resources import root


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a workspace with the three months of the sample, to be copied before it is changed, and what the command printed."""
    if not (root() / "models" / "voc-fr-small").is_dir():
        pytest.skip("the embedded model is not there")
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # that of all processes
    workspace, printed = folder / "sample" / "w", folder / "sample" / "printed.txt"
    with FileLock(folder / "sample.lock"):
        if not printed.is_file():
            workspace.parent.mkdir(exist_ok=True)
            result = CliRunner().invoke(app, ["run", "--sample", "--workspace", str(workspace)])
            assert result.exit_code == 0, result.output
            printed.write_text(result.stdout, encoding="utf-8")
    return workspace, printed.read_text(encoding="utf-8")
