"""A workspace made by hand for the page: three months of invented opinions from two companies, with ratings, praise and hostile texts."""

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from vocpipe import files, runs, schema
from vocpipe.duplicates import DUPLICATES
from vocpipe.feeds import Promise
from vocpipe.feeds.settings import AlertSettings, FeedSettings, ImpactSettings
from vocpipe.irritants.catalogue import DISCOVERED, STARTER, Catalogue, Irritant
from vocpipe.irritants.scores import unit
from vocpipe.irritants.settings import IrritantSettings
from vocpipe.taxonomy import load_taxonomy

MONTHS = ("2026-01", "2026-02", "2026-03")
COMPANIES = ("Maison Lumen", "Atelier <Nord> & Cie")
HOSTILE = (
    "<script>window.pwned = 1</script><img src=x onerror=window.pwned=2> colis perdu",
    "=cmd|' /C calc'!A0 colis perdu",
    "\u202etxet desrever\u202c colis perdu \u0007</script>\u2028<!--",
    "colis perdu " + "x" * 10_000,
    "colis perdu " + "mot " * 2_500,
)
"""Complaints that try to leave their place on the page."""
_WIDTH = 24
# label, theme, step, sentiment, emotion, verbatims in each month
_SUBJECTS: dict[str, tuple[str, str, str, int, str, tuple[int, int, int]]] = {
    "IRR-0001": ("colis en retard", "livraison", "livraison", -1, "frustration", (10, 12, 34)),
    "IRR-0002": ("frais cachés", "prix", "facturation", -2, "colere", (12, 9, 11)),
    "IRR-1001": ("borne en panne", "digital", "usage", -1, "deception", (0, 0, 9)),
    "IRR-1002": ('</script> & "accueil froid"', "relation", "achat", -1, "tristesse", (14, 12, 0)),
    "ENC-1001": ("vendeuse à l'écoute", "relation", "achat", 2, "joie", (15, 16, 18)),
}


def make(path: Path, hostile: bool = True) -> Path:
    """Make the workspace and its feed."""
    impact = ImpactSettings(min_verbatims=8, resamples=100)
    promise = Promise(code="accueil", fr="Un accueil attentif", themes=("relation",), step="achat", target=0.8)
    settings = {
        "source": {"scales": {"nps": [0.0, 10.0], "csat": [1.0, 5.0]}},
        "irritants": IrritantSettings().model_dump(mode="json"),
        "duplicates": {"counted": False},
        "feed": FeedSettings(impact=impact, promise=(promise,), alerts=AlertSettings(min_verbatims=5)).model_dump(mode="json"),
        "stages": [{"use": "vocpipe.stages.classify:Classify", "model": "voc-essai@1"}],
        "models": {"voc-essai@1": "0" * 64},
        "taxonomy": load_taxonomy().fingerprint,
        "redaction_key": "",
    }
    files.write_json({"format": 1, "settings": settings}, path / "workspace.json")
    known = Catalogue(tuple(_known(name) for name in _SUBJECTS))
    for place, month in enumerate(MONTHS):
        folder = path / "batches" / month
        rows = [_row(month, name, number) for name in _SUBJECTS for number in range(_SUBJECTS[name][5][place])]
        if hostile and month == MONTHS[-1]:
            rows += [_hostile(month, number, text) for number, text in enumerate(HOSTILE)]
        files.write_parquet(pa.Table.from_pylist(rows, schema=schema.arrow_schema(schema.COLUMNS)), folder / "rows" / "00000.parquet")
        files.write_parquet(DUPLICATES.empty_table(), folder / "duplicates.parquet")
        files.write_parquet((Catalogue() if place else known).to_table(), folder / "discovered.parquet")
        files.write_json({"report": {"read": len(rows), "quarantined": 0, "redactions": {}}}, folder / "ingest.json")
        files.write_json({"batch": month}, folder / "manifest.json")
    runs.regroup(path)
    return path


def _direction(*seed: int) -> Any:
    found = np.random.default_rng(seed).normal(size=_WIDTH)
    return found / np.linalg.norm(found)


def _known(name: str) -> Irritant:
    label, theme, step, *_ = _SUBJECTS[name]
    centroid = unit(_direction(sorted(_SUBJECTS).index(name)))
    return Irritant(name, label, theme, step, centroid, 0.3, 0.3, 12, (), "", MONTHS[0], f"english {name}", STARTER if name[4] == "0" else DISCOVERED)


def _row(month: str, name: str, number: int) -> dict[str, Any]:
    label, theme, step, sentiment, emotion, _ = _SUBJECTS[name]
    opening = f"Visite numéro {number}."
    words = f"Parlons de ceci, {label}, encore une fois {number}."
    place = sorted(_SUBJECTS).index(name)
    liked = sentiment > 0
    return {
        **_verbatim(month, f"{place}{number:03}", f"{opening} {words}", number),
        "nps": float((9 if liked else 2) + number % 2),
        "csat": float((4 if liked else 1) + number % 2) if number % 3 else None,
        "opinion_start": [0, len(opening) + 1],
        "opinion_end": [len(opening), len(opening) + 1 + len(words)],
        "opinion_sentiment": [None, sentiment],
        "opinion_sentiment_p": [0.9, 0.9],
        "opinion_emotions": [[], [emotion, "surprise"] if number % 4 == 0 else [emotion]],
        "opinion_intensities": [[], [2, 1] if number % 4 == 0 else [1]],
        "opinion_step": ["general", step],
        "opinion_step_p": [0.8, 0.8],
        "opinion_theme": [None, theme],
        "opinion_theme_p": [0.7, 0.7],
        "opinion_flags": [[], ["effort"] if number % 2 else (["churn"] if number % 5 == 0 else [])],
        "opinion_irritant": [False, not liked],
        "opinion_irritant_p": [0.1, 0.05 if liked else 0.9],
        "opinion_vector": [_direction(99).tolist(), (_direction(place) + 0.1 * _direction(place, number, int(month[-2:]))).tolist()],
    }


def _hostile(month: str, number: int, text: str) -> dict[str, Any]:
    whole = {"start": [0], "end": [len(text)], "sentiment": [-2], "sentiment_p": [0.99], "emotions": [["colere"]], "intensities": [[2]]}
    judged = {"step": ["livraison"], "step_p": [0.9], "theme": ["livraison"], "theme_p": [0.9], "flags": [[]], "irritant": [True], "irritant_p": [0.99]}
    vector = {"opinion_vector": [_direction(sorted(_SUBJECTS).index("IRR-0001")).tolist()]}
    return {**_verbatim(month, f"h{number}", text, number), **{f"opinion_{name}": value for name, value in (whole | judged).items()}, **vector}


def _verbatim(month: str, name: str, text: str, number: int) -> dict[str, Any]:
    identifier = f"{month[-2:]}{name}"
    told = {"verbatim_id": identifier, "content_hash": identifier, "source": "enquete", "language": "fr", "text": text}
    return told | {"date": dt.date(2026, int(month[-2:]), 1 + number % 28), "company": COMPANIES[number % 3 == 0]}
