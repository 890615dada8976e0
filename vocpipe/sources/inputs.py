"""Find what to read: files, archives, folders, patterns and standard input, each as a fresh stream of the export's own bytes."""

import glob
import io
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO

from vocpipe.errors import InputError, nearest
from vocpipe.sources.archives import GZIP, KINDS, ZIP, Source, gunzip, is_export, is_hidden, members, suffix_of, without_names
from vocpipe.sources.encoding import FileFacts, inspect

STANDARD_INPUT = "-"
# Standard input, and the workbooks and Parquet files inside archives, are kept in memory: nothing unredacted may reach the disk.
MEMORY_LIMIT = 1 << 30


@dataclass(frozen=True)
class Input:
    """Hold one export that can be read as often as needed.

    `name` is shown to people ("avis.zip › mars.csv" for a member of an archive), `path` is the file itself when it is not packed, and `part` tells that
    it came with others, from a folder, a pattern or an archive: a part may have a header and no row.
    """

    name: str
    source: Source = field(repr=False)
    path: Path | None = None
    part: bool = False

    def open(self) -> BinaryIO:
        """Return a fresh stream of the content, unpacked. Reading it raises `InputError` when the file is damaged."""
        return self.source()

    def open_seekable(self) -> BinaryIO:
        """Return the content as a stream that can be read in any order: the file itself, else the unpacked content in memory."""
        if self.path:
            return self.open()
        with self.open() as stream:
            return io.BytesIO(_in_memory(stream, self.name, "unpack it first: workbooks and Parquet files are then read from the disk"))

    @property
    def suffix(self) -> str:
        """Return the suffix in lower case, that of the packed file for gzip: ".csv" for "avis.CSV.gz"."""
        return suffix_of(self.name)

    @cached_property
    def facts(self) -> FileFacts:
        """Return what one pass over the unpacked content tells."""
        with self.open() as stream:
            return inspect(stream)

    def sha256(self) -> str:
        """Return the hash of the unpacked content, 64 hexadecimal digits."""
        return self.facts.sha256


def expand(given: Sequence[str | Path | Input], stdin: BinaryIO | None = None) -> list[Input]:
    """Return the exports that files, archives, folders, quoted patterns and "-" (standard input) stand for, sorted by name, each file once.

    Folders and archives give the exports in them, at any depth; hidden files, lock files, empty files and what is no export by its suffix are left
    out. An `Input` is kept as it is. Raises `InputError` when something does not exist, holds no export, is protected by a password, or grows without
    measure once it is unpacked.
    """
    inputs: dict[Input | Path | str, list[Input]] = {}
    for each in given:
        if isinstance(each, Input):
            inputs[each] = [each]
        elif str(each) == STANDARD_INPUT:
            inputs[STANDARD_INPUT] = inputs.get(STANDARD_INPUT) or _standard_input(stdin or sys.stdin.buffer)
        else:
            for path, name, part in _files(str(each)):
                place, shown = path.resolve(), without_names(name)
                inputs[place] = inputs.get(place) or _unpacked(shown, partial(_open_file, path, shown), path, part)
    found = [each for several in inputs.values() for each in several if not (each.part and _is_empty(each))]
    if inputs and not found:
        raise InputError("nothing to read: every file is empty", "export them again")
    times = Counter(each.name for each in found)
    # Files of the same name are told apart by their content, so that the order on the command line changes nothing.
    return sorted(found, key=lambda each: (each.name, each.sha256() if times[each.name] > 1 else ""))


def _files(given: str) -> Iterator[tuple[Path, str, bool]]:
    """Yield (path, name to show, whether it came with others) for what one argument stands for."""
    path = Path(given)
    if path.is_dir():
        yield from _in_folder(path)
    elif path.is_file():
        yield path, path.name, False
    elif glob.has_magic(given):
        yield from _matching(path)
    else:
        raise _missing(path)


def _in_folder(folder: Path) -> Iterator[tuple[Path, str, bool]]:
    found = []
    for place, folders, names in os.walk(folder, onerror=_refuse_folder):
        folders[:] = [name for name in folders if not is_hidden(name)]
        found += [path for path in (Path(place, name) for name in names) if (is_export(path.name) or path.suffix.lower() == ".zip") and path.is_file()]
    if not found:
        raise InputError(f"the folder {folder} holds no export", f"it must hold {KINDS}")
    for path in found:
        yield path, f"{folder.resolve().name}/{path.relative_to(folder).as_posix()}", True


def _refuse_folder(error: OSError) -> None:
    raise InputError(f"the folder {error.filename} cannot be read: {error.strerror}", "check the rights on the folder") from error


def _matching(pattern: Path) -> Iterator[tuple[Path, str, bool]]:
    matches = [match for match in map(Path, glob.glob(str(pattern), recursive=True)) if not is_hidden(match.name)]
    if not matches:
        raise InputError(f"no file matches {pattern}", "check the folder and the pattern; ** stands for folders at any depth")
    root = Path(*takewhile(lambda name: not glob.has_magic(name), pattern.parts))
    for match in matches:
        if match.is_file():
            yield match, match.relative_to(root).as_posix(), True
        elif "**" not in pattern.parts:
            yield from _in_folder(match)


def _missing(path: Path) -> InputError:
    if not path.parent.is_dir():
        return InputError(f"no such file: {path}", f"the folder {path.parent} does not exist either")
    neighbours = [found.name for found in path.parent.iterdir() if not is_hidden(found.name)]
    hint = nearest(path.name, neighbours) if neighbours else f"the folder {path.parent} is empty"
    return InputError(f"no such file: {path}", hint if len(hint) < 1_000 else "check the path")


def _open_file(path: Path, name: str) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror}", "check the rights on the file") from error


def _standard_input(stream: BinaryIO) -> list[Input]:
    content = _in_memory(stream, "standard input", "give the file itself instead of `-`")
    return _unpacked("standard input", partial(io.BytesIO, content))


def _in_memory(stream: BinaryIO, name: str, hint: str) -> bytes:
    content = stream.read(MEMORY_LIMIT + 1)
    if len(content) > MEMORY_LIMIT:
        raise InputError(f"{name} holds more than {MEMORY_LIMIT >> 20} MB, and would have to be kept in memory", hint)
    return content


def _unpacked(name: str, source: Source, path: Path | None = None, part: bool = False) -> list[Input]:
    """Return the exports of one file, which is what its first bytes say: gzip, zip, or the export itself."""
    with source() as stream:
        head = stream.read(4)
        size = stream.seek(0, os.SEEK_END)
    if head.startswith(GZIP):
        return [Input(name, partial(gunzip, source, name, size), part=part)]
    found = members(source, path, name) if head in ZIP else None
    return [Input(name, source, path, part)] if found is None else [Input(shown, member, part=True) for shown, member in found]


def _is_empty(given: Input) -> bool:
    with given.open() as stream:
        return not stream.read(1)
