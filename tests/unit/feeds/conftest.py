"""A workspace of two small months, made by hand, whose every figure can be checked by reading it."""

import datetime
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vocpipe import schema
from vocpipe.duplicates import DUPLICATES
from vocpipe.feeds import BatchFiles, FeedSettings, Promise, build, open_feed
from vocpipe.feeds.inputs import ASSIGNMENTS, CATALOGUE
from vocpipe.feeds.settings import AlertSettings
from vocpipe.taxonomy import Taxonomy, load_taxonomy


@dataclass(frozen=True)
class Opinion:
    text: str
    sentiment: int | None = -1
    emotions: dict[str, int] = field(default_factory=dict)
    step: str = "livraison"
    theme: str | None = "livraison"
    flags: tuple[str, ...] = ()
    irritant_id: str | None = None
    rank: int | None = None
    residual: bool = False
    nearest: str | None = None
    enchantment_id: str | None = None
    edit: int | None = None


@dataclass(frozen=True)
class Verbatim:
    verbatim_id: str
    opinions: tuple[Opinion, ...]
    day: str | None = None
    source_id: str | None = None
    duplicate_of: str | None = None
    reject: str | None = None
    language: str = "fr"
    attributes: tuple[tuple[str, str], ...] = ()
    parts: tuple[tuple[str, int, int], ...] = ()
    stars: float | None = 2.0
    nps: float | None = None
    csat: float | None = None
    company: str | None = "Maison Lumen"

    @property
    def text(self) -> str:
        return " ".join(opinion.text for opinion in self.opinions)


def _row(verbatim: Verbatim) -> dict[str, object]:
    opinions = verbatim.opinions
    starts: list[int] = []
    place = 0
    for opinion in opinions:
        starts.append(place)
        place += len(opinion.text) + 1
    return {
        "verbatim_id": verbatim.verbatim_id,
        "source": "enquete",
        "source_id": verbatim.source_id,
        "date": datetime.date.fromisoformat(verbatim.day) if verbatim.day else None,
        "company": verbatim.company,
        "stars": verbatim.stars,
        "nps": verbatim.nps,
        "csat": verbatim.csat,
        "text": verbatim.text,
        "parts": [{"role": role, "start": start, "end": end} for role, start, end in verbatim.parts] or None,
        "redactions": [],
        "attributes": list(verbatim.attributes),
        "content_hash": hashlib.sha256(verbatim.text.encode()).hexdigest(),
        "duplicate_of": None,
        "language": verbatim.language,
        "language_p": 0.99,
        "reject": verbatim.reject,
        "opinion_start": starts,
        "opinion_end": [start + len(opinion.text) for start, opinion in zip(starts, opinions, strict=True)],
        "opinion_sentiment": [opinion.sentiment for opinion in opinions],
        "opinion_sentiment_p": [0.9] * len(opinions),
        "opinion_emotions": [list(opinion.emotions) for opinion in opinions],
        "opinion_intensities": [list(opinion.emotions.values()) for opinion in opinions],
        "opinion_emotion_p": [[0.1] * 9 for _ in opinions],
        "opinion_step": [opinion.step for opinion in opinions],
        "opinion_step_p": [0.8] * len(opinions),
        "opinion_theme": [opinion.theme for opinion in opinions],
        "opinion_theme_p": [0.7] * len(opinions),
        "opinion_flags": [list(opinion.flags) for opinion in opinions],
        "opinion_flag_p": [[0.1] * 5 for _ in opinions],
        "opinion_irritant": [opinion.irritant_id is not None or opinion.residual for opinion in opinions],
        "opinion_irritant_p": [0.6] * len(opinions),
        "opinion_vector": [[1.0, 0.0] for _ in opinions],
    }


def _opinions(verbatims: Sequence[Verbatim]) -> Iterator[tuple[Verbatim, int, Opinion]]:
    return ((verbatim, position, opinion) for verbatim in verbatims for position, opinion in enumerate(verbatim.opinions))


def _write_assignments(assigned: Sequence[tuple[Verbatim, int, Opinion, str | None]], path: Path) -> None:
    """Write one of the two assignment files; the words that prove an opinion are all of it but the full stop."""
    rows = []
    for verbatim, position, opinion, given in assigned:
        start = sum(len(earlier.text) + 1 for earlier in verbatim.opinions[:position])
        rows.append(
            {
                "verbatim_id": verbatim.verbatim_id,
                "opinion": position,
                "irritant_id": given,
                "score": 0.9,
                "margin": 0.2,
                "evidence_rank": opinion.rank,
                "evidence_start": start if given else None,
                "evidence_end": start + len(opinion.text) - 1 if given else None,
                "nearest_id": opinion.nearest or given,
                "edit": opinion.edit,
            }
        )
    pq.write_table(pa.Table.from_pylist(rows, schema=ASSIGNMENTS), path)


def write_batch(folder: Path, name: str, verbatims: Sequence[Verbatim], shard_rows: int = 3) -> BatchFiles:
    """Write one batch as the workspace keeps it."""
    place = folder / name
    place.mkdir(parents=True)
    rows = [_row(verbatim) for verbatim in verbatims]
    shards = []
    for start in range(0, len(rows), shard_rows):
        shards.append(place / f"rows-{start:05}.parquet")
        pq.write_table(pa.Table.from_pylist(rows[start : start + shard_rows], schema=schema.arrow_schema(schema.COLUMNS)), shards[-1])
    problems = [
        (verbatim, position, opinion, opinion.irritant_id) for verbatim, position, opinion in _opinions(verbatims) if opinion.irritant_id or opinion.residual
    ]
    praises = [(verbatim, position, opinion, opinion.enchantment_id) for verbatim, position, opinion in _opinions(verbatims) if opinion.enchantment_id]
    _write_assignments(problems, place / "irritants.parquet")
    _write_assignments(praises, place / "enchantments.parquet")
    copies = [
        {"verbatim_id": verbatim.verbatim_id, "duplicate_of": verbatim.duplicate_of, "of_batch": name, "kind": "exact", "similarity": 1.0}
        for verbatim in verbatims
        if verbatim.duplicate_of
    ]
    pq.write_table(pa.Table.from_pylist(copies, schema=DUPLICATES), place / "duplicates.parquet")
    return BatchFiles(name, tuple(shards), place / "irritants.parquet", place / "enchantments.parquet", place / "duplicates.parquet")


LATE = Opinion("Livraison en retard.", -2, {"colere": 2, "frustration": 1}, flags=("effort",), irritant_id="IRR-0001", rank=2)
SELLER = Opinion("Vendeuse charmante.", 1, {"gratitude": 1}, step="achat", theme="relation", enchantment_id="ENC-0001", rank=1)
LOST = Opinion("Colis jamais arrivé.", -1, {"frustration": 1}, irritant_id="IRR-0001", rank=1, edit=3)
CRASH = Opinion("L'appli plante.", -1, {}, step="usage", theme="digital", irritant_id="IRR-0002", rank=1)

MARCH = (
    Verbatim("v1", (LATE, SELLER), "2026-03-02", attributes=(("région", 'l\'"Ouest"'), ("code", "=1+1"))),
    Verbatim("v2", (LOST, CRASH), "2026-03-05", source_id="S2", parts=(("titre", 0, 20), ("avis", 21, 36))),
    Verbatim(
        "v3",
        (
            Opinion("Encore en retard.", -1, irritant_id="IRR-0001", rank=3),
            Opinion("Je m'en vais.", -1, {"deception": 1}, step="depart", flags=("churn",), irritant_id="IRR-0001"),
        ),
        "2026-03-09",
    ),
    Verbatim("v4", (LATE, SELLER), "2026-03-20", duplicate_of="v1"),
    Verbatim("v5", (Opinion("Lovely shop."),), "2026-03-21", reject="language", language="en"),
    Verbatim("v6", (), "2026-03-22", reject="empty", language="und"),
    Verbatim("v7", (Opinion("Commande du lundi.", None, step="general", theme=None),)),
)
APRIL = (
    Verbatim("v1", (LATE, SELLER), "2026-03-02"),
    Verbatim("v8", (LOST, CRASH), "2026-03-05", source_id="S2"),
    Verbatim(
        "v9",
        (
            Opinion("L'appli plante, c'est répugnant.", -2, {"degout": 2}, step="usage", theme="digital", irritant_id="IRR-0002", rank=1),
            Opinion("Caissier grognon.", -1, step="achat", theme="relation", residual=True, nearest="IRR-0009"),
        ),
        "2026-04-03",
    ),
    Verbatim("v10", (Opinion("Je recommande !", 2, {"joie": 2}, step="fidelite", theme="global", flags=("reco",)),), "2026-04-04"),
)

FACTS = {"read": 8, "kept": 7, "quarantined": 1, "redactions": {"email": 2, "phone": 1}, "models": ["voc-fr-small@2"]}


def select(feed: Path, query: str) -> list[tuple[Any, ...]]:
    with open_feed(feed) as connection:
        return connection.execute(query).fetchall()


def entry(name: str, label: str, **values: object) -> dict[str, object]:
    """Return one irritant or enchantment of the catalogue, active unless told."""
    return {
        "kind": "irritant" if name.startswith("IRR") else "enchantment",
        "irritant_id": name,
        "label": label,
        "label_en": None,
        "theme": "livraison",
        "step": "livraison",
        "quote": "Trop tard.",
        "terms": ["retard"],
        "first_batch": "2026-03",
        "origin": "starter",
        "state": "active",
        "edited": False,
        **values,
    }


def catalogue_of(*entries: dict[str, object]) -> pa.Table:
    return pa.Table.from_pylist(list(entries), schema=CATALOGUE)


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return load_taxonomy()


@pytest.fixture(scope="session")
def catalogue() -> pa.Table:
    """Return three irritants that are active, of which nobody speaks of the third, one merged into the second, and an enchantment."""
    return catalogue_of(
        entry("IRR-0001", "livraison en retard", label_en="late delivery"),
        entry("IRR-0002", "application qui plante", edited=True),
        entry("IRR-0003", "emballage excessif"),
        entry("IRR-0009", "site en panne", state="merged", merged_into="IRR-0002", edited=True),
        entry("ENC-0001", "vendeurs charmants", theme="relation", step="achat"),
    )


@pytest.fixture(scope="session")
def batches(tmp_path_factory: pytest.TempPathFactory) -> tuple[BatchFiles, BatchFiles]:
    """Return March, which tells how it was read, and April, which does not, in a folder whose name holds quotes and wildcards."""
    folder = tmp_path_factory.mktemp("w") / "l'été [a-z]*?"
    return replace(write_batch(folder, "2026-03", MARCH), facts=FACTS), write_batch(folder, "2026-04", APRIL)


@pytest.fixture(scope="session")
def chosen() -> FeedSettings:
    """Return settings with which so small a workspace has something in every table."""
    promises = (Promise(code="a_l_heure", fr="Livré à l'heure", themes=("livraison",)), Promise(code="vendeurs", fr="Des vendeurs aimables", step="achat"))
    return FeedSettings(alerts=AlertSettings(min_verbatims=1), promise=promises)


@pytest.fixture(scope="session")
def feed(batches: tuple[BatchFiles, ...], catalogue: pa.Table, taxonomy: Taxonomy, chosen: FeedSettings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("built") / "feed"
    build(batches, catalogue, taxonomy, target, settings=chosen)
    return target


@pytest.fixture(scope="session")
def write_texts() -> Callable[[Path, Sequence[Sequence[str]]], BatchFiles]:
    """Return a function that writes one batch: a verbatim per list, an opinion per text, all about one irritant."""

    def write(folder: Path, verbatims: Sequence[Sequence[str]]) -> BatchFiles:
        opinions = [tuple(Opinion(text, irritant_id="IRR-0001") for text in texts) for texts in verbatims]
        return write_batch(folder, "2026-05", [Verbatim(f"t{number:04}", given) for number, given in enumerate(opinions)])

    return write
