"""The irritants and enchantments of a workspace: what a batch brings, and where every opinion of every batch belongs today."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from vocpipe import files
from vocpipe.config import RunConfig
from vocpipe.irritants import CATALOGUE_SCHEMA, Candidates, Catalogue, IrritantSettings, Kind, Phrases, assign, collect, grow, read_starter, starter_catalogue
from vocpipe.irritants.candidates import READS
from vocpipe.irritants.edits import LOG, Standing, read_log, replay
from vocpipe.irritants.exchange import PREFIXES, with_imported
from vocpipe.irritants.view import view
from vocpipe.ml import store
from vocpipe.workspace import BatchFolder, Workspace

KINDS: tuple[Kind, ...] = ("irritant", "enchantment")


def grow_catalogue(workspace: Workspace, folder: BatchFolder, config: RunConfig) -> None:
    """Look for the irritants and enchantments that a batch brings, and keep them with it."""
    log = read_log(workspace.path / LOG)
    standing = replay(log)
    brought = [CATALOGUE_SCHEMA.empty_table()]
    for kind in KINDS:
        if kind == "enchantment" and config.irritants.enchantments is None:
            continue
        known = with_imported(found_by(workspace, kind, but=folder.name), standing, kind)
        new = grow(
            folder.name,
            candidates_of(folder, kind, known.dimension, config.duplicates.counted),
            known,
            _starter(config, kind),
            _phrases(config) if kind == "irritant" else Phrases.none(),
            config.irritants,
            theme_labels={theme.code: theme.fr for theme in config.taxonomy.themes},
            taken=[name for edit in log for name in edit.makes],
            prefix=PREFIXES[kind].removesuffix("-"),
            search=kind == "irritant",  # nothing names a new enchantment: annotators named problems only
        )
        brought.append(new.to_table())
    files.write_parquet(pa.concat_tables(brought), folder.discovered)


def assign_batches(workspace: Workspace) -> tuple[str, ...]:
    """Give every opinion of every finished batch its irritant and its enchantment by today's catalogue and edits; return the batches that changed.

    A batch that was assigned by the very same catalogue and edits is left as it is.
    """
    settings = IrritantSettings.model_validate(workspace.settings["irritants"])
    counted = bool(workspace.settings["duplicates"]["counted"])
    log = workspace.path / LOG
    standing = replay(read_log(log))
    known = {kind: with_imported(found_by(workspace, kind), standing, kind) for kind in KINDS}
    stamp = hashlib.sha256("".join([*(catalogue.fingerprint for catalogue in known.values()), files.sha256(log) if log.is_file() else ""]).encode()).hexdigest()
    changed = []
    for name in workspace.batches:
        folder = workspace.folder(name)
        if folder.assigned.is_file() and files.read_json(folder.assigned)["made_from"] == stamp:
            continue
        folder.assigned.unlink(missing_ok=True)
        tables = {kind: _assigned(folder, kind, known[kind], settings, standing, counted) for kind in KINDS}
        files.write_parquet(tables["irritant"], folder.irritants)
        files.write_parquet(tables["enchantment"], folder.enchantments)
        files.write_json({"made_from": stamp, **_movements(folder, tables["irritant"], known["irritant"])}, folder.assigned)
        changed.append(name)
    return tuple(changed)


def catalogue_view(workspace: Workspace) -> pa.Table:
    """Return what the workspace knows, after the edits of people, as the feed reads it: irritants, then enchantments."""
    standing = replay(read_log(workspace.path / LOG))
    return pa.concat_tables([view(with_imported(found_by(workspace, kind), standing, kind), standing, kind) for kind in KINDS])


def found_by(workspace: Workspace, kind: Kind, but: str = "") -> Catalogue:
    """Return what the batches of a workspace have brought, except those that one batch has just brought."""
    tables = [pq.read_table(path).cast(CATALOGUE_SCHEMA) for path in workspace.known_irritants(but)]
    every = Catalogue.from_table(pa.concat_tables([CATALOGUE_SCHEMA.empty_table(), *tables]))
    return Catalogue(tuple(each for each in every.irritants if each.irritant_id.startswith(PREFIXES[kind])))


def candidates_of(folder: BatchFolder, kind: Kind, dimension: int | None, count_copies: bool) -> Candidates:
    """Return the opinions of a batch that may belong to an irritant or an enchantment.

    Verbatims whose problems are told already are left out: what comes again, and copies unless they count.
    """
    found = pq.read_table(folder.duplicates, columns=["verbatim_id", "kind"])
    repeated = [verbatim for verbatim, how in zip(*found.to_pydict().values(), strict=True) if how == "again" or not count_copies]
    return collect(_rows(folder), repeated, dimension, kind)


def _rows(folder: BatchFolder) -> Iterator[pa.RecordBatch]:
    return (batch for path in folder.row_files() for batch in pq.read_table(path, columns=list(READS)).to_batches())


def _assigned(folder: BatchFolder, kind: Kind, known: Catalogue, settings: IrritantSettings, standing: Standing, count_copies: bool) -> pa.Table:
    return assign(candidates_of(folder, kind, known.dimension, count_copies), known, settings, standing)


def _movements(folder: BatchFolder, assigned: pa.Table, known: Catalogue) -> dict[str, Any]:
    """Count what became of the opinions of a batch that name a problem."""
    met = Counter(assigned["irritant_id"].drop_null().to_pylist())
    brought = set(pq.read_table(folder.discovered, columns=["irritant_id"])["irritant_id"].to_pylist())
    return {
        "candidates": assigned.num_rows,
        "assigned": assigned.num_rows - assigned["irritant_id"].null_count,
        "residual": assigned["irritant_id"].null_count,
        "without_vector": assigned["nearest_id"].null_count if len(known) else 0,
        "matched": sorted(name for name in met if name not in brought),
        "new": sorted(name for name in brought if name.startswith(PREFIXES["irritant"])),
        "absent": sorted(set(known.ids) - set(met)),
    }


def _phrases(config: RunConfig) -> Phrases:
    """Return the problem phrases of the first model that has some."""
    from vocpipe.ml.model import problem_phrases

    for name in config.model_names():
        found = problem_phrases(store.resolve(name, config.models))
        if found.labels:
            return Phrases(found.labels, found.vectors, found.counts, found.themes)
    return Phrases.none()


def _starter(config: RunConfig, kind: Kind) -> Catalogue:
    """Return the starter catalogue in the space of the first model; none without one, since nothing else gives opinions their vectors."""
    name = config.irritants.starter if kind == "irritant" else config.irritants.enchantments
    models = config.model_names()
    if name is None or not models:
        return Catalogue()
    settings = config.irritants if kind == "irritant" else config.irritants.model_copy(update={"min_score": config.irritants.enchantment_score})
    return _placed(name, store.resolve(models[0], config.models), settings)


@lru_cache(maxsize=8)
def _placed(name: str, model: Path, settings: IrritantSettings) -> Catalogue:
    from vocpipe.ml.model import VocModel, problem_phrases

    def encode(sentences: Sequence[str]) -> Any:
        return VocModel.load(model).predict_pieces([[sentence] for sentence in sentences]).vector

    found = problem_phrases(model)
    return starter_catalogue(read_starter(name), Phrases(found.labels, found.vectors, found.counts, found.themes), encode, settings)
