"""Markdown that also reads well as plain text in a terminal."""

import re
import unicodedata
from collections.abc import Sequence

QUOTE_LENGTH = 160
_EMOJI_JOINER = "\u200d"
_SPECIAL = re.compile(r"[\\`*_<|~]|\](?=\()|&(?=#?\w+;)|(?<=http):(?=//)|(?<=https):(?=//)|(?<=www)\.", re.IGNORECASE)


def one_line(text: str) -> str:
    """Return the text on one line, without the control characters that a terminal would obey."""
    spaced = re.sub(r"\s+", " ", text)
    return "".join(letter for letter in spaced if letter == _EMOJI_JOINER or unicodedata.category(letter) not in ("Cc", "Cf", "Cs")).strip()


def escape(text: str) -> str:
    """Return the text of a customer or an analyst on one line, so that Markdown shows it as it is inside a sentence or a cell.

    Brackets alone are left: the marks of redaction, such as [NOM], stay easy to read.
    """
    return _SPECIAL.sub(lambda found: "\\" + found.group(), one_line(text))


def clip(text: str, start: int = 0, end: int = 0, limit: int = QUOTE_LENGTH) -> str:
    """Return at most `limit` characters of the text on one line, cut between words; the words from `start` to `end` (code points) are kept first."""
    whole = one_line(text)
    if len(whole) <= limit:
        return whole
    proof_start = min(len(one_line(text[: max(start, 0)])), len(whole))
    proof_end = min(proof_start + len(one_line(text[max(start, 0) : max(end, start, 0)])), len(whole))
    room = limit - 4  # an ellipsis and a space at both ends
    first = max(0, min(proof_start - (room - (proof_end - proof_start)) // 2, len(whole) - room, proof_start))
    last = min(len(whole), first + room)
    if first:
        first = whole.find(" ", first, proof_start) + 1 or first
    if last < len(whole):
        cut = whole.rfind(" ", max(first, proof_end), last + 1)
        last = cut if cut > first else last
    return ("… " if first else "") + whole[first:last].strip() + (" …" if last < len(whole) else "")


def table(header: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Return the lines of a table whose columns are aligned; the cells are Markdown already, those of the columns `right` are set to the right."""
    widths = [max(3, *(len(row[place]) for row in (header, *rows))) for place in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        padded = (cell.rjust(width) if place in right else cell.ljust(width) for place, (cell, width) in enumerate(zip(cells, widths, strict=True)))
        return f"| {' | '.join(padded)} |"

    rule = " | ".join("-" * (width - 1) + ":" if place in right else "-" * width for place, width in enumerate(widths))
    return [line(header), f"| {rule} |", *map(line, rows), ""]
