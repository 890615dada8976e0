"""Find how a text file is encoded, and read its lines without ever failing on a byte."""

import codecs
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from typing import BinaryIO

from vocpipe.errors import InputError

PARQUET_MAGIC = b"PAR1"
WORKBOOK_MAGIC = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

_BLOCK = 1 << 20
_HEAD = 1 << 16
# A line is cut there, so that a file without line ends cannot fill the memory.
_LONGEST_LINE = 1 << 25
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SINGLE_BYTE = ("cp1252", "mac_roman", "cp850")
_FRENCH_LETTERS = frozenset("éèàêçùâîôûëïœ’")
_FRENCH_OTHERS = frozenset("ÉÈÀÊÇÎÔŒäöüÿæ«»°–—…€‘“”\u00a0")
_CONTROL_BYTES = bytes(range(9)) + bytes(range(14, 32))
_STRAY_BYTES = re.compile("[\udc80-\udcff]+")


@dataclass(frozen=True)
class FileFacts:
    """Hold what one pass over a content tells: size in bytes, sha256, first bytes, and how much of it is UTF-8."""

    size: int
    sha256: str
    head: bytes
    utf8_characters: int
    stray_bytes: int
    stray_sample: bytes


def inspect(stream: BinaryIO) -> FileFacts:
    """Read a stream once, block by block. `utf8_characters` counts those outside ASCII, `stray_bytes` those bytes that are no UTF-8."""
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    size = characters = stray = 0
    head = sample = b""
    block = b"start"
    while block:
        block = stream.read(_BLOCK)
        digest.update(block)
        size += len(block)
        head = head or block[:_HEAD]
        if head.startswith((PARQUET_MAGIC, *WORKBOOK_MAGIC)):
            continue
        text = decoder.decode(block, final=not block)
        if text.isascii():
            continue
        found = _stray(text)
        stray += len(found)
        characters += len(text) - len(text.encode("ascii", "ignore")) - len(found)
        if len(sample) < _HEAD:
            sample += found.encode("ascii", "surrogateescape")
    return FileFacts(size, digest.hexdigest(), head, characters, stray, sample)


def _stray(text: str) -> str:
    """Return the bytes that are no UTF-8, as surrogates."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(_STRAY_BYTES.findall(text))
    return ""


def find_encoding(facts: FileFacts) -> str:
    """Return the encoding: byte order mark, UTF-16 by its NUL bytes, UTF-8, else the single-byte encoding that gives the most French letters.

    A file in which at least one non-ASCII character in fifty is UTF-8 is a mixture, and is read as UTF-8 with the other bytes repaired.
    """
    for mark, name in _BOMS:
        if facts.head.startswith(mark):
            return name
    even, odd = facts.head[0::2].count(0), facts.head[1::2].count(0)
    if max(even, odd) > len(facts.head) * 0.35 and min(even, odd) < len(facts.head) * 0.05:
        return "utf-16-le" if odd > even else "utf-16-be"
    if facts.utf8_characters * 50 >= facts.stray_bytes:
        return "utf-8"
    return max(_SINGLE_BYTE, key=lambda name: _french_score(facts.stray_sample.decode(name, "replace")))


def _french_score(text: str) -> float:
    return sum(count * (1.0 if character in _FRENCH_LETTERS else 0.4 if character in _FRENCH_OTHERS else 0.0) for character, count in Counter(text).items())


def is_binary(facts: FileFacts) -> bool:
    """Tell whether the first bytes are those of no text file: a picture, an archive, a program."""
    control = len(facts.head) - len(facts.head.translate(None, _CONTROL_BYTES))
    return control * 20 > len(facts.head) and not find_encoding(facts).startswith("utf-16")


def text_lines(stream: BinaryIO, name: str, encoding: str, problems: Counter[str], longest: int = _LONGEST_LINE) -> Iterator[str]:
    r"""Yield the lines of a text with their ends (\n, \r\n or \r), cut after `longest` characters, and close the stream.

    Bytes outside the encoding are read as Windows-1252 and NULs removed; both are counted. Raises `InputError` when a declared encoding cannot be right.
    """
    with TextIOWrapper(stream, encoding=encoding, errors="replace" if encoding.startswith("utf-16") else "surrogateescape", newline="") as text:
        try:
            while line := text.readline(longest):
                if not line.isascii() and _stray(line):
                    problems["encoding: mixed, line repaired"] += 1
                    line = _STRAY_BYTES.sub(_repair, line)
                if "\0" in line:
                    problems["NUL bytes: removed from line"] += 1
                    line = line.replace("\0", "")
                yield line
        except UnicodeError as error:
            raise InputError(f"{name} is not encoded in {encoding}: {error}", "leave `encoding` out of the source: it is found") from error


def _repair(match: re.Match[str]) -> str:
    raw = match[0].encode("ascii", "surrogateescape")
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
