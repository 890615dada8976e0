"""Four months of a hundred verbatims, in which every movement of an irritant happens once: statuses, movements, alerts, impact."""

from pathlib import Path

import pytest

from tests.unit.feeds.conftest import Opinion, Verbatim, catalogue_of, entry, select, write_batch
from vocpipe.feeds import BatchFiles, FeedSettings, build
from vocpipe.feeds.settings import AlertSettings, ImpactSettings
from vocpipe.taxonomy import Taxonomy

MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")
MET = {
    "IRR-0001": (10, 10, 10, 30),  # steady, then rises
    "IRR-0002": (20, 20, 2, 18),  # said to be resolved in March, back in April
    "IRR-0003": (0, 0, 12, 0),  # appears, then silence
    "IRR-1001": (0, 5, 0, 5),  # a part of IRR-0004, with a silence
    "IRR-0006": (20, 20, 20, 2),  # falls
}
LEFT_OVER = (0, 0, 0, 20)
CATALOGUE = catalogue_of(
    entry("IRR-0001", "retard", label_en="delay"),
    entry("IRR-0002", "appli en panne", state="resolved", resolved_since="2026-03", edited=True),
    entry("IRR-0003", "colis abîmé"),
    entry("IRR-0004", "site lent", state="split", edited=True),
    entry("IRR-0005", "livreur absent", state="merged", merged_into="IRR-0001", edited=True),
    entry("IRR-0006", "attente au téléphone"),
    entry("IRR-1001", "site lent le soir", origin="split", split_from="IRR-0004", edited=True),
    entry("ENC-0001", "vendeurs charmants", step="achat"),
)


def _month(number: int) -> list[Verbatim]:
    """Return a hundred verbatims of one opinion; those without problem praise."""
    opinions = [Opinion("Problème.", -2, irritant_id=name) for name, counts in MET.items() for _ in range(counts[number])]
    opinions += [Opinion("Autre problème.", residual=True, nearest="IRR-0005") for _ in range(LEFT_OVER[number])]
    praise = Opinion("Bravo.", 2, {"joie": 1}, step="achat", theme="relation", enchantment_id="ENC-0001")
    opinions += [praise] * (100 - len(opinions))
    rated = [(opinion, 5.0 if opinion.enchantment_id else 1.0 + (place % 2)) for place, opinion in enumerate(opinions)]
    return [Verbatim(f"{number}-{place:02}", (opinion,), f"{MONTHS[number]}-10", stars=stars) for place, (opinion, stars) in enumerate(rated)]


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> list[BatchFiles]:
    folder = tmp_path_factory.mktemp("months")
    return [write_batch(folder, month, _month(number), shard_rows=100) for number, month in enumerate(MONTHS)]


@pytest.fixture(scope="module")
def findings(months: list[BatchFiles], taxonomy: Taxonomy, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("built") / "feed"
    build(months, CATALOGUE, taxonomy, target, settings=FeedSettings(impact=ImpactSettings(resamples=100), alerts=AlertSettings(min_verbatims=10)))
    return target


def test_a_status_says_no_more_than_the_figures_allow(findings: Path) -> None:
    found = select(findings, "SELECT irritant_id, list(status ORDER BY month) FROM agg_irritant_month GROUP BY irritant_id ORDER BY irritant_id")
    assert found == [
        ("IRR-0001", ["active", "active", "active", "rising"]),
        ("IRR-0002", ["active", "active", "resolved", "rising"]),
        ("IRR-0003", ["new", "dormant"]),
        ("IRR-0006", ["active", "active", "active", "falling"]),
        ("IRR-1001", ["new", "dormant", "active"]),
    ]
    statuses = select(findings, "SELECT irritant_id, status, opinions FROM dim_irritant")
    assert statuses == [
        ("IRR-0001", "rising", 60),
        ("IRR-0002", "rising", 60),
        ("IRR-0003", "dormant", 12),
        ("IRR-0004", "split", 0),
        ("IRR-0005", "merged", 0),
        ("IRR-0006", "falling", 62),
        ("IRR-1001", "active", 10),
    ]


def test_a_month_is_compared_with_those_before(findings: Path) -> None:
    (found,) = select(
        findings,
        "SELECT share, previous_share, moving_average, baseline, q_value, share_low, share_high FROM agg_irritant_month WHERE month = '2026-04' AND rank = 1",
    )
    share, previous, average, baseline, q_value, low, high = found
    assert (share, previous, round(average, 9), baseline) == (0.3, 0.1, 0.166666667, 0.1)
    assert q_value < 0.001
    assert (round(low, 4), round(high, 4)) == (0.2189, 0.3958)
    assert select(findings, "SELECT DISTINCT baseline, p_value, q_value FROM agg_irritant_month WHERE month = '2026-01'") == [(None, None, None)]


def test_every_irritant_passes_from_one_month_to_the_next(findings: Path) -> None:
    found = select(findings, "SELECT irritant_id, list(movement ORDER BY month), any_value(other_id) FROM irritant_movements GROUP BY irritant_id ORDER BY 1")
    assert found == [
        ("IRR-0001", ["new", "matched", "matched", "matched"], None),
        ("IRR-0002", ["new", "matched", "resolved", "back"], None),
        ("IRR-0003", ["new", "dormant"], None),
        ("IRR-0004", ["split"] * 4, None),
        ("IRR-0005", ["merged"] * 4, "IRR-0001"),
        ("IRR-0006", ["new", "matched", "matched", "matched"], None),
        ("IRR-1001", ["split", "dormant", "back"], "IRR-0004"),
    ]
    before = select(findings, "SELECT opinions, previous_opinions FROM irritant_movements WHERE irritant_id = 'IRR-0002' ORDER BY month")
    assert before == [(20, None), (20, 20), (2, 20), (18, 2)]


def test_alerts_are_sentences_with_their_figures(findings: Path) -> None:
    found = select(findings, "SELECT month, alert, irritant_id, level, round(value, 9), baseline, round(threshold, 9), opinions, message_fr FROM alerts")
    assert found == [
        ("2026-03", "emerging", "IRR-0003", "warning", 0.12, None, 0.1, 12, "«\u202fcolis abîmé\u202f» apparaît : 12 verbatims, soit 12,0\u202f% du mois."),
        (
            "2026-04",
            "change",
            "IRR-0001",
            "critical",
            0.3,
            0.1,
            0.15,
            30,
            "«\u202fretard\u202f» monte à 30,0\u202f% des verbatims, contre 10,0\u202f% les mois précédents (+20,0 points, 30 verbatims).",
        ),
        (
            "2026-04",
            "back",
            "IRR-0002",
            "warning",
            0.18,
            0.2,
            0.1,
            18,
            "«\u202fappli en panne\u202f», résolu depuis 2026-03, revient : 18,0\u202f% des verbatims, contre 20,0\u202f% auparavant (18 verbatims).",
        ),
        (
            "2026-04",
            "residual",
            None,
            "warning",
            round(20 / 75, 9),
            None,
            0.15,
            20,
            "26,7\u202f% des opinions qui nomment un problème ne rejoignent aucun irritant connu (20 opinions).",
        ),
    ]
    english = select(findings, "SELECT message_en FROM alerts WHERE alert = 'change'")
    assert english == [("“delay” rises to 30.0% of verbatims, from 10.0% in the months before (+20.0 points, 30 verbatims).",)]


def test_alerts_keep_to_their_thresholds(months: list[BatchFiles], taxonomy: Taxonomy, tmp_path: Path) -> None:
    def kinds(**thresholds: float) -> set[str]:
        target = tmp_path / "feed"
        build(months, CATALOGUE, taxonomy, target, settings=FeedSettings(alerts=AlertSettings.model_validate({"min_verbatims": 10, **thresholds})))
        return {alert for (alert,) in select(target, "SELECT alert FROM alerts")}

    assert kinds(min_verbatims=19) == {"change", "residual"}
    assert kinds(change=2.1, residual=0.3) == {"emerging", "back"}


@pytest.mark.parametrize(("before", "alerts"), [(5, []), (100, [("emerging", "warning")])])
def test_what_chance_explains_does_not_emerge(before: int, alerts: list[tuple[str, str]], taxonomy: Taxonomy, tmp_path: Path) -> None:
    made = [
        write_batch(tmp_path, "2026-01", [Verbatim(f"a{number}", (Opinion("Bien.", 1),), "2026-01-10") for number in range(before)], shard_rows=100),
        write_batch(
            tmp_path,
            "2026-02",
            [Verbatim(f"b{number}", (Opinion("Problème.", irritant_id="IRR-0003" if number < 12 else None),), "2026-02-10") for number in range(100)],
            shard_rows=100,
        ),
    ]
    build(made, CATALOGUE, taxonomy, tmp_path / "feed", settings=FeedSettings(alerts=AlertSettings(min_verbatims=10)))
    assert select(tmp_path / "feed", "SELECT status FROM agg_irritant_month") == [("new",)]
    assert select(tmp_path / "feed", "SELECT alert, level FROM alerts") == alerts


@pytest.mark.parametrize(("angry", "levels"), [(9, []), (10, ["warning"]), (14, ["warning"]), (15, ["critical"]), (20, ["critical"])])
def test_anger_is_critical_halfway_from_its_threshold_to_all_verbatims(angry: int, levels: list[str], taxonomy: Taxonomy, tmp_path: Path) -> None:
    opinions = [Opinion("Problème.", -2, {"colere": 2} if number < angry else {}, irritant_id="IRR-0001") for number in range(20)]
    made = write_batch(tmp_path, "2026-01", [Verbatim(f"v{number}", (opinion,), "2026-01-10") for number, opinion in enumerate(opinions)])
    build([made], CATALOGUE, taxonomy, tmp_path / "feed", settings=FeedSettings(alerts=AlertSettings(min_verbatims=10, anger=0.5)))
    assert [level for (level,) in select(tmp_path / "feed", "SELECT level FROM alerts WHERE alert = 'anger'")] == levels


def test_what_was_resolved_before_the_first_month_is_back_without_a_level_to_compare_with(months: list[BatchFiles], taxonomy: Taxonomy, tmp_path: Path) -> None:
    names = [name for name in CATALOGUE["irritant_id"].to_pylist() if name.startswith("IRR")]
    resolved = catalogue_of(*(entry(name, name, state="resolved", resolved_since="2025-12") for name in names), entry("ENC-0001", "vendeurs charmants"))
    build(months[:1], resolved, taxonomy, tmp_path / "feed")
    assert select(tmp_path / "feed", "SELECT DISTINCT status FROM agg_irritant_month") == [("rising",)]
    assert select(tmp_path / "feed", "SELECT DISTINCT alert, level, baseline, threshold FROM alerts") == [("back", "warning", None, 0.0)]
    assert select(tmp_path / "feed", "SELECT message_fr FROM alerts LIMIT 1") == [
        ("«\u202fIRR-0002\u202f», résolu depuis 2025-12, revient : 20,0\u202f% des verbatims (20 verbatims).",)
    ]


def test_what_is_left_over_is_told_near_the_irritant_that_a_person_merged_it_into(findings: Path) -> None:
    found = select(findings, "FROM agg_residual_month")
    assert found == [("2026-04", "IRR-0001", 20, 20, 20 / 75, "Autre problème.")]


def test_impact_is_measured_on_those_who_rate(findings: Path) -> None:
    query = "SELECT period, n_with, n_without, mean_with, leave_one_out, enough FROM irritant_impact WHERE irritant_id = 'IRR-0001' ORDER BY period"
    (mean,) = select(findings, "SELECT avg(stars) FROM fact_verbatim")[0]
    (without,) = select(
        findings, "SELECT avg(stars) FROM fact_verbatim WHERE verbatim_id NOT IN (SELECT verbatim_id FROM fact_opinion WHERE irritant_id = 'IRR-0001')"
    )[0]
    found = select(findings, query)
    assert [row[:3] for row in found] == [*((month, 10, 90) for month in MONTHS[:3]), (MONTHS[3], 30, 70), ("all", 60, 340)]
    assert found[-1][3:] == (1.5, pytest.approx(without - mean, abs=1e-6), True)
    assert select(findings, "SELECT DISTINCT reason IS NULL FROM irritant_impact WHERE NOT enough") == [(False,)]
    assert select(findings, "SELECT effect > 0 FROM irritant_impact WHERE irritant_id = 'ENC-0001' AND period = 'all'") == [(True,)]


def test_enchantments_have_their_months(findings: Path) -> None:
    found = select(findings, "SELECT * EXCLUDE (share_low, share_high) FROM agg_enchantment_month WHERE month = '2026-02'")
    assert found == [("2026-02", "ENC-0001", 45, 45, 0.45, 0.5, pytest.approx(-0.05), "achat", 2.0, 1)]
    assert select(findings, "SELECT enchantment_id, phase, first_seen, last_seen, opinions FROM dim_enchantment") == [
        ("ENC-0001", "pendant", "2026-01", "2026-04", 50 + 45 + 56 + 25)
    ]
