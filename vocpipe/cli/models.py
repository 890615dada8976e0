"""vocpipe evaluate, models, doctor."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vocpipe.errors import VocpipeError

Model = Annotated[str, typer.Argument(metavar="MODEL", help="Model, as name@version; a name alone is its promoted version.", show_default=False)]
Version = Annotated[str, typer.Argument(metavar="NAME@VERSION", help="Version of a model of the store.", show_default=False)]
Store = Annotated[Path | None, typer.Option("--models", help="Folder of models; by default the one that comes with vocpipe.", show_default=False)]


class Part(StrEnum):
    """Name the verbatims to measure on."""

    ALL = "all"
    TRAIN = "train"
    DEV = "dev"
    TEST = "test"
    OUT_OF_DOMAIN = "out_of_domain"


class By(StrEnum):
    """Name what groups of segments have in common."""

    SOURCE = "source"
    LENGTH = "length"
    STEP = "step"


def evaluate(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Model, as name@version, name (promoted), folder, or tfidf: the floor.", show_default=False)],
    data: Annotated[str, typer.Option(help="Annotated verbatims: .jsonl, .parquet, .csv, .xlsx, or datasets:ORG/NAME.", show_default=False)],
    split: Annotated[Part, typer.Option(help="Keep the verbatims of one split. A model trained on this file has seen all but test.")] = Part.ALL,
    against: Annotated[str | None, typer.Option(metavar="MODEL", help="Compare with another model on the same segments, or with tfidf.")] = None,
    by: Annotated[list[By] | None, typer.Option(help="Also show every group; may be given several times.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table; it quotes the worst mistakes.")] = False,
    report: Annotated[Path | None, typer.Option(metavar="FILE.html", help="Write a page with pictures and mistakes, and JSON beside it.")] = None,
    models: Store = None,
) -> None:
    """Measure a model, head by head, on annotated verbatims: figures with their interval, beside another model or the floor.

    The floor, TF-IDF and logistic regression, learns from the train and dev splits of the file; it takes minutes.

    \b
    Examples:
      vocpipe evaluate voc-fr-small@2 --data annotated.jsonl --split test --against tfidf
      vocpipe evaluate voc-fr-small --data annotated.jsonl --by source --report report.html
      vocpipe evaluate tfidf --data annotated.jsonl --split test --json
    """
    from vocpipe.cli import show, show_models
    from vocpipe.errors import ConfigError, InputError
    from vocpipe.ml import store
    from vocpipe.taxonomy import load_taxonomy
    from vocpipe.training import evaluate as measure

    if not data.startswith("datasets:") and not Path(data).is_file():
        raise InputError(f"no such file: {data}", "give annotated verbatims to --data")
    if report and report.suffix.lower() != ".html":
        raise ConfigError(f"the report is a web page, and {report} is not named like one", "end its name in .html")
    names = {name: name if name == measure.FLOOR else store.resolve(name, models) for name in (model, against) if name}
    groups = [group for group in measure.GROUPS if group in by] if by else measure.GROUPS if report else ()
    taxonomy = load_taxonomy()
    result = measure.evaluate(
        names[model],
        data,
        split=split.value,
        against=names[against] if against else None,
        by=groups,
        details=as_json or report is not None,
        taxonomy=taxonomy,
    )
    written = []
    if report:
        from vocpipe.training.report import write_report

        written = list(write_report(result, report, taxonomy))
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        show_models.evaluation(result)
        for place in written:
            show.line(f"written: {place}")


def list_models(models: Store = None) -> None:
    """List the models that are there: size, figures, which version is promoted.

    \b
    Example:
      vocpipe models list
    """
    from vocpipe.cli import show_models
    from vocpipe.ml import store

    promoted = {name: store.promotion_of(name, models) for name in {card.name for _, card in store.list_models(models)}}
    show_models.models([(path, card, (found := promoted[card.name]) is not None and found.version == card.version) for path, card in store.list_models(models)])


def show(model: Model, models: Store = None) -> None:
    """Show the card of a model: what it is, what it learned from, how well it does.

    \b
    Example:
      vocpipe models show voc-fr-small@2
    """
    from vocpipe.cli import show as display
    from vocpipe.ml import store
    from vocpipe.training.card import readable

    card = store.load_card(store.resolve(model, models))
    display.line(readable(card))
    if (promotion := store.promotion_of(card.name, models)) and promotion.version == card.version:
        display.line(
            f"Promoted on {promotion.date}" + (f", though worse on {', '.join(promotion.regressions)}: {promotion.reason}" if promotion.regressions else "")
        )


def verify(
    model: Annotated[str | None, typer.Argument(metavar="MODEL", help="Model, as name@version; by default all.", show_default=False)] = None,
    models: Store = None,
) -> None:
    """Check every file of a model, or of all, against the sha256 on its card.

    \b
    Examples:
      vocpipe models verify
      vocpipe models verify voc-fr-small@2
    """
    from vocpipe.ml import store

    for folder in [store.resolve(model, models)] if model else [path for path, _ in store.list_models(models)]:
        card = store.verify(folder)
        typer.echo(f"{card.name}@{card.version}: every file is as its card says")


def promote(
    model: Version,
    data: Annotated[Path | None, typer.Option(help="Pinned annotated verbatims to compare on; the first promotion needs none.", show_default=False)] = None,
    split: Annotated[Part, typer.Option(help="Compare on the verbatims of one split of the data.")] = Part.ALL,
    accept_regression: Annotated[str | None, typer.Option(metavar="REASON", help="Promote though heads got worse, and record why.")] = None,
    models: Store = None,
) -> None:
    """Make a version the one that the model's name stands for; refused when a head does worse than the promoted version, beyond chance.

    \b
    Examples:
      vocpipe models promote voc-fr-small@2
      vocpipe models promote voc-fr-small@2 --data pinned.jsonl
      vocpipe models promote voc-fr-small@2 --data annotated.jsonl --split test --accept-regression "fewer steps confused, two flags given up"
    """
    from vocpipe.cli import show_models
    from vocpipe.training.promote import promote as start

    found = start(model, data, split=split.value, accept_regression=accept_regression, folder=models)
    show_models.promoted(model.partition("@")[0], found)


def export(
    model: Model, target: Annotated[Path, typer.Argument(metavar="TARGET", help="Archive NAME.zip, or a new folder.", show_default=False)], models: Store = None
) -> None:
    """Write a verified model as an archive or a folder, to share it.

    \b
    Examples:
      vocpipe models export voc-fr-small@2 voc-fr-small-2.zip
    """
    from vocpipe.ml import archive, store

    place = archive.export_model(store.resolve(model, models), target)
    if place.is_file():
        typer.echo(f"{place}: {place.stat().st_size / 1e6:.1f} MB, sha256 {store.sha256_of(place)}")
    typer.echo(f"To install it: vocpipe models add {place}")


def add(
    given: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="Archive or folder that `models export` wrote.", show_default=False)], models: Store = None
) -> None:
    """Install a model that was exported; it is checked against its card first.

    \b
    Examples:
      vocpipe models add voc-fr-small-2.zip
    """
    from vocpipe.ml import archive

    place = archive.add_model(given, models)
    typer.echo(f"{place.parent.name}@{place.name} is in {place}")


def doctor() -> None:
    """Show versions, processor, accelerator and models: what to send with a question.

    \b
    Example:
      vocpipe doctor
    """
    from vocpipe.cli import health, show
    from vocpipe.ml import store

    broken = []
    for name, value in health.facts():
        show.line(f"{name:<12} {value}")
    for folder, card in store.list_models():
        name = f"{card.name}@{card.version}"
        try:
            store.verify(folder)
            show.line(f"{'model':<12} {name}: verified")
        except VocpipeError as error:
            show.line(f"{'model':<12} {name}: {error.message}")
            broken.append(name)
    if broken:
        raise VocpipeError(f"these models cannot be used: {', '.join(broken)}", "bring their files back as they were, or remove them")
