"""Customers' own words, each quoted once in a report."""

import datetime
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vocpipe.feeds.month import queries
from vocpipe.feeds.month.markdown import clip, escape
from vocpipe.feeds.month.voice import Voice

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class _Quote:
    text: str
    day: datetime.date | None


class Quotes:
    """Give the best quotes of an irritant or an enchantment that the report does not hold yet."""

    def __init__(self, connection: "DuckDBPyConnection", month: str, voice: Voice) -> None:
        self._voice = voice
        self._quotes: dict[str, list[_Quote]] = defaultdict(list)
        self._told: set[str] = set()
        for name, text, start, end, day in connection.execute(queries.QUOTES, {"month": month}).fetchall():
            self._quotes[name].append(_Quote(clip(text, start, end), day))

    def of(self, name: str | None, number: int = 1, indent: str = "") -> list[str]:
        """Return the lines that quote an irritant, none when every quote is told already; `indent` puts them under the item of a list."""
        lines: list[str] = []
        for quote in self._quotes.get(name or "", []):
            if len(lines) < number and self._is_new(quote.text):
                lines += self._lines(quote, indent)
        return lines

    def text(self, text: str) -> list[str]:
        """Return the line that quotes a text of the feed, none when it is told already."""
        quote = _Quote(clip(text), None)
        return self._lines(quote, "") if self._is_new(quote.text) else []

    def _is_new(self, text: str) -> bool:
        key = "".join(letter for letter in text.casefold() if letter.isalnum())
        if not key or key in self._told:
            return False
        self._told.add(key)
        return True

    def _lines(self, quote: _Quote, indent: str) -> list[str]:
        words = self._voice.part("quoted", text=escape(quote.text))
        day = f" – {self._voice.day(quote.day)}" if quote.day else ""
        return [f"{indent}> {words}{day}", *([] if indent else [""])]
