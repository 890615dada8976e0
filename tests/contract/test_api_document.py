"""The service against its own OpenAPI document, by requests that fit it and requests that do not."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.hand_workspace import make
from vocpipe.api.keys import new_key
from vocpipe.feeds.contract import TABLES

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
checks = pytest.importorskip("schemathesis.specs.openapi.checks")
api = pytest.importorskip("vocpipe.api", reason="the extra api is not installed")

_PATHS = sorted([*(f"/v1/{name}" for name in TABLES), "/v1/tables", "/v1/quotes", "/v1/explain", "/", "/health", "/metrics"])
_EXAMPLES = 8


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Any:
    place: Path = make(tmp_path_factory.mktemp("made") / "workspace")
    app = api.create_app(place, api.ApiSettings(rate=1e6, burst=10**6))
    app.state.key = {"X-API-Key": new_key(place, "document")}
    return schemathesis.openapi.from_asgi("/openapi.json", app, headers=app.state.key)


def test_every_table_has_its_address(document: Any) -> None:
    assert sorted(document.raw_schema["paths"]) == _PATHS


def test_every_address_but_one_tells_of_the_key(document: Any) -> None:
    written = document.raw_schema
    assert written["components"]["securitySchemes"]["key"].items() >= {"type": "apiKey", "in": "header", "name": "X-API-Key"}.items()
    assert written["security"] == [{"key": []}, {"bearer": []}]
    assert [path for path, operations in written["paths"].items() if "security" in operations["get"]] == ["/health"]
    assert written["paths"]["/health"]["get"]["security"] == []


def test_the_headers_of_pages_are_told(document: Any) -> None:
    told = {path: set(operations["get"]["responses"]["200"].get("headers", {})) for path, operations in document.raw_schema["paths"].items()}
    paging = {"ETag", "Link", "X-Vocpipe-Snapshot"}
    months = paging | {"X-Vocpipe-Since", "X-Vocpipe-Changed-Months", "X-Vocpipe-Removed-Months"}
    assert (told["/v1/quotes"], told["/v1/fact_opinion"], told["/v1/dim_step"]) == (paging, months, months | {"X-Vocpipe-Changed"})


@pytest.mark.parametrize("mode", [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE], ids=["fits", "does not fit"])
@pytest.mark.parametrize("path", _PATHS)
def test_answers_are_those_of_the_document(document: Any, path: str, mode: Any) -> None:
    operation = document[path]["GET"]
    if mode == schemathesis.GenerationMode.NEGATIVE and not operation.query:
        return

    @given(operation.as_strategy(generation_mode=mode))
    @settings(max_examples=_EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,))
    def ask(case: Any) -> None:
        # Without the key it must be refused, wherever the document says that one is needed: this is checked too.
        # A text that looks like a cursor is none unless it was given.
        opaque = {"cursor", "since"} & set(case.query or {})
        case.call_and_validate(headers=operation.app.state.key, excluded_checks=[checks.positive_data_acceptance] if opaque else [])

    ask()
