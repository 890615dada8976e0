"""Write files so that a reader never sees half of one, whatever happens to the process."""

import errno
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from vocpipe.errors import WorkspaceError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn a full disk or a forbidden place into a `WorkspaceError` that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise WorkspaceError(f"no space left to write {place}", "free some space, then run the same command again: it goes on where it stopped") from error
        if error.errno in _FORBIDDEN:
            raise WorkspaceError(f"not allowed to write {place}", "check the rights on the folder, or give another one") from error
        raise


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield the path of a temporary neighbour that takes the place of `path` when the block ends well, and vanishes when it does not."""
    temporary = path.with_name(path.name + ".tmp")
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield temporary
            os.replace(temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write a table atomically; equal tables give equal bytes."""
    with replacing(path) as temporary:
        pq.write_table(table, temporary, compression="zstd")


def write_json(value: Any, path: Path) -> None:
    """Write a value atomically, as indented UTF-8 JSON with the keys in their order."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def read_json(path: Path) -> Any:
    """Return the value that `write_json` wrote."""
    return json.loads(path.read_text(encoding="utf-8"))


def sha256(path: Path) -> str:
    """Return the sha256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
