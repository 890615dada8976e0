"""What the commands about irritants print, for readers of French."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.markup import escape
from rich.table import Table

from vocpipe.cli.show import console, line

if TYPE_CHECKING:
    from vocpipe.curation import Arrivals, Desk, IrritantPage, Preview, Ranked
    from vocpipe.irritants.edits import Edit

STATUSES = {
    "new": "nouveau",
    "active": "actif",
    "rising": "en hausse",
    "falling": "en baisse",
    "dormant": "silencieux",
    "resolved": "résolu",
    "merged": "fusionné",
    "split": "scindé",
}
_ACTIONS = {
    "rename": "renommer",
    "merge": "fusionner",
    "split": "scinder",
    "move": "déplacer",
    "resolve": "résoudre",
    "reopen": "rouvrir",
    "undo": "annuler",
    "import": "importer",
}
_ORIGINS = {"starter": "catalogue de départ", "discovered": "découvert", "split": "scission", "imported": "importé"}
_KINDS = {"irritant": "irritant", "enchantment": "enchantement"}
_NONE = "aucun"
_WORDS = 10


def ranking(top: "Sequence[Ranked]", title: str) -> None:
    """Print ranked irritants with the identifiers that edits take."""
    if not top:
        line(f"{title}: aucun irritant")
        return
    table = _table(title, ("n°", "right"), ("id", "left"), ("irritant", "left"), ("étape", "left"), ("part", "right"), ("écart", "right"), ("statut", "left"))
    table.add_column("verbatim", ratio=1)
    for rank, irritant in enumerate(top, start=1):
        quote = f"« {textwrap.shorten(irritant.quote, 80, placeholder=' …')} »" if irritant.quote else ""
        table.add_row(
            str(rank),
            irritant.irritant_id,
            escape(irritant.label),
            irritant.step or "–",
            _percent(irritant.share),
            _points(irritant.delta),
            STATUSES.get(irritant.status or "", "–"),
            escape(quote),
        )
    console().print(table)


def page(found: "IrritantPage", desk: "Desk") -> None:
    """Print all about one irritant or enchantment."""
    facts = found.facts
    status = facts.get("status") or facts.get("state")
    output = console()
    output.print(f"[bold]{found.irritant_id} · {escape(facts['label'])}[/bold]  ({_KINDS[found.kind]})", soft_wrap=True)
    for name, value in (
        ("anglais", facts.get("label_en")),
        ("thème", facts.get("theme")),
        ("statut", STATUSES.get(status, status) if status else None),
        ("fusionné dans", _named(facts.get("merged_into"), desk.names)),
        ("issu de", _named(facts.get("split_from"), desk.names)),
        ("résolu depuis", facts.get("resolved_since")),
        ("origine", _ORIGINS.get(facts.get("origin") or "")),
        ("vu", _seen(facts)),
        ("mots", ", ".join((facts.get("terms") or ())[:_WORDS])),
        ("étapes", " · ".join(f"{label} {_percent(share)}" for _, label, share in found.steps)),
    ):
        if value:
            output.print(f"  {name:<14} {escape(value)}", soft_wrap=True)
    _months(found)
    for opinion, month, text in found.quotes:
        output.print(f"  [dim]{opinion} · {month}[/dim]  « {escape(' '.join(text.split()))} »", soft_wrap=True)
    if found.nearest:
        line("  proches        " + " · ".join(f"{name} {label} ({cosine:.2f})".replace(".", ",") for name, label, cosine in found.nearest))
    if found.edits:
        history(history_rows(found.edits, desk))


def _months(found: "IrritantPage") -> None:
    if not found.months:
        return
    columns = ("mois", "opinions", "verbatims", "part", "écart", "sentiment", "gravité", "statut")
    table = _table("", *((name, "left" if name in ("mois", "statut") else "right") for name in columns))
    for month in found.months:
        table.add_row(
            month["month"],
            str(month["opinions"]),
            str(month["verbatims"]),
            _percent(month["share"]),
            _points(month["delta"]),
            "–" if month["mean_sentiment"] is None else f"{month['mean_sentiment']:+.1f}".replace(".", ","),
            "–" if month.get("severity") is None else f"{month['severity']:.2f}".replace(".", ","),
            STATUSES.get(month.get("status") or "", "–"),
        )
    console().print(table)


def preview(found: "Preview", applied: bool) -> None:
    """Print what an edit changes, or changed."""
    edit = found.edit
    line(f"{'modification' if applied else 'essai de la modification'} {edit.number} : {_told(edit, found.names)}")
    if not found.changes:
        held = "" if found.held is None else f" ; {found.held} opinions portent {edit.irritant}"
        line(f"aucune opinion ne change d'irritant{held}")
    else:
        table = _table("", ("mois", "left"), ("de", "left"), ("vers", "left"), ("opinions", "right"), ("verbatims", "right"))
        for change in found.changes:
            ways = (escape(_named(name, found.names) or _NONE) for name in (change.source, change.target))
            table.add_row(change.month, *ways, str(change.opinions), str(change.verbatims))
        console().print(table)
    for (source, target), quotes in found.quotes.items():
        line(f"de {_named(source, found.names) or _NONE} vers {_named(target, found.names) or _NONE} :")
        for quote in quotes:
            line(f"  « {quote} »")
    line(f"Fait. Pour revenir en arrière : vocpipe irritants undo {edit.number}" if applied else "Rien n'a été changé.")


def preview_data(found: "Preview", applied: bool) -> dict[str, Any]:
    """Return what an edit changes as JSON."""
    return {
        "applied": applied,
        "edit": _data(found.edit),
        "opinions": found.opinions,
        "changes": [vars(change) | {"quotes": list(found.quotes.get((change.source, change.target), ()))} for change in found.changes],
        "labels": {
            name: found.names[name]
            for name in sorted({name for change in found.changes for name in (change.source, change.target) if name} | {*found.edit.names, *found.edit.makes})
            if name in found.names
        },
    }


def arrivals(found: "Arrivals") -> None:
    """Print what becomes of the entries of a file."""
    count = len(found.edit.irritants) if found.edit else 0
    line(f"{count} à importer, {len(found.skipped)} déjà là")
    for old, new in found.renumbered.items():
        line(f"  {old} est pris par un autre : devient {new}")
    for name, why in found.skipped.items():
        line(f"  {name} laissé de côté, {why}")


def history_rows(edits: "Sequence[Edit]", desk: "Desk") -> list[dict[str, Any]]:
    """Return edits as JSON, with whether each is in force, what it says, and how many opinions it decides today."""
    from vocpipe.curation import decided
    from vocpipe.irritants.edits import undone

    counts = decided(desk)
    without = undone(desk.log)
    return [
        {
            **_data(edit),
            "in_force": edit.number not in without,
            "says": _told(edit, desk.names),
            "decides": counts[edit.number],
        }
        for edit in edits
    ]


def history(rows: Sequence[dict[str, Any]]) -> None:
    """Print edits, oldest first."""
    if not rows:
        line("aucune modification")
        return
    table = _table("", ("n°", "right"), ("date", "left"), ("modification", "left"), ("opinions", "right"), ("auteur", "left"), ("raison", "left"))
    for row in rows:
        told = escape(row["says"]) if row["in_force"] else f"[dim]{escape(row['says'])} (annulée)[/dim]"
        table.add_row(str(row["number"]), row["date"], told, str(row["decides"] or ""), escape(row.get("author") or ""), escape(row.get("reason") or ""))
    console().print(table)


def _told(edit: "Edit", names: dict[str, str]) -> str:
    """Say an edit in French."""
    action, about = _ACTIONS[edit.action], _named(edit.irritant, names)
    if edit.action == "rename":
        return f"{action} {edit.irritant} « {edit.was} » en « {edit.label} »"
    if edit.action == "merge":
        return f"{action} {about} dans {_named(edit.into, names)}"
    if edit.action == "split":
        by = f"mots {', '.join(edit.words)}" if edit.words else "sens"
        return f"{action} {about} par {by} : " + ", ".join(f"{child.irritant_id} {child.label}" for child in edit.children)
    if edit.action == "move":
        return f"{action} une opinion de {about or _NONE} vers {_named(edit.into, names) or _NONE}"
    if edit.action == "resolve":
        return f"{action} {about} depuis {edit.month}"
    if edit.action == "undo":
        return f"{action} la modification {edit.of}"
    if edit.action == "import":
        return f"{action} " + ", ".join(f"{entry['id']} {entry['label']}" for entry in edit.irritants)
    return f"{action} {about}"


def _data(edit: "Edit") -> dict[str, Any]:
    """Return what an edit tells as JSON, without vectors."""
    from dataclasses import asdict

    told = {name: value for name, value in asdict(edit).items() if value not in (None, ())}
    for name in ("children", "irritants"):
        if name in told:
            told[name] = [{key: value for key, value in each.items() if key != "centroid"} for each in told[name]]
    return told


def _named(name: str | None, names: dict[str, str]) -> str | None:
    return f"{name} {names.get(name, '')}".rstrip() if name else None


def _seen(facts: dict[str, Any]) -> str | None:
    if not facts.get("first_seen"):
        return None
    count = facts.get("opinions")
    return f"de {facts['first_seen']} à {facts['last_seen']}" + (f", {count} opinions" if count is not None else "")


def _table(title: str, *columns: tuple[str, str]) -> Table:
    table = Table(title=title or None, title_justify="left", title_style="bold", header_style="bold", box=box.SIMPLE_HEAD)
    for name, justify in columns:
        table.add_column(name, justify=justify, no_wrap=name in ("n°", "id", "part", "écart", "date", "mois"))  # type: ignore[arg-type]
    return table


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %".replace(".", ",")


def _points(delta: float | None) -> str:
    return "–" if delta is None else f"{100 * delta:+.1f} pt".replace(".", ",")
