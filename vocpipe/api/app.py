"""The service: its addresses, one for each table of the contract, and what guards them."""

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query, Request
from starlette.responses import Response

from vocpipe import explain
from vocpipe.api import answers, documents, quotes
from vocpipe.api.answers import Answer
from vocpipe.api.formats import MEDIA
from vocpipe.api.guard import OPEN, Guard
from vocpipe.api.keys import KeyRing
from vocpipe.api.metrics import MEDIA as METRICS_MEDIA
from vocpipe.api.problems import ProblemError, add_handlers
from vocpipe.api.rates import Buckets
from vocpipe.api.selection import filters, query_model
from vocpipe.api.service import Service
from vocpipe.api.settings import ApiSettings
from vocpipe.feeds.contract import SCHEMA_VERSION, TABLES, FeedTable
from vocpipe.workspace import Workspace

# The page brings its own policy in itself; a header adds what a page cannot say.
_PAGE_POLICY = "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_DATA = "Data"
_RUNNING = "Running"
_Endpoint = Callable[..., Awaitable[Response]]


def create_app(workspace: str | Path, settings: ApiSettings | None = None) -> FastAPI:
    """Return the service of a workspace, to be run by any ASGI server.

    It reads only. A feed rebuilt while it runs is seen at the next request. Raises `WorkspaceError` when there is no workspace.
    """
    opened, chosen = Workspace(workspace), settings or ApiSettings()
    service = Service(opened.path, chosen)
    app = FastAPI(title="vocpipe", version=SCHEMA_VERSION, description=documents.DESCRIPTION, docs_url=None, redoc_url=None)
    app.state.parameters = {}
    add_handlers(app)
    for table in TABLES.values():
        _add_table(app, service, table)
    _add_others(app, service, opened)
    paths = [getattr(route, "path", "") for route in app.routes]
    ring, buckets = KeyRing(opened.path, chosen.require_key), Buckets(chosen.rate, chosen.burst)
    app.openapi_schema = documents.secured(app.openapi(), OPEN)
    app.add_middleware(Guard, ring=ring, buckets=buckets, metrics=service.metrics, paths=paths)
    return app


def _get(app: FastAPI, path: str, endpoint: _Endpoint, summary: str, responses: dict[int | str, dict[str, Any]], parameters: tuple[str, ...], tag: str) -> None:
    """Add an address; `parameters` are named to who gives another one."""
    app.add_api_route(
        path,
        endpoint,
        methods=["GET"],
        name=path.strip("/").replace("/", "_") or "page",
        description=summary,
        responses=responses,
        response_class=Response,
        response_model=None,
        tags=[tag],
    )
    app.state.parameters[path] = parameters


def _add_table(app: FastAPI, service: Service, table: FeedTable) -> None:
    model = query_model(table, service.settings, f"{table.name}_query")

    async def endpoint(request: Request, query: Annotated[model, Query()]) -> Response:  # type: ignore[valid-type]
        return await service.table(request, table, query)

    _get(app, f"/v1/{table.name}", endpoint, table.meaning, documents.rows(table.columns, since=True), tuple(model.model_fields), _DATA)


def _add_others(app: FastAPI, service: Service, workspace: Workspace) -> None:
    wanted = quotes.quotes_model(service.settings)

    async def tables(request: Request) -> Response:
        snapshot = await service.newest()
        return await service.answer(request, snapshot, ("tables",), lambda: answers.made(_json(_tables(snapshot)), MEDIA["json"]))

    async def quote_rows(request: Request, query: Annotated[wanted, Query()]) -> Response:  # type: ignore[valid-type]
        return await service.quotes(request, query)

    async def explained(
        request: Request,
        irritant: Annotated[str, Query(min_length=1, max_length=200, description="Identifier, such as IRR-0012, or French name.")],
        month: Annotated[str | None, Query(min_length=1, max_length=200, description="By default the last one that it has.")] = None,
        limit: Annotated[int, Query(ge=1, le=service.settings.max_limit, description="Most rows to list.")] = service.settings.default_limit,
    ) -> Response:
        snapshot = await service.newest()

        def make() -> Answer:
            with snapshot.reading() as connection:
                found = explain.explain_from(connection, snapshot.facts, workspace, irritant, month, limit)
            return answers.made(_json(found.to_dict()), MEDIA["json"])

        return await service.answer(request, snapshot, ("explain", irritant, month or "", str(limit)), make, always=False)

    async def page(request: Request, language: Annotated[Literal["fr", "en"], Query(description="Language to open the page in.")] = "fr") -> Response:
        snapshot = await service.newest()
        return await service.answer(request, snapshot, ("page", language), lambda: _page(workspace, language))

    async def health() -> Response:
        snapshot = await service.newest()
        facts = {"status": "ok", "schema_version": snapshot.facts["schema_version"], "snapshot": snapshot.id}
        return Response(_json(facts), media_type=MEDIA["json"], headers={"Cache-Control": "no-store"})

    async def metrics() -> Response:
        return Response(service.metrics.text(), media_type=METRICS_MEDIA, headers={"Cache-Control": "no-store"})

    found = documents.found("application/json", "object")
    _get(app, "/v1/tables", tables, "The tables of the feed: columns, filters, rows.", {**found, **documents.kept(), **documents.problems()}, (), _DATA)
    responses = documents.rows(quotes.COLUMNS, since=False)
    _get(app, "/v1/quotes", quote_rows, "Opinions in the customers' words, the best evidence first.", responses, tuple(wanted.model_fields), _DATA)
    why = "Why an irritant's figures of a month are what they are: counts, opinions, models, taxonomy, edits."
    _get(app, "/v1/explain", explained, why, {**found, **documents.kept(), **documents.problems(404, 422)}, ("irritant", "month", "limit"), _DATA)
    shown = documents.found("text/html", "string")
    _get(app, "/", page, "The page for people, as one HTML document.", {**shown, **documents.kept(), **documents.problems(404, 422)}, ("language",), _RUNNING)
    _get(app, "/health", health, "Whether the feed can be read.", {**found, **documents.problems()}, (), _RUNNING)
    counted = documents.found("text/plain", "string")
    _get(app, "/metrics", metrics, "Requests, their time, rows sent.", {**counted, **documents.problems()}, (), _RUNNING)


def _tables(snapshot: Any) -> dict[str, Any]:
    told = [{**documents.listed(table, filters(table)), "rows": snapshot.rows[table.name]} for table in snapshot.tables]
    return {"schema_version": snapshot.facts["schema_version"], "taxonomy": snapshot.facts["taxonomy"], "snapshot": snapshot.id, "tables": told}


def _page(workspace: Workspace, language: str) -> Answer:
    try:
        from vocpipe.report import page
    except ModuleNotFoundError as error:
        raise ProblemError(404, f"the page needs {error.name}", "in vocpipe's checkout: make full (or pip install '.[api]')") from error
    return answers.made(page.html(workspace.path, language).encode(), "text/html; charset=utf-8", {"Content-Security-Policy": _PAGE_POLICY})


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
