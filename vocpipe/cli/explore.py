"""vocpipe explain."""

import json
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
