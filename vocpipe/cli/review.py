"""vocpipe review export, import."""

from pathlib import Path
from typing import Annotated

import typer

Place = Annotated[Path, typer.Argument(metavar="WORKSPACE", help="Folder of a workspace.", show_default=False)]
Config = Annotated[str | None, typer.Option("--config", help="Configuration of the runs: needed with a taxonomy or models of your own.", show_default=False)]
_WAYS = {"suspect": "contradicted", "rare": "of rare labels", "diverse": "typical", "uncertain": "uncertain"}


def export(
    workspace: Place,
    n: Annotated[int, typer.Option("--n", min=1, help="How many opinions.")] = 200,
    batch: Annotated[list[str] | None, typer.Option(help="Batch to choose from; may be given again. By default all.", show_default=False)] = None,
    to: Annotated[
        Path | None, typer.Option(help="File to write: .csv, .xlsx, or .json for Label Studio.  [default: WORKSPACE/review/a-relire.csv]", show_default=False)
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed finds other typical opinions.")] = 0,
    config: Config = None,
) -> None:
    """Choose the opinions to label next, predictions filled in.

    \b
    Examples:
      vocpipe review export workspace-sample --n 200
      vocpipe review export workspace --n 300 --batch 2026-03 --to a-relire.xlsx
    """
    from vocpipe.cli import show
    from vocpipe.review import export_review

    report = export_review(workspace, n, batches=batch or [], to=to, seed=seed, config=config)
    ways = " · ".join(f"{count} {_WAYS[way]}" for way, count in report.ways.items())
    show.line(f"{sum(report.ways.values())} of {report.opinions:,} opinions in {report.seconds:.1f} s: {ways}")
    for path in report.paths:
        show.line(f"{path}")
    show.line("Correct the labels, write oui in the column relu where all of a row is right, then: vocpipe review import WORKSPACE FILE")


def import_(
    workspace: Place,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The .csv, .xlsx or Label Studio .json that comes back.", show_default=False)],
    to: Annotated[Path | None, typer.Option(help="Annotated verbatims to add to.  [default: WORKSPACE/review/annotated.jsonl]", show_default=False)] = None,
    author: Annotated[str | None, typer.Option(help="Who corrected, for the log.", show_default=False)] = None,
    config: Config = None,
) -> None:
    """Bring corrections back: into the feed at once, into every later run, and into labels to train on.

    \b
    Examples:
      vocpipe review import workspace-sample workspace-sample/review/a-relire.csv
      vocpipe review import workspace a-relire.xlsx --author camille --to labels.jsonl
    """
    from vocpipe.cli import show
    from vocpipe.review import import_review

    with show.progress("review") as on_progress:
        report = import_review(workspace, file, to=to, author=author, config=config, on_progress=on_progress)
    show.line(f"{report.opinions} opinions judged · {report.judgements} new judgements, {report.changed} of them corrections")
    show.line(f"{report.written} annotated verbatims written to {report.annotated}")
    applied = f"{report.tally.applied} judgements stand in the workspace"
    moved = f", {report.tally.moved} on opinions cut otherwise" if report.tally.moved else ""
    lost = f", {report.tally.not_applicable} find their words no more" if report.tally.not_applicable else ""
    show.line(f"{applied}{moved}{lost}; {'brought up to date: ' + ', '.join(report.batches) if report.batches else 'nothing changed'}")
