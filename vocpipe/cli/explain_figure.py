"""vocpipe explain --irritant: why the figures of an irritant are what they are."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from vocpipe.cli.show import console, line

if TYPE_CHECKING:
    from vocpipe.explain import Explanation, Figure

_STORED = "lu dans agg_irritant_month"


def explain(workspace: Path, irritant: str, month: str | None, limit: int, as_json: bool) -> None:
    """Print the explanation, for readers of French, or as JSON."""
    from vocpipe.explain import explain_irritant

    found = explain_irritant(workspace, irritant, month, limit)
    if as_json:
        typer.echo(json.dumps(found.to_dict(), ensure_ascii=False, indent=2))
    else:
        _show(found)


def _show(found: "Explanation") -> None:
    models = ", ".join(f"{name} ({fingerprint[:12]})" for name, fingerprint in found.models.items())
    console().print(f"[bold]{escape(found.irritant_id)} · {escape(found.label)} · {escape(found.month)}[/bold]")
    line(f"modèle {models} · taxonomie {found.taxonomy['version']} ({found.taxonomy['fingerprint'][:12]}) · schéma du feed {found.schema_version}")
    _show_figures(found)
    _show_opinions(found)
    _show_edits(found)
    line("Les requêtes SQL de chaque comptage : --json")


def _show_figures(found: "Explanation") -> None:
    table = _table("Du comptage à la sévérité", "valeur", "", "calcul")
    for figure in found.figures:
        how = figure.how if not figure.how.startswith("SELECT") else "comptage"
        table.add_row(_number(figure), escape(f"{figure.meaning_fr} ({figure.name})"), escape(_STORED if how == "agg_irritant_month" else how))
    console().print(table)


def _show_opinions(found: "Explanation") -> None:
    table = _table(f"{len(found.rows)} opinions sur {found.opinions}, les meilleures preuves d'abord", "opinion", "verbatim", "preuve", "irritant", "sentiment")
    for name in ("proximité", "avance", "édition"):
        table.add_column(name, justify="right")
    for row in found.rows:
        sentiment = "–" if row["sentiment"] is None else f"{row['sentiment']:+d}"
        table.add_row(
            escape(str(row["opinion_id"])),
            escape(f"« {row['text']} »"),
            escape(row["evidence"] or "–"),
            _probability(row, "irritant_p"),
            f"{sentiment} ({_probability(row, 'sentiment_p')})",
            _decimal(row["irritant_score"]),
            _decimal(row["irritant_margin"]),
            str(row["edit"] or "–"),
        )
    console().print(table)


def _show_edits(found: "Explanation") -> None:
    if not found.edits:
        line("aucune édition de cet irritant")
        return
    table = _table("Éditions", "n°", "jour", "action", "", "auteur", "raison", "en vigueur")
    for edit in found.edits:
        told = {name: edit[name] for name in ("irritant", "into", "was", "label", "month", "of") if name in edit}
        by = [escape(str(edit.get(name, "–"))) for name in ("author", "reason")]
        table.add_row(str(edit["number"]), edit["date"], edit["action"], escape(" · ".join(map(str, told.values()))), *by, "oui" if edit["in_force"] else "non")
    console().print(table)


def _table(title: str, *columns: str) -> Table:
    return Table(*columns, title=title, title_justify="left", title_style="bold", header_style="bold", box=box.SIMPLE_HEAD)


def _number(figure: "Figure") -> str:
    if figure.value is None:
        return "–"
    return f"{figure.value:.4g}".replace(".", ",") if isinstance(figure.value, float) else str(figure.value)


def _probability(row: Mapping[str, Any], name: str) -> str:
    return "corrigé" if row["corrected"] and row[name] is None else _decimal(row[name])


def _decimal(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}".replace(".", ",")
