"""What every request passes before it is answered: the name of the service, the key, the rate; and what every answer carries."""

import base64
import ipaddress
import math
import time
from collections.abc import Collection
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

from vocpipe.api.keys import KeyRing
from vocpipe.api.metrics import Metrics
from vocpipe.api.problems import defect, problem
from vocpipe.api.rates import Buckets

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

OPEN = "/health"
"""The one address that needs no key: it tells nothing of the customers."""
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="vocpipe", charset="UTF-8"'}
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}
_OTHER = "other"
_MAKE_KEY = "make a key: vocpipe serve --new-key"


class Guard:
    """Refuse who may not read or asks too much, count every request, and add the headers that keep a browser safe."""

    def __init__(self, app: "ASGIApp", ring: KeyRing, buckets: Buckets, metrics: Metrics, paths: Collection[str]) -> None:
        self._app, self._ring, self._buckets, self._metrics = app, ring, buckets, metrics
        self._paths = frozenset(paths)

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status, begun = 500, False

        async def sending(message: "Message") -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                begun = True
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _ALWAYS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            refused = self._refused(scope)
            await (refused or self._app)(scope, receive, sending)
        except Exception as error:
            if not begun:
                await defect(error)(scope, receive, sending)
            raise  # for the server's log
        finally:
            path = scope["path"] if scope["path"] in self._paths else _OTHER
            self._metrics.requests.labels(path, str(status)).inc()
            self._metrics.seconds.labels(path).observe(time.perf_counter() - started)

    def _refused(self, scope: "Scope") -> Response | None:
        headers = Headers(scope=scope)
        address = (scope.get("client") or (None,))[0]
        client = f"address {address or '?'}"
        wrong: Response | None = None
        if self._ring.required:
            owner = self._ring.owner(_given(headers))
            if owner:
                client = f"key {owner}"
            elif scope["path"] != OPEN:
                wrong = _no_key(headers)
        elif address and not is_loopback(address):
            # Whatever name it asks for: it may be sent on by a server that is open to others.
            wrong = problem(403, "without a key, the service answers to this machine only", _MAKE_KEY)
        elif not _local(headers.get("host", "")):
            # A page of another site could have its name point here, and read the feed through the analyst's browser.
            wrong = problem(421, "without a key, the service answers to localhost only", f"open http://127.0.0.1, or {_MAKE_KEY}")
        wait = self._buckets.wait(client)
        if wait:
            return problem(429, "too many requests from this client", "wait a little, and ask for larger pages", {"Retry-After": str(math.ceil(wait))})
        return wrong


def _given(headers: Headers) -> str | None:
    """Return the key of a request: in X-API-Key, as a bearer token, or as the password that a browser asks for."""
    if "x-api-key" in headers:
        return headers["x-api-key"]
    scheme, _, value = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2]
        except ValueError:
            return None
    return None


def _no_key(headers: Headers) -> Response:
    if "x-api-key" in headers or "authorization" in headers:
        return problem(401, "this key is not known here", "check it, or make another one: vocpipe serve --new-key", _CHALLENGE)
    return problem(401, "a key is needed", "send it in the header X-API-Key; a key is made by: vocpipe serve --new-key", _CHALLENGE)


def _local(host: str) -> bool:
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    return is_loopback(name.strip("[]"))


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine and no other can reach it."""
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
