"""The sentences of a month, in French and in English: those of the Markdown report, as plain text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from vocpipe.feeds.month import overview
from vocpipe.feeds.month.figures import Settings, read_month
from vocpipe.feeds.month.markdown import one_line
from vocpipe.feeds.month.voice import Voice

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LANGUAGES = ("fr", "en")


class _PlainVoice(Voice):
    """Say figures without Markdown: nothing is escaped, because the page shows text as text."""

    def written(self, text: str) -> str:
        return one_line(text)


def read_stories(connection: "DuckDBPyConnection", months: Sequence[str], shown: Sequence[str], settings: Settings) -> dict[str, dict[str, dict[str, object]]]:
    """Return, by language and month, the `headline`, the `sentences` that matter, and what is said of the `volume`; `months` are all those of the feed."""
    return {language: {month: _story(connection, list(months), month, language, settings) for month in shown} for language in LANGUAGES}


def _story(connection: "DuckDBPyConnection", months: list[str], name: str, language: str, settings: Settings) -> dict[str, object]:
    month, voice = read_month(connection, months, name, language, settings), _PlainVoice(language)
    headline = overview.headline(month, voice)[0].strip("*")
    sentences = [line.partition(". ")[2] for line in overview.essentials(month, voice)[2:] if line]
    return {"headline": headline, "sentences": sentences, "volume": [line for line in overview.volume(month, voice)[2:] if line]}
