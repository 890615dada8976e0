"""Unpack gzip and zip as streams, in memory only, and refuse what is damaged, protected, or made to fill the memory."""

import gzip
import io
import os
import zipfile
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, BinaryIO, TypeAlias

from vocpipe.errors import InputError
from vocpipe.french.redaction import redact

Source: TypeAlias = Callable[[], BinaryIO]

EXPORTS = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
KINDS = "CSV, XLSX, JSON, JSON lines, Parquet, and these in gzip or zip"
GZIP = b"\x1f\x8b"
ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# Text is packed ten to a hundred times: a file that grows more than that, past a size that any machine bears, was made to fill the memory.
HIGHEST_RATIO = 500
ALWAYS_ACCEPTED = 1 << 26

_WORKBOOK_MEMBERS = ("[Content_Types].xml", "content.xml")
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_NOTES = ("readme", "lisezmoi", "lisez-moi", "license", "licence")


def suffix_of(name: str) -> str:
    """Return the suffix of a name in lower case, that of the packed file for gzip: ".csv" for "avis.CSV.gz"."""
    return PurePosixPath(name.lower().removesuffix(".gz")).suffix


def without_names(name: str) -> str:
    """Return the name of a file as it may be shown and kept: some are called after a customer."""
    stem, suffix = os.path.splitext(name)
    return redact(stem).text + suffix


def is_hidden(name: str) -> bool:
    """Tell whether a file or a folder is none of the user's: hidden, a lock of an office suite, or what macOS adds to archives."""
    return name.startswith((".", "~$", "__MACOSX"))


def is_export(name: str) -> bool:
    """Tell by its name whether a file of a folder or of an archive is to be read."""
    lower = name.lower()
    if is_hidden(name) or (lower.endswith(".txt") and lower.startswith(_NOTES)):
        return False
    return suffix_of(name) in EXPORTS or (lower.endswith(".gz") and not suffix_of(name))


def gunzip(source: Source, name: str, size: int) -> BinaryIO:
    """Return the unpacked stream of a gzip file of `size` bytes."""
    packed = source()
    return io.BufferedReader(_Unpacking(gzip.GzipFile(fileobj=packed), name, size, packed))


def members(source: Source, path: Path | None, name: str) -> list[tuple[str, Source]] | None:
    """Return (name to show, source) of the exports in a zip archive; None when the file is a workbook, which is a zip file too."""
    try:
        archive = zipfile.ZipFile(path or source())
    except zipfile.BadZipFile as error:
        if suffix_of(name) != ".zip":
            return None  # the reader of workbooks says what is wrong with it
        raise _damaged(name, error) from error
    if any(member in archive.namelist() for member in _WORKBOOK_MEMBERS):
        return None
    found = [(f"{name} › {without_names(member.filename)}", member) for member in archive.infolist() if _is_wanted(member)]
    for shown, member in found:
        _refuse(shown, member)
    if not found:
        raise InputError(f"{name} holds no export", f"it must hold {KINDS}; archives in archives are not opened")
    return [(shown, _unpacked_again(partial(_unzip, archive, member, shown), shown, member.compress_size)) for shown, member in found]


def refuse_bombs(name: str, workbook: BinaryIO) -> None:
    """Raise `InputError` when a workbook grows without measure once unpacked. The stream is left at its start."""
    try:
        found = zipfile.ZipFile(workbook).infolist()
    except zipfile.BadZipFile:
        found = []  # an older kind of workbook, or a damaged one: its reader tells
    for member in found:
        if member.file_size > _most(member.compress_size):
            raise _bomb(name)
    workbook.seek(0)


def _is_wanted(member: zipfile.ZipInfo) -> bool:
    *folders, name = PurePosixPath(member.filename).parts
    return not member.is_dir() and is_export(name) and not any(is_hidden(folder) for folder in folders if folder != "..")


def _refuse(name: str, member: zipfile.ZipInfo) -> None:
    if member.flag_bits & 1:
        raise InputError(f"{name} is protected by a password", "unpack the archive and give its files")
    if ".." in PurePosixPath(member.filename).parts:
        raise InputError(f"{name} points outside its archive", "do not trust this archive: ask where it comes from")
    if member.compress_type not in _PACKINGS:
        raise InputError(f"{name} is packed in a way that is not known here", "unpack the archive and give its files")
    if member.file_size > _most(member.compress_size):
        raise _bomb(name)


def _unpacked_again(source: Source, name: str, size: int) -> Source:
    with source() as stream:
        return partial(gunzip, source, name, size) if stream.read(2) == GZIP else source


def _unzip(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> BinaryIO:
    try:
        return io.BufferedReader(_Unpacking(archive.open(member), name, member.compress_size))
    except zipfile.BadZipFile as error:
        raise _damaged(name, error) from error


class _Unpacking(io.RawIOBase):
    """Unpack a stream: say clearly when it is damaged, and stop when it grows without measure. `size` is that of the packed file, in bytes."""

    def __init__(self, stream: IO[bytes] | gzip.GzipFile, name: str, size: int, below: BinaryIO | None = None) -> None:
        self._stream = stream
        self._name = name
        self._left = _most(size)
        self._below = below

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            block = self._stream.read(len(buffer))
        except (EOFError, OSError, zlib.error, zipfile.BadZipFile) as error:
            raise _damaged(self._name, error) from error
        self._left -= len(block)
        if self._left < 0:
            raise _bomb(self._name)
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        self._stream.close()
        if self._below:
            self._below.close()
        super().close()


def _most(size: int) -> int:
    return max(ALWAYS_ACCEPTED, HIGHEST_RATIO * size)


def _bomb(name: str) -> InputError:
    return InputError(f"{name} grows more than {HIGHEST_RATIO} times when it is unpacked, and is not read", "no export does: ask where the file comes from")


def _damaged(name: str, error: Exception) -> InputError:
    return InputError(f"{name} is damaged: {error}", "it may have been cut while it was copied: copy or export it again")
