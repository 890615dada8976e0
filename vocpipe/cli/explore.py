"""vocpipe explain: a text, or a figure."""

import json
from pathlib import Path
from typing import Annotated

import typer

from vocpipe.errors import ConfigError

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def explain(
    text: Annotated[str | None, typer.Argument(help="What a customer wrote, in quotes.", show_default=False)] = None,
    model: Annotated[str, typer.Option(help="Model that reads the text, as name@version.")] = "voc-fr-small@2",
    irritant: Annotated[str | None, typer.Option(help="Explain the figures of an irritant: identifier, such as IRR-0012, or name.", show_default=False)] = None,
    month: Annotated[str | None, typer.Option(help="Month of those figures, such as 2026-03; by default the last one.", show_default=False)] = None,
    workspace: Annotated[Path, typer.Option(help="Folder of the workspace that holds the irritant.")] = Path("workspace"),
    limit: Annotated[int, typer.Option(min=1, help="Most opinions to list behind a figure.")] = 50,
    as_json: Json = False,
) -> None:
    """Explain a text: every label, probability and offset of its opinions. Or a figure: the opinions, counts, models and edits behind it.

    \b
    Examples:
      vocpipe explain "Livraison rapide mais le produit est arrivé cassé."
      vocpipe explain "Service client injoignable !" --json
      vocpipe explain --irritant IRR-0012 --month 2026-03
    """
    if (text is None) == (irritant is None):
        raise ConfigError("explain takes a text or an irritant, one of them", "give a text in quotes, or --irritant IRR-0012 with --month 2026-03")
    if irritant is not None:
        from vocpipe.cli import explain_figure

        explain_figure.explain(workspace, irritant, month, limit, as_json)
        return
    from vocpipe.annotator import Annotator
    from vocpipe.cli import show

    annotator = Annotator(model)
    opinions = annotator.annotate([text or ""]).drop_columns(["verbatim", "vector"]).to_pylist()
    if as_json:
        typer.echo(json.dumps(opinions, ensure_ascii=False, indent=2))
    else:
        show.opinions(opinions, annotator.taxonomy)
