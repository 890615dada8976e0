"""The customer journey in the feed, against two months counted by hand: steps, phases, themes, promises."""

from pathlib import Path

from tests.unit.feeds.conftest import select


def test_the_journey_is_told_by_step_phase_and_theme(feed: Path) -> None:
    names = (
        "opinions, verbatims, positive, negative, mixed, neutral, net_sentiment, mean_sentiment, emotion, anger_share, effort_share, irritants, enchantments"
    )
    assert select(feed, f"SELECT phase, {names} FROM agg_phase_month WHERE month = '2026-03'") == [
        ("pendant", 4, 3, 1, 3, 0, 0, -0.5, -0.75, "frustration", 0.25, 0.25, ["IRR-0001"], ["ENC-0001"]),
        ("apres", 2, 2, 0, 2, 0, 0, -1.0, -1.0, "deception", 0.0, 0.0, ["IRR-0001", "IRR-0002"], []),
        (None, 1, 1, 0, 0, 0, 1, None, None, None, 0.0, 0.0, [], []),
    ]
    steps = select(feed, f"SELECT step, phase, {names} FROM agg_step_month WHERE month = '2026-03'")
    assert [row[:4] for row in steps] == [
        ("achat", "pendant", 1, 1),
        ("livraison", "pendant", 3, 3),
        ("usage", "apres", 1, 1),
        ("depart", "apres", 1, 1),
        ("general", None, 1, 1),
    ]
    assert steps[1][4:] == (0, 3, 0, 0, -1.0, -4 / 3, "frustration", 1 / 3, 1 / 3, ["IRR-0001"], [])
    themes = select(feed, f"SELECT theme, {names} FROM agg_theme_month WHERE month = '2026-03'")
    assert [(row[0], row[1], row[-2]) for row in themes] == [("relation", 1, []), ("digital", 1, ["IRR-0002"]), ("livraison", 4, ["IRR-0001"]), (None, 1, [])]


def test_promises_are_measured_on_their_themes_and_steps(feed: Path) -> None:
    rows = select(feed, "SELECT month, promise, step, themes, opinions, positive_share, round(gap, 9), irritant_id FROM promise_gap")
    assert rows == [
        ("2026-03", "a_l_heure", None, ["livraison"], 4, 0.0, -0.8, "IRR-0001"),
        ("2026-03", "vendeurs", "achat", [], 1, 1.0, 0.2, None),
        ("2026-04", "a_l_heure", None, ["livraison"], 0, None, None, None),
        ("2026-04", "vendeurs", "achat", [], 1, 0.0, -0.8, None),
    ]


def test_an_irritant_tells_where_on_the_journey_it_is_met(feed: Path) -> None:
    names = "irritant_id, label_en, status, merged_into, edited, opinions, steps, step_shares, phases, phase_shares"
    assert select(feed, f"SELECT {names} FROM dim_irritant") == [
        ("IRR-0001", "late delivery", "dormant", None, False, 4, ["livraison", "depart"], [0.75, 0.25], ["pendant", "apres"], [0.75, 0.25]),
        ("IRR-0002", None, "active", None, True, 2, ["usage"], [1.0], ["apres"], [1.0]),
        ("IRR-0003", None, None, None, False, 0, [], [], [], []),
        ("IRR-0009", None, "merged", "IRR-0002", True, 0, [], [], [], []),
    ]


def test_emotions_by_step_count_what_is_not_expressed_apart(feed: Path) -> None:
    rows = select(
        feed, "SELECT emotion, emotion_group, opinions, verbatims, strong, share FROM agg_step_emotion_month WHERE month = '2026-03' AND step = 'livraison'"
    )
    assert rows == [("frustration", "colere", 2, 2, 0, 2 / 3), ("colere", "colere", 1, 1, 1, 1 / 3), (None, None, 1, 1, None, 1 / 3)]
    steps = select(feed, "SELECT DISTINCT ON (step) step, phase FROM agg_step_emotion_month WHERE month = '2026-03'")
    assert sorted(steps) == [("achat", "pendant"), ("depart", "apres"), ("general", None), ("livraison", "pendant"), ("usage", "apres")]
