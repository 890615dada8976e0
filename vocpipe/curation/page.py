"""What there is to read about one irritant, and the history of edits."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq

from vocpipe import feeds
from vocpipe.curation.desk import Desk, kind_of
from vocpipe.irritants.edits import Edit

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NEAREST = 5
_QUOTES = 5


@dataclass(frozen=True)
class IrritantPage:
    """Hold all that a workspace knows of one irritant or enchantment.

    `facts` is its row of `dim_irritant` (or `dim_enchantment`); `months` those of the aggregates, oldest first; `steps` code, French name and share of its
    opinions; `quotes` the best ones as opinion_id, month and text; `edits` those about it; `nearest` id, label and cosine of the closest others.
    """

    irritant_id: str
    kind: str
    facts: dict[str, Any]
    months: tuple[dict[str, Any], ...]
    steps: tuple[tuple[str, str, float], ...]
    quotes: tuple[tuple[str, str, str], ...]
    edits: tuple[Edit, ...]
    nearest: tuple[tuple[str, str, float], ...]


def irritant_page(desk: Desk, name: str) -> IrritantPage:
    """Return all about one irritant or enchantment, given by id or by name."""
    irritant = desk.find(name)
    kind = kind_of(irritant)
    with feeds.open_feed(desk.workspace.feed) as connection:
        facts = _rows(connection, f"SELECT * FROM dim_{kind} WHERE {kind}_id = ?", irritant)
        months = _rows(connection, f"SELECT * FROM agg_{kind}_month WHERE {kind}_id = ? ORDER BY month", irritant)
        steps = connection.execute(_STEPS.format(kind=kind), [irritant]).fetchall()
        quotes = connection.execute(_BEST.format(kind=kind), [irritant, _QUOTES]).fetchall()
    told = facts[0] if facts else desk.rows()[irritant]
    return IrritantPage(irritant, kind, told, tuple(months), tuple(steps), tuple(quotes), tuple(history(desk, irritant)), _closest(desk, irritant))


def history(desk: Desk, name: str | None = None) -> list[Edit]:
    """Return the edits of the log, oldest first, undone ones too; those about one irritant, and what undid them, when it is named."""
    if name is None:
        return list(desk.log)
    irritant = name if any(name in (*edit.names, *edit.makes) for edit in desk.log) else desk.find(name)
    about: set[int] = set()
    for edit in desk.log:
        if irritant in (*edit.names, *edit.makes) or edit.of in about:
            about.add(edit.number)
    return [edit for edit in desk.log if edit.number in about]


def decided(desk: Desk) -> Counter[int]:
    """Return how many opinions each edit decides today."""
    found: Counter[int] = Counter()
    for batch in desk.workspace.batches:
        folder = desk.workspace.folder(batch)
        for path in (folder.irritants, folder.enchantments):
            if path.is_file() and "edit" in pq.read_schema(path).names:
                found.update(pq.read_table(path, columns=["edit"])["edit"].drop_null().to_pylist())
    return found


_STEPS = """
SELECT dim_step.step, dim_step.label_fr, count(*) / sum(count(*)) OVER () AS share
FROM fact_opinion
JOIN dim_step USING (step)
WHERE fact_opinion.{kind}_id = ? AND NOT is_duplicate
GROUP BY ALL
ORDER BY share DESC, dim_step.step
"""
_BEST = """
SELECT opinion_id, month, text
FROM fact_opinion
WHERE {kind}_id = ? AND NOT is_duplicate
ORDER BY evidence_rank, {kind}_score DESC, month DESC, opinion_id
LIMIT ?
"""


def _rows(connection: "DuckDBPyConnection", query: str, irritant: str) -> list[dict[str, Any]]:
    found = connection.execute(query, [irritant])
    columns = [name for name, *_ in found.description or ()]
    return [dict(zip(columns, values, strict=True)) for values in found.fetchall()]


def _closest(desk: Desk, irritant: str) -> tuple[tuple[str, str, float], ...]:
    """Return the irritants whose centroids are nearest; none for a child of a split by words, which has no centroid."""
    catalogue = desk.catalogue(kind_of(irritant))
    if irritant not in catalogue.ids:
        return ()
    cosine = catalogue.centroids.astype(np.float64) @ catalogue.centroids[catalogue.ids.index(irritant)].astype(np.float64)
    others = [row for row in np.argsort(-cosine, kind="stable").tolist() if catalogue.ids[row] not in (irritant, *desk.standing.gone)]
    return tuple((catalogue.ids[row], desk.names[catalogue.ids[row]], float(cosine[row])) for row in others[:_NEAREST])
