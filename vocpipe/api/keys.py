"""Keys of the service: 256 random bits each, of which only a hash is kept."""

import datetime as dt
import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path
from typing import Any

from vocpipe import files
from vocpipe.errors import ConfigError, nearest

KEYS = Path("api") / "keys.json"
"""Where the hashes are in a workspace."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PREFIX = "voc_"


def new_key(workspace: Path, name: str) -> str:
    """Make a key, keep its hash under that name, and return it: it is shown this once.

    A plain sha256 is enough because nobody can guess 256 random bits. Raises `ConfigError` when the name is taken or cannot be one.
    """
    entries = _read(workspace / KEYS)
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{name!r} cannot be the name of a key", "use letters, digits, '-', '_' and '.', such as --name dashboard")
    if any(entry["name"] == name for entry in entries):
        raise ConfigError(f"there is already a key called {name!r}", f"give another --name, or take it away first: vocpipe serve --revoke {name}")
    key = _PREFIX + secrets.token_urlsafe(32)
    _write(workspace / KEYS, [*entries, {"name": name, "made": dt.date.today().isoformat(), "sha256": _hash(key)}])
    return key


def revoke(workspace: Path, name: str) -> None:
    """Take a key away; a running service refuses it from the next request on. Raises `ConfigError` when there is none of that name."""
    entries = _read(workspace / KEYS)
    kept = [entry for entry in entries if entry["name"] != name]
    if len(kept) == len(entries):
        raise ConfigError(f"no key is called {name!r}", nearest(name, [entry["name"] for entry in entries]) if entries else "there is none")
    _write(workspace / KEYS, kept)


def key_names(workspace: Path) -> list[str]:
    """Return the names of the keys, oldest first."""
    return [entry["name"] for entry in _read(workspace / KEYS)]


class KeyRing:
    """Tell whose key is given, by the file of hashes as it is now.

    Once that file was seen, a key is needed for good: taking the last key away closes the service, it does not open it.
    """

    def __init__(self, workspace: Path, required: bool) -> None:
        self._path = workspace / KEYS
        self._required = required
        self._stamp: tuple[int, int, int] | None = None
        self._entries: list[dict[str, Any]] = []

    def owner(self, key: str | None) -> str | None:
        """Return the name of a key, or null; every hash is compared, each in constant time."""
        given = _hash(key or "")
        found = None
        for entry in self._current():
            if hmac.compare_digest(given, entry["sha256"]):
                found = entry["name"]
        return found

    @property
    def required(self) -> bool:
        """Tell whether a request needs a key."""
        self._current()
        return self._required

    def _current(self) -> list[dict[str, Any]]:
        try:
            held = self._path.stat()
        except FileNotFoundError:
            self._stamp, self._entries = None, []
            return []
        stamp = (held.st_ino, held.st_mtime_ns, held.st_size)
        if stamp != self._stamp:
            self._entries, self._stamp = _read(self._path), stamp
        self._required = True
        return self._entries


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def _read(path: Path) -> list[dict[str, Any]]:
    if not path.is_file():
        return []
    found: list[dict[str, Any]] = files.read_json(path)["keys"]
    return found


def _write(path: Path, entries: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.chmod(path.parent, 0o700)
    files.write_json({"keys": entries}, path)
    os.chmod(path, 0o600)
