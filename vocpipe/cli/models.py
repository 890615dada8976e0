"""vocpipe evaluate, train, models, doctor."""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from vocpipe.errors import VocpipeError

Model = Annotated[str, typer.Argument(metavar="MODEL", help="Model, as name@version.", show_default=False)]
_TRAIN_EXTRA = 'pip install "vocpipe[train]"'


class Part(StrEnum):
    """Name the verbatims to measure on."""

    ALL = "all"
    TRAIN = "train"
    DEV = "dev"
    TEST = "test"


def evaluate(
    model: Model,
    data: Annotated[Path, typer.Option(help="Annotated verbatims, JSON lines.", show_default=False)],
    split: Annotated[Part, typer.Option(help="Keep the verbatims of one split. A model trained on this file has seen all but test.")] = Part.ALL,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Measure a model, head by head, on annotated verbatims; or the floor: TF-IDF and logistic regression, as MODEL tfidf.

    The floor is trained on the train and dev splits of the file, and measured on its test split.

    \b
    Examples:
      vocpipe evaluate voc-fr-small@1 --data annotated.jsonl --json
      vocpipe evaluate voc-fr-small@1 --data annotated.jsonl --split test
      vocpipe evaluate tfidf --data annotated.jsonl --split test
    """
    from vocpipe.cli import show
    from vocpipe.errors import ConfigError, InputError
    from vocpipe.ml import store
    from vocpipe.training import evaluate as measure

    if not data.is_file():
        raise InputError(f"no such file: {data}", "give annotated verbatims as JSON lines to --data")
    if model == "tfidf" and split is not Part.TEST:
        raise ConfigError("the floor is measured on the test split only", "add --split test")
    result = measure.evaluate_floor(data) if model == "tfidf" else measure.evaluate(store.resolve(model), data, split=split.value)
    if as_json:
        typer.echo(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        show.evaluation(result)


def train(config: Annotated[Path, typer.Argument(metavar="CONFIG", help="A YAML file of configs/train.", show_default=False)]) -> None:
    """Train a model; stopped, it goes on from its last checkpoint.

    \b
    Example:
      vocpipe train configs/train/voc-fr-small.yaml
    """
    try:
        from vocpipe.training.jobs import train as start
    except ImportError as error:
        raise VocpipeError(f"training needs {error.name}, which is not installed", _TRAIN_EXTRA) from error
    typer.echo(f"The model is in {start(config)}")


def list_models() -> None:
    """List the models that are there.

    \b
    Example:
      vocpipe models list
    """
    from vocpipe.cli import show
    from vocpipe.ml import store

    show.cards(store.list_models())


def show(model: Model) -> None:
    """Show the card of a model: what it is, what it learned from, how well it does.

    \b
    Example:
      vocpipe models show voc-fr-small@1
    """
    from vocpipe.cli import show as display
    from vocpipe.ml import store

    display.card(store.load_card(store.resolve(model)))


def verify(model: Annotated[str | None, typer.Argument(metavar="MODEL", help="Model, as name@version; by default all.", show_default=False)] = None) -> None:
    """Check every file of a model, or of all, against the sha256 on its card.

    \b
    Examples:
      vocpipe models verify
      vocpipe models verify voc-fr-small@1
    """
    from vocpipe.ml import store

    for folder in [store.resolve(model)] if model else [path for path, _ in store.list_models()]:
        card = store.verify(folder)
        typer.echo(f"{card.name}@{card.version}: every file is as its card says")


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
