"""Read the golden files: one case a line, `text ⇥ expected`, lines that start with # and empty lines left out."""

import re
from pathlib import Path

FOLDER = Path(__file__).parent
_ESCAPE = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|[nrt])")


def lines(name: str) -> list[str]:
    """Return the cases of a golden file as written."""
    return [line for line in (FOLDER / name).read_text(encoding="utf8").splitlines() if line.strip() and not line.startswith("#")]


def pairs(name: str) -> list[tuple[str, str]]:
    """Return the cases of a golden file of `text ⇥ expected` lines, escapes (`\\n`, `\\u00a0`) read."""
    return [(_unescaped(text), _unescaped(expected)) for text, expected in (line.split(" ⇥ ") for line in lines(name))]


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda escape: escape[0].encode().decode("unicode_escape"), text)
