from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from vocpipe import pipeline
from vocpipe.resources import root
from vocpipe.schema import COLUMNS
from vocpipe.stages import STAGES, find_stage
from vocpipe.stages.base import Context, Stage
from vocpipe.taxonomy import load_taxonomy

MODEL = root() / "models" / "voc-fr-small" / "2" / "card.json"
TOLERANCE = 1e-4
"""Difference allowed between the probabilities of one text alone and in company: sums of floats in another order."""

TEXTS = [
    "Livraison rapide mais le produit est arrivé cassé, et impossible de joindre le SAV depuis 3 semaines !!",
    "",
    "RAS",
    "Merci à toute l'équipe, accueil parfait 😊 Je recommande.",
    "Nobody ever answered my messages and the parcel is lost, I want my money back.",
    "Trop cher. " * 400,
    "Hausse de tarif de 20 % sans prévenir, je résilie. Par contre les conseillers sont aimables…",
    "👍👍👍",
    "\u00a0 \n",
]


def batch(texts: Sequence[str]) -> pa.RecordBatch:
    return pa.record_batch({"verbatim_id": [f"v{number}" for number in range(len(texts))], "text": list(texts)})


@pytest.fixture(scope="module", params=list(STAGES))
def apply(request: pytest.FixtureRequest) -> pipeline.Apply:
    """Each stage of ours, after those that it needs."""
    if request.param == "classify" and not MODEL.is_file():
        pytest.skip("the embedded model is not there")
    before: list[Stage] = [find_stage("segment")()] if request.param == "classify" else []
    return pipeline.load([*before, find_stage(request.param)()], Context(load_taxonomy()), given=("verbatim_id", "text"))


def test_columns_are_those_of_the_contract(apply: pipeline.Apply) -> None:
    result = apply(batch(TEXTS))
    assert result["text"].to_pylist() == TEXTS
    for field in result.schema:
        assert field.type == COLUMNS[field.name].type
    if "opinion_start" in result.schema.names:
        for text, starts, ends in zip(TEXTS, result["opinion_start"].to_pylist(), result["opinion_end"].to_pylist(), strict=True):
            assert all(0 <= start < end <= len(text) for start, end in zip(starts, ends, strict=True))
            assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))


def test_one_text_alone_or_in_company_is_judged_alike(apply: pipeline.Apply) -> None:
    together = apply(batch(TEXTS)).to_pylist()
    shuffled = apply(batch(TEXTS[::-1])).to_pylist()[::-1]
    alone = [apply(batch([text])).to_pylist()[0] for text in TEXTS]
    for others in (shuffled, alone):
        for one, other in zip(together, others, strict=True):
            del other["verbatim_id"]
            for name, value in other.items():
                assert alike(one[name], value), (name, one["text"][:60])


def alike(one: Any, other: Any) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(alike(*pair) for pair in zip(one, other, strict=True))
    if isinstance(one, float) and isinstance(other, float):
        return bool(np.isclose(one, other, atol=TOLERANCE))
    return bool(one == other)
