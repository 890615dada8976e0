"""Duplicates: what is a copy, of what, and what is not."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from vocpipe.duplicates import READS, DuplicateSettings, find_duplicates
from vocpipe.schema import arrow_schema
from vocpipe.sources.identity import content_hash

STORY = (
    "J'ai commandé une table basse il y a trois semaines, elle est arrivée avec un pied fendu, le vendeur m'a promis un échange "
    "sous huit jours et depuis plus personne ne répond au téléphone ni aux courriels que j'envoie chaque matin."
)
RETOLD = STORY.replace("trois semaines", "quatre semaines").replace("chaque matin.", "chaque matin !!")
OTHER = (
    "Le plombier est venu à l'heure, il a changé le mitigeur de la cuisine en moins d'une heure et il a tout nettoyé avant de partir, "
    "je suis enchantée de cette entreprise que je recommande à tous mes voisins sans la moindre hésitation."
)
SHORT = "Très bien, rien à redire."


def rows(*given: tuple[str, str] | tuple[str, str, str], duplicates: dict[str, str] | None = None, reject: Sequence[str] = ()) -> list[pa.RecordBatch]:
    """Return rows given as (identifier, text) or (identifier, text, company)."""
    full = [(*row, "Lumen")[:3] for row in given]
    records = [
        {
            "verbatim_id": identifier,
            "company": company,
            "text": text,
            "content_hash": content_hash(company, text),
            "duplicate_of": (duplicates or {}).get(identifier),
            "reject": "language" if identifier in reject else None,
        }
        for identifier, text, company in full
    ]
    schema = arrow_schema(READS)
    return [pa.RecordBatch.from_pylist([record], schema=schema) for record in records]


def pairs(found: pa.Table) -> list[tuple[str, str, str, str]]:
    return [(row["verbatim_id"], row["duplicate_of"], row["of_batch"], row["kind"]) for row in found.to_pylist()]


def month(folder: Path, name: str, given: list[pa.RecordBatch], earlier: Sequence[tuple[str, Path]] = (), settings: DuplicateSettings | None = None):
    """Return the duplicates of a batch, and the name and signatures of all batches up to it."""
    found, signatures = find_duplicates(given, name, list(earlier), settings or DuplicateSettings())
    path = folder / f"{name}.parquet"
    pq.write_table(signatures, path)
    return found, [*earlier, (name, path)]


def test_the_same_words_and_nearly_the_same_are_found_in_the_batch(tmp_path: Path) -> None:
    given = rows(("a", STORY), ("b", OTHER), ("c", STORY.upper()), ("d", RETOLD), ("e", SHORT), ("f", SHORT), duplicates={"c": "a"})
    found, _ = month(tmp_path, "2026-03", given)
    assert pairs(found) == [("c", "a", "2026-03", "exact"), ("d", "a", "2026-03", "near")]
    similarity = dict(zip(found["verbatim_id"].to_pylist(), found["similarity"].to_pylist(), strict=True))
    assert similarity["c"] == 1
    assert 0.8 <= similarity["d"] < 1


def test_they_are_found_across_batches_and_the_first_told_is_the_original(tmp_path: Path) -> None:
    _, january = month(tmp_path, "2026-01", rows(("a", STORY), ("b", OTHER)))
    found, february = month(tmp_path, "2026-02", rows(("a", STORY), ("c", RETOLD), ("d", OTHER)), january)
    assert pairs(found) == [("a", "a", "2026-01", "again"), ("c", "a", "2026-01", "near"), ("d", "b", "2026-01", "exact")]
    found, _ = month(tmp_path, "2026-03", rows(("c", RETOLD), ("e", RETOLD)), february)
    assert pairs(found) == [("c", "c", "2026-02", "again"), ("e", "a", "2026-01", "near")]


def test_small_steps_do_not_chain_different_texts(tmp_path: Path) -> None:
    words = STORY.split()
    steps = [" ".join([*words[:place], f"autre{place}", *words[place + 1 :]]) if place else STORY for place in range(0, 24, 2)]
    drift = list(words)
    chained = [STORY]
    for place in range(2, 24, 2):
        drift[place] = f"autre{place}"
        chained.append(" ".join(drift))
    found, _ = month(tmp_path, "2026-03", rows(*((f"s{number:02}", text) for number, text in enumerate(steps))))
    assert {original for _, original, _, _ in pairs(found)} == {"s00"}
    found, _ = month(tmp_path, "2026-04", rows(*((f"d{number:02}", text) for number, text in enumerate(chained))))
    assert ("d11", "d00", "2026-04", "near") not in pairs(found)
    assert len(found) < len(chained) - 1


@pytest.mark.parametrize(
    ("given", "settings"),
    [
        (rows(("a", STORY), ("b", RETOLD, "Autre enseigne")), DuplicateSettings()),
        (rows(("a", STORY), ("b", OTHER)), DuplicateSettings(near=0.5)),
        (rows(("a", STORY), ("b", RETOLD)), DuplicateSettings(near=1)),
        (rows(("a", "Colis perdu, commande 12."), ("b", "Colis perdu, commande 13.")), DuplicateSettings(near=0.5)),
        (rows(("a", STORY), ("b", RETOLD), reject=("a",)), DuplicateSettings()),
    ],
    ids=["another company", "another story", "equal texts only", "too short to tell", "the first one is rejected"],
)
def test_what_is_no_copy(tmp_path: Path, given: list[pa.RecordBatch], settings: DuplicateSettings) -> None:
    assert pairs(month(tmp_path, "2026-03", given, settings=settings)[0]) == []


def test_copies_are_searched_as_far_back_as_told_and_the_same_verbatim_always(tmp_path: Path) -> None:
    earlier: list[tuple[str, Path]] = []
    for name, given in (("2026-01", rows(("a", STORY))), ("2026-02", rows(("b", OTHER)))):
        _, earlier = month(tmp_path, name, given, earlier)
    found, _ = month(tmp_path, "2026-03", rows(("c", STORY), ("a", STORY), ("d", OTHER)), earlier, DuplicateSettings(batches=1))
    assert pairs(found) == [("a", "a", "2026-01", "again"), ("d", "b", "2026-02", "exact")]
