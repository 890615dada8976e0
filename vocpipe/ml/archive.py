"""Give a model to others as a folder or a zip archive, and take one in: checked against its card on both ways."""

import os
import re
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from vocpipe.errors import ModelError
from vocpipe.ml.store import SAFE_SUFFIXES, load_card, store_folder, verify

MOST_BYTES = 8 * 2**30
"""Size of an archive's content at most: more is no model of this kind, or an archive made to fill the disk."""
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EPOCH = (1980, 1, 1, 0, 0, 0)


def export_model(path: Path, target: Path) -> Path:
    """Write a verified model's folder to `target`: a zip archive when its name ends in .zip, else a folder; equal models give equal archives.

    Raises `ModelError` when a file differs from its card, or when `target` is there already.
    """
    card = verify(path)
    if target.exists():
        raise ModelError(f"{target} is there already", "give another name, or remove it")
    files = sorted(file for file in path.iterdir() if file.is_file())
    with _beside(target) as partial:
        if target.suffix == ".zip":
            with zipfile.ZipFile(partial / "model.zip", "w", zipfile.ZIP_DEFLATED) as archive:
                for file in files:
                    archive.writestr(zipfile.ZipInfo(f"{card.name}/{card.version}/{file.name}", _EPOCH), file.read_bytes(), zipfile.ZIP_DEFLATED)
            os.replace(partial / "model.zip", target)
        else:
            _copy(files, partial / "model")
            os.replace(partial / "model", target)
    return target


def add_model(given: Path, folder: Path | None = None) -> Path:
    """Put a model, from a folder or a zip archive that `export_model` wrote, into the store and return its folder.

    It is checked against its card before it appears. Raises `ModelError` when it differs, when its version is there already, or when the archive
    holds anything but the plain files of one model.
    """
    if not given.exists():
        raise ModelError(f"no such file or folder: {given}", "give an archive or folder that `vocpipe models export` wrote")
    store = store_folder(folder)
    with _beside(store / "model") as partial:
        inside = partial / "model"
        if given.is_dir():
            _copy(sorted(file for file in given.iterdir() if file.is_file()), inside)
        else:
            _extract(given, inside)
        card = load_card(inside)
        if not (_PLAIN.fullmatch(card.name) and _PLAIN.fullmatch(card.version)):
            raise ModelError(f"{given}: the card's name or version cannot be a folder's name", "letters, digits, dots, hyphens and underscores only")
        verify(inside)
        target = store / card.name / card.version
        if target.exists():
            raise ModelError(f"{card.name}@{card.version} is in {store} already, and versions never change", "nothing was changed")
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(inside, target)
    return target


def _extract(given: Path, inside: Path) -> None:
    """Write the plain files of an archive into a new folder, whatever folders the archive names."""
    inside.mkdir()
    try:
        with zipfile.ZipFile(given) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len({str(PurePosixPath(entry.filename).parent) for entry in entries}) != 1:
                raise ModelError(f"{given} does not hold the files of one model", "give an archive that `vocpipe models export` wrote")
            if sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise ModelError(f"{given} would unpack to more than {MOST_BYTES // 2**30} GiB", "this is not a model that vocpipe wrote")
            for entry in entries:
                name = PurePosixPath(entry.filename).name
                if not _PLAIN.fullmatch(name) or Path(name).suffix not in SAFE_SUFFIXES:
                    raise ModelError(f"{given}: {name!r} is not a file of a model", f"models hold only {', '.join(sorted(SAFE_SUFFIXES))}")
                with archive.open(entry) as source, (inside / name).open("xb") as place:
                    shutil.copyfileobj(source, place)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, FileExistsError, EOFError, zlib.error) as error:
        raise ModelError(f"{given} is not a zip archive that can be read: {type(error).__name__}", "ask for it again: it may have been cut short") from error


def _copy(files: list[Path], target: Path) -> None:
    target.mkdir()
    for file in files:
        shutil.copyfile(file, target / file.name)


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Yield a hidden folder next to `target`, which vanishes at the end: what is written appears whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        yield partial
    finally:
        shutil.rmtree(partial, ignore_errors=True)
