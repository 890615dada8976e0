"""The month's report: it says what the figures allow, in good French and English, and quotes customers without harm."""

import datetime
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from markdown_it import MarkdownIt

from tests.unit.feeds.month_feed import JUNE, LABELS, MAY, feed_rows, impact_of, month_of, write_feed
from vocpipe.errors import ConfigError, WorkspaceError
from vocpipe.feeds import build
from vocpipe.feeds.inputs import CATALOGUE
from vocpipe.feeds.month_report import month_report
from vocpipe.taxonomy import Taxonomy


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a feed; the tables it is given replace those of `feed_rows`."""
    return partial(write_feed, tmp_path)


def _plain(report: str) -> str:
    return report.replace("\u202f", " ").replace("\u00a0", " ")


def _section(report: str, title: str) -> str:
    """Return the text of a section, no-break spaces made plain."""
    return _plain(report).partition(f"## {title}\n")[2].partition("\n## ")[0].strip()


def test_a_change_that_chance_explains_is_never_called_a_rise(write: Callable[..., Path]) -> None:
    report = _plain(month_report(write()))
    assert "# Voix du client : juin 2026\n" in report
    assert (
        "**En juin 2026, « remboursement tardif » reste l'irritant le plus grave : 12,0 % (8,0 à 17,0 %) des verbatims analysés le citent, "
        "contre 10,0 % en mai 2026, un écart que le hasard suffit à expliquer.**" in report
    )
    assert "1. Aucun irritant déjà connu ne s'écarte de son niveau habituel au-delà de ce que le hasard explique.\n" in report
    assert _section(report, "Ce qui monte") == "Aucune hausse que le hasard ne suffise à expliquer."
    assert _section(report, "Ce qui baisse") == "Aucune baisse que le hasard ne suffise à expliquer."
    assert re.search(r"\|\s+1 \| Remboursement tardif +\| 12,0 % \(8,0 à 17,0 %\) +\| \+2,0 points \| non +\| Colère +\| +6,0 \|", report)


def test_what_moves_beyond_chance_is_told_with_its_figures_and_its_quote(write: Callable[..., Path]) -> None:
    months = [
        month_of(MAY, "IRR-0002", 1, baseline=None, q_value=None, opinions=20),
        month_of(JUNE, "IRR-0001", 1, status="rising", q_value=0.01),
        month_of(JUNE, "IRR-0002", 2, status="falling", q_value=0.049, share=0.012, share_low=0.002, share_high=0.04),
    ]
    report = month_report(write(agg_irritant_month=months))
    assert "« remboursement tardif » est l'irritant le plus grave" in _plain(report)
    assert "contre 10,0 % en mai 2026, une hausse que le hasard n'explique pas.**" in _plain(report)
    assert _section(report, "Ce qui monte").splitlines() == [
        "- **« Remboursement tardif »** : 12,0 % (8,0 à 17,0 %) des verbatims, contre 10,0 % en mai 2026, soit +2,0 points. "
        "Étape principale : Réclamation, émotion dominante : colère.",
        "  > « Toujours rien reçu » – 2 juin",
    ]
    assert _section(report, "Ce qui baisse").startswith("- **« Service client injoignable »** : 1,2 % (0,2 à 4,0 %) des verbatims, contre 10,0 %")
    assert "un irritant monte, « remboursement tardif » (+2,0 points) ; un irritant recule, « service client injoignable » (−8,8 points)." in _plain(report)


def test_an_irritant_declared_resolved_that_comes_back_is_told_as_back_not_as_a_rise(write: Callable[..., Path]) -> None:
    names = [{"irritant_id": name, "label": label, "resolved_since": "2026-04" if name == "IRR-0002" else None} for name, label in LABELS.items()]
    moves = [{"month": JUNE, "irritant_id": "IRR-0002", "movement": "back", "opinions": 24, "previous_opinions": 0}]
    months = [month_of(JUNE, "IRR-0001", 1), month_of(JUNE, "IRR-0002", 2, status="rising", q_value=0.3)]
    report = month_report(write(dim_irritant=names, irritant_movements=moves, agg_irritant_month=months))
    assert "Déclaré résolu, « service client injoignable » est de nouveau cité à son niveau d'avant." in _section(report, "À retenir")
    assert "injoignable" not in _section(report, "Ce qui monte")
    assert "- **De retour** : « service client injoignable » (24 opinions, déclaré résolu depuis avril 2026)." in _plain(report)


def test_what_people_decided_and_what_fell_silent_is_told_once(write: Callable[..., Path]) -> None:
    moves = [
        {"month": JUNE, "irritant_id": "IRR-0002", "movement": "merged", "opinions": 0, "other_id": "IRR-0001"},
        {"month": JUNE, "irritant_id": "IRR-0001", "movement": "dormant", "opinions": 0, "previous_opinions": 24},
        {"month": MAY, "irritant_id": "IRR-0001", "movement": "resolved", "opinions": 0},
    ]
    months = [month_of(MAY, "IRR-0001", 1), month_of(JUNE, "IRR-0001", 1, opinions=0, verbatims=0, share=0.0, severity=0.0, status="dormant")]
    report = month_report(write(irritant_movements=moves, agg_irritant_month=months))
    assert _section(report, "Fusionné, scindé, résolu, silencieux").splitlines() == [
        "0 irritant sur 1 cité en mai 2026 l'est encore.",
        "",
        "- **Fusionné** : « service client injoignable » est réuni à « remboursement tardif ».",
        "- **Silencieux** : « remboursement tardif » (aucune opinion, 24 le mois précédent).",
    ]
    assert "**En juin 2026, aucun irritant n'est cité.**" in _plain(report)


def test_the_first_month_is_a_starting_point(write: Callable[..., Path]) -> None:
    report = _plain(month_report(write(), MAY))
    assert "le citent, premier mois mesuré.**" in report
    assert "1. C'est le premier mois mesuré : il sert de point de départ" in report
    assert "## Ce qui monte" not in report
    assert "190 verbatims lus, 190 analysés (100,0 %).\n" in report


def test_volume_tells_what_was_left_out(write: Callable[..., Path]) -> None:
    lines = _section(month_report(write()), "Volume et qualité des données").splitlines()
    assert lines[:3] == [
        "203 verbatims lus, 200 analysés (98,5 %), contre 190 en mai 2026.",
        "Mis de côté : 3 dans une autre langue.",
        "5 opinions relevées : 80 % négatives, 20 % positives, 0 % mitigées, 0 % sans sentiment exprimé.",
    ]


def test_a_month_that_stops_early_is_said_to_be_incomplete(write: Callable[..., Path]) -> None:
    early = [{**row, "date": min(row["date"], datetime.date(2026, 6, 14))} for row in feed_rows()["fact_verbatim"]]
    assert "Les données s'arrêtent au 14 juin : le mois est sans doute incomplet" in _plain(month_report(write(fact_verbatim=early)))


@pytest.mark.parametrize(
    ("impacts", "told", "sentence"),
    [
        ([], "Pas assez de données : aucun verbatim qui cite un irritant n'est noté en juin 2026.", False),
        (
            [
                impact_of("IRR-0001", 0.3, 0.1, 0.5, n_with=12, enough=False, reason="12 < 30 rated verbatims with it"),
                impact_of("ENC-0001", 0.3, 0.1, 0.5, n_with=29, enough=False, kind="enchantment", reason="29 < 30 rated verbatims with it"),
            ],
            "Pas assez de données en juin 2026 : 12 verbatims notés au plus pour un même irritant, il en faut 30.",
            False,
        ),
        (
            [impact_of("IRR-0001", 0.3, 0.1, 0.5, n_without=3, enough=False, reason="3 < 30 rated verbatims without it")],
            "Pas assez de données en juin 2026 : 3 verbatims notés au plus sans l'irritant, il en faut 30 pour comparer.",
            False,
        ),
        (
            [impact_of("IRR-0001", 0.3, 0.1, 0.5, n_without=99, enough=False, reason="all ratings are the same")],
            "Aucun effet à lire en juin 2026 : toutes les notes sont les mêmes.",
            False,
        ),
        ([impact_of("IRR-0001", 0.3, 0.1, 0.5)], "−0,30 (−0,50 à −0,10) ", True),
        ([impact_of("IRR-0001", 0.3, -0.1, 0.5)], "−0,30 (−0,50 à +0,10, non établi)", False),
        (
            [impact_of("IRR-0001", 0.3, 0.1, 0.5, period="all")],
            "Le calcul n'est pas possible en juin 2026 : les chiffres",
            True,
        ),
    ],
)
def test_the_impact_is_only_told_where_there_is_enough(write: Callable[..., Path], impacts: list[dict[str, Any]], told: str, sentence: bool) -> None:
    report = month_report(write(irritant_impact=impacts))
    assert told in _section(report, "Poids sur la note")
    assert ("« Remboursement tardif » pèse sur la recommandation (0 à 10)" in _section(report, "À retenir")) is sentence
    if sentence:
        assert "la moyenne est de 3,20 ; sans les verbatims qui le citent, elle serait de 3,50 (+0,30 point, intervalle à 95 % : +0,10 à +0,50)" in _plain(
            report
        )


def test_on_a_reversed_scale_what_raises_the_rating_is_what_weighs(tmp_path: Path) -> None:
    made_with = {"settings": {"source": {"scales": {"csat": [7.0, 1.0]}}}}
    (tmp_path / "workspace.json").write_text(json.dumps(made_with), encoding="utf-8")
    (tmp_path / "feed").mkdir()
    impacts = [impact_of("IRR-0001", 0.3, 0.1, 0.5, measure="csat"), impact_of("IRR-0002", -0.2, -0.3, -0.1, measure="csat", mean_without=3.0)]
    told = _section(month_report(write_feed(tmp_path / "feed", irritant_impact=impacts)), "À retenir")
    assert "« Service client injoignable » pèse sur la satisfaction : en juin 2026, la moyenne est de 3,20 ; sans" in told
    assert "elle serait de 3,00 (−0,20 point, intervalle à 95 % : −0,30 à −0,10)" in told


def test_promises_alerts_the_journey_and_the_residual_are_told(write: Callable[..., Path]) -> None:
    gaps = [
        {"promise": "b", "label_fr": "Simple", "month": JUNE, "opinions": 9, "positive_share": 1.0, "target": 0.8},
        {"promise": "a", "label_fr": "Joignable", "month": JUNE, "opinions": 40, "positive_share": 0.25, "target": 0.6, "irritant_id": "IRR-0002"},
    ]
    kept = {"promise": "c", "label_fr": "Clair", "month": JUNE, "opinions": 11, "positive_share": 0.55, "target": 0.6}
    warned = [
        {"month": JUNE, "alert": "residual", "level": "warning", "message_fr": "Trop de restes.", "opinions": 50},
        {
            "month": JUNE,
            "alert": "anger",
            "irritant_id": "IRR-0001",
            "level": "critical",
            "message_fr": "« remboursement tardif » met en colère.",
            "opinions": 24,
        },
    ]
    left = [{"month": JUNE, "nearest_irritant_id": "IRR-0002", "opinions": 12, "quote": "Le parking est toujours plein"}]
    report = month_report(write(promise_gap=[*gaps, kept], alerts=warned, agg_residual_month=left))
    assert "La promesse « Joignable » est la plus loin de sa cible : 25 % d'opinions positives pour 60 % visés." in _section(report, "À retenir")
    assert re.search(
        r"\| Joignable \| +40 \| +25 % \(14 à 40 %\) \| +60 % \| −35 points \| service client injoignable \|", _section(report, "Promesse et vécu")
    )
    assert re.search(r"\| Simple +\| +9 \| +n < 10 +\| +80 % \| +– \| –", _section(report, "Promesse et vécu"))
    assert _section(report, "Alertes").splitlines()[:2] == ["- **Critique** – « Remboursement tardif » met en colère.", "- **À surveiller** – Trop de restes."]
    assert "c'est à « Réclamation » que le solde est le plus bas : 60 opinions négatives, 4 positives, sur 64 opinions exprimées" in _plain(report)
    assert re.search(r"\| – Réclamation +\| +66 \| +−88 \| Colère +\| remboursement tardif \| conseiller patient", _section(report, "Parcours client"))
    assert _section(report, "Hors catalogue").splitlines() == [
        "12 des 60 opinions qui nomment un problème (20,0 %) n'entrent dans aucun irritant du catalogue.",
        "Elles s'approchent le plus de : « service client injoignable » (12).",
        "",
        "> « Le parking est toujours plein »",
    ]


def test_a_promise_missed_by_no_more_than_chance_is_not_called_missed(write: Callable[..., Path]) -> None:
    close = {"promise": "c", "label_fr": "Clair", "month": JUNE, "opinions": 11, "positive_share": 0.5, "target": 0.6}
    report = month_report(write(promise_gap=[close]))
    assert "| Clair" in _section(report, "Promesse et vécu")
    assert "Clair" not in _section(report, "À retenir")


def test_no_quote_comes_twice_and_every_space_before_a_double_mark_is_a_no_break_one(write: Callable[..., Path]) -> None:
    report = month_report(write())
    quotes = re.findall(r"> (« .*? »|«.*?»)", report)
    assert len(quotes) == len(set(quotes)) > 2
    own_words = re.sub(r"^ *> .*$|^\|.*$", "", report, flags=re.MULTILINE)
    assert not re.search(r" [;:!?%»]|« ", own_words)


def test_a_label_cannot_break_a_table_nor_reach_the_terminal(write: Callable[..., Path]) -> None:
    names = [{"irritant_id": "IRR-0001", "label": "devis | *flou* <b>\x1b[31m"}, {"irritant_id": "IRR-0002", "label": "autre"}]
    report = month_report(write(dim_irritant=names))
    assert "\x1b" not in report
    cells = [token.content for token in MarkdownIt("commonmark").enable("table").parse(report) if token.type == "inline"]
    assert "Devis | \\*flou\\* \\<b>[31m" in cells


def test_english_says_the_same_with_english_labels_where_there_are(write: Callable[..., Path]) -> None:
    report = month_report(write(), language="en")
    assert (
        "**In June 2026, “remboursement tardif” is still the most severe irritant: 12.0% (8.0 to 17.0%) of the verbatims analysed mention it, "
        "against 10.0% in May 2026, a difference that chance is enough to explain.**" in report
    )
    assert re.search(r"\| Patient adviser \| 4\.5% \(2\.0 to 8\.0%\) +\| +3\.0% \|", report)
    assert "> “Une écoute rare” – 1 June" in report


def test_mistakes_are_told(write: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="no feed in"):
        month_report(tmp_path / "nowhere")
    folder = write()
    with pytest.raises(ConfigError, match="did you mean '2026-06'"):
        month_report(folder, "2026-6")
    with pytest.raises(ConfigError, match="valid: en, fr"):
        month_report(folder, language="it")
    with duckdb.connect(folder / "voc.duckdb") as connection:
        connection.execute("DELETE FROM fact_verbatim")
    with pytest.raises(WorkspaceError, match="holds no verbatim"):
        month_report(folder)
    with duckdb.connect(folder / "voc.duckdb") as connection:
        connection.execute("DROP TABLE promise_gap")
    with pytest.raises(WorkspaceError, match="older vocpipe: it lacks promise_gap"):
        month_report(folder)


def test_a_feed_as_it_is_built_can_be_told(feed: Path) -> None:
    report = _plain(month_report(feed))
    assert "**En avril 2026, « application qui plante » devient l'irritant le plus grave : 50,0 % (" in report
    assert "Avec 2 verbatims analysés seulement, les parts sont imprécises" in report
    assert "> « L'appli plante, c'est répugnant. » – 3 avril" in report
    assert "1 opinion sur 2 opinions qui nomment un problème (50,0 %)" in report


def test_an_empty_feed_is_told(tmp_path: Path, taxonomy: Taxonomy) -> None:
    build([], CATALOGUE.empty_table(), taxonomy, tmp_path / "feed")
    with pytest.raises(WorkspaceError, match="holds no verbatim"):
        month_report(tmp_path / "feed")
