"""Give each opinion of a batch its irritant: where it fits best in today's catalogue, then what people decided."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from vocpipe.irritants.candidates import Candidates
from vocpipe.irritants.catalogue import Catalogue
from vocpipe.irritants.edits import Standing, settle
from vocpipe.irritants.evidence import choose, span
from vocpipe.irritants.fit import fit
from vocpipe.irritants.scores import Doubles, Ints
from vocpipe.irritants.settings import IrritantSettings

ASSIGNMENT_SCHEMA = pa.schema(
    [
        pa.field("verbatim_id", pa.string(), nullable=False),
        pa.field("opinion", pa.int32(), nullable=False),
        pa.field("irritant_id", pa.string()),
        pa.field("score", pa.float32()),
        pa.field("margin", pa.float32()),
        pa.field("evidence_rank", pa.int32()),
        pa.field("evidence_start", pa.int32()),
        pa.field("evidence_end", pa.int32()),
        pa.field("nearest_id", pa.string()),
        pa.field("edit", pa.int32()),
    ]
)


def assign(candidates: Candidates, catalogue: Catalogue, settings: IrritantSettings, standing: Standing | None = None) -> pa.Table:
    """Return one row per candidate, sorted by verbatim_id and opinion (its place in the verbatim's lists), in `ASSIGNMENT_SCHEMA`.

    `irritant_id` is null for the residual; `nearest_id` is the irritant with the best score, whatever its threshold. `score` is that of the irritant
    the model gives, else the best one; `margin` how far it is above the second best, null with fewer than two. `evidence_rank` is 1 (most central) …
    for the quotes kept, `evidence_start` and `evidence_end` the words that prove it, in the verbatim. `edit` is the number of the human edit that decided.
    """
    found = fit(candidates, catalogue, settings)
    ids: list[str | None] = [catalogue.ids[row] if row >= 0 else None for row in found.irritants]
    edits: Sequence[int | None] = [None] * len(ids)
    if standing is not None:
        ids, edits = settle(standing, candidates, ids)
    ranks = _evidence(candidates, ids, found.scores, settings)
    starts, ends = _spans(candidates, ids, {each.irritant_id: (each.label, *each.terms) for each in catalogue.irritants})
    known = pa.array(catalogue.ids, pa.string())
    return pa.table(
        [
            candidates.verbatim_ids,
            candidates.opinions,
            pa.array(ids, pa.string()),
            pa.array(found.scores.astype(np.float32), mask=np.isnan(found.scores)),
            pa.array(found.margins.astype(np.float32), mask=np.isnan(found.margins)),
            pa.array(ranks.astype(np.int32), mask=ranks == 0),
            pa.array(starts, pa.int32()),
            pa.array(ends, pa.int32()),
            known.take(pa.array(found.nearest, mask=found.nearest < 0)),
            pa.array(edits, pa.int32()),
        ],
        schema=ASSIGNMENT_SCHEMA,
    )


def _evidence(candidates: Candidates, ids: Sequence[str | None], scores: Doubles, settings: IrritantSettings) -> Ints:
    """Return the evidence rank of each candidate, 0 for none."""
    ranks = np.zeros(len(candidates), dtype=np.int64)
    verbatims, texts = candidates.verbatim_ids.to_pylist(), candidates.lines
    members: dict[str, list[int]] = {}
    for row, irritant in enumerate(ids):
        if irritant is not None:
            members.setdefault(irritant, []).append(row)
    by_score = np.nan_to_num(scores, nan=-np.inf)
    for rows in members.values():
        ranked = sorted(rows, key=lambda row: (-by_score[row], row))
        chosen = choose(ranked, texts, verbatims, settings.evidence)
        ranks[chosen] = np.arange(1, len(chosen) + 1)
    return ranks


def _spans(candidates: Candidates, ids: Sequence[str | None], words: Mapping[str, Sequence[str]]) -> tuple[list[int | None], list[int | None]]:
    """Return where, in each verbatim, the words stand that prove the irritant; null for the residual."""
    starts: list[int | None] = []
    ends: list[int | None] = []
    for first, text, irritant in zip(candidates.starts, candidates.texts, ids, strict=True):
        start, end = span(text, words.get(irritant, ())) if irritant is not None else (0, 0)
        starts.append(first + start if irritant is not None else None)
        ends.append(first + end if irritant is not None else None)
    return starts, ends
