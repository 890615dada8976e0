import base64
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.hand_workspace import MONTHS
from tests.unit.api.conftest import client_of
from vocpipe.api.parts import write_since
from vocpipe.api.snapshots import Snapshots
from vocpipe.errors import WorkspaceError

Rebuild = Callable[[Path, str], None]


def test_a_feed_put_in_place_is_seen_at_the_next_request_and_old_pages_end(place: Path, rebuild: Rebuild) -> None:
    client = client_of(place)
    before = client.get("/v1/fact_opinion?limit=10").json()
    rebuild(place / "feed", f"DELETE FROM fact_opinion WHERE month = '{MONTHS[1]}'")
    now = client.get("/v1/fact_opinion?limit=10000").json()
    assert now["snapshot"] != before["snapshot"]
    assert {row["month"] for row in now["rows"]} == {MONTHS[0]}
    rest = client.get("/v1/fact_opinion", params={"limit": 10_000, "cursor": before["next"]}).json()
    assert rest["snapshot"] == before["snapshot"]
    assert {row["month"] for row in rest["rows"]} == set(MONTHS)


def test_a_cursor_of_a_feed_long_gone_is_told(place: Path, rebuild: Rebuild) -> None:
    client = client_of(place)
    cursor = client.get("/v1/dim_step?limit=1").json()["next"]
    for number in (1, 2, 3):
        rebuild(place / "feed", f"UPDATE dim_step SET position = position + {number}")
        client.get("/v1/dim_step")
    answer = client.get("/v1/dim_step", params={"limit": 1, "cursor": cursor})
    assert answer.status_code == 410
    assert "without cursor" in answer.json()["fix"]


def test_since_gives_the_months_that_changed_and_no_other(place: Path, rebuild: Rebuild) -> None:
    client = client_of(place)
    since = {name: client.get(f"/v1/{name}?limit=1").json()["since"] for name in ("fact_opinion", "dim_step")}
    same = client.get("/v1/fact_opinion", params={"since": since["fact_opinion"]}).json()
    assert (same["rows"], same["changed_months"], same["removed_months"]) == ([], [], [])
    rebuild(place / "feed", f"UPDATE fact_opinion SET sentiment = 2 WHERE month = '{MONTHS[0]}'; DELETE FROM fact_opinion WHERE month = '{MONTHS[1]}'")
    changed = client.get("/v1/fact_opinion", params={"since": since["fact_opinion"], "limit": 5}).json()
    assert (changed["changed_months"], changed["removed_months"]) == ([MONTHS[0]], [MONTHS[1]])
    whole = client.get(f"/v1/fact_opinion?limit=10000&month={MONTHS[0]}").json()["rows"]
    rest = client.get("/v1/fact_opinion", params={"since": since["fact_opinion"], "limit": 10_000}).json()["rows"]
    assert rest == whole
    assert changed["next"]
    steps = client.get("/v1/dim_step", params={"since": since["dim_step"]})
    assert (steps.json()["rows"], steps.json()["changed"], steps.headers["x-vocpipe-changed"]) == ([], False, "false")
    assert "changed" not in changed
    headers = client.get("/v1/fact_opinion", params={"since": since["fact_opinion"], "format": "csv"}).headers
    assert (headers["x-vocpipe-changed-months"], headers["x-vocpipe-removed-months"]) == (MONTHS[0], MONTHS[1])


def test_the_example_of_the_manual_keeps_a_copy_up_to_date(place: Path, rebuild: Rebuild) -> None:
    known: dict[str, Any] = {}
    exec((Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8").partition("```python\n")[2].partition("```")[0], known)
    pull, client = known["pull"], client_of(place)
    names = ("fact_opinion", "dim_step", "dim_theme", "irritant_impact")
    copies = {name: pull(client, name, []) for name in names}
    changes = f"DELETE FROM fact_opinion WHERE month = '{MONTHS[1]}'; UPDATE fact_opinion SET sentiment = 2; DELETE FROM dim_step; DELETE FROM irritant_impact"
    for statement in ("SELECT 1", changes):
        rebuild(place / "feed", statement)
        for name in names:
            copies[name] = pull(client, name, *copies[name])
            assert copies[name][0] == client.get(f"/v1/{name}?limit=10000").json()["rows"], (name, statement)
    assert copies["dim_step"][0] == []
    assert copies["dim_theme"][0] != []


def test_since_with_names_that_no_feed_has_is_refused(place: Path) -> None:
    client = client_of(place)
    for part in ("été ☃", "a\r\nX-Evil: 1", "a,b", "x" * 65):
        assert client.get("/v1/fact_opinion", params={"since": write_since("fact_opinion", {part: "x"})}).status_code == 400, part
    gone = client.get("/v1/fact_opinion", params={"since": write_since("fact_opinion", {"lot-7.b_2": "x", "": "x"})})
    assert gone.json()["removed_months"] == ["", "lot-7.b_2"]
    since = client.get("/v1/dim_step").json()["since"]
    longer = base64.urlsafe_b64encode(base64.urlsafe_b64decode(since + "=" * (-len(since) % 4)) + bytes(300)).decode().rstrip("=")
    assert client.get("/v1/dim_step", params={"since": longer}).status_code == 400


def test_since_sees_a_row_that_comes_twice_and_no_mere_order(place: Path, rebuild: Rebuild) -> None:
    client = client_of(place)
    since = client.get("/v1/dim_step").json()["since"]
    rebuild(place / "feed", "CREATE OR REPLACE TABLE dim_step AS FROM dim_step ORDER BY step DESC")
    assert client.get("/v1/dim_step", params={"since": since}).json()["rows"] == []
    rebuild(place / "feed", "INSERT INTO dim_step FROM dim_step UNION ALL FROM dim_step")
    assert client.get("/v1/dim_step", params={"since": since}).json()["rows"] != []


def test_no_answer_breaks_while_feeds_are_put_in_place(place: Path, rebuild: Rebuild) -> None:
    client = client_of(place)
    wrong: list[Any] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            answer = client.get("/v1/fact_opinion?limit=5")
            if answer.status_code != 200 or len(answer.json()["rows"]) != 5:
                wrong.append(answer.text)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(1, 6):
        rebuild(place / "feed", f"UPDATE dim_step SET position = position + {number}")
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_feed_of_an_older_vocpipe_is_read_as_far_as_it_goes(place: Path, rebuild: Rebuild) -> None:
    rebuild(place / "feed", "DROP TABLE alerts; ALTER TABLE dim_theme DROP COLUMN definition")
    client = client_of(place)
    missing = client.get("/v1/alerts")
    assert (missing.status_code, "older" in missing.json()["detail"]) == (404, True)
    assert "definition" not in client.get("/v1/dim_theme").json()["rows"][0]
    assert "alerts" not in [table["name"] for table in client.get("/v1/tables").json()["tables"]]


def test_no_feed_is_told_until_there_is_one(place: Path) -> None:
    shutil.move(place / "feed", place / "elsewhere")
    client = client_of(place)
    missing = client.get("/health")
    assert (missing.status_code, "run a batch" in missing.json()["fix"]) == (503, True)
    shutil.move(place / "elsewhere", place / "feed")
    assert client.get("/health").json()["status"] == "ok"


def test_a_feed_that_cannot_be_read_is_told_at_once_and_the_one_before_is_served(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_: float) -> None:
        raise AssertionError("nothing takes its place: there is nothing to wait for")

    client = client_of(place)
    before = client.get("/v1/dim_step").json()
    monkeypatch.setattr("vocpipe.api.snapshots.time.sleep", never)
    (place / "feed.tmp").mkdir()  # being built, or left by a build that was killed
    (place / "feed" / "voc.duckdb").unlink()
    (place / "feed" / "voc.duckdb").write_bytes(b"no database")
    assert client.get("/v1/dim_step").json() == before
    assert client_of(place).get("/health").status_code == 503


def test_who_waits_for_a_feed_shares_the_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    snapshots, several = Snapshots(tmp_path / "feed", 1), threading.Barrier(5)

    def slow() -> None:
        tried.append(1)
        time.sleep(0.5)

    def ask() -> None:
        several.wait()
        with pytest.raises(WorkspaceError, match="cannot be opened"):
            snapshots.newest()

    monkeypatch.setattr(snapshots, "_open", slow)
    with ThreadPoolExecutor(5) as pool:
        for asked in [pool.submit(ask) for _ in range(5)]:
            asked.result()
    assert len(tried) == 1


def test_hostile_texts_come_back_as_they_are_in_json_and_disarmed_in_csv(place: Path, rebuild: Rebuild) -> None:
    hostile = "=cmd|' /C calc'!A0 <script>alert(1)</script>"
    rebuild(place / "feed", f"UPDATE fact_opinion SET text = '{hostile.replace(chr(39), chr(39) * 2)}', emotions = ['=1+1']")
    client = client_of(place)
    answer = client.get("/v1/fact_opinion?limit=1&irritant=IRR-0001")
    assert answer.json()["rows"][0]["text"] == hostile
    assert answer.headers["x-content-type-options"] == "nosniff"
    lines = client.get("/v1/fact_opinion?limit=1&irritant=IRR-0001&format=csv").text.splitlines()
    assert f",'{hostile}," in lines[1]
    assert ",-1," in lines[1], "a number is no formula"
