"""Everything that the command line prints: results on the standard output, progress on the standard error."""

import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from vocpipe.batch import OnProgress
    from vocpipe.config import RunConfig
    from vocpipe.feeds import TopIrritant
    from vocpipe.ml.store import Card
    from vocpipe.runs import RunReport
    from vocpipe.taxonomy import Taxonomy

_WIDE = 150
"""Columns when the output is a file: no terminal tells its width."""
_STEPS = {
    "read": "reading",
    "annotate": "annotating",
    "compare": "looking for duplicates",
    "group": "looking for new irritants",
    "assign": "giving opinions their irritants",
    "feed": "building the feed",
}


def console() -> Console:
    """Return where results are printed: as wide as the terminal, or wide enough for a file."""
    return Console(width=None if sys.stdout.isatty() else _WIDE, highlight=False, soft_wrap=False)


def line(text: str) -> None:
    """Print one line as it is."""
    console().print(escape(text), soft_wrap=True)


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f} rows/s" if task.speed else "")


@contextmanager
def progress(label: str) -> "Iterator[OnProgress]":
    """Show a bar with rows per second and time left while a batch runs; nothing when the standard error is no terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    stderr = Console(stderr=True)
    with Progress(*columns, console=stderr, transient=True, disable=not stderr.is_terminal) as bar:
        tasks = {}

        def on_progress(state: Any) -> None:
            if state.step not in tasks:
                tasks[state.step] = bar.add_task(f"{label} · {_STEPS[state.step]}", total=state.total)
            bar.update(tasks[state.step], completed=state.done, total=state.total)

        yield on_progress


def counts(report: "RunReport") -> None:
    """Print what became of the rows of a batch."""
    held = report.counts
    rejected = dict(held["rejected"])
    others = {language: rows for language, rows in held["languages"].items() if language not in ("fr", "und")}
    lines = [
        f"{held['read']:,} read · {held['kept']:,} kept · {held['quarantined']:,} in quarantine",
        f"{held['duplicates']:,} duplicates{_listed(held['duplicate_kinds'])}",
        f"{sum(rejected.values()):,} rejected{_listed(rejected)} · not French{_listed(others) or ' 0'} · undetermined {held['languages'].get('und', 0):,}",
        f"{sum(held['redactions'].values()):,} redacted{_listed(held['redactions'])}",
        f"{held['opinions']:,} opinions · {held['irritant_opinions']:,} name a problem",
    ]
    took = report.timing
    speed = f"{took['seconds']:.1f} s · {took['rows_per_second']:,.0f} rows/s · peak memory {took['peak_memory'] / 2**20:,.0f} MiB"
    output = console()
    output.print(f"[bold]{escape(report.batch)}[/bold]  {'unchanged since it was run: ' if report.unchanged else ''}{speed}")
    for text in lines:
        output.print(f"  {escape(text)}", soft_wrap=True)


def irritants(top: "Sequence[TopIrritant]", title: str) -> None:
    """Print ranked irritants, for readers of French."""
    if not top:
        line(f"{title}: aucun irritant")
        return
    table = Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=box.SIMPLE_HEAD)
    for name, justify in (("n°", "right"), ("irritant", "left"), ("étape", "left"), ("part", "right"), ("tendance", "right"), ("émotion dominante", "left")):
        table.add_column(name, justify=justify, no_wrap=name != "irritant")  # type: ignore[arg-type]
    table.add_column("verbatim", ratio=1)
    for rank, irritant in enumerate(top, start=1):
        quote = textwrap.shorten(irritant.quote or "", 90, placeholder=" …")
        share = f"{100 * irritant.share:.1f} %".replace(".", ",")
        table.add_row(
            str(rank), escape(irritant.label), irritant.step, share, _trend(irritant), irritant.emotion or "–", escape(f"« {quote} »") if quote else ""
        )
    console().print(table)


def places(report: "RunReport") -> None:
    """Print where everything is."""
    for name, path in report.paths.items():
        line(f"{name:<11} {path}")


def stages(config: "RunConfig") -> None:
    """Print the stages of a configuration."""
    table = Table("", "stage", "reads", "adds", "settings", title=f"{config.name}: source {config.source.name}", title_justify="left", title_style="bold")
    for position, stage in enumerate(config.stages, start=1):
        settings = "\n".join(f"{name}: {value}" for name, value in stage.model_dump(mode="json").items())
        added = "\n".join(column.name for column in stage.new_columns())
        table.add_row(str(position), stage.name, "\n".join(stage.reads), added, escape(settings))
    console().print(table)
    line(f"engine {config.engine}, {config.workers} worker(s), {config.shard_rows} rows a shard; emotion scheme {config.feed.scheme}")


def opinions(found: Sequence[Mapping[str, Any]], taxonomy: "Taxonomy") -> None:
    """Print opinions with every label, probability and offset; the labels are in French."""
    if not found:
        line("aucune opinion dans ce texte")
        return
    french = {label.code: label.fr for label in (*taxonomy.emotions, *taxonomy.steps, *taxonomy.themes, *taxonomy.flags)}
    table = Table("place", "opinion", "sentiment", "émotions", "étape", "thème", "signaux", "irritant", header_style="bold")
    for opinion in found:
        emotions = dict(zip(taxonomy.emotion_codes, opinion["emotion_p"], strict=True))
        flags = dict(zip(taxonomy.flag_codes, opinion["flag_p"], strict=True))
        table.add_row(
            f"{opinion['start']}–{opinion['end']}",
            escape(opinion["text"]),
            f"{_signed(opinion['sentiment'])} ({opinion['sentiment_p']:.2f})",
            "\n".join(
                f"{french[code]}{' +' * (strength - 1)} ({emotions[code]:.2f})"
                for code, strength in zip(opinion["emotions"], opinion["intensities"], strict=True)
            )
            or "–",
            f"{french[opinion['step']]} ({opinion['step_p']:.2f})",
            f"{french.get(opinion['theme'], '–')} ({opinion['theme_p']:.2f})",
            "\n".join(f"{french[code]} ({flags[code]:.2f})" for code in opinion["flags"]) or "–",
            f"{'oui' if opinion['irritant'] else 'non'} ({opinion['irritant_p']:.2f})",
        )
    console().print(table)


def card(found: "Card") -> None:
    """Print the card of a model."""
    for name, value in found.model_dump(mode="json").items():
        if isinstance(value, Mapping):
            line(f"{name}:")
            for key, inner in value.items():
                line(f"  {key}: {_short(inner)}")
        else:
            line(f"{name}: {_short(value)}")


def _listed(numbers: Mapping[str, int]) -> str:
    inner = ", ".join(f"{name} {number:,}" for name, number in numbers.items())
    return f" ({inner})" if inner else ""


def _trend(irritant: "TopIrritant") -> str:
    if irritant.delta is None:
        return "–"
    if irritant.delta == irritant.share:
        return "▲ nouveau"
    points = f"{abs(100 * irritant.delta):.1f} pt".replace(".", ",")
    return f"{'▲' if irritant.delta > 0 else '▼'} {points}" if round(1000 * irritant.delta) else "= 0,0 pt"


def _signed(sentiment: int | None) -> str:
    return "–" if sentiment is None else f"{sentiment:+d}"


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return textwrap.shorten(text, 200, placeholder=" …")
