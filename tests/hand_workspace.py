"""A small workspace made by hand: two months of invented opinions on four invented irritants."""

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from vocpipe import files, runs, schema
from vocpipe.duplicates import DUPLICATES
from vocpipe.feeds.settings import FeedSettings
from vocpipe.irritants.catalogue import DISCOVERED, STARTER, Catalogue, Irritant
from vocpipe.irritants.scores import Floats, unit
from vocpipe.irritants.settings import IrritantSettings
from vocpipe.taxonomy import load_taxonomy

MONTHS = ("2026-01", "2026-02")
MODEL = "voc-essai@1"
_WIDTH = 24
_DETAILS = (
    "depuis lundi",
    "en magasin de Nantes",
    "malgré deux relances",
    "avant mes vacances",
    "pour une commande à offrir",
    "sans aucune explication claire",
)
PROBLEMS: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "IRR-0001": ("application mobile en panne", "digital", "usage", ("L'appli plante au démarrage", "Le site internet refuse mon mot de passe")),
    "IRR-0002": ("colis en retard", "livraison", "livraison", ("Mon colis traîne au dépôt",)),
    "IRR-1001": ("livreur introuvable", "livraison", "livraison", ("Le livreur n'a jamais sonné",)),
    "IRR-1002": ("frais cachés", "prix", "facturation", ("On me compte des frais inconnus",)),
}


def direction(*seed: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return a direction; those of two seeds are nearly at right angles."""
    found = np.random.default_rng(seed).normal(size=_WIDTH)
    return found / np.linalg.norm(found)


def centroid(name: str) -> Floats:
    """Return the centroid of an irritant."""
    return unit(sum(direction(sorted(PROBLEMS).index(name), way) for way in range(len(PROBLEMS[name][3]))))


def make(path: Path) -> Path:
    """Make the workspace; its first words of each verbatim are no opinion on anything."""
    settings = {
        "irritants": IrritantSettings().model_dump(mode="json"),
        "duplicates": {"counted": False},
        "feed": FeedSettings().model_dump(mode="json"),
        "models": {MODEL: "0" * 64},
        "stages": [{"use": "vocpipe.stages.classify:Classify", "model": MODEL}],
        "taxonomy": load_taxonomy().fingerprint,
        "redaction_key": "",
    }
    files.write_json({"format": 1, "settings": settings}, path / "workspace.json")
    known = Catalogue(tuple(_irritant(name) for name in PROBLEMS))
    for month in MONTHS:
        folder = path / "batches" / month
        rows = [_row(month, name, number) for name in PROBLEMS for number in range(6 if month == MONTHS[0] else 4)]
        files.write_parquet(pa.Table.from_pylist(rows, schema=schema.arrow_schema(schema.COLUMNS)), folder / "rows" / "00000.parquet")
        files.write_parquet(DUPLICATES.empty_table(), folder / "duplicates.parquet")
        files.write_parquet((known if month == MONTHS[0] else Catalogue()).to_table(), folder / "discovered.parquet")
        files.write_json({"report": {"read": len(rows), "quarantined": 0, "redactions": {}}}, folder / "ingest.json")
        files.write_json({"batch": month}, folder / "manifest.json")
    runs.regroup(path)
    return path


def _irritant(name: str) -> Irritant:
    label, theme, step, _ = PROBLEMS[name]
    origin = STARTER if name < "IRR-1000" else DISCOVERED
    return Irritant(name, label, theme, step, centroid(name), 0.3, 0.3, 12, (), "", MONTHS[0], f"english {name}", origin)


def _row(month: str, name: str, number: int) -> dict[str, Any]:
    place = sorted(PROBLEMS).index(name)
    _, theme, step, sentences = PROBLEMS[name]
    way = number % len(sentences)
    opening = "Bonjour."
    complaint = f"{sentences[way]}, {_DETAILS[number]}."
    noise = 0.2 * direction(place, number, int(month[-2:]), 9)
    return {
        "verbatim_id": f"{month[-2:]}{place}{number}",
        "source": "enquete",
        "date": dt.date(2026, int(month[-2:]), 1 + number),
        "company": "Maison Lumen",
        "text": f"{opening} {complaint}",
        "content_hash": f"{month}{place}{number}",
        "language": "fr",
        "opinion_start": [0, len(opening) + 1],
        "opinion_end": [len(opening), len(opening) + 1 + len(complaint)],
        "opinion_sentiment": [None, -1],
        "opinion_sentiment_p": [0.9, 0.9],
        "opinion_emotions": [[], ["frustration"]],
        "opinion_intensities": [[], [1]],
        "opinion_step": ["general", step],
        "opinion_step_p": [0.8, 0.8],
        "opinion_theme": [None, theme],
        "opinion_theme_p": [0.7, 0.7],
        "opinion_flags": [[], []],
        "opinion_irritant": [False, True],
        "opinion_irritant_p": [0.1, 0.9],
        "opinion_vector": [direction(99).tolist(), (direction(place, way) + noise).tolist()],
    }
