import base64
import gzip
import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from tests.unit.report.workspace_made import HOSTILE, MONTHS, make
from vocpipe.cli import app as cli
from vocpipe.errors import ConfigError, WorkspaceError
from vocpipe.feeds import open_feed
from vocpipe.irritants.edits import NEEDS
from vocpipe.report import page, payload
from vocpipe.report.columns import prepare
from vocpipe.report.dimensions import read_dimensions
from vocpipe.report.quotes import pieces, read_quotes
from vocpipe.report.safe_json import safe_json
from vocpipe.report.stories import _PlainVoice

STATIC = Path(page.__file__).with_name("static")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("report") / "workspace")


def data_of(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert found
    read: dict[str, Any] = json.loads(found[1])
    return read


def test_the_page_is_one_file_that_asks_nothing_of_a_network(workspace: Path) -> None:
    text = page.html(workspace)
    assert text == page.html(workspace)
    assert len(text.encode()) < page.LARGEST
    assert not re.search(r"""(?:src|href|action)\s*=\s*["']?(?:https?:)?//""", text)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy
    assert "unsafe" not in policy[1]
    assert "default-src 'none'" in policy[1]
    for script in re.findall(r"<script>(.*?)</script>", text, re.DOTALL) + re.findall(r"<style>(.*?)</style>", text, re.DOTALL):
        assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() in policy[1]


def test_no_text_of_a_customer_can_leave_its_place(workspace: Path) -> None:
    text = page.html(workspace)
    assert text.count("<script") == 3
    assert "window.pwned" in json.dumps(data_of(text))
    assert "\u202e" not in text
    assert HOSTILE[0][:8] not in text.partition('id="data">')[2].partition("</script>")[0]


@given(st.text())
def test_json_in_a_script_reads_back_and_cannot_close_it(value: str) -> None:
    told = safe_json({"text": value})
    assert json.loads(told) == {"text": value}
    assert not set("<>&\u2028\u2029") & set(told)


@given(st.text(max_size=3000), st.lists(st.integers(0, 3000), min_size=4, max_size=4))
def test_quotes_are_short_and_in_the_order_of_the_text(text: str, places: list[int]) -> None:
    start, first, last, end = sorted(min(place, len(text)) for place in places)
    found = pieces(text, (start, end), (first, last))
    assert sum(map(len, found)) < 2500
    assert len(found) == 5
    if len(text) < 100:
        kept = "".join(found)
        assert "".join(kept.split()) == "".join(letter for letter in "".join(text.split()) if letter in kept)


def test_the_proof_is_what_the_feed_says() -> None:
    text = "Bonjour. Le colis est en retard, hélas."
    assert pieces(text, (9, 39), (12, 31)) == ["Bonjour. ", "Le ", "colis est en retard", ", hélas.", ""]
    assert pieces(text, (9, 39), (9, 9)) == ["Bonjour. ", "", "", "Le colis est en retard, hélas.", ""]
    assert pieces("avant " * 100 + "ici", (600, 603), (600, 603))[0].startswith("… ")


def test_every_irritant_of_every_month_has_three_quotes_even_when_there_is_little_room(workspace: Path) -> None:
    with open_feed(workspace / "feed") as connection:
        query = "SELECT month, irritant_id, least(opinions, 3) FROM agg_irritant_month WHERE opinions > 0"
        expected = {(month, name): least for month, name, least in connection.execute(query).fetchall()}
        of = {name: tuple(rest) for name, *rest in connection.execute("SELECT opinion_id, month, irritant_id FROM fact_opinion").fetchall()}
    with open_feed(workspace / "feed") as connection:
        prepare(connection, read_dimensions(connection, "ekman", 10_000))
        held = read_quotes(connection, 12_000)
    assert sum(len(safe_json(quote).encode()) for quote in held) <= 12_000
    told = [of[quote[1]] for quote in held]
    assert all(told.count(key) >= least for key, least in expected.items())


def test_months_that_do_not_fit_keep_their_figures_and_lose_their_opinions(workspace: Path) -> None:
    found = payload.read_payload(workspace, "fr", 100_000, most_opinions=1)
    assert list(found["months"]) == list(MONTHS)
    assert found["detail"] == 2
    assert set(found["stories"]["fr"]) == {MONTHS[-1]}
    assert {row[0] for row in found["statistics"]["irritants"]} == set(MONTHS)
    with open_feed(workspace / "feed") as connection:
        counted = connection.execute("SELECT count(*) FROM fact_opinion WHERE NOT is_duplicate AND month = ?", [MONTHS[-1]]).fetchone()
    assert counted
    assert [length for name, _, length in found["columns"]["fields"] if name == "marks"] == [counted[0]]
    assert gzip.decompress(base64.b64decode(found["columns"]["data"]))


def test_the_data_take_the_room_there_is(workspace: Path) -> None:
    whole = payload.read_payload(workspace, "fr", 3_000_000)
    assert whole["detail"] == 0
    size = len(safe_json(whole).encode())
    small = payload.read_payload(workspace, "fr", size // 2)
    assert len(safe_json(small).encode()) <= size // 2
    assert 0 < len(small["quotes"]) < len(whole["quotes"])


def test_what_hardly_fits_leaves_out_months_then_quotes_and_is_refused_when_nothing_fits(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def size(found: dict[str, Any]) -> int:
        return len(safe_json({name: value for name, value in found.items() if name != "quotes"}).encode())

    whole = size(payload.read_payload(workspace, "fr", 3_000_000))
    with monkeypatch.context() as patched:
        patched.setattr(payload, "MOST_MONTHS", 1)
        alone = size(payload.read_payload(workspace, "fr", 3_000_000))
    left_out = []
    for room in (2 * whole, whole, (whole + alone) // 2, alone):
        found = payload.read_payload(workspace, "fr", room)
        assert len(safe_json(found).encode()) <= room + 20
        assert len(found["months"]) == len(found["verbatims"]) == len(MONTHS) - found["left_out"]
        assert found["months"][-1] == MONTHS[-1]
        left_out.append(found["left_out"])
    assert left_out == sorted(left_out)
    assert (left_out[0], left_out[-1]) == (0, 2)
    with pytest.raises(WorkspaceError, match=rf"(?s){MONTHS[-1]} alone takes .* each company or source"):
        payload.read_payload(workspace, "fr", alone - 1)


def test_ratings_of_any_size_make_a_page(workspace: Path, tmp_path: Path) -> None:
    changed = Path(shutil.copytree(workspace, tmp_path / "workspace"))
    with duckdb.connect(changed / "feed" / "voc.duckdb") as connection:
        connection.execute("UPDATE fact_verbatim SET csat = 400, ces = 1e12 WHERE analysed")
    found = data_of(page.html(changed))
    assert found["meta"]["ratings"] == {"ces": [pytest.approx(1e12)] * 2, "csat": [400, 400], "nps": [2, 10]}
    packed, place = gzip.decompress(base64.b64decode(found["columns"]["data"])), 0
    for name, kind, length in found["columns"]["fields"]:
        if name in ("csat", "ces"):
            assert kind == "Int32"
            assert set(np.frombuffer(packed, "<i4", length, place)) == {40_000 if name == "csat" else -10_000}
        place += -(-length * {"Uint8": 1, "Uint16": 2, "Int32": 4}[kind] // 4) * 4
    assert place == len(packed)


def test_a_batch_without_dates_keeps_its_name_on_the_page() -> None:
    assert _PlainVoice("fr").during("lot_1") == "sur la période lot_1"
    assert _PlainVoice("fr").during("2026-01") == "en janvier 2026"


def test_mistakes_are_told(workspace: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not written in 'de'"):
        page.html(workspace, "de")
    with pytest.raises(WorkspaceError, match="no workspace"):
        page.html(tmp_path)


def scripts() -> Iterator[tuple[str, str]]:
    for path in sorted((STATIC / "js").glob("*.js")):
        yield path.name, path.read_text(encoding="utf-8")


def test_nothing_is_ever_parsed_as_html() -> None:
    for name, text in scripts():
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|fetch\(|XMLHttp|localStorage", text), name
        assert len(text.splitlines()) < 300, name


def test_every_word_is_there_in_both_languages_and_used() -> None:
    words = {name[6:8]: set(re.findall(r"^  (\w+):", text, re.MULTILINE)) for name, text in scripts() if name.startswith("words_")}
    assert words["fr"] == words["en"]
    code = "\n".join(text for name, text in scripts() if not name.startswith("words_"))
    said = set(re.findall(r'"(\w+)"', code)) | set(re.findall(r"\b([a-z]\w+)\b", code))
    built = re.compile(r"^(nav|level|kpi|col|status|changes?|measure|edit|sentiment|all|verbatim|opinion|rating|company|quote|points|why)_")
    assert {word for word in words["fr"] if word not in said and not built.match(word)} == set()


def test_every_status_level_and_edit_has_its_words() -> None:
    text = (STATIC / "js" / "words_fr.js").read_text(encoding="utf-8")
    for word in [*(f"edit_{action}" for action in NEEDS), *(f"kpi_{measure}" for measure in ("stars", "nps", "csat", "ces"))]:
        assert f"  {word}:" in text, word


def test_edits_by_hand_are_told(workspace: Path, tmp_path: Path) -> None:
    edited = Path(shutil.copytree(workspace, tmp_path / "workspace"))
    result = CliRunner().invoke(cli, ["irritants", "rename", "IRR-0001", "colis trop lent", "--workspace", str(edited)])
    assert result.exit_code == 0, result.output
    found = payload.read_payload(edited, "fr", 100_000)
    (edit,) = found["meta"]["edits"]
    assert (edit["action"], edit["about"], edit["label"], edit["was"]) == ("rename", ["IRR-0001"], "colis trop lent", "colis en retard")
    assert found["irritants"][0]["fr"] == "colis trop lent"


def test_the_library_is_the_one_that_its_notice_tells_of() -> None:
    digest = hashlib.sha256((STATIC / "echarts" / "echarts.js").read_bytes()).hexdigest()
    assert digest in (STATIC / "echarts" / "README.md").read_text(encoding="utf-8")
    assert "Apache License" in (STATIC / "echarts" / "LICENSE").read_text(encoding="utf-8")


def test_the_command_writes_the_page(workspace: Path, tmp_path: Path) -> None:
    import typer

    from vocpipe.cli.report import report

    app = typer.Typer()
    app.command()(report)
    result = CliRunner().invoke(app, [str(workspace), "--to", str(tmp_path / "sub" / "mars.html"), "--language", "en"])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "sub" / "mars.html").read_text(encoding="utf-8") == page.html(workspace, "en")
