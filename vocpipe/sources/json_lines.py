"""Read JSON lines: one object a line, its nested values named by dotted path."""

import json
import re
from collections import Counter
from collections.abc import Iterator

from vocpipe.errors import ConfigError, InputError
from vocpipe.sources.config import SourceConfig
from vocpipe.sources.encoding import find_encoding, text_lines
from vocpipe.sources.inputs import Input
from vocpipe.sources.nested import flatten, keys_of, without_half_characters
from vocpipe.sources.rows import BadRow, Row

_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})")


class JsonLinesReader:
    """Read one JSON object a line."""

    format = "jsonl"
    delimiter = ""

    def __init__(self, given: Input, source: SourceConfig) -> None:
        self._given = given
        self.name = given.name
        self.bytes = given.facts.size
        self.sha256 = given.facts.sha256
        self.encoding = find_encoding(given.facts) if source.encoding == "auto" else source.encoding
        if given.facts.head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
            raise ConfigError(f"{self.name} is one JSON array, not JSON lines", "write `format: json` in the source, or leave it out: it is found")
        self.headers = keys_of(self.rows(Counter()))
        if not self.headers:
            raise InputError(f"{self.name} holds no JSON object in its first lines", "write one JSON object a line")

    def rows(self, problems: Counter[str]) -> Iterator[Row | BadRow]:
        """Yield one row a line; a line that is no JSON object is a bad row."""
        for number, line in enumerate(text_lines(self._given.open(), self.name, self.encoding, problems), start=1):
            if line.strip("\ufeff \t\r\n"):
                yield _row(number, line)


def _row(number: int, line: str) -> Row | BadRow:
    try:
        record = json.loads(line.lstrip("\ufeff"))
        if "\\ud" in line.lower():
            record = without_half_characters(record)
        return Row(number, flatten(record)) if isinstance(record, dict) else BadRow(number, "JSON, but not an object", _decoded(line))
    except (ValueError, RecursionError):
        return BadRow(number, "not valid JSON", _decoded(line))


def _decoded(line: str) -> str:
    r"""Return a line with its escapes read ("n\u00e9e le" hides a date of birth from redaction), whether the rest is valid JSON or not."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 16)), line).encode("utf-8", "replace").decode("utf-8")
