"""The customers' words that the page holds, up to a number of bytes, the best evidence first."""

from typing import TYPE_CHECKING, Any

from vocpipe.feeds.month.markdown import one_line
from vocpipe.report import queries
from vocpipe.report.safe_json import safe_json

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_CONTEXT = 140
_LONGEST = 700


def read_quotes(connection: "DuckDBPyConnection", budget: int) -> list[list[Any]]:
    """Return quotes of the opinions in `page_opinions`, each irritant's and enchantment's best of each month before any others.

    One quote is [place of the opinion, opinion_id, date, pieces, sentiment_p, irritant_p, score, margin, edit, corrected, evidence_rank]. Its pieces are
    five texts, one after the other: context, opinion before the proof, proof, opinion after it, context. They take at most `budget` bytes together.
    """
    quotes: list[list[Any]] = []
    spent = 0
    cursor = connection.execute(queries.QUOTES)
    while rows := cursor.fetchmany(1000):
        for place, name, date, text, start, end, proof_start, proof_end, *rest in rows:
            day = date.isoformat() if date else None
            quote = [place, name, day, pieces(text, (start, end), (proof_start, proof_end)), *(_short(value) for value in rest)]
            spent += len(safe_json(quote).encode()) + 1
            if spent > budget:
                return quotes
            quotes.append(quote)
    return quotes


def pieces(text: str, opinion: tuple[int, int], proof: tuple[int, int]) -> list[str]:
    """Return the five pieces of a quote; what is too long to show is cut with an ellipsis, the proof last.

    >>> pieces("Bonjour. Le colis est en retard, hélas.", (9, 39), (12, 31))
    ['Bonjour. ', 'Le ', 'colis est en retard', ', hélas.', '']
    """
    start, end = opinion
    first, last = sorted(min(max(place, start), end) for place in proof)
    room = max(0, _LONGEST - (last - first)) // 2
    found = [
        _tail(text[:start], _CONTEXT),
        _tail(text[start:first], room),
        _head(text[first:last], _LONGEST),
        _head(text[last:end], room),
        _head(text[end:], _CONTEXT),
    ]
    return [_plain(piece) for piece in found]


def _head(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0] + " …"


def _tail(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    kept = text[len(text) - limit :]
    return "… " + kept.partition(" ")[2] if limit else "… "


def _plain(text: str) -> str:
    """Return the text on one line, without the characters that a reader cannot see, such as those that turn the direction of writing."""
    words = one_line(text)
    before = " " if text[:1].isspace() and words else ""
    after = " " if text[-1:].isspace() else ""
    return before + words + after


def _short(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value
