"""vocpipe run, check, describe."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[str, typer.Argument(metavar="CONFIG", help="A YAML file, or the name of one in configs/runs.", show_default=False)]
Inputs = Annotated[
    list[str] | None,
    typer.Argument(metavar="INPUT", help="Exports, folders, archives, quoted patterns; - for standard input. None for a database.", show_default=False),
]
_SAMPLE = ("2026-01", "2026-02", "2026-03")


def run(
    config: Annotated[str | None, typer.Argument(metavar="CONFIG", help="A YAML file, or the name of one in configs/runs.", show_default=False)] = None,
    inputs: Inputs = None,
    batch: Annotated[str | None, typer.Option(help="Name of the batch, such as 2026-03.", show_default=False)] = None,
    workspace: Annotated[Path | None, typer.Option(help="Folder where batches accumulate.  [default: workspace]", show_default=False)] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; by default what the configuration says.", show_default=False)] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Run the three months of the sample that comes with vocpipe, in workspace-sample.")] = False,
) -> None:
    """Turn exports into ranked irritants, in a workspace.

    Running a batch again changes nothing; after a stop it goes on where it was.

    \b
    Examples:
      vocpipe run --sample
      vocpipe run insurance avis-2026-03.csv --batch 2026-03
      vocpipe run my-run.yaml exports/2026-03/ --batch 2026-03 --workspace voc --workers 4
      zcat posts.jsonl.gz | vocpipe run posts - --batch 2026-03
    """
    from vocpipe import runs
    from vocpipe.cli import show
    from vocpipe.errors import ConfigError
    from vocpipe.resources import PACKAGE

    if sample:
        if config or inputs or batch:
            raise ConfigError("--sample runs its own configuration, inputs and batches", "give it with --workspace and --workers only")
        jobs = [("sample", [str(PACKAGE / "sample" / f"{month}.csv")], month) for month in _SAMPLE]
    elif config is None:
        raise ConfigError("no configuration is given", "vocpipe run CONFIG INPUT --batch 2026-03, or vocpipe run --sample")
    elif batch is None:
        raise ConfigError("the batch has no name", "add --batch, such as --batch 2026-03")
    else:
        jobs = [(config, inputs or [], batch)]
    place = workspace or Path("workspace-sample" if sample else "workspace")
    for name, paths, label in jobs:
        with show.progress(label) as on_progress:
            report = runs.run(name, paths, batch=label, workspace=place, workers=workers, on_progress=on_progress)
        show.counts(report)
    show.irritants(report.top, f"Irritants · {report.month}")
    show.places(report)


def check(config: Config, inputs: Inputs = None) -> None:
    """Check a configuration, its models, and how inputs would be read; write nothing.

    \b
    Examples:
      vocpipe check insurance
      vocpipe check my-run.yaml avis-2026-03.csv
    """
    from vocpipe.cli import show, show_sources
    from vocpipe.config import load_config
    from vocpipe.french.redaction import Redactor
    from vocpipe.sources import checking

    found = load_config(config)
    found.verify_models()
    models = ", ".join((*found.model_names(), *found.hub_names())) or "none"
    show.line(f"{config}: the configuration is right; {len(found.stages)} stages, source {found.source.name}, models verified: {models}")
    redactor = Redactor.from_environment(found.redaction)
    if inputs or found.source.format == "sql":
        show_sources.check(checking.check(inputs or [], found.source, redactor=redactor))


def describe(config: Config) -> None:
    """Show the stages of a configuration, what each reads and adds, and its models.

    \b
    Example:
      vocpipe describe insurance
    """
    from vocpipe.cli import show
    from vocpipe.config import load_config
    from vocpipe.ml import hub, store

    found = load_config(config)
    show.stages(found)
    for name in found.model_names():
        show.card(store.load_card(store.resolve(name, found.models)))
    for name in found.hub_names():
        show.line(f"{name}: revision {hub.fingerprint(name)}; labels {', '.join(hub.labels(name))}")
