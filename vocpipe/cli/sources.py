"""vocpipe sources suggest, check, list."""

from pathlib import Path
from typing import Annotated

import typer

Source = Annotated[str, typer.Option("--source", metavar="CONFIG", help="A YAML file, or the name of one in configs/sources.", show_default=False)]


def suggest(
    file: Annotated[str, typer.Argument(metavar="FILE", help="An export; - for standard input.", show_default=False)],
    name: Annotated[str | None, typer.Option(help="Name of the source; by default that of the file without its month.", show_default=False)] = None,
    output: Annotated[Path | None, typer.Option(help="Write the mapping there instead of printing it.", show_default=False)] = None,
) -> None:
    """Suggest how to read an export: a ready YAML mapping, with how sure each line is.

    Headers and the values of the first rows are looked at; nothing that a customer wrote is printed.

    \b
    Examples:
      vocpipe sources suggest avis-2026-03.csv
      vocpipe sources suggest reponses.xlsx --name satisfaction --output satisfaction.yaml
    """
    from vocpipe.errors import ConfigError
    from vocpipe.files import replacing
    from vocpipe.sources.suggest import suggest as look

    if output and output.exists():
        raise ConfigError(f"{output} exists already", "give another path to --output, or remove the file first")
    suggestion = look(file, name)
    if output is None:
        typer.echo(suggestion.yaml, nl=False)
        return
    with replacing(output) as temporary:
        temporary.write_text(suggestion.yaml, encoding="utf-8")
    typer.echo(f"{output} is written. Try it: vocpipe sources check {file} --source {output}")


def check(
    source: Source,
    files: Annotated[list[str] | None, typer.Argument(metavar="FILE", help="Exports, folders, archives; - for standard input.", show_default=False)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Report how exports would be read: columns, scales, dates, ratings, problems with their first examples; write nothing.

    \b
    Examples:
      vocpipe sources check avis-2026-03.csv --source insurance
      vocpipe sources check exports/ --source my-source.yaml --json
      vocpipe sources check --source my-database.yaml
    """
    from vocpipe.cli import show_sources
    from vocpipe.sources import load_source
    from vocpipe.sources.checking import check as read

    found = read(files or [], load_source(source))
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        show_sources.check(found)


def list_sources() -> None:
    """List the sources that come with vocpipe.

    \b
    Example:
      vocpipe sources list
    """
    from vocpipe.cli import show_sources
    from vocpipe.resources import root

    show_sources.names(sorted((root() / "configs" / "sources").glob("*.yaml")))
