import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.hand_workspace import make
from vocpipe.api import ApiSettings, create_app
from vocpipe.feeds.swap import replacing

LOCAL = "http://127.0.0.1"


def client_of(workspace: Path, settings: ApiSettings | None = None) -> TestClient:
    # The local address, because without a key the service answers to it only.
    app = create_app(workspace, settings or ApiSettings(rate=1e6, burst=10**6))
    return TestClient(app, base_url=LOCAL, raise_server_exceptions=False, client=("127.0.0.1", 50_000))


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("made") / "workspace")


@pytest.fixture(scope="session")
def client(made: Path) -> TestClient:
    return client_of(made)


@pytest.fixture
def place(made: Path, tmp_path: Path) -> Path:
    """Return a workspace that a test may change."""
    shutil.copytree(made, tmp_path / "workspace")
    return tmp_path / "workspace"


@pytest.fixture
def rebuild() -> Callable[[Path, str], None]:
    """Return a function that puts in place of a feed the same one changed by an SQL statement, as a run does."""
    import duckdb

    def swap(feed: Path, statement: str) -> None:
        with replacing(feed) as fresh:
            shutil.copytree(feed, fresh, dirs_exist_ok=True)
            with duckdb.connect(fresh / "voc.duckdb") as connection:
                connection.execute(statement)

    return swap
