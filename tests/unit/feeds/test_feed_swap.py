"""Replacing a folder survives an exception and a kill at every moment."""

import subprocess
import sys
from pathlib import Path

import pytest

from vocpipe.feeds.swap import current, replacing

KILLED = """
import os, signal, sys
from pathlib import Path
from vocpipe.feeds import swap

moment, target = sys.argv[1], Path(sys.argv[2])
die = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
rename = Path.rename

def rename_until(self, other):
    if moment == "before " + self.suffix.lstrip("."):
        die()
    rename(self, other)

Path.rename = rename_until
with swap.replacing(target) as folder:
    (folder / "a").write_text("new")
    if moment == "filling":
        die()
    if moment == "clearing":
        swap.shutil.rmtree = die
"""


def write(folder: Path, content: str) -> None:
    with replacing(folder) as fresh:
        (fresh / "a").write_text(content)


def test_the_new_folder_replaces_the_old_one_whole(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "feed"
    write(target, "old")
    (target / "stray").touch()
    write(target, "new")
    assert [(path.name, path.read_text()) for path in target.iterdir()] == [("a", "new")]
    assert [path.name for path in target.parent.iterdir()] == ["feed"]


def test_an_exception_leaves_the_old_folder(tmp_path: Path) -> None:
    target = tmp_path / "feed"
    write(target, "old")
    with pytest.raises(IsADirectoryError), replacing(target) as fresh:
        (fresh / "a").write_text("half") and fresh.write_text("a folder")
    assert (target / "a").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["feed"]


@pytest.mark.parametrize(
    ("moment", "expected", "leftovers"),
    [
        ("filling", "old", ["feed", "feed.tmp"]),
        ("before ", "old", ["feed", "feed.tmp"]),
        ("before tmp", "old", ["feed.old", "feed.tmp"]),
        ("clearing", "new", ["feed", "feed.old"]),
    ],
)
def test_a_kill_leaves_one_whole_folder_and_the_next_run_clears_up(tmp_path: Path, moment: str, expected: str, leftovers: list[str]) -> None:
    target = tmp_path / "feed"
    write(target, "old")
    killed = subprocess.run([sys.executable, "-c", KILLED, moment, str(target)], check=False)
    assert killed.returncode == -9
    assert sorted(path.name for path in tmp_path.iterdir()) == leftovers
    assert (current(target) / "a").read_text() == expected
    with pytest.raises(ZeroDivisionError), replacing(target):
        raise ZeroDivisionError
    assert (target / "a").read_text() == expected
    assert [path.name for path in tmp_path.iterdir()] == ["feed"]
