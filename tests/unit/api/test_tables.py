import csv
import io
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from tests.hand_workspace import MONTHS
from tests.unit.api.conftest import client_of
from vocpipe.api import ApiSettings, answers, quotes
from vocpipe.api.listing import Wanted
from vocpipe.feeds import open_feed
from vocpipe.feeds.contract import TABLES


def select(workspace: Path, query: str) -> list[Any]:
    with open_feed(workspace / "feed") as connection:
        return connection.execute(query).fetchall()


def pages(client: TestClient, address: str, **parameters: Any) -> list[list[dict[str, Any]]]:
    found = []
    while True:
        page = client.get(address, params=parameters).json()
        found.append(page["rows"])
        if page["next"] is None:
            return found
        parameters["cursor"] = page["next"]


def test_every_table_is_listed_and_read_whole_in_each_format(client: TestClient, made: Path) -> None:
    listed = {table["name"]: table for table in client.get("/v1/tables").json()["tables"]}
    assert list(listed) == list(TABLES)
    for name, table in TABLES.items():
        (count,) = select(made, f"SELECT count(*) FROM {name}")[0]
        rows = client.get(f"/v1/{name}?limit=10000").json()["rows"]
        assert listed[name]["rows"] == len(rows) == count
        assert all(list(row) == table.arrow.names for row in rows)
        arrow = client.get(f"/v1/{name}?limit=10000", headers={"Accept": "application/vnd.apache.arrow.stream"})
        assert arrow.status_code == 200, (name, arrow.text)
        with pa.ipc.open_stream(arrow.content) as stream:
            found = stream.read_all()
        assert found.schema.equals(table.arrow)
        assert json.loads(json.dumps(found.select(table.key).to_pylist(), default=str)) == [{key: row[key] for key in table.key} for row in rows]
        cells = list(csv.DictReader(io.StringIO(client.get(f"/v1/{name}?limit=10000&format=csv").text)))
        assert [row[table.key[0]] for row in cells] == [str(row[table.key[0]]) for row in rows]


def test_no_answer_spoils_the_next_whatever_the_format(made: Path) -> None:
    client = client_of(made, ApiSettings(readers=1))
    for address in ("/v1/tables", "/v1/explain?irritant=IRR-0001", "/v1/explain?irritant=IRR-9999", "/v1/quotes?limit=1"):
        for form in ("json", "arrow", "csv"):
            client.get(address)
            assert client.get(f"/v1/dim_step?format={form}&limit=5").status_code == 200, (address, form)


def test_pages_give_every_row_once_in_order(client: TestClient, made: Path) -> None:
    found = pages(client, "/v1/fact_opinion", limit=7, month=MONTHS[0])
    assert {len(page) for page in found[:-1]} == {7}
    expected = select(made, f"SELECT opinion_id FROM fact_opinion WHERE month = '{MONTHS[0]}'")
    assert [row["opinion_id"] for page in found for row in page] == [name for (name,) in expected]


def test_pages_of_one_company_give_every_row_once_in_order(place: Path, rebuild: Callable[[Path, str], None]) -> None:
    # Many verbatims, and few opinions on each irritant: DuckDB then exchanges the sides of the join.
    again = "CREATE OR REPLACE TABLE {0} AS SELECT * EXCLUDE (n) REPLACE (verbatim_id || '-' || n AS verbatim_id{1}) FROM {0}, range(200) AS numbers (n)"
    names = ", opinion_id || '-' || n AS opinion_id, irritant_id || '-' || n % 50 AS irritant_id"
    rebuild(place / "feed", f"{again.format('fact_opinion', names)}; {again.format('fact_verbatim', '')}")
    client = client_of(place)
    for irritant in ("IRR-0001-0", "IRR-1002-7"):
        found = [row["opinion_id"] for page in pages(client, "/v1/fact_opinion", limit=7, company="Maison Lumen", irritant=irritant) for row in page]
        expected = select(place, f"SELECT opinion_id FROM fact_opinion WHERE irritant_id = '{irritant}' ORDER BY rowid")
        assert found == [name for (name,) in expected]


def walked(client: TestClient, address: str) -> list[tuple[Any, str | None]]:
    found: list[tuple[Any, str | None]] = []
    while address:
        page = client.get(address)
        content = pa.ipc.open_stream(page.content).read_all() if "arrow" in address else page.content  # the same rows may lie otherwise in Arrow's bytes
        found.append((content, page.headers.get("link")))
        address = page.links["next"]["url"] if page.links else ""
    return found


@pytest.mark.parametrize("form", ["json", "csv", "arrow"])
def test_pages_read_ahead_are_those_that_are_read_alone(made: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = [f"/v1/{table}?limit={limit}&format={form}" for table, limit in (("fact_opinion", 7), ("quotes", 5), ("dim_step", 1))]
    ahead = client_of(made)
    pages_ahead = [walked(ahead, address) for address in addresses]
    assert "vocpipe_kept_answers_total 0.0" not in ahead.get("/metrics").text
    monkeypatch.setattr("vocpipe.api.listing._AHEAD", 1)
    alone = client_of(made)
    assert [walked(alone, address) for address in addresses] == pages_ahead
    assert "vocpipe_kept_answers_total 0.0" in alone.get("/metrics").text


def test_the_same_asked_by_many_at_once_is_read_once(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client, read, several = client_of(made), [], Barrier(4)

    def slow(*given: Any) -> Any:
        read.append(given)
        time.sleep(0.5)
        return reading(*given)

    def ask() -> bytes:
        several.wait()
        return client.get("/v1/quotes?limit=3").content

    reading = quotes.pages
    monkeypatch.setattr(quotes, "pages", slow)
    with ThreadPoolExecutor(4) as pool:
        found = {future.result() for future in [pool.submit(ask) for _ in range(4)]}
    assert (len(found), len(read)) == (1, 1)


@pytest.mark.parametrize(
    ("table", "filters", "condition"),
    [
        ("fact_opinion", "emotion=frustration&step=livraison", "list_contains(emotions, 'frustration') AND step = 'livraison'"),
        ("fact_opinion", "theme=prix&theme=digital", "theme IN ('prix', 'digital')"),
        ("fact_opinion", "company=Maison%20Lumen&irritant=IRR-0002", "irritant_id = 'IRR-0002'"),
        ("fact_opinion", "company=Autre", "false"),
        ("fact_verbatim", "company=Maison%20Lumen&month=2026-02", "month = '2026-02'"),
        ("irritant_impact", "month=all", "period = 'all'"),
        ("agg_irritant_month", "irritant=IRR-0001%27%20OR%201=1", "false"),
    ],
)
def test_filters_keep_the_rows_that_sql_keeps(client: TestClient, made: Path, table: str, filters: str, condition: str) -> None:
    (count,) = select(made, f"SELECT count(*) FROM {table} WHERE {condition}")[0]
    assert len(client.get(f"/v1/{table}?limit=10000&{filters}").json()["rows"]) == count


def test_quotes_come_the_best_first_with_their_proof_inside(client: TestClient, made: Path) -> None:
    found = [row for page in pages(client, "/v1/quotes", irritant="IRR-0001", limit=3) for row in page]
    expected = select(made, "SELECT opinion_id FROM fact_opinion WHERE irritant_id = 'IRR-0001' AND NOT is_duplicate")
    assert sorted(row["opinion_id"] for row in found) == sorted(name for (name,) in expected)
    ranks = dict(select(made, "SELECT opinion_id, coalesce(evidence_rank, 99) FROM fact_opinion"))
    assert [ranks[row["opinion_id"]] for row in found] == sorted(ranks[row["opinion_id"]] for row in found)
    assert all(0 <= row["highlight_start"] < row["highlight_end"] <= len(row["text"]) for row in found)


def test_what_the_client_has_is_not_sent_again(client: TestClient) -> None:
    first = client.get("/v1/alerts")
    again = client.get("/v1/alerts", headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert client.get("/v1/alerts", headers={"If-None-Match": '"other"'}).content == first.content
    had = {"If-None-Match": first.headers["etag"]}
    assert [client.get(f"/v1/explain?irritant={name}", headers=had).status_code for name in ("IRR-0001", "IRR-9999")] == [304, 404]


def test_what_another_service_gave_is_sent_again(client: TestClient, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    had = {"If-None-Match": client.get("/v1/alerts").headers["etag"]}
    assert client_of(made).get("/v1/alerts", headers=had).status_code == 304
    assert client_of(made, ApiSettings(default_limit=2)).get("/v1/alerts", headers=had).status_code == 200
    monkeypatch.setattr("vocpipe.api.service.__version__", "99.0")
    assert client_of(made).get("/v1/alerts", headers=had).status_code == 200


def test_kept_answers_take_no_more_than_their_room() -> None:
    kept = answers.Kept(100_000)
    keys = [(f"{number:03}" + "k" * 3_000,) for number in range(50)]
    for key in keys:
        kept.put(key, answers.made(b"x", "text/plain", {"Link": "h" * 3_000}))
    there = [key for key in keys if kept.get(key)]
    assert there == keys[-len(there) :]
    assert 10 < len(there) <= 100_000 / 6_000


@pytest.mark.parametrize(("limit", "count"), [(1, 8), (100, 4), (1_000, 1)])
def test_no_more_than_eight_pages_are_read_ahead(limit: int, count: int) -> None:
    assert Wanted("dim_step", {}, limit, "json", cursor="c").pages == count
    assert Wanted("dim_step", {}, limit, "json").pages == 1


def test_answers_are_compressed_for_who_takes_it(client: TestClient) -> None:
    packed = client.get("/v1/fact_opinion", headers={"Accept-Encoding": "gzip"})
    plain = client.get("/v1/fact_opinion", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 2


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [("gzip;q=0.0", False), ("gzip;q=0, *", False), ("*;q=0, gzip", True), ("identity;q=1, gzip;q=0.000", False), ("br, *;q=0.1", True), ("GZIP", True)],
)
def test_gzip_is_sent_only_to_who_takes_it(client: TestClient, accepted: str, packed: bool) -> None:
    assert ("content-encoding" in client.get("/v1/fact_opinion", headers={"Accept-Encoding": accepted}).headers) == packed


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/csv", "text/csv"),
        ("text/html, application/vnd.apache.arrow.stream;q=0.9, text/csv;q=0.5", "application/vnd.apache.arrow.stream"),
        ("text/html,*/*;q=0.8", "application/json"),
        ("text/csv;q=0, */*", "application/json"),
        ("image/png", "application/problem+json"),
    ],
)
def test_the_format_is_the_one_that_the_client_accepts(client: TestClient, accept: str, media: str) -> None:
    answer = client.get("/v1/dim_step", headers={"Accept": accept})
    assert answer.headers["content-type"].split(";")[0] == media
    assert (answer.status_code == 406) == (media == "application/problem+json")


@pytest.mark.parametrize(
    ("address", "status", "told", "fix"),
    [
        ("/v1/agg_step_month?mont=2026-01", 422, "no parameter is called 'mont'", "did you mean 'month'?"),
        ("/v1/dim_step?limit=0", 422, "limit", "limit"),
        ("/v1/dim_step?cursor=abc", 400, "cursor", "leave it out"),
        ("/v1/dim_step?since=abc", 400, "`since`", "leave it out"),
        ("/v1/dim_stop", 404, "nothing", "/v1/tables"),
        ("/v1/explain?irritant=IRR-9999", 404, "IRR-9999", "irritants list"),
        ("/v1/explain?irritant=IRR-0001&month=2031-01", 404, "2031-01", "2026-01"),
    ],
)
def test_a_mistake_is_told_with_the_way_out(client: TestClient, address: str, status: int, told: str, fix: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert told in answer.json()["detail"]
    assert fix in answer.json()["fix"]


def test_only_reading_is_possible(client: TestClient) -> None:
    answer = client.post("/v1/alerts")
    assert (answer.status_code, answer.headers["allow"], answer.json()["fix"]) == (405, "GET", "use GET")
