"""The columns of a review, one row per opinion: those of the flat annotated format, and what brings the answers back."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from vocpipe.corrections import Correction, answer
from vocpipe.review.pool import Pool
from vocpipe.review.selection import Judged, Pick
from vocpipe.training.segments import HEADS

COLUMNS = ("id", "source", "date", "company", "text", "segment", "start", "end", *HEADS, "relu", "raison", "avant")
UNNAMED = "à nommer"
"""The cell of an opinion that names a problem which is no known irritant."""

LONGEST_TEXT = 30_000
"""Characters of context at most: spreadsheets cut a cell at 32,767."""
CUT = " […]"

_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def rows_of(pool: Pool, picks: Sequence[Pick], irritants: Mapping[str, str], judged: Judged) -> list[dict[str, Any]]:
    """Return the rows of a review; the opinions of one verbatim stand together, at the place of the first chosen.

    `irritants` gives the labels of irritants, `judged` what people said before, which is filled in rather than what the model says.
    """
    records = pool.records([pick.place for pick in picks])
    first: dict[str, int] = {}
    for place, record in enumerate(records):
        first.setdefault(record["verbatim_id"], place)
    order = sorted(range(len(records)), key=lambda place: (first[records[place]["verbatim_id"]], records[place]["opinion"]))
    return [_row(records[place], picks[place].reason, irritants, judged.get(picks[place].place, {})) for place in order]


def _row(record: Mapping[str, Any], reason: str, irritants: Mapping[str, str], judged: Mapping[str, Correction]) -> dict[str, Any]:
    start, end, text = record["opinion_start"], record["opinion_end"], record["text"]
    labels = cells_of(record, irritants, judged)
    return {
        "id": record["verbatim_id"],
        "source": record["source"] or "",
        "date": record["date"].isoformat() if record["date"] else "",
        "company": record["company"] or "",
        "text": text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + CUT,
        "segment": text[start:end],
        "start": start,
        "end": end,
        **labels,
        "relu": "",
        "raison": reason,
        "avant": json.dumps(labels, ensure_ascii=False),
    }


def cells_of(record: Mapping[str, Any], irritants: Mapping[str, str], judged: Mapping[str, Correction]) -> dict[str, Any]:
    """Return the labels of an opinion as cells: "colere:2, deception:1", "effort, churn", "" for none."""
    lists = {name: [value] for name, value in record.items()}
    said = {head: judged[head].new if head in judged else answer(lists, 0, head) for head in HEADS}
    named = said["irritant"] if isinstance(said["irritant"], str) else irritants.get(record["irritant_id"] or "", UNNAMED)
    return {
        "sentiment": "" if said["sentiment"] is None else said["sentiment"],
        "emotions": ", ".join(f"{code}:{intensity}" for code, intensity in said["emotions"].items()),
        "step": said["step"] or "",
        "theme": said["theme"] or "",
        "flags": ", ".join(said["flags"]),
        "irritant": named if said["irritant"] else "",
    }


def defused(cell: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula: a text that begins like one gets an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def undone(cell: str) -> str:
    """Return what `defused` was given."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
