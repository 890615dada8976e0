"""Kill a run at moments that change the disk, run it again, and compare with a run that was left in peace.

Every other moment: the even ones of a first run, the odd ones of a run with other inputs, whose moments are nearly the same.

Called as a program by the test, because it forks: the children kill themselves, and nothing has started a thread before.
"""

import contextlib
import hashlib
import importlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from tests.contract.fakes import write_config, write_export
from vocpipe.config import load_config
from vocpipe.errors import VocpipeError
from vocpipe.french.lemmas import words
from vocpipe.runs import run

_CHANGES = ("replace", "rename", "unlink", "rmdir")


def in_a_child(action: Callable[[], None]) -> int:
    """Run an action in a fork of this process, and return how it ended: 0, or minus the number of the signal."""
    child = os.fork()
    if not child:
        try:
            action()
            os._exit(0)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def kill_before(moment: int) -> None:
    """Make this process die before its n-th change of the disk."""
    left = moment

    def counting(change: Callable[..., object]) -> Callable[..., object]:
        def changed(*arguments: object, **options: object) -> object:
            nonlocal left
            if "dir_fd" not in options or options["dir_fd"] is None:  # the files of a folder on its way out are one moment
                if not left:
                    os.kill(os.getpid(), signal.SIGKILL)
                left -= 1
            return change(*arguments, **options)

        return changed

    for name in _CHANGES:
        setattr(os, name, counting(getattr(os, name)))


def content(workspace: Path) -> dict[str, str]:
    """Return the hash of each file, without what a run may change: its timing, and the database, which is no more than the tables."""
    found = {}
    for path in sorted(workspace.rglob("*")):
        if path.is_file() and path.name not in (".lock", "voc.duckdb", "made_from.json"):
            data = path.read_bytes()
            if path.name == "manifest.json":
                data = json.dumps({key: value for key, value in json.loads(data).items() if key != "timing"}).encode()
            found[str(path.relative_to(workspace))] = hashlib.sha256(data).hexdigest()
    return found


def main(folder: Path) -> None:
    """Print how many kills were survived, for a first run and for one with other inputs; raise when a workspace differs."""
    for heavy in ("duckdb", "pandas", "scipy.cluster.hierarchy", "datasketch", "vocpipe.ml.model"):  # once here rather than in every child
        with contextlib.suppress(ImportError):
            importlib.import_module(heavy)
    words("mots")
    config = load_config(write_config(folder)).model_copy(update={"shard_rows": 30})
    first, other = write_export(folder / "a.csv", 40), write_export(folder / "b.csv", 25, first=20)

    def start(workspace: Path, export: Path) -> Callable[[], None]:
        return lambda: (run(config, export, batch="2026-03", workspace=workspace), None)[1]

    def killed(workspace: Path, export: Path, moment: int) -> Callable[[], None]:
        return lambda: (kill_before(moment), start(workspace, export)())[1]

    survived = []
    for number, (export, before) in enumerate(((first, None), (other, first))):
        base, peaceful = folder / "base", folder / "peaceful"
        for place in (base, peaceful):
            shutil.rmtree(place, ignore_errors=True)
        if before and in_a_child(start(base, before)):
            raise VocpipeError("the first batch failed")
        if before:
            shutil.copytree(base, peaceful)
        if in_a_child(start(peaceful, export)):
            raise VocpipeError("the run left in peace failed")
        moment, ended = number, -signal.SIGKILL
        while ended == -signal.SIGKILL:
            workspace = folder / "killed"
            shutil.rmtree(workspace, ignore_errors=True)
            if before:
                shutil.copytree(base, workspace)
            ended = in_a_child(killed(workspace, export, moment))
            again = in_a_child(start(workspace, export))
            if again or content(workspace) != content(peaceful):
                differ = sorted(set(content(workspace).items()) ^ set(content(peaceful).items()))
                raise VocpipeError(f"killed before change {moment}, then run again ({again}): {differ}")
            moment += 2
        survived.append(moment - 2)
    print(json.dumps(survived))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
