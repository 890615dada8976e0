"""A small feed written by hand, with the columns of the contract, so that each figure of a report can be chosen."""

import datetime
import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from vocpipe.feeds.contract import TABLES

Rows = dict[str, list[dict[str, Any]]]
MAY, JUNE = "2026-05", "2026-06"
LABELS = {"IRR-0001": "remboursement tardif", "IRR-0002": "service client injoignable", "ENC-0001": "conseiller patient"}


def month_of(month: str, irritant_id: str, rank: int, **values: Any) -> dict[str, Any]:
    """Return one irritant in one month: 12 % of its verbatims, 2 points above a baseline that chance is enough to explain."""
    known = {"opinions": 24, "verbatims": 24, "share": 0.12, "share_low": 0.08, "share_high": 0.17, "baseline": 0.10, "q_value": 0.4, "severity": 6.0}
    return {"month": month, "irritant_id": irritant_id, "rank": rank, "status": "active", "step": "reclamation", "emotion": "colere", **known, **values}


def impact_of(irritant_id: str, cost: float, low: float, high: float, **values: Any) -> dict[str, Any]:
    means = {"n_with": 40, "mean_with": 2.0, "mean_without": 3.5, "enough": True}
    effects = {"leave_one_out": cost, "leave_one_out_low": low, "leave_one_out_high": high, "effect": -1.0, "effect_low": -1.2, "effect_high": -0.8}
    return {"period": JUNE, "irritant_id": irritant_id, "kind": "irritant", "measure": "nps", **means, **effects, **values}


def _step(step: str, negative: int, positive: int) -> dict[str, Any]:
    balance = (positive - negative) / (positive + negative)
    counts = {"opinions": positive + negative + 2, "positive": positive, "negative": negative, "mixed": 0, "net_sentiment": balance}
    return {"month": JUNE, "step": step, "emotion": "colere", "irritants": ["IRR-0001"], "enchantments": ["ENC-0001"], **counts}


def _verbatims() -> Rows:
    verbatims, opinions = [], []
    for month, number in ((MAY, 190), (JUNE, 200)):
        for place in range(number):
            day = datetime.date(2026, int(month[-2:]), 1 + place % 30)
            known = {"batch": month, "verbatim_id": f"{month}-{place}", "month": month, "date": day, "is_duplicate": False}
            verbatims.append({**known, "analysed": True, "reject": None})
    verbatims += [{**verbatims[-1], "verbatim_id": f"x{place}", "analysed": False, "reject": "language"} for place in range(3)]
    quotes = {"IRR-0001": ["Six semaines d'attente !", "Toujours rien reçu", "Deux relances pour rien", "Mon dossier traîne"], "ENC-0001": ["Une écoute rare"]}
    for name, texts in quotes.items():
        key = "irritant_id" if name.startswith("IRR") else "enchantment_id"
        for place, text in enumerate(texts):
            known = {"opinion_id": f"{name}-{place}", "verbatim_id": f"{JUNE}-{place}", "month": JUNE, "text": text, "is_duplicate": False, "opinion_start": 0}
            opinions.append({**known, key: name, "sentiment": -1 if name.startswith("IRR") else 2, "evidence_rank": place + 1, "irritant_score": 0.9})
    return {"fact_verbatim": verbatims, "fact_opinion": opinions}


def feed_rows() -> Rows:
    """Return a feed of two months in which no irritant moves beyond chance."""
    return {
        **_verbatims(),
        "dim_irritant": [{"irritant_id": name, "label": label} for name, label in LABELS.items() if name.startswith("IRR")],
        "dim_enchantment": [{"enchantment_id": "ENC-0001", "label": LABELS["ENC-0001"], "label_en": "patient adviser"}],
        "dim_step": [
            {"step": "achat", "position": 0, "label_fr": "Achat", "label_en": "Purchase", "phase": "pendant", "phase_fr": "Pendant", "phase_en": "During"},
            {"step": "reclamation", "position": 1, "label_fr": "Réclamation", "label_en": "Claim", "phase": "apres", "phase_fr": "Après", "phase_en": "After"},
        ],
        "dim_emotion": [{"emotion": "colere", "label_fr": "Colère", "label_en": "Anger"}],
        "agg_irritant_month": [
            month_of(MAY, "IRR-0001", 1, baseline=None, q_value=None),
            month_of(JUNE, "IRR-0001", 1),
            month_of(JUNE, "IRR-0002", 2, share=0.08),
        ],
        "agg_enchantment_month": [
            {
                "month": JUNE,
                "enchantment_id": "ENC-0001",
                "opinions": 9,
                "share": 0.045,
                "share_low": 0.02,
                "share_high": 0.08,
                "previous_share": 0.03,
                "rank": 1,
            }
        ],
        "agg_step_month": [_step("achat", 10, 30), _step("reclamation", 60, 4)],
        "agg_phase_month": [
            {**_step("achat", 10, 30), "phase": "pendant"},
            {**_step("reclamation", 60, 4), "phase": "apres"},
        ],
    }


def write_feed(folder: Path, **tables: list[dict[str, Any]]) -> Path:
    """Write a feed; the tables that are given replace those of `feed_rows`, the others are empty."""
    with duckdb.connect(folder / "voc.duckdb") as connection:
        for name, rows in {**{name: [] for name in TABLES}, **feed_rows(), **tables}.items():
            kept = [{key: value for key, value in row.items() if key in TABLES[name].arrow.names} for row in rows]
            connection.register("given", pa.Table.from_pylist(kept, TABLES[name].arrow))
            connection.execute(f"CREATE TABLE {name} AS FROM given")
    (folder / "feed.json").write_text(json.dumps({"trends": {"q": 0.05}, "impact": {"min_verbatims": 30}}), encoding="utf-8")
    return folder
