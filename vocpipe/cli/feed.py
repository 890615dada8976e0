"""vocpipe feed export, push, verify, roles: the tables for dashboards, where people use them."""

from pathlib import Path
from typing import Annotated

import typer

from vocpipe.errors import ConfigError

Place = Annotated[Path, typer.Option("--workspace", help="Folder of a workspace.")]
Schema = Annotated[str, typer.Option(help="Schema of the database that holds the tables.")]
WORKSPACE = Path("workspace")
_VARIABLE = "VOCPIPE_FEED_URL"
_SHOWN = 20

app = typer.Typer(no_args_is_help=True, help="Bring the tables for dashboards to files or to PostgreSQL, and check what is there.")


@app.command("export")
def export(
    workspace: Annotated[Path, typer.Argument(metavar="WORKSPACE", help="Folder of a workspace.")],
    to: Annotated[Path, typer.Option("--to", help="Folder to write in; for duckdb, a file too.", show_default=False)],
    form: Annotated[str, typer.Option("--format", help="parquet, csv (for Excel) or duckdb.")] = "parquet",
) -> None:
    """Write the tables to a folder; written again, only what changed is replaced.

    \b
    Examples:
      vocpipe feed export workspace --to feed-parquet
      vocpipe feed export workspace --to for-excel --format csv
      vocpipe feed export workspace --to dashboards/voc.duckdb --format duckdb
    """
    from vocpipe import Workspace
    from vocpipe.cli.show import line
    from vocpipe.feeds import sinks

    done = sinks.export(Workspace(workspace).feed, to, form)
    line(f"{len(done.written)} fichiers écrits, {len(done.removed)} retirés, {done.unchanged} inchangés dans {done.path}")


@app.command("push")
def push(
    url: Annotated[str | None, typer.Argument(metavar="URL", help=f"postgresql://user@host/database; by default {_VARIABLE}.", show_default=False)] = None,
    workspace: Place = WORKSPACE,
    schema: Schema = "voc",
    everything: Annotated[bool, typer.Option("--all", help="Replace whole tables, whatever is recorded or there.")] = False,
) -> None:
    """Bring a PostgreSQL database up to the workspace: only the months that changed are sent, all at once or none.

    A password in URL can be seen by other users of this machine: put URL in VOCPIPE_FEED_URL, or the password in PGPASSWORD or ~/.pgpass.

    \b
    Examples:
      vocpipe feed push postgresql://push_voc@db.example.org/dashboards
      vocpipe feed push --schema voc_essai --all
    """
    from vocpipe import Workspace
    from vocpipe.cli.show import line
    from vocpipe.feeds import sinks

    done = sinks.push(Workspace(workspace).feed, _url(url), schema, everything)
    for table, month in done.replaced[:_SHOWN]:
        line(f"  {table} {month}".rstrip())
    if len(done.replaced) > _SHOWN:
        line(f"  … et {len(done.replaced) - _SHOWN} autres")
    line(f"{done.rows} lignes envoyées, {len(done.replaced)} parties remplacées, {len(done.removed)} retirées, {done.unchanged} inchangées")
    line(f"{done.name}, schéma {done.schema}")


@app.command("verify")
def verify(
    target: Annotated[str | None, typer.Argument(metavar="TARGET", help="URL of a database, folder or DuckDB file; by default VOCPIPE_FEED_URL.")] = None,
    workspace: Place = WORKSPACE,
    schema: Schema = "voc",
) -> None:
    """Compare a copy of the tables with the workspace, by table and month; exit with 1 when it differs.

    \b
    Examples:
      vocpipe feed verify feed-parquet
      vocpipe feed verify postgresql://dashboards@db.example.org/dashboards
    """
    from vocpipe import Workspace
    from vocpipe.cli.show import line
    from vocpipe.feeds import sinks

    found = sinks.verify(Workspace(workspace).feed, _url(target), schema)
    for each in found.differences[:_SHOWN]:
        told = f"{each.found} lignes au lieu de {each.rows}" if each.found != each.rows else f"{each.rows} lignes, dont des valeurs diffèrent"
        told = "absente ou illisible" if each.missing else told
        line(f"  {each.table} {each.month or '(toute la table)'} : {told}")
    if len(found.differences) > _SHOWN:
        line(f"  … et {len(found.differences) - _SHOWN} autres")
    line(f"{found.parts} parties comparées, {found.rows} lignes, {len(found.differences)} parties qui diffèrent")
    if found.differences:
        raise typer.Exit(1)


@app.command("roles")
def roles(
    url: Annotated[str | None, typer.Argument(metavar="URL", help="Database to make them in; without it the script is printed.", show_default=False)] = None,
    schema: Schema = "voc",
    reader: Annotated[str, typer.Option(help="Role that may read the tables.")] = "voc_reader",
    writer: Annotated[str, typer.Option(help="Role that may push.")] = "voc_writer",
) -> None:
    """Print the script that makes a role for reading and one for pushing, with no other right; or run it.

    \b
    Examples:
      vocpipe feed roles > roles.sql
      vocpipe feed roles postgresql://owner@db.example.org/dashboards
    """
    from vocpipe.cli.show import line
    from vocpipe.feeds import sinks

    if url is None:
        typer.echo(sinks.role_script(schema, reader, writer), nl=False)
    else:
        line(f"{sinks.apply_roles(url, schema, reader, writer)} : rôles {reader} et {writer} sur le schéma {schema}")


def _url(given: str | None) -> str:
    import os

    found = given or os.environ.get(_VARIABLE, "").strip()
    if not found:
        raise ConfigError("no database or folder is given", f"give it, or export {_VARIABLE}=postgresql://user:password@host/database")
    return found
