"""Read one JSON document, object by object: a list of them, or a document that holds such a list somewhere."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from vocpipe.errors import ConfigError, InputError
from vocpipe.sources.config import SourceConfig
from vocpipe.sources.encoding import find_encoding, text_lines
from vocpipe.sources.inputs import Input
from vocpipe.sources.nested import flatten, keys_of, without_half_characters
from vocpipe.sources.rows import BadRow, Row

_BLOCK = 1 << 16
# No object of an export is longer: past that many characters, what cannot be decoded is broken, not unfinished.
_LONGEST_VALUE = 1 << 26
_SPACE = re.compile(r"[\ufeff \t\r\n]*")
_ESCAPED_SURROGATE = re.compile(r"\\u[dD]")
_DECODER = json.JSONDecoder()


class JsonDocumentReader:
    """Read the objects of one list of a JSON document; `records` of the source is its dotted path.

    Without it the list is the first one found, the least nested first. Raises `ConfigError` with the lists of the document when there is none at the
    path, and `InputError` when the document is broken, with the number of objects before the damage.
    """

    format = "json"
    delimiter = ""

    def __init__(self, given: Input, source: SourceConfig) -> None:
        self._given = given
        self.name = given.name
        self.bytes = given.facts.size
        self.sha256 = given.facts.sha256
        self.encoding = find_encoding(given.facts) if source.encoding == "auto" else source.encoding
        self._path = self._first_list() if source.records is None else source.records
        self.headers = keys_of(self.rows(Counter()))
        if not self.headers:
            raise self._no_list()

    def rows(self, problems: Counter[str]) -> Iterator[Row | BadRow]:
        """Yield the objects of the list; `number` counts them from 1."""
        number = 0
        for path, _, item in self._items(problems):
            if path == self._path:
                number += 1
                if isinstance(item, dict):
                    yield Row(number, flatten(item))
                else:
                    yield BadRow(number, "JSON, but not an object", json.dumps(item, ensure_ascii=False))
            elif number:
                return

    def _items(self, problems: Counter[str]) -> Iterator[tuple[str, int, Any]]:
        """Yield (path, depth, item) for the items of the lists of the document."""
        number = 0
        lines = text_lines(self._given.open(), self.name, self.encoding, problems, longest=_BLOCK)
        try:
            for found in _Document(lines).items():
                number += 1
                yield found
        except (ValueError, RecursionError) as error:
            raise InputError(f"{self.name} is no valid JSON after its object {number}", "it may have been cut: copy or export it again") from error

    def _first_list(self) -> str:
        best: tuple[int, str] | None = None
        for path, depth, item in self._items(Counter()):
            if isinstance(item, dict) and (best is None or depth < best[0]):
                best = depth, path
            if best and best[0] <= 1:
                break
        if best is None:
            raise self._no_list()
        return best[1]

    def _no_list(self) -> ConfigError | InputError:
        found = list(dict.fromkeys(path for path, _, item in self._items(Counter()) if isinstance(item, dict)))
        if not found:
            return InputError(f"{self.name} holds no list of objects", 'one object a verbatim is needed, such as [{"text": "…"}, {"text": "…"}]')
        hint = f"set `records:` in the source to one of these: {', '.join(found)}" if found != [""] else "leave `records:` out: the document is itself the list"
        return ConfigError(f"{self.name} holds no list of objects at {self._path!r}", hint)


class _Document:
    """Walk through a JSON text of any length, decoding one item of a list at a time. Raises `ValueError` where it is broken."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._text = ""
        self._at = 0

    def items(self, path: str = "", depth: int = 0) -> Iterator[tuple[str, int, Any]]:
        """Yield (dotted path, depth, item) for each item of each list that is reached through objects only."""
        opening = self._next()
        if opening == "[":
            for _ in self._members("[", "]"):
                yield path, depth, self._value()
        elif opening == "{":
            for _ in self._members("{", "}"):
                key = self._key()
                yield from self.items(f"{path}.{key}" if path else key, depth + 1)
        else:
            self._value()

    def _members(self, opening: str, closing: str) -> Iterator[None]:
        """Yield once before each member of a list or of an object."""
        self._take(opening)
        if self._next() == closing:
            self._take(closing)
            return
        yield
        while self._take(",", closing) == ",":
            yield

    def _key(self) -> str:
        key = self._value()
        self._take(":")
        if not isinstance(key, str):
            raise ValueError("a key that is no text")
        return key

    def _value(self) -> Any:
        self._next()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
                # At the very end of the text read so far a number may be cut: 1e+5 after its first digit.
                if end + 3 <= len(self._text) or not self._more():
                    half = _ESCAPED_SURROGATE.search(self._text, self._at, end)
                    self._at = end
                    return without_half_characters(value) if half else value
            except ValueError:
                if len(self._text) - self._at > _LONGEST_VALUE or not self._more():
                    raise

    def _next(self) -> str:
        """Return the next character that is no white space, "" at the end."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def _take(self, *expected: str) -> str:
        found = self._next()
        if found not in expected:
            raise ValueError(f"{' or '.join(expected)} expected")
        self._at += 1
        return found

    def _more(self) -> bool:
        """Read on, at least as much as is not decoded yet, so that a long value takes linear time; tell whether there was something."""
        block = [self._text[self._at :]]
        wanted = max(_BLOCK, len(block[0]))
        for line in self._lines:
            block.append(line)
            wanted -= len(line)
            if wanted <= 0:
                break
        if len(block) == 1:
            return False
        self._text, self._at = "".join(block), 0
        return True
