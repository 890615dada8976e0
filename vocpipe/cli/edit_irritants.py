"""vocpipe irritants rename, merge, split, move, resolve, reopen, undo, import: each shows what it changes, and changes it unless --dry-run."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from vocpipe.cli.irritants import WORKSPACE, Json, Name, Place

if TYPE_CHECKING:
    from vocpipe.curation import Desk, Signature
    from vocpipe.irritants.edits import Edit

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, with real sentences; change nothing.")]
Author = Annotated[str | None, typer.Option("--author", help="Who edits, for the log.", show_default=False)]
Reason = Annotated[str | None, typer.Option("--reason", help="Why, for the log.", show_default=False)]


def rename(
    name: Name,
    label: Annotated[str, typer.Argument(metavar="LABEL", help="Name in French: a short noun phrase.", show_default=False)],
    english: Annotated[str | None, typer.Option(help="Name in English; forgotten when it is not given.", show_default=False)] = None,
    workspace: Place = WORKSPACE,
    dry_run: DryRun = False,
    author: Author = None,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Give an irritant another name. Its identifier stays.

    \b
    Examples:
      vocpipe irritants rename IRR-0012 "remboursement tardif"
      vocpipe irritants rename IRR-0012 "remboursement tardif" --english "late refund" --author camille
    """
    from vocpipe import curation

    _edit(workspace, lambda desk, by: curation.rename(desk, name, label, by, english), author, reason, dry_run, as_json)


def merge(
    name: Name,
    into: Annotated[str, typer.Argument(metavar="INTO", help="The one that stays.", show_default=False)],
    workspace: Place = WORKSPACE,
    dry_run: DryRun = False,
    author: Author = None,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Make one irritant of two: the opinions of the first go to the second, past and to come.

    \b
    Examples:
      vocpipe irritants merge IRR-1003 IRR-0012 --dry-run
      vocpipe irritants merge IRR-1003 IRR-0012 --reason "même problème"
    """
    from vocpipe import curation

    _edit(workspace, lambda desk, by: curation.merge(desk, name, into, by), author, reason, dry_run, as_json)


def split(
    name: Name,
    into: Annotated[int | None, typer.Option(min=2, max=20, help="Part it by meaning, into so many new irritants.", show_default=False)] = None,
    words: Annotated[
        str | None, typer.Option(help="Take the opinions that hold one of these words, whatever their form, into a new irritant.", show_default=False)
    ] = None,
    label: Annotated[list[str] | None, typer.Option(help="Name of each new irritant, the largest first.", show_default=False)] = None,
    workspace: Place = WORKSPACE,
    dry_run: DryRun = False,
    author: Author = None,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Make several irritants of one, by words or by meaning.

    \b
    Examples:
      vocpipe irritants split IRR-0031 --words "appli,application" --label "application mobile en panne"
      vocpipe irritants split IRR-0031 --into 2 --dry-run
    """
    from vocpipe import curation
    from vocpipe.errors import ConfigError

    if (into is None) == (words is None):
        raise ConfigError("a split is either by words or by meaning", "give --words WORD,WORD or --into N")
    labels = label or []
    if words is not None and len(labels) > 1:
        raise ConfigError(f"a split by words makes one new irritant, and {len(labels)} names are given", "give --label once")

    def make(desk: "Desk", by: "Signature") -> "Edit":
        if into is not None:
            return curation.split_by_meaning(desk, name, into, by, labels)
        return curation.split_by_words(desk, name, (words or "").split(","), by, labels[0] if labels else None)

    _edit(workspace, make, author, reason, dry_run, as_json)


def move(
    opinion_id: Annotated[str, typer.Argument(metavar="OPINION_ID", help="As in the table fact_opinion, or in: vocpipe irritants show.", show_default=False)],
    to: Annotated[str, typer.Argument(metavar="TO", help="Identifier or name of an irritant; none for no irritant.", show_default=False)],
    workspace: Place = WORKSPACE,
    dry_run: DryRun = False,
    author: Author = None,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Give one opinion to another irritant, or to none.

    \b
    Examples:
      vocpipe irritants move 3f2a9c01d4e5b687-2 IRR-0012
      vocpipe irritants move 3f2a9c01d4e5b687-2 none --reason "hors sujet"
    """
    from vocpipe import curation

    _edit(workspace, lambda desk, by: curation.move(desk, opinion_id, to, by), author, reason, dry_run, as_json)


def resolve(
    name: Name,
    since: Annotated[str | None, typer.Option(help="Month from which it is done with; by default the last one of the feed.", show_default=False)] = None,
    workspace: Place = WORKSPACE,
    dry_run: DryRun = False,
    author: Author = None,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Say that an irritant is done with. It stays visible, and is flagged when it comes back.

    \b
    Examples:
      vocpipe irritants resolve IRR-0012
      vocpipe irritants resolve IRR-0012 --since 2026-03 --reason "nouveau circuit de remboursement"
    """
    from vocpipe import curation

    _edit(workspace, lambda desk, by: curation.resolve(desk, name, by, since), author, reason, dry_run, as_json)


def reopen(name: Name, workspace: Place = WORKSPACE, dry_run: DryRun = False, author: Author = None, reason: Reason = None, as_json: Json = False) -> None:
    """Say that a resolved irritant is not done with.

    \b
    Examples:
      vocpipe irritants reopen IRR-0012
    """
    from vocpipe import curation

    _edit(workspace, lambda desk, by: curation.reopen(desk, name, by), author, reason, dry_run, as_json)


def undo(
    number: Annotated[int | None, typer.Argument(metavar="NUMBER", help="Edit, as in history; by default the last one in force.", show_default=False)] = None,
    workspace: Place = WORKSPACE,
    dry_run: DryRun = False,
    author: Author = None,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Take an edit back. The number of an undo gives the edit back.

    \b
    Examples:
      vocpipe irritants undo
      vocpipe irritants undo 3 --dry-run
    """
    from vocpipe import curation

    _edit(workspace, lambda desk, by: curation.undo(desk, by, number), author, reason, dry_run, as_json)


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML file that `export` or a person wrote.", show_default=False)],
    workspace: Place = WORKSPACE,
    dry_run: DryRun = False,
    author: Author = None,
    reason: Reason = None,
    as_json: Json = False,
) -> None:
    """Bring in irritants of another workspace or of a file written by hand.

    \b
    Examples:
      vocpipe irritants import irritants.yaml --dry-run
      vocpipe irritants import irritants.yaml --workspace workspace-sample --author camille
    """
    from vocpipe import curation
    from vocpipe.cli import show_irritants

    notes: dict[str, dict[str, str]] = {}

    def make(desk: "Desk", by: "Signature") -> "Edit | None":
        arrivals = curation.import_irritants(desk, file, by)
        notes.update(renumbered=arrivals.renumbered, skipped=arrivals.skipped)
        if not as_json:
            show_irritants.arrivals(arrivals)
        return arrivals.edit

    _edit(workspace, make, author, reason, dry_run, as_json, notes)


def _edit(
    workspace: Path,
    make: "Callable[[Desk, Signature], Edit | None]",
    author: str | None,
    reason: str | None,
    dry_run: bool,
    as_json: bool,
    notes: Mapping[str, Any] | None = None,
) -> None:
    """Make an edit, show what it changes, and apply it unless it is a trial; `notes` go with the JSON. Without an edit there is nothing to change."""
    from vocpipe import curation
    from vocpipe.cli import show, show_irritants

    desk = curation.open_desk(workspace)
    edit = make(desk, curation.Signature(dt.date.today().isoformat(), author, reason))
    found = curation.preview(desk, edit) if edit else None
    if edit and not dry_run:
        with show.progress("irritants") as on_progress:
            curation.apply(desk, edit, on_progress)
    if as_json:
        told = show_irritants.preview_data(found, applied=not dry_run) if found else {"applied": False, "edit": None}
        typer.echo(json.dumps({**told, **(notes or {})}, ensure_ascii=False, indent=2))
    elif found:
        show_irritants.preview(found, applied=not dry_run)
