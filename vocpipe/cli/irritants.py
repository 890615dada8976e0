"""vocpipe irritants list, show, month, history, export; what changes them is in `edit_irritants`."""

import json
from pathlib import Path
from typing import Annotated

import typer

Place = Annotated[Path, typer.Option("--workspace", help="Folder of a workspace.")]
Name = Annotated[str, typer.Argument(metavar="ID", help="Identifier, such as IRR-0012, or name in quotes.", show_default=False)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
WORKSPACE = Path("workspace")


def list_irritants(
    workspace: Place = WORKSPACE,
    month: Annotated[str | None, typer.Option(help="Month, such as 2026-03; by default the last one.", show_default=False)] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    theme: Annotated[str | None, typer.Option(help="Those of one theme only.", show_default=False)] = None,
    status: Annotated[
        str | None, typer.Option(help="Those of one status only: new, active, rising, falling, dormant, resolved, merged, split.", show_default=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Rank the irritants of a month, the most severe first.

    \b
    Examples:
      vocpipe irritants list --workspace workspace-sample
      vocpipe irritants list --month 2026-02 --limit 50
      vocpipe irritants list --theme livraison --status rising
    """
    from dataclasses import asdict

    from vocpipe import curation
    from vocpipe.cli import show_irritants

    found = curation.ranking(curation.open_desk(workspace), month, limit, theme, status)
    if as_json:
        typer.echo(json.dumps([asdict(irritant) for irritant in found], ensure_ascii=False, indent=2))
    else:
        show_irritants.ranking(found, f"Irritants · {month or 'dernier mois'}")


def show(name: Name, workspace: Place = WORKSPACE, as_json: Json = False) -> None:
    """Show all about an irritant or an enchantment: status, steps, months, quotes, edits, nearest others.

    \b
    Examples:
      vocpipe irritants show IRR-0012
      vocpipe irritants show "remboursement tardif" --workspace workspace-sample --json
    """
    from dataclasses import asdict

    from vocpipe import curation
    from vocpipe.cli import show_irritants

    desk = curation.open_desk(workspace)
    page = curation.irritant_page(desk, name)
    if as_json:
        typer.echo(json.dumps(asdict(page), ensure_ascii=False, indent=2, default=str))
    else:
        show_irritants.page(page, desk)


def month(
    of: Annotated[str | None, typer.Argument(metavar="MONTH", help="Such as 2026-03; by default the last one.", show_default=False)] = None,
    workspace: Place = WORKSPACE,
    language: Annotated[str, typer.Option(help="fr or en.")] = "fr",
) -> None:
    """Print the report of a month, in Markdown: what hurts, what rises and falls, why, with quotes.

    \b
    Examples:
      vocpipe irritants month --workspace workspace-sample
      vocpipe irritants month 2026-02 --language en > report.md
    """
    from vocpipe import Workspace
    from vocpipe.feeds.month_report import month_report

    typer.echo(month_report(Workspace(workspace).feed, of, language))


def history(
    name: Annotated[str | None, typer.Argument(metavar="ID", help="Edits about one irritant; by default all.", show_default=False)] = None,
    workspace: Place = WORKSPACE,
    as_json: Json = False,
) -> None:
    """Tell what people edited, oldest first, and what each edit decides today.

    \b
    Examples:
      vocpipe irritants history
      vocpipe irritants history IRR-0012 --json
    """
    from vocpipe import curation
    from vocpipe.cli import show_irritants

    desk = curation.open_desk(workspace)
    rows = show_irritants.history_rows(curation.history(desk, name.strip().upper() if name else None), desk)
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        show_irritants.history(rows)


def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="YAML file to write.", show_default=False)],
    workspace: Place = WORKSPACE,
    quotes: Annotated[bool, typer.Option("--quotes", help="Add what customers wrote. By default no word of theirs leaves the workspace.")] = False,
) -> None:
    """Write the irritants and enchantments to a file that a person can read and another workspace import.

    \b
    Examples:
      vocpipe irritants export irritants.yaml
      vocpipe irritants export irritants.yaml --workspace workspace-sample --quotes
    """
    from vocpipe import curation
    from vocpipe.cli.show import line

    count = curation.export_irritants(curation.open_desk(workspace), file, quotes)
    line(f"{count} irritants et enchantements écrits dans {file}")
