"""The irritants of a workspace with the log of edits beside them, as a person sits down to edit them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from vocpipe.errors import ConfigError, nearest
from vocpipe.grouping import KINDS, candidates_of, found_by
from vocpipe.irritants.candidates import Candidates, Kind
from vocpipe.irritants.catalogue import Catalogue
from vocpipe.irritants.edit_log import names
from vocpipe.irritants.edits import LOG, Edit, Standing, read_log, replay, settle
from vocpipe.irritants.exchange import PREFIXES, with_imported
from vocpipe.irritants.fit import fit
from vocpipe.irritants.settings import IrritantSettings
from vocpipe.irritants.view import view
from vocpipe.workspace import Workspace


@dataclass(frozen=True)
class Signature:
    """Say who edits, on which day (YYYY-MM-DD), and why."""

    date: str
    author: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Grouped:
    """Hold the opinions of one batch that name a problem (or praise), with the irritant that each fits best before any edit."""

    batch: str
    candidates: Candidates
    found: list[str | None]

    def months(self) -> list[str]:
        """Return the month of each opinion: that of its verbatim's date, else the batch's name."""
        return [month or self.batch for month in self.candidates.months]


@dataclass(frozen=True)
class Desk:
    """Hold a workspace, its log of edits, and the catalogues of each kind without edits."""

    workspace: Workspace
    log: tuple[Edit, ...]
    own: Mapping[Kind, Catalogue]

    @property
    def path(self) -> Path:
        """Return where the log is."""
        return self.workspace.path / LOG

    @cached_property
    def standing(self) -> Standing:
        """Return what the log comes to."""
        return replay(self.log)

    @cached_property
    def known(self) -> dict[str, str]:
        """Return the label, without edits, of everything that the workspace found by itself."""
        return {each.irritant_id: each.label for catalogue in self.own.values() for each in catalogue.irritants}

    @cached_property
    def names(self) -> dict[str, str]:
        """Return today's label of each irritant and enchantment."""
        return names(self.standing, self.known)

    @property
    def taken(self) -> set[str]:
        """Return every id that is or was in use, undone edits included."""
        return {*self.known, *(name for edit in self.log for name in edit.makes)}

    @property
    def settings(self) -> IrritantSettings:
        """Return how the workspace groups opinions."""
        return IrritantSettings.model_validate(self.workspace.settings["irritants"])

    def catalogue(self, kind: Kind, standing: Standing | None = None) -> Catalogue:
        """Return the catalogue that opinions are compared with: what the workspace found, and what people brought."""
        return with_imported(self.own[kind], standing or self.standing, kind)

    def rows(self) -> dict[str, dict[str, Any]]:
        """Return the catalogue after the edits, of both kinds, by id; the columns are those of `CATALOGUE_VIEW`."""
        tables = [view(self.catalogue(kind), self.standing, kind) for kind in KINDS]
        return {row["irritant_id"]: row for table in tables for row in table.to_pylist()}

    def find(self, name: str) -> str:
        """Return an id as it is written in the catalogue; raise `ConfigError` when there is no such irritant."""
        wanted = name.strip().upper()
        if wanted in self.names:
            return wanted
        by_label = sorted(irritant for irritant, label in self.names.items() if label.casefold() == name.strip().casefold())
        if by_label:
            return by_label[0]
        raise ConfigError(f"{self.workspace.path} has no irritant {name!r}", self._hint(wanted, name))

    def _hint(self, wanted: str, name: str) -> str:
        if not self.names:
            return "run a batch first: vocpipe run"
        close = nearest(name, self.names.values())
        if close.startswith("did you mean"):
            return f"{close} or see: vocpipe irritants list"
        return f"{nearest(wanted, self.names)}; see: vocpipe irritants list" if len(self.names) < 12 else "see them with: vocpipe irritants list --limit 200"

    def grouped(self, kind: Kind, standing: Standing | None = None) -> Iterator[Grouped]:
        """Yield the opinions of each finished batch, compared with the catalogue as it is under `standing`, by default today's."""
        catalogue, settings = self.catalogue(kind, standing), self.settings
        counted = bool(self.workspace.settings["duplicates"]["counted"])
        for name in self.workspace.batches:
            candidates = candidates_of(self.workspace.folder(name), kind, catalogue.dimension, counted)
            rows = fit(candidates, catalogue, settings).irritants
            yield Grouped(name, candidates, [catalogue.ids[row] if row >= 0 else None for row in rows])

    def settled(self, kind: Kind) -> Iterator[tuple[Grouped, list[str | None]]]:
        """Yield the opinions of each batch with their irritants today."""
        for group in self.grouped(kind):
            yield group, settle(self.standing, group.candidates, group.found)[0]

    def sign(self, action: str, signature: Signature, **told: Any) -> Edit:
        """Return the next edit of the log."""
        from vocpipe.french.redaction import redact

        reason = redact(signature.reason).text if signature.reason else None
        return Edit(number=len(self.log) + 1, action=action, date=signature.date, author=signature.author, reason=reason, **told)


def open_desk(workspace: str | Path) -> Desk:
    """Return the desk of a workspace. Raises `WorkspaceError` without one, `InputError` for a broken log."""
    opened = Workspace(workspace)
    return Desk(opened, tuple(read_log(opened.path / LOG)), {kind: found_by(opened, kind) for kind in KINDS})


def kind_of(name: str) -> Kind:
    """Return the kind that an id is of."""
    return next((kind for kind, prefix in PREFIXES.items() if name.startswith(prefix)), "irritant")
