"""Show the catalogue as it stands after the edits of people: what feeds, pages and commands tell."""

from collections.abc import Mapping

import pyarrow as pa

from vocpipe.irritants.candidates import Kind
from vocpipe.irritants.catalogue import SPLIT, Catalogue, Irritant
from vocpipe.irritants.edits import Child, Standing

CATALOGUE_VIEW = pa.schema(
    [
        pa.field("kind", pa.string(), nullable=False),
        pa.field("irritant_id", pa.string(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("label_en", pa.string()),
        pa.field("theme", pa.string()),
        pa.field("step", pa.string()),
        pa.field("quote", pa.string(), nullable=False),
        pa.field("terms", pa.list_(pa.string()), nullable=False),
        pa.field("first_batch", pa.string(), nullable=False),
        pa.field("origin", pa.string(), nullable=False),
        pa.field("state", pa.string(), nullable=False),
        pa.field("merged_into", pa.string()),
        pa.field("split_from", pa.string()),
        pa.field("resolved_since", pa.string()),
        pa.field("edited", pa.bool_(), nullable=False),
    ]
)
"""One row per irritant or enchantment, those that edits made or emptied included. `kind` is irritant or enchantment; `origin` starter, discovered, split or
imported; `state` active, resolved (since the month `resolved_since`), merged (`merged_into` is where it ended) or split (it holds no opinion any more)."""


def view(catalogue: Catalogue, standing: Standing, kind: Kind = "irritant", quotes: Mapping[str, str] | None = None) -> pa.Table:
    """Return the catalogue of one kind after the edits, in `CATALOGUE_VIEW`, in the order of the ids.

    `catalogue` holds the imported irritants too. `quotes` gives the most typical opinion of those that have one today; a child of a split has no other.
    """
    today = quotes or {}
    own = {irritant.irritant_id: irritant for irritant in catalogue.irritants}
    rows = {name: _row(irritant, standing, kind, today.get(name, irritant.quote)) for name, irritant in own.items()}
    for parent, children in standing.splits.items():
        if parent in rows:
            rows.update({child.irritant_id: _child_row(child, parent, rows[parent], standing, today) for child in children})
    order = sorted(rows, key=lambda name: (int(name.rpartition("-")[2]), name))
    return pa.Table.from_pylist([rows[name] for name in order], schema=CATALOGUE_VIEW)


def _row(irritant: Irritant, standing: Standing, kind: Kind, quote: str) -> dict[str, object]:
    name = irritant.irritant_id
    told = {
        "kind": kind,
        "irritant_id": name,
        "label": irritant.label,
        "label_en": irritant.label_en,
        "theme": irritant.theme,
        "step": irritant.step,
        "quote": quote,
        "terms": list(irritant.terms),
        "first_batch": irritant.first_batch,
        "origin": irritant.origin,
    }
    return told | _edited(name, standing)


def _child_row(child: Child, parent: str, of: dict[str, object], standing: Standing, quotes: Mapping[str, str]) -> dict[str, object]:
    """Return the row of a child: what nothing tells of it is that of its parent."""
    name = child.irritant_id
    own = {"irritant_id": name, "label_en": None, "quote": quotes.get(name, ""), "terms": list(child.terms), "origin": SPLIT}
    return {**of, **own, **_edited(name, standing), "split_from": parent}


def _edited(name: str, standing: Standing) -> dict[str, object]:
    """Return what edits say of an irritant."""
    state = "merged" if name in standing.merged else "split" if name in standing.emptied else "resolved" if name in standing.resolved else "active"
    told = {
        "state": state,
        "merged_into": standing.merged.get(name),
        "split_from": None,
        "resolved_since": standing.resolved.get(name),
        "edited": name in standing.edited,
    }
    names = {"label": standing.labels[name]} if name in standing.labels else {}
    english = {"label_en": standing.labels_en[name]} if name in standing.labels_en else {}
    return {**told, **names, **english}
