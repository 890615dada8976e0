"""vocpipe serve."""

import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vocpipe.errors import ConfigError

if TYPE_CHECKING:
    from fastapi import FastAPI

_INSTALL = "install what it needs: pip install 'vocpipe[api]'"


def serve(
    workspace: Annotated[Path, typer.Option(help="Folder of a workspace.")] = Path("workspace"),
    host: Annotated[str, typer.Option(help="Address to listen on; one that others can reach needs a key.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 takes a free one.")] = 8000,
    rate: Annotated[float, typer.Option(min=0.1, help="Requests a second that one client may make over time.")] = 50,
    new_key: Annotated[bool, typer.Option("--new-key", help="Make a key, print it once, and end.")] = False,
    name: Annotated[str, typer.Option(help="Name of the key to make.")] = "default",
    revoke: Annotated[str | None, typer.Option(metavar="NAME", help="Take a key away, and end.", show_default=False)] = None,
) -> None:
    """Serve the page and the feed of a workspace over HTTP, for reading.

    \b
    Once a key was made, every request needs one: header X-API-Key, bearer token, or the password that a browser asks for.

    \b
    Examples:
      vocpipe serve --workspace workspace-sample
      vocpipe serve --new-key --name dashboard
      vocpipe serve --host 0.0.0.0 --port 8080
    """
    from vocpipe import Workspace

    try:
        from vocpipe.api import ApiSettings, create_app, keys
        from vocpipe.api.guard import is_loopback
    except ModuleNotFoundError as error:
        raise ConfigError(f"the service needs {error.name}", _INSTALL) from error

    place = Workspace(workspace).path
    if new_key:
        typer.echo(keys.new_key(place, name))
        typer.echo(f"This is the key {name!r}: keep it now, it is not shown again. Send it in the header X-API-Key.", err=True)
        return
    if revoke is not None:
        keys.revoke(place, revoke)
        typer.echo(f"The key {revoke!r} is refused from now on.", err=True)
        return
    public = not is_loopback(host)
    if public and not keys.key_names(place):
        raise ConfigError(
            f"others could read the customers' words on {host}, and there is no key", f"make one: vocpipe serve --new-key --workspace {workspace}"
        )
    _listen(create_app(place, ApiSettings(rate=rate, burst=max(1, round(4 * rate)), require_key=public)), host, port)


def _listen(app: "FastAPI", host: str, port: int) -> None:
    try:
        import uvicorn
    except ModuleNotFoundError as error:
        raise ConfigError(f"the service needs {error.name}", _INSTALL) from error

    with _bound(host, port) as listening:
        shown = f"[{host}]" if ":" in host else host
        typer.echo(f"Page: http://{shown}:{listening.getsockname()[1]}/  ·  tables: /v1/tables  ·  stop with Ctrl+C", err=True)
        # No access log: addresses hold what people look for, and proxies may not tell who asks.
        config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False, proxy_headers=False)
        uvicorn.Server(config).run(sockets=[listening])


def _bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens there. Raises `ConfigError` when it cannot."""
    try:
        family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        bound = socket.socket(family, kind)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            bound.listen(1024)  # now, so that who reads the address printed below can connect
        except OSError:
            bound.close()
            raise
    except (OSError, OverflowError, UnicodeError) as error:
        raise ConfigError(f"cannot listen on {host}, port {port}: {error}", "give another --port, or an address of this machine to --host") from error
    return bound
