"""What the command line prints of models and of their figures."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich import box
from rich.markup import escape
from rich.table import Table

from vocpipe.cli.show import console, line

if TYPE_CHECKING:
    from vocpipe.ml.store import Card, Promotion

_HEADS = {
    "polarity": "polarity κ",
    "sentiment": "sentiment qwκ",
    "step": "step κ",
    "theme": "theme κ",
    "emotions": "emotions F1",
    "irritant": "irritant F1",
    "flags": "flags F1",
}


def models(found: "Sequence[tuple[Path, Card, bool]]") -> None:
    """Print one line per model; the flag tells whether it is the promoted version of its name."""
    if not found:
        line("no model is there")
        return
    table = _table("model", "promoted", "MB", "measured", *_HEADS.values())
    for path, card, is_promoted in found:
        size = sum(file.stat().st_size for file in path.iterdir() if file.is_file()) / 1e6
        figures = _figures(card)
        shown = (f"{figures[head]:.3f}" if head in figures else "–" for head in _HEADS)
        table.add_row(f"{card.name}@{card.version}", "yes" if is_promoted else "", f"{size:.1f}", str(card.metrics.get("measured", "–")), *shown)
    console().print(table)
    for path, card, _ in found:
        line(f"{card.name}@{card.version}  {' '.join(card.description.split())}  {path}")


def _figures(card: "Card") -> dict[str, float]:
    from vocpipe.training.measures import summary

    return summary(card.metrics["held_out"]["heads"]) if "held_out" in card.metrics else {}


def promoted(name: str, promotion: "Promotion") -> None:
    """Print what a promotion recorded."""
    line(f"{name}@{promotion.version} is promoted" + (f", in the place of {name}@{promotion.against}" if promotion.against else ""))
    if promotion.figures:
        console().print(_summary_table(promotion.figures, promotion.against))
    if promotion.regressions:
        line(f"worse beyond chance on {', '.join(promotion.regressions)}, accepted: {promotion.reason}")


def evaluation(result: Mapping[str, Any]) -> None:
    """Print the figures of a model, head by head, with their intervals, and by group when asked."""
    against = result.get("against")
    beside = f" against {against}" if against else ""
    line(f"{result['model']}{beside} on {result['n']:,} segments of {result['verbatims']:,} verbatims (split: {result['split']})")
    for note in result["notes"]:
        line(f"note: {note}")
    console().print(_summary_table(result["summary"], against))
    _details(result["heads"])
    for group, rows in result.get("by", {}).items():
        console().print(_group_table(group, rows))


def _summary_table(summary: Mapping[str, Any], against: str | None) -> Table:
    table = _table("head", "figure", "95 % interval", *([against, "difference"] if against else []), "n")
    for head, title in _HEADS.items():
        if figure := summary.get(head):
            other = [f"{figure['against']:.3f}", _difference(figure["difference"])] if "difference" in figure else ["–", "–"]
            table.add_row(title, f"{figure['value']:.3f}", _span(figure, ".3f"), *(other if against else []), f"{figure['n']:,}")
    return table


def _difference(difference: Mapping[str, Any]) -> str:
    told = f"{difference['value']:+.3f} ({_span(difference, '+.3f')})"
    if difference["low"] is None or difference["low"] <= 0 <= difference["high"]:
        return told
    return f"[green]{told}[/green]" if difference["value"] > 0 else f"[red]{told}[/red]"


def _span(figure: Mapping[str, Any], shape: str) -> str:
    return "–" if figure["low"] is None else f"{figure['low']:{shape}} … {figure['high']:{shape}}"


def _details(heads: Mapping[str, Any]) -> None:
    """Print the other figures of each head, and each label's F1."""
    parts = {name: head for name, head in heads.items() if name != "emotions"} | {f"emotions, {name}": head for name, head in heads["emotions"].items()}
    for name, head in parts.items():
        figures = " · ".join(f"{key.replace('_', '-')} {value:.3f}" for key, value in head.items() if isinstance(value, float))
        labels = ", ".join(f"{code} {label['f1']:.2f} (n {label['n']})" for code, label in head.get("labels", {}).items())
        line(f"{name}: {figures}" + (f"\n    {labels}" if labels else ""))


def _group_table(group: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    there = [head for head in _HEADS if any(head in row["summary"] for row in rows)]
    table = _table(group, "n", *(_HEADS[head] for head in there))
    for row in rows:
        table.add_row(escape(row["group"]), f"{row['n']:,}", *(_cell(row["summary"].get(head)) for head in there))
    return table


def _cell(figure: Mapping[str, Any] | None) -> str:
    if figure is None:
        return "–"
    difference = f" ({figure['difference']['value']:+.2f})" if "difference" in figure else ""
    return f"{figure['value']:.2f}{difference}"


def _table(*titles: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, header_style="bold")
    for place, title in enumerate(titles):
        table.add_column(escape(title), justify="right" if place else "left", no_wrap=not place)
    return table
