"""The command line: parse, call one function of the package, print. `main` is the entry point."""

import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from vocpipe.cli import explore, models, runs
from vocpipe.errors import VocpipeError


class _Group(TyperGroup):
    """Show a user's mistake as what it is, with the way out; VOCPIPE_DEBUG=1 shows where in the code it was found."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except VocpipeError as error:
            raise _told(error, error.message, error.hint) from error
        except OSError as error:
            raise _told(error, str(error), "check the disk, the paths and the rights on them, then run the same command again") from error
        except KeyboardInterrupt as error:
            typer.echo("Stopped. Run the same command again: it goes on where it was.", err=True)
            raise typer.Exit(130) from error


def _told(error: Exception, message: str, hint: str) -> Exception:
    if os.environ.get("VOCPIPE_DEBUG"):
        return error
    typer.secho(f"Error: {message}", fg="red", err=True)
    if hint:
        typer.echo(f"Fix: {hint}", err=True)
    return typer.Exit(2)


app = typer.Typer(
    cls=_Group, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]}
)
models_app = typer.Typer(no_args_is_help=True, help="List, show and verify the models.")

app.command("run")(runs.run)
app.command("check")(runs.check)
app.command("describe")(runs.describe)
app.command("explain")(explore.explain)
app.command("irritants")(explore.irritants)
app.command("evaluate")(models.evaluate)
app.command("train")(models.train)
app.add_typer(models_app, name="models")
models_app.command("list")(models.list_models)
models_app.command("show")(models.show)
models_app.command("verify")(models.verify)
app.command("doctor")(models.doctor)


@app.callback()
def _root() -> None:
    """Hear what French-speaking customers say: verbatims in, irritants on the customer journey out.

    \b
    First steps:
      vocpipe run --sample
      vocpipe explain "Livraison rapide mais le produit est arrivé cassé."
    """
    sys.path.append(os.getcwd())  # so that `use: package.module:Class` finds a stage beside the user


def main() -> None:
    """Run the command line."""
    app()
