"""Make a text safe to open in a spreadsheet: no formula runs, nothing hidden changes what is read."""

import re

LONGEST = 32_767
"""Characters that a cell of Excel holds; a longer one spills over the rows below when a CSV file is opened."""

_STRANGE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")
# A spreadsheet that splits at another separator begins a cell there. A sign before a space, a number or a smiley's mouth is left alone, unless what
# follows calls a function or a program.
_FORMULA_INSIDE = re.compile(r'([;,\n])(?=(?:[^\S\n]|")*(?:[=@＝＠]|[+\-＋－](?:[^\s\d)]|[^;,\n]*(?:\||\w\())))')
_LINE_ENDS = {"\r": "\n", "\u2028": "\n", "\u2029": "\n", "\x85": "\n", "\t": " "}
# Shown rather than dropped: whoever wrote them meant to have the text read in another order.
_SHOWN = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def safe_cell(text: str) -> str:
    """Return the text as a cell that Excel, LibreOffice or Google Sheets shows as it is.

    What could start a formula gets an apostrophe before it, also after a semicolon, a comma or a newline inside the text; marks that turn the direction
    of reading are written out, as [U+202E]; other control characters go, line ends become newlines and tabs become spaces; a text longer than `LONGEST`
    is cut, with "…" at the end.
    """
    if _STRANGE.search(text):
        text = _STRANGE.sub(_plain, text.replace("\r\n", "\n"))
    if _FORMULA.match(text):
        text = "'" + text
    text = _FORMULA_INSIDE.sub(r"\1'", text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _plain(match: re.Match[str]) -> str:
    character = match[0]
    return f"[U+{ord(character):04X}]" if character in _SHOWN else _LINE_ENDS.get(character, "")
