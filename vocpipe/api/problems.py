"""Errors over HTTP: what is wrong and how to fix it, as `application/problem+json` (RFC 9457)."""

import json
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from vocpipe.errors import ConfigError, VocpipeError, nearest

PROBLEM = "application/problem+json"
_TITLES = {
    400: "The request does not fit",
    401: "A key is needed",
    403: "Not from this machine",
    404: "Not there",
    405: "Only reading is possible",
    406: "No such format",
    410: "The feed was rebuilt",
    421: "Not the name of this service",
    422: "A parameter does not fit",
    429: "Too many requests",
    500: "A defect of vocpipe",
    503: "The feed cannot be read",
}


class ProblemError(Exception):
    """End a request with a status, what is wrong, and how to fix it."""

    def __init__(self, status: int, detail: str, fix: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.fix, self.headers = status, detail, fix, headers


def problem(status: int, detail: str, fix: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return the answer that tells a problem."""
    body = {"type": "about:blank", "title": _TITLES.get(status, "The request cannot be answered"), "status": status, "detail": detail, "fix": fix}
    return Response(json.dumps(body, ensure_ascii=False), status, dict(headers or {}), PROBLEM)


def add_handlers(app: FastAPI) -> None:
    """Make every error of the service a problem; what is none of ours is told by `defect`, where the headers of every answer are added."""
    app.add_exception_handler(ProblemError, _own)
    app.add_exception_handler(VocpipeError, _told)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def defect(error: Exception) -> Response:
    """Return the answer to a request that met an error of vocpipe itself. The message may quote a customer: only its kind is told."""
    return problem(500, f"the request met a {type(error).__name__}", "report it with the request; the server's log tells where it was")


def _own(_: Request, error: Exception) -> Response:
    assert isinstance(error, ProblemError)
    return problem(error.status, error.detail, error.fix, error.headers)


def _told(_: Request, error: Exception) -> Response:
    assert isinstance(error, VocpipeError)
    return problem(404 if isinstance(error, ConfigError) else 503, error.message, error.hint)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    known = request.app.state.parameters.get(request.url.path, ())
    told, fixes = [], []
    for found in error.errors():
        name = str(found["loc"][-1] if len(found["loc"]) < 3 else found["loc"][1])
        if found["type"] == "extra_forbidden":
            told.append(f"no parameter is called {name!r} here")
            fixes.append(nearest(name, known) if known else "leave it out")
        else:
            told.append(f"{name}: {found['msg']}")
            fixes.append(f"mend {name}")
    return problem(422, "; ".join(told), "; ".join(fixes))


def _http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return problem(405, "the feed can only be read", "use GET", error.headers)
    return problem(error.status_code, "there is nothing at this address", "see /v1/tables and /openapi.json", error.headers)
