"""vocpipe train: pretrain, distil, finetune."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from vocpipe.errors import VocpipeError

Config = Annotated[str, typer.Argument(metavar="CONFIG", help="A YAML file, or the name of one in configs/train.", show_default=False)]

app = typer.Typer(
    no_args_is_help=True,
    help="Train: pretrain an encoder on text, distil teachers into it, fine-tune it on labels. Stopped, each goes on from its last checkpoint.",
)


@app.command("pretrain")
def pretrain(config: Config) -> None:
    """Train an encoder to understand text, from text alone. Needs gigabytes of it and hours; most people start from an encoder that there is.

    \b
    It fills in masked pieces, imitates a sentence teacher where one is given, and guesses star ratings where the corpus has any.
    The result is a folder that `start:` of the other two jobs can name.

    \b
    Example:
      vocpipe train pretrain configs/train/voc-fr-small/pretrain.yaml
    """
    typer.echo(f"The encoder is in {_run('pretrain_job', config)}")


@app.command("distil")
def distil(config: Config) -> None:
    """Train a small encoder to answer as larger models do, on text that nobody labelled.

    \b
    Teachers are models of the store, or their answers in an .npz file. They are asked once; what they say is kept in the work folder.
    The result is a folder that `start:` of a fine-tuning can name.

    \b
    Example:
      vocpipe train distil configs/train/voc-fr-small/distil.yaml
    """
    typer.echo(f"The student is in {_run('distil_job', config)}")


@app.command("finetune")
def finetune(
    config: Config,
    models: Annotated[Path | None, typer.Option(help="Folder of models to write into; by default that of the configuration.", show_default=False)] = None,
) -> None:
    """Train a model on labelled verbatims, measure it on those held out, and write it into the store with its card.

    \b
    It starts from an encoder (a folder, or a hub id such as almanach/camembert-base), from a student, or from a model such as voc-fr-small@2.
    Labels: JSONL, Parquet, CSV, XLSX or a dataset of the hub, see docs/annotated-format.md. Heads that nobody judged are left as they are.

    \b
    Examples:
      vocpipe train finetune quick                        300 rows of a CSV, from the model that comes with vocpipe, in minutes
      vocpipe train finetune configs/train/camembert.yaml  any encoder of the hub
    """
    typer.echo(f"The model is in {_run('finetune_job', config, models)}")


def _run(job: str, config: str, *others: Any) -> Path:
    try:
        from vocpipe.training import jobs
    except ImportError as error:
        raise VocpipeError(f"training needs {error.name}, which is not installed", "in vocpipe's checkout: make full (or pip install '.[train]')") from error
    run: Callable[..., Any] = getattr(jobs, job)
    return Path(run(config, *others))
