"""Replace a folder as a whole: a reader, or a kill at any moment, finds the old one or the new one."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _beside(target: Path, suffix: str) -> Path:
    return target.with_name(target.name + suffix)


def current(target: Path) -> Path:
    """Return where the folder is now: at its place, or set aside by a replacement that was killed halfway."""
    aside = _beside(target, ".old")
    return aside if aside.is_dir() and not target.exists() else target


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Give an empty folder to fill, which becomes `target` when the block ends well and vanishes when it raises.

    There is one writer at a time. What a killed replacement left behind is cleared first.
    """
    fresh, aside = _beside(target, ".tmp"), _beside(target, ".old")
    if aside.exists() and not target.exists():
        aside.rename(target)
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.rmtree(aside, ignore_errors=True)
    fresh.mkdir(parents=True)
    try:
        yield fresh
        if target.exists():
            target.rename(aside)
        fresh.rename(target)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        if aside.exists() and not target.exists():
            aside.rename(target)
        raise
    shutil.rmtree(aside, ignore_errors=True)
