"""The words of customers that prove a figure, the best first."""

import pyarrow as pa
from pydantic import BaseModel

from vocpipe.api import listing
from vocpipe.api.formats import Asked
from vocpipe.api.listing import Page, Wanted
from vocpipe.api.selection import conditions, query_model
from vocpipe.api.settings import ApiSettings
from vocpipe.api.snapshots import Snapshot
from vocpipe.feeds.contract import TABLES
from vocpipe.schema import Column

_OPINIONS = TABLES["fact_opinion"]
COLUMNS = (
    *(column for column in _OPINIONS.columns if column.name in ("opinion_id", "verbatim_id", "month")),
    *(column for column in TABLES["fact_verbatim"].columns if column.name in ("date", "company")),
    *(column for column in _OPINIONS.columns if column.name in ("text", "sentiment", "emotions", "step", "theme", "irritant_id", "enchantment_id")),
    Column("highlight_start", pa.int32(), "first character, in this text, of the words that prove the irritant or enchantment", "no such words"),
    Column("highlight_end", pa.int32(), "one past the last character of those words", "no such words"),
)
_BEST = "evidence_rank, evidence_score DESC, quotes.month DESC, opinion_id"
_QUERY = f"""
WITH quotes AS (
    SELECT
        opinion_id, batch, verbatim_id, month, text, sentiment, emotions, step, theme, irritant_id, enchantment_id,
        evidence_rank, coalesce(irritant_score, enchantment_score) AS evidence_score, opinion_start, opinion_end, evidence_start, evidence_end
    FROM fact_opinion AS quotes
    WHERE NOT is_duplicate AND {{condition}}
    ORDER BY {_BEST}
    LIMIT ? OFFSET ?
)

SELECT
    ? + row_number() OVER (ORDER BY {_BEST}) AS _row,
    quotes.*,
    fact_verbatim.date,
    fact_verbatim.company,
    evidence_start < opinion_end AND evidence_end > opinion_start AS inside,
    if(inside, greatest(evidence_start, opinion_start) - opinion_start, NULL)::INTEGER AS highlight_start,
    if(inside, least(evidence_end, opinion_end) - opinion_start, NULL)::INTEGER AS highlight_end
FROM quotes
LEFT JOIN fact_verbatim ON fact_verbatim.verbatim_id = quotes.verbatim_id AND fact_verbatim.batch = quotes.batch AND fact_verbatim.analysed
"""


def quotes_model(settings: ApiSettings) -> type[BaseModel]:
    """Return the parameters of the requests for quotes."""
    return query_model(_OPINIONS, settings, "quotes", since=False)


def pages(snapshot: Snapshot, asked: Wanted, after: int) -> list[Page]:
    """Return a page of the opinions that count and pass the filters, those kept as evidence first, and maybe the next ones; `highlight_*` is the proof."""
    condition = conditions(_OPINIONS, asked.given)
    schema = pa.schema([column.field for column in COLUMNS])
    names = ", ".join(schema.names)
    sql = f"SELECT _row, {names} FROM ({_QUERY.format(condition=condition.sql)}) ORDER BY _row"
    query = Asked(sql, asked.limit, schema, [*condition.values, asked.rows, max(after, 0), max(after, 0)], asked.pages)
    return listing.filled(snapshot, asked, query, {}, {})
