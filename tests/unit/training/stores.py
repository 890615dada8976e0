"""Stores of models made from the one that comes with vocpipe, as good or worse, and annotated verbatims that it reads rightly."""

import itertools
import json
import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from vocpipe.ml.store import sha256_of
from vocpipe.resources import root

BAD = ["La livraison est en retard", "Le colis est arrivé cassé", "Personne ne répond au téléphone", "Le remboursement n'arrive pas"]
GOOD = ["La vendeuse est très aimable", "Le canapé est magnifique", "Livraison rapide", "Je recommande ce magasin"]
WHEN = ["hier", "lundi", "au magasin", "cette semaine"]


def annotated(place: Path, **changes: object) -> Path:
    """Write 64 verbatims of two segments each, from two sources."""
    rows = []
    for number, (bad, good, when) in enumerate(itertools.product(BAD, GOOD, WHEN)):
        step, theme = ("livraison", "livraison") if BAD.index(bad) < 2 else ("reclamation", "joignabilite")
        negative = {"text": f"{bad} {when} !", "sentiment": -1, "emotions": {"colere": 1}, "step": step, "theme": theme}
        positive = {"text": f"{good}.", "sentiment": 2, "emotions": {"joie": 1}, "step": "achat", "theme": "produit", "flags": [], "irritant": None}
        segments = [{**negative, "flags": [], "irritant": bad.lower()}, positive]
        rows.append(
            {"id": f"V{number}", "source": f"source {number % 2}", "text": " ".join(str(part["text"]) for part in segments), "segments": segments, **changes}
        )
    place.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf8")
    return place


def add_version(store: Path, version: str, name: str = "essai", *, is_worse: bool = False) -> Path:
    """Copy the embedded model into a store under another name; a worse one hears the step, the theme and the sentiment from noise."""
    target = store / name / version
    target.mkdir(parents=True)
    for file in (root() / "models" / "voc-fr-small" / "2").iterdir():
        shutil.copyfile(file, target / file.name)
    card = json.loads((target / "card.json").read_text(encoding="utf8"))
    card |= {"name": name, "version": version, "splits": {}}
    if is_worse:
        wide = load_file(target / "wide.safetensors")
        noise = np.random.default_rng(0).integers(-120, 120, wide["weights"].shape).astype(np.int8)
        save_file({**wide, "weights": noise, "scales": (wide["scales"] * 9).astype(wide["scales"].dtype)}, target / "wide.safetensors")
        card["files"]["wide.safetensors"] = sha256_of(target / "wide.safetensors")
    (target / "card.json").write_text(json.dumps(card), encoding="utf8")
    return target
