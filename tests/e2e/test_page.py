"""The page in real Chromium: its figures, its filters, its proofs, and who can use it."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.report.workspace_made import COMPANIES, MONTHS, make
from vocpipe.feeds import open_feed
from vocpipe.report.page import html
from vocpipe.report.safe_json import safe_json

CHROMIUM = Path("/usr/bin/chromium")
if not CHROMIUM.exists():
    pytest.skip("no Chromium: apt-get install chromium", allow_module_level=True)
playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: make full")

ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
NARROW = "\u202f"
LAST = MONTHS[-1]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("page") / "workspace")


@pytest.fixture(scope="module")
def address(workspace: Path) -> str:
    file = workspace / "page.html"
    file.write_text(html(workspace), encoding="utf-8")
    return file.as_uri()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as running:
        found = running.chromium.launch(executable_path=str(CHROMIUM), args=list(ARGUMENTS))
        yield found
        found.close()


@pytest.fixture
def visit(browser: Any, address: str) -> Iterator[Any]:
    """Give a function that opens the page; whatever the console told is an error."""
    contexts, told = [], []

    def opened(fragment: str = "", size: str = "desktop", scheme: str = "light", file: str = "page.html") -> Any:
        context = browser.new_context(viewport=SIZES[size], color_scheme=scheme, locale="fr-FR", reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("request", lambda request: told.append(request.url) if not request.url.startswith(("file:", "data:", "blob:")) else None)
        page.goto(address.replace("page.html", file) + fragment)
        page.wait_for_selector("html[data-ready]")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert told == []


def one(workspace: Path, query: str, *values: object) -> Any:
    with open_feed(workspace / "feed") as connection:
        rows = connection.execute(query, list(values)).fetchall()
    assert len(rows) == 1
    return rows[0] if len(rows[0]) > 1 else rows[0][0]


def french(value: float, decimals: int = 0, signed: bool = False) -> str:
    text = f"{abs(value):.{decimals}f}".replace(".", ",")
    return ("−" if value < 0 else "+" if signed and value > 0 else "") + text


def percent(share: float, decimals: int = 1) -> str:
    return french(100 * share, decimals) + NARROW + "%"


def row_of(page: Any, section: str, name: str) -> list[str]:
    cells: list[str] = page.locator(f"#{section} table tr", has=page.get_by_role("button", name=name, exact=True)).first.locator("td").all_inner_texts()
    return cells


def test_ten_figures_are_those_of_the_feed(visit: Any, workspace: Path) -> None:
    page = visit()
    analysed = one(workspace, "SELECT count(*) FROM fact_verbatim WHERE analysed AND month = ?", LAST)
    assert page.locator("#kpi-verbatims").inner_text() == french(analysed)
    judged = "SELECT 100.0 * (count(*) FILTER (sentiment > 0) - count(*) FILTER (sentiment < 0)) / count(sentiment) FROM fact_opinion WHERE month = ?"
    assert page.locator("#kpi-net").inner_text() == french(one(workspace, judged, LAST), signed=True)
    for measure, decimals in (("nps", 0), ("csat", 2)):
        value, low, high, n = one(workspace, "SELECT value, low, high, n FROM agg_kpi_month WHERE company IS NULL AND month = ? AND measure = ?", LAST, measure)
        told = page.locator(f"[data-open='rating:{measure}']").inner_text()
        assert page.locator(f"#kpi-{measure}").inner_text() == french(value, decimals, signed=measure == "nps")
        bounds = [french(bound, decimals, signed=measure == "nps") for bound in (low, high)]
        assert f"entre {bounds[0]} et {bounds[1]} à 95" in told
        assert f"sur {n} notes" in told
    query = "SELECT severity, share, share_low, share_high, verbatims, share - baseline FROM agg_irritant_month WHERE month = ? AND irritant_id = 'IRR-0001'"
    severity, share, low, high, verbatims, change = one(workspace, query, LAST)
    cells = row_of(page, "irritants", "Colis en retard")
    assert cells[:4] == [french(severity, 1), percent(share), f"{french(100 * low, 1)} à {percent(high)}", french(verbatims)]
    assert cells[4] == f"{french(100 * change, 1, signed=True)} points"
    opinions, net = one(workspace, "SELECT opinions, net_sentiment FROM agg_step_month WHERE month = ? AND step = 'livraison'", LAST)
    assert row_of(page, "journey", "Livraison")[:2] == [french(opinions), french(100 * net, signed=True)]
    angry = "SELECT count(*) FROM fact_opinion WHERE month = ? AND step = 'livraison' AND list_has_any(emotions, ['colere', 'frustration'])"
    assert page.locator("[data-open='step:livraison~group:colere']").inner_text() == french(one(workspace, angry, LAST))
    liked = one(workspace, "SELECT share FROM agg_enchantment_month WHERE month = ? AND enchantment_id = 'ENC-1001'", LAST)
    assert page.locator("#praise .figure strong").inner_text() == percent(liked)
    effect = one(workspace, "SELECT leave_one_out FROM irritant_impact WHERE period = ? AND measure = 'nps' AND irritant_id = 'IRR-0001'", LAST)
    page.locator("#ratings summary").first.click()
    assert row_of(page, "ratings", "Colis en retard")[3].startswith(french(-effect, 2))


def test_what_the_page_counts_again_is_what_the_feed_counted(visit: Any) -> None:
    page = visit()
    gaps = page.evaluate("""() => [0, 1, 2].flatMap((month) => {
        const [fed, mine] = [vocpipe.irritantFigures(month, {}), vocpipe.recounted(month, {})];
        const figures = ["opinions", "verbatims", "share", "low", "high", "severity", "intensity", "anger", "effort", "churn"];
        const gap = fed.map((row, place) => Math.max(...figures.map((name) => Math.abs(row[name] - mine[place][name]))));
        return [...gap, fed.length - mine.length, ...fed.map((row, place) => Number(row.id !== mine[place].id || row.emotion !== mine[place].emotion))];
    })""")
    assert len(gaps) > 15
    assert max(map(abs, gaps)) < 2e-6
    from scipy import stats

    for freedom in (1, 2, 3, 5, 10, 30, 400):
        assert page.evaluate(f"vocpipe.student({freedom})") == pytest.approx(stats.t.ppf(0.975, freedom), abs=0.01)


def test_ratings_and_their_intervals_are_those_of_the_feed(visit: Any, workspace: Path) -> None:
    with open_feed(workspace / "feed") as connection:
        rows = connection.execute("SELECT month, company, measure, n, value, low, high FROM agg_kpi_month").fetchall()
    asked = [[MONTHS.index(month), sorted(COMPANIES).index(company) + 1 if company else 0, measure] for month, company, measure, *_ in rows]
    page = visit()
    counted = page.evaluate(
        """(asked) => asked.map(([month, company, measure]) => {
            const told = vocpipe.rating(measure, vocpipe.ratings(month, company ? { company } : {}, measure));
            return [told.n, told.value, told.low, told.high];
        })""",
        asked,
    )
    assert len(rows) == 15
    assert [[n, value] for n, value, *_ in counted] == [[n, pytest.approx(value)] for _, _, _, n, value, *_ in rows]
    # The page works out Student's law by an expansion.
    assert [bounds for _, _, *bounds in counted] == [[bound if bound is None else pytest.approx(bound, abs=2e-3) for bound in row[5:]] for row in rows]
    small = [["csat", [1, 2, 3, 4, 5, 1, 2, 3, 4]], ["csat", [5] * 30], ["csat", [1] + [5] * 9], ["nps", [10]]]
    bounds = page.evaluate("(given) => given.map((one) => vocpipe.rating(...one)).map((told) => [told.low, told.high])", small)
    assert [bounds[0], bounds[1], bounds[3]] == [[None, None]] * 3, "too few, all the same, one answer"
    assert bounds[2] == [pytest.approx(4.6 - 2.2622 * 0.4, abs=2e-3), 5], "nobody gave more than 5"


def test_filters_count_again_and_stay_in_the_address(visit: Any, workspace: Path) -> None:
    page = visit()
    page.select_option("#company", label=COMPANIES[1])
    page.select_option("#step", label="Livraison")
    assert f"company={COMPANIES[1].split()[0]}" in page.url
    where = "month = ? AND step = 'livraison' AND verbatim_id IN (SELECT verbatim_id FROM fact_verbatim WHERE company = ? AND analysed)"
    met = one(workspace, f"SELECT count(DISTINCT verbatim_id) FROM fact_opinion WHERE {where}", LAST, COMPANIES[1])
    of = one(workspace, "SELECT count(*) FROM fact_verbatim WHERE analysed AND month = ? AND company = ?", LAST, COMPANIES[1])
    assert page.locator("#kpi-verbatims").inner_text() == french(met)
    assert row_of(page, "irritants", "Colis en retard")[1] == percent(met / of)
    for hidden in ("#essentials", "#alerts", "#changes", "#ratings", "#promises", ".headline"):
        assert page.locator(hidden).count() == 0
    assert "masqué" in page.locator(".filtered").inner_text()
    again = visit(page.url.partition(".html")[2])
    assert again.locator("#kpi-verbatims").inner_text() == french(met)
    assert f"Un seul irritant fait 100{NARROW}% de la gravité de la sélection." in page.locator("#irritants").inner_text()
    page.select_option("#emotion", label="Gratitude")
    assert "Aucune opinion" in page.locator("#irritants").inner_text()
    page.locator("#reset").click()
    assert page.locator("#essentials li").count() >= 4
    page.locator("#before").click()
    assert "Février 2026" in page.locator("h1").inner_text()
    assert "month=2026-02" in page.url


def test_every_figure_opens_its_proofs(visit: Any, workspace: Path) -> None:
    page = visit()
    keys = page.eval_on_selector_all("[data-open]", "nodes => [...new Set(nodes.map((node) => node.dataset.open))]")
    assert len(keys) > 20
    panel = page.locator("#panel")
    for key in keys:
        page.locator(f"[data-open='{key}']").first.evaluate("node => node.click()")
        assert panel.locator("#panel-title").inner_text(), key
        assert panel.locator(".quotes li").count() or panel.locator(".panel-counts").inner_text().startswith("0 "), key
        page.keyboard.press("Escape")
        assert not panel.is_visible()
    page.locator("#irritants [data-open='irritant:IRR-0001']").first.click()
    opinions, verbatims = one(workspace, "SELECT opinions, verbatims FROM agg_irritant_month WHERE month = ? AND irritant_id = 'IRR-0001'", LAST)
    assert f"{opinions} opinions dans {verbatims} verbatims" in page.locator(".panel-counts").inner_text()
    page.get_by_text("Pourquoi ce chiffre").click()
    why = page.locator(".why").inner_text()
    assert "voc-essai@1" in why
    severity = one(workspace, "SELECT severity FROM agg_irritant_month WHERE month = ? AND irritant_id = 'IRR-0001'", LAST)
    assert f"= {french(severity, 1)}" in why
    assert page.locator(".quotes mark").first.inner_text()
    page.locator("#panel").get_by_role("button", name="Voir").click()
    assert page.locator(".quotes li").count() == 24
    page.get_by_role("button", name="Fermer").click()
    assert "open=" not in page.url


def test_what_pleases_is_quoted_with_its_best_proof(visit: Any) -> None:
    page = visit()
    quoted = page.locator("#praise blockquote").first.inner_text()
    page.locator("#praise [data-open='enchantment:ENC-1001']").first.click()
    assert page.locator(".quotes li .opinion").first.inner_text() == quoted


def test_odd_data_are_told_as_they_are(visit: Any, workspace: Path) -> None:
    """Resolved and back, one label for two, a reversed scale, estimates without bounds, months left out."""
    text = (workspace / "page.html").read_text(encoding="utf-8")
    before, opening, rest = text.partition('id="data">')
    held, closing, after = rest.partition("</script>")
    data = json.loads(held)
    names = {row["id"]: row for row in data["irritants"]}
    names["IRR-0001"]["resolved_since"] = MONTHS[1]
    names["IRR-1002"]["fr"] = "vendeuse à l'écoute"  # nobody speaks of it in the last month
    data["meta"]["scales"] = {"nps": [0, 10], "csat": [7, 1]}
    data["left_out"] = 3
    for row in data["statistics"]["impacts"]:
        if row[3] == "nps":
            row[8] = row[9] = row[11] = row[12] = None
    (workspace / "odd.html").write_text(before + opening + safe_json(data) + closing + after, encoding="utf-8")
    page = visit(file="odd.html")
    assert page.locator(".change.back").inner_text().split("\n")[:2] == ["De retour", "1"]
    assert "déclaré résolu depuis février 2026" in page.locator(".change.back").inner_text()
    assert "Colis en retard" not in page.locator(".change.rising").inner_text()
    assert page.locator("#irritants tr", has_text="Colis en retard").locator(".pill").inner_text() == "De retour"
    assert page.locator("#essentials [data-open='enchantment:ENC-1001']").count() == 1
    assert page.locator("#essentials [data-open='irritant:IRR-1002']").count() == 0
    assert "sur 7" in page.locator("[data-open='rating:csat']").inner_text()
    assert "avant janvier 2026 ne sont pas dans ce fichier" in page.locator("#trends").inner_text()
    page.locator("#ratings summary").first.click()
    assert re.fullmatch(r"−\d,\d\d", row_of(page, "ratings", "Colis en retard")[3])
    assert not re.search("null|NaN", page.locator("main").inner_text())
    chart = page.locator("#ratings .chart")
    assert chart.nth(0).locator("path[fill='#c24e00'], path[fill='#00805e']").count() == 0
    chart.nth(1).scroll_into_view_if_needed()
    chart.nth(1).locator("path[fill='#c24e00']").first.click(force=True)
    assert page.locator("#panel-title").inner_text() == "Vendeuse à l'écoute"


@pytest.mark.parametrize(
    ("chart", "shape", "title"),
    [
        ("#irritants .chart", "path[fill='#00609c']", "Colis en retard"),
        ("#journey .chart", "path[fill='#00805e']", "Achat"),
        ("#emotions .chart", "path[fill='#d55e00']", "Colère"),
        ("#ratings .chart", "path[fill='#c24e00']", "Colis en retard"),
    ],
)
def test_a_click_on_a_chart_opens_its_proofs(visit: Any, chart: str, shape: str, title: str) -> None:
    page = visit()
    page.locator(chart).first.scroll_into_view_if_needed()
    page.locator(chart).first.locator(shape).first.click(force=True)
    assert page.locator("#panel-title").inner_text() == title


def test_hostile_words_are_only_words(visit: Any) -> None:
    page = visit("#open=irritant:IRR-0001")
    quotes = page.locator(".quotes").inner_text()
    assert "<script>window.pwned = 1</script>" in quotes
    assert "=cmd|" in quotes
    assert "\u202e" not in quotes
    assert page.evaluate("window.pwned") is None
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES["desktop"]["width"]
    assert page.locator(".quotes li").evaluate_all("nodes => Math.max(...nodes.map((node) => node.offsetHeight))") < 800
    for odd in ("irritant:<img>", "__proto__:x", "rating:constructor", "step:", "~", "bits:x"):
        page = visit(f"#open={odd}&company=nobody&month=1999-01&language=xx")
        assert page.locator("h1").inner_text() == "Mars 2026"
        assert not page.locator("#panel").is_visible()


def test_the_keyboard_is_enough(visit: Any) -> None:
    page = visit()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    button = page.locator("#irritants tbody button").first
    button.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "panel-title"
    page.keyboard.press("Escape")
    assert button.evaluate("node => node === document.activeElement")


def test_english_and_shade_switch_in_place(visit: Any) -> None:
    page = visit()
    page.locator("#language").click()
    assert page.locator("h1").inner_text() == "March 2026"
    assert page.get_attribute("html", "lang") == "en"
    assert "english IRR-0001" in page.locator("#irritants").inner_text().lower().replace("irr", "IRR")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("#shade").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_the_page_is_accessible_and_fits(visit: Any, size: str, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed: make full").Axe()
    for fragment in ("", "#step=livraison", "#open=irritant:IRR-0001"):
        page = visit(fragment, size, scheme)
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
        found = [item for item in axe.run(page).response["violations"] if item["impact"] in ("serious", "critical")]
        assert [(item["id"], item["nodes"][0]["html"][:200], item["nodes"][0]["failureSummary"]) for item in found] == []
        if folder := os.environ.get("VOCPIPE_SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            name = {"": "page", "#step=livraison": "filtered"}.get(fragment, "panel")
            page.screenshot(path=f"{folder}/{name}-{size}-{scheme}.png", full_page=name != "panel")


def test_paper_holds_the_tables_behind_the_charts(visit: Any) -> None:
    page = visit()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert not page.locator(".filters").is_visible()
    assert page.locator("details.behind[open]").count() == page.locator("details.behind").count() > 1
