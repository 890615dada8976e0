import base64
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient

from tests.unit.api.conftest import client_of
from vocpipe.api import ApiSettings, create_app
from vocpipe.api.keys import KEYS, key_names, new_key, revoke
from vocpipe.api.rates import Buckets
from vocpipe.errors import ConfigError


def test_without_a_key_only_localhost_is_answered(made: Path) -> None:
    app = create_app(made)

    def asked(host: str, address: str | None) -> tuple[int, bool]:
        answer = TestClient(app, base_url=f"http://{host}:8000", client=address and (address, 50_000)).get("/v1/tables")  # type: ignore[arg-type]
        return answer.status_code, "--new-key" in answer.text

    for host, address in (("localhost", "127.0.0.1"), ("[::1]", "::1"), ("127.0.0.1", "::ffff:127.0.0.1"), ("localhost", None)):
        assert asked(host, address) == (200, False)
    assert asked("rebound.example", "127.0.0.1") == (421, True)
    for address in ("203.0.113.7", "10.0.0.2", "2001:db8::1", "somewhere"):
        assert asked("localhost", address) == (403, True)


def test_a_key_opens_by_header_bearer_or_password_and_only_its_hash_is_kept(place: Path) -> None:
    client = client_of(place)
    assert client.get("/v1/alerts").status_code == 200
    key = new_key(place, "tableau")
    assert key not in (place / KEYS).read_text(encoding="utf-8")
    assert (place / KEYS).stat().st_mode & 0o077 == 0
    refused = client.get("/v1/alerts")
    assert (refused.status_code, refused.headers["www-authenticate"].split()[0]) == (401, "Basic")
    assert "X-API-Key" in refused.json()["fix"]
    password = base64.b64encode(f"me:{key}".encode()).decode()
    for headers in ({"X-API-Key": key}, {"Authorization": f"Bearer {key}"}, {"Authorization": f"Basic {password}"}):
        assert client.get("/v1/alerts", headers=headers).status_code == 200
    for headers in ({"X-API-Key": key[:-1]}, {"Authorization": "Basic é"}, {"Authorization": f"Digest {key}"}, {"X-API-Key": ""}):
        assert client.get("/v1/alerts", headers={name: value.encode() for name, value in headers.items()}).status_code == 401
    for address in ("/", "/metrics", "/openapi.json", "/v1/nowhere"):
        assert client.get(address).status_code == 401
    assert client.get("/health").status_code == 200


def test_a_revoked_key_is_refused_at_once_and_the_last_one_does_not_open_the_service(place: Path) -> None:
    client = client_of(place)
    first, second = new_key(place, "a"), new_key(place, "b")
    assert client.get("/v1/alerts", headers={"X-API-Key": first}).status_code == 200
    revoke(place, "a")
    assert [client.get("/v1/alerts", headers={"X-API-Key": key}).status_code for key in (first, second)] == [401, 200]
    revoke(place, "b")
    (place / KEYS).unlink()
    assert client.get("/v1/alerts").status_code == 401
    assert key_names(place) == []


def test_keys_have_one_name_each(place: Path) -> None:
    new_key(place, "tableau")
    with pytest.raises(ConfigError, match="already"):
        new_key(place, "tableau")
    with pytest.raises(ConfigError, match="cannot be"):
        new_key(place, "../x")
    with pytest.raises(ConfigError, match="tablau") as told:
        revoke(place, "tablau")
    assert told.value.hint == "did you mean 'tableau'?"


def test_a_client_that_asks_too_much_waits(made: Path) -> None:
    client = client_of(made, ApiSettings(rate=0.5, burst=3))
    answers = [client.get("/v1/dim_step") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert (answers[3].headers["retry-after"], "wait" in answers[3].json()["fix"]) == ("2", True)


def test_a_bucket_fills_again_and_is_one_for_each_client() -> None:
    now = [0.0]
    buckets = Buckets(2, 3, lambda: now[0])
    assert [buckets.wait("a") for _ in range(4)] == [0, 0, 0, 0.5]
    assert buckets.wait("b") == 0
    now[0] = 0.5
    assert [buckets.wait("a"), buckets.wait("a")] == [0, 0.5]
    now[0] = 100
    assert [buckets.wait("a") for _ in range(4)] == [0, 0, 0, 0.5], "it holds no more than the burst"


def test_requests_are_counted_without_what_they_look_for(made: Path) -> None:
    client = client_of(made)
    for address in ("/v1/dim_step?step=livraison", "/v1/dim_step", "/v1/dim_step", "/secret-address"):
        client.get(address)
    text = client.get("/metrics").text
    samples = {(sample.name, *sample.labels.values()): sample.value for family in text_string_to_metric_families(text) for sample in family.samples}
    assert samples["vocpipe_requests_total", "/v1/dim_step", "200"] == 3
    assert samples["vocpipe_requests_total", "other", "404"] == 1
    assert samples["vocpipe_kept_answers_total",] == 1
    assert samples["vocpipe_request_seconds_count", "/v1/dim_step"] == 3
    assert "livraison" not in text
    assert "secret" not in text


def test_a_defect_tells_no_customers_words(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("Mon colis traîne au dépôt")

    monkeypatch.setattr("vocpipe.api.listing.pages", broken)
    answer = client_of(made).get("/v1/dim_step")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "RuntimeError" in answer.json()["detail"]
    assert "colis" not in answer.text
    assert (answer.headers["x-content-type-options"], answer.headers["x-frame-options"]) == ("nosniff", "DENY")


def test_the_page_may_not_be_framed(made: Path) -> None:
    answer = client_of(made).get("/?language=en")
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["content-type"].startswith("text/html"), answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "default-src" not in answer.headers["content-security-policy"], "the page brings its own policy"
