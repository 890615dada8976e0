"""Invented opinions on invented problems: each problem has a direction, and sentences that tell it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.unit.irritants.batches import SETTINGS
from vocpipe.french.lemmas import content_lemmas
from vocpipe.irritants import Catalogue, Phrases, starter_catalogue
from vocpipe.irritants.candidates import READS
from vocpipe.irritants.starter import StarterIrritant
from vocpipe.schema import arrow_schema

WIDTH = 32
PROBLEMS = {
    "joint": ("joignabilite", "assistance", "service client injoignable", "Impossible de joindre le service client par téléphone"),
    "late": ("livraison", "livraison", "colis livré en retard", "Le colis est arrivé avec un gros retard de livraison"),
    "refund": ("remboursement", "reclamation", "remboursement tardif", "Toujours aucun remboursement sur mon compte bancaire"),
    "price": ("prix", "facturation", "hausse de tarif injustifiée", "Une augmentation de tarif injustifiée sur mon abonnement"),
    "broken": ("produit", "usage", "produit défectueux", "La cafetière est tombée en panne, produit défectueux"),
    "site": ("digital", "achat", "site défaillant", "Le site internet affiche une page blanche au paiement"),
}
_ENDINGS = ("c'est pénible", "quelle honte", "je suis déçue", "c'est lassant", "vraiment dommage", "on se moque des clients", "quel mépris", "à revoir")
_DETAILS = ("hier", "en magasin", "malgré mes relances", "avant les fêtes", "chez vous", "encore une fois", "ce printemps", "dans ma ville")


def direction(problem: str) -> np.ndarray:
    """Return the unit direction of a problem."""
    vector = np.random.default_rng(sorted(PROBLEMS).index(problem)).standard_normal(WIDTH)
    return vector / np.linalg.norm(vector)


@pytest.fixture
def opinions() -> Callable[..., list[dict[str, Any]]]:
    """Make rows: `count` verbatims for each problem named, each with a neutral opinion first and the complaint second."""

    def make(counts: dict[str, int], batch: str = "a", noise: float = 0.5) -> list[dict[str, Any]]:
        rows = []
        for problem, count in counts.items():
            theme, step, _, sentence = PROBLEMS[problem]
            noises = np.random.default_rng([ord(letter) for letter in batch + problem])
            for number in range(count):
                opening = "Bonjour à tous."
                complaint = f"{sentence} {_DETAILS[number % 8]}, {_ENDINGS[number // 8 % 8]}."
                vector = direction(problem) + noise * noises.standard_normal(WIDTH) / np.sqrt(WIDTH)
                rows.append(
                    {
                        "verbatim_id": f"{batch}-{problem}-{number:04d}",
                        "text": f"{opening} {complaint}",
                        "opinion_start": [0, len(opening) + 1],
                        "opinion_end": [len(opening), len(opening) + 1 + len(complaint)],
                        "opinion_sentiment": [None, -1],
                        "opinion_irritant": [False, True],
                        "opinion_step": [None, step],
                        "opinion_theme": [None, theme],
                        "opinion_vector": [None, (vector / np.linalg.norm(vector)).tolist()],
                    }
                )
        return rows

    return make


@pytest.fixture
def table() -> Callable[[list[dict[str, Any]]], pa.Table]:
    """Make a table of rows; columns that are not told are null."""
    return lambda rows: pa.Table.from_pylist([dict.fromkeys(READS) | row for row in rows], schema=arrow_schema(READS))


@pytest.fixture
def phrases() -> Phrases:
    """Return one phrase for each problem, and one of a single word, too general to name anything."""
    labels = (*(phrase for _, _, phrase, _ in PROBLEMS.values()), "problème")
    vectors = np.stack([*(direction(problem) for problem in PROBLEMS), sum(direction(problem) for problem in PROBLEMS)])
    return Phrases(labels, vectors.astype(np.float32), np.full(len(labels), 50), (*(theme for theme, *_ in PROBLEMS.values()), None))


@pytest.fixture
def starter() -> Catalogue:
    """Return an irritant known from the start for each problem."""
    entries = [
        StarterIrritant(id=f"IRR-{number:04d}", label=label, theme=theme, words=content_lemmas(sentence), examples=(sentence,))
        for number, (theme, _, label, sentence) in enumerate(PROBLEMS.values(), 1)
    ]
    directions = np.stack([direction(problem) for problem in PROBLEMS]).astype(np.float32)
    return starter_catalogue(entries, Phrases.none(), lambda _: directions, SETTINGS)
