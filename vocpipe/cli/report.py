"""vocpipe report."""

from pathlib import Path
from typing import Annotated

import typer


def report(
    workspace: Annotated[Path, typer.Argument(help="Folder of a workspace.")] = Path("workspace"),
    to: Annotated[Path, typer.Option(help="HTML file to write.")] = Path("report.html"),
    language: Annotated[str, typer.Option(help="Language that the page opens in: fr or en. It has both.")] = "fr",
) -> None:
    """Write the page of a workspace as one HTML file, to open in a browser or to mail.

    \b
    Examples:
      vocpipe report workspace-sample
      vocpipe report workspace-sample --to mars.html --language en
    """
    from vocpipe import files
    from vocpipe.report.page import html

    page = html(workspace, language)
    with files.replacing(to) as temporary:
        temporary.write_text(page, encoding="utf-8")
    typer.echo(f"{to} ({to.stat().st_size / 1e6:.1f} MB): open it in a browser.")
