"""Give irritants to other workspaces, and take theirs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from vocpipe import feeds
from vocpipe.curation.desk import Desk, Grouped, Signature
from vocpipe.errors import ConfigError
from vocpipe.grouping import KINDS
from vocpipe.irritants.candidates import Kind
from vocpipe.irritants.catalogue import FIRST_FOUND, SPLIT, Catalogue, Irritant, number_of
from vocpipe.irritants.edit_log import check, next_ids
from vocpipe.irritants.edits import Edit
from vocpipe.irritants.evidence import choose
from vocpipe.irritants.exchange import export_yaml, read_yaml
from vocpipe.irritants.scores import Floats, unit

_QUOTES = 5
_LOOSEST_SPREAD = 0.5


@dataclass(frozen=True)
class Arrivals:
    """Tell what a file brings: the edit, null when all is there already; `renumbered` old and new ids; `skipped` ids with the reason."""

    edit: Edit | None
    renumbered: dict[str, str]
    skipped: dict[str, str]


def export_irritants(desk: Desk, path: Path, quotes: bool = False) -> int:
    """Write the irritants and enchantments that hold opinions to a YAML file; return how many. Customers' words are left out unless `quotes`."""
    words: dict[str, list[str]] = {}
    children: list[Irritant] = []
    for kind in KINDS:
        found = _members(desk, kind)
        children += _children(desk, kind, found)
        if quotes:
            words.update({name: _chosen(members) for name, members in found.items()})
    known = Catalogue(tuple(each for kind in KINDS for each in desk.catalogue(kind).irritants))
    return export_yaml(known, desk.standing, path, _model(desk), quotes=words, more=children)


def import_irritants(desk: Desk, path: Path, by: Signature) -> Arrivals:
    """Return the edit that brings the irritants of a file into a workspace.

    An irritant that is there under the same id or the same name is skipped; one whose id is that of another gets a new one.
    Raises `ConfigError` with every mistake of the file, `ModelError` for what another model made and nothing can rebuild.
    """
    known = [each for kind in KINDS for each in desk.own[kind].irritants]
    threshold = float(np.median([each.threshold for each in known])) if known else desk.settings.min_score
    spread = float(np.median([each.spread for each in known])) if known else _LOOSEST_SPREAD
    with feeds.open_feed(desk.workspace.feed) as connection:
        themes = [theme for (theme,) in connection.execute("SELECT theme FROM dim_theme").fetchall()]
    dimension = next((len(each.centroid) for each in known), None)
    entries = read_yaml(path, dimension, _model(desk), themes, lambda texts: _embedded(desk, texts), threshold, spread)
    kept, renumbered, skipped = _numbered(desk, [_redacted(entry) for entry in entries])
    if not kept:
        return Arrivals(None, renumbered, skipped)
    last = max(desk.workspace.batches, default="")
    edit = desk.sign("import", by, irritants=tuple({**entry, "first_batch": last} for entry in kept))
    check([*desk.log, edit], desk.known)
    return Arrivals(edit, renumbered, skipped)


def _redacted(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry whose texts, written by people, hold no personal data."""
    from vocpipe.french.redaction import redact

    texts: dict[str, Any] = {name: redact(entry[name]).text for name in ("label", "label_en") if name in entry}
    lists: dict[str, Any] = {name: [redact(text).text for text in entry[name]] for name in ("terms", "phrases", "examples") if name in entry}
    return {**entry, **texts, **lists}


def _numbered(desk: Desk, entries: Sequence[dict[str, Any]]) -> tuple[list[dict[str, Any]], dict[str, str], dict[str, str]]:
    """Return the entries that are new here, under ids that are free; what got another id; what is left out, and why."""
    living = {label.casefold(): name for name, label in desk.names.items() if name not in desk.standing.gone}
    taken = desk.taken | {entry["id"] for entry in entries}
    kept: list[dict[str, Any]] = []
    renumbered: dict[str, str] = {}
    skipped: dict[str, str] = {}
    for entry in entries:
        name, label = entry["id"], entry["label"].casefold()
        starter = number_of(name) < FIRST_FOUND
        if starter and name in desk.names:
            skipped[name] = f"déjà là : {desk.names[name]}"
        elif label in living:
            skipped[name] = f"même nom que {living[label]}"
        elif name in desk.taken and not starter:
            renumbered[name] = next_ids(name.rpartition("-")[0], taken, 1)[0]
        if name not in skipped:
            given = renumbered.get(name, name)
            kept.append({**entry, "id": given})
            living[label] = given
            taken.add(given)
    return kept, renumbered, skipped


def _model(desk: Desk) -> str:
    """Return the model whose vectors the workspace holds."""
    models = list(desk.workspace.settings["models"])
    if not models:
        raise ConfigError(f"{desk.workspace.path} was made without a model: its irritants mean nothing elsewhere", "use a workspace that a model made")
    return str(models[0])


def _embedded(desk: Desk, texts: Sequence[str]) -> Floats:
    """Return the meaning of sentences, each taken as one opinion, for the model of the workspace."""
    from vocpipe.ml import store
    from vocpipe.ml.model import VocModel

    vectors = VocModel.load(store.resolve(_model(desk))).predict_pieces([[text] for text in texts]).vector
    return unit(vectors)


def _members(desk: Desk, kind: Kind) -> dict[str, list[tuple[Grouped, int]]]:
    """Return the opinions of each irritant today."""
    found: dict[str, list[tuple[Grouped, int]]] = {}
    for group, settled in desk.settled(kind):
        for row, name in enumerate(settled):
            if name is not None:
                found.setdefault(name, []).append((group, row))
    return found


def _children(desk: Desk, kind: Kind, found: dict[str, list[tuple[Grouped, int]]]) -> list[Irritant]:
    """Return the children of splits as irritants in their own right: their centre is that of their opinions; those without any are left out."""
    by_id = {each.irritant_id: each for each in desk.catalogue(kind).irritants}
    told: list[Irritant] = []
    for parent, children in desk.standing.splits.items():
        for child in children if parent in by_id else ():
            members = found.get(child.irritant_id, [])
            if members:
                centroid = unit(np.sum([group.candidates.vectors[row] for group, row in members], axis=0, dtype=np.float64))
                own = replace(by_id[parent], irritant_id=child.irritant_id, label=child.label, label_en=None, terms=child.terms, origin=SPLIT)
                by_id[child.irritant_id] = replace(own, centroid=centroid, size=len(members))
                told.append(by_id[child.irritant_id])
    return told


def _chosen(members: Sequence[tuple[Grouped, int]]) -> list[str]:
    texts = [group.candidates.lines[row] for group, row in members[:300]]
    verbatims = [group.candidates.verbatim_ids[row].as_py() for group, row in members[:300]]
    return [texts[row] for row in choose(range(len(texts)), texts, verbatims, _QUOTES)]
