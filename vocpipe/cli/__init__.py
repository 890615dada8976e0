"""The command line: parse, call one function of the package, print. `main` is the entry point."""

import os
import sys
import traceback
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import Abort, Exit, TyperException

from vocpipe.cli import edit_irritants, explore, feed, irritants, models, report, review, runs, serve, sources, train
from vocpipe.errors import VocpipeError


class _Group(TyperGroup):
    """Show a user's mistake as what it is, with the way out; VOCPIPE_DEBUG=1 shows where in the code it was found."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except VocpipeError as error:
            raise _told(error, error.message, error.hint) from error
        except BrokenPipeError:  # `| head` has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except OSError as error:
            raise _told(error, str(error), "check the disk, the paths and the rights on them, then run the same command again") from error
        except KeyboardInterrupt as error:
            typer.echo("Stopped. Run the same command again: it goes on where it was.", err=True)
            raise typer.Exit(130) from error
        except (TyperException, Exit, Abort):
            raise
        except Exception as error:
            raise _crashed(error) from error


def _crashed(error: Exception) -> Exception:
    """Show where a defect of vocpipe is; the message may quote a customer, so that it is redacted."""
    from vocpipe.french.redaction import redact

    if os.environ.get("VOCPIPE_DEBUG"):
        return error
    typer.echo("".join(traceback.format_tb(error.__traceback__)), err=True)
    typer.secho(f"{type(error).__name__}: {redact(str(error)).text}", fg="red", err=True)
    typer.echo("This is a defect of vocpipe: please report the lines above. Personal data is masked in them; check that none is left.", err=True)
    return typer.Exit(1)


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
sources_app = typer.Typer(no_args_is_help=True, help="Describe exports: suggest a mapping, check it, list those that are there.")
irritants_app = typer.Typer(no_args_is_help=True, help="Rank and read irritants, and edit them by hand: every edit is kept in a log, and can be undone.")
review_app = typer.Typer(no_args_is_help=True, help="Choose opinions to label next, and bring corrections back.")
models_app = typer.Typer(no_args_is_help=True, help="List, show, verify, promote and share the models.")

app.command("run")(runs.run)
app.command("check")(runs.check)
app.command("describe")(runs.describe)
app.command("explain")(explore.explain)
app.command("evaluate")(models.evaluate)
app.add_typer(train.app, name="train")
app.add_typer(sources_app, name="sources")
sources_app.command("suggest")(sources.suggest)
sources_app.command("check")(sources.check)
sources_app.command("list")(sources.list_sources)
app.add_typer(irritants_app, name="irritants")
irritants_app.command("list")(irritants.list_irritants)
irritants_app.command("show")(irritants.show)
irritants_app.command("month")(irritants.month)
irritants_app.command("history")(irritants.history)
irritants_app.command("rename")(edit_irritants.rename)
irritants_app.command("merge")(edit_irritants.merge)
irritants_app.command("split")(edit_irritants.split)
irritants_app.command("move")(edit_irritants.move)
irritants_app.command("resolve")(edit_irritants.resolve)
irritants_app.command("reopen")(edit_irritants.reopen)
irritants_app.command("undo")(edit_irritants.undo)
irritants_app.command("export")(irritants.export)
irritants_app.command("import")(edit_irritants.import_)
app.add_typer(feed.app, name="feed")
app.command("report")(report.report)
app.command("serve")(serve.serve)
app.add_typer(review_app, name="review")
review_app.command("export")(review.export)
review_app.command("import")(review.import_)
app.add_typer(models_app, name="models")
models_app.command("list")(models.list_models)
models_app.command("show")(models.show)
models_app.command("verify")(models.verify)
models_app.command("promote")(models.promote)
models_app.command("export")(models.export)
models_app.command("add")(models.add)
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
