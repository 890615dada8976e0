"""vocpipe explain, irritants."""

import json
from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def explain(
    text: Annotated[str, typer.Argument(help="What a customer wrote, in quotes.", show_default=False)],
    model: Annotated[str, typer.Option(help="Model, as name@version.")] = "voc-fr-small@2",
    as_json: Json = False,
) -> None:
    """Show the opinions of a text with every label, probability and offset.

    \b
    Examples:
      vocpipe explain "Livraison rapide mais le produit est arrivé cassé."
      vocpipe explain "Service client injoignable !" --json
    """
    from vocpipe.annotator import Annotator
    from vocpipe.cli import show

    annotator = Annotator(model)
    opinions = annotator.annotate([text]).drop_columns(["verbatim", "vector"]).to_pylist()
    if as_json:
        typer.echo(json.dumps(opinions, ensure_ascii=False, indent=2))
    else:
        show.opinions(opinions, annotator.taxonomy)


def irritants(
    workspace: Annotated[Path, typer.Option(help="Folder of a workspace.")] = Path("workspace"),
    month: Annotated[str | None, typer.Option(help="Batch, such as 2026-03; by default the last one.", show_default=False)] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    as_json: Json = False,
) -> None:
    """Rank the irritants of a month, the most severe first.

    \b
    Examples:
      vocpipe irritants --workspace workspace-sample
      vocpipe irritants --month 2026-02 --limit 50
    """
    from dataclasses import asdict

    from vocpipe import Workspace, feeds
    from vocpipe.cli import show

    found = feeds.top_irritants(Workspace(workspace).feed, month, limit)
    if as_json:
        typer.echo(json.dumps([asdict(irritant) for irritant in found], ensure_ascii=False, indent=2))
    else:
        show.irritants(found, f"Irritants · {month or 'dernier mois'}")
