import pyarrow as pa
import pytest
from pydantic import ValidationError

from vocpipe import pipeline
from vocpipe.stages.base import Context
from vocpipe.stages.content import Content
from vocpipe.stages.language import Language
from vocpipe.stages.segment import Segment
from vocpipe.taxonomy import load_taxonomy

TEXTS = [
    "RAS",
    "RAS, tout est parfait",
    "",
    "Je suis absente du bureau jusqu'au 25 août. Je répondrai à votre message à mon retour.",
    "Bonjour, merci pour votre avis. Toute notre équipe est ravie. Cordialement, l'équipe Lutétel",
    "Colis jamais reçu, je veux être remboursée.",
]


@pytest.fixture(scope="module")
def context() -> Context:
    return Context(load_taxonomy())


def rejects(stage: Content, context: Context) -> list[str | None]:
    return stage.load(context)(pa.record_batch({"text": TEXTS}))["reject"]


def test_each_kind_has_its_reason(context: Context) -> None:
    assert rejects(Content(), context) == ["no_content:nothing", None, None, "no_content:auto_reply", "no_content:company_reply", None]


def test_kinds_chooses_what_is_turned_away(context: Context) -> None:
    assert rejects(Content(kinds=("auto_reply",)), context) == [None, None, None, "no_content:auto_reply", None, None]
    assert rejects(Content(kinds=()), context) == [None] * len(TEXTS)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValidationError, match="'nothing', 'auto_reply' or 'company_reply'"):
        Content.model_validate({"kinds": ["noting"]})


def test_after_the_language_gate_blank_text_stays_empty_and_what_is_turned_away_has_no_opinion(context: Context) -> None:
    apply = pipeline.load([Language(), Content(), Segment()], context, given=("verbatim_id", "text"))
    rows = apply(pa.record_batch({"verbatim_id": [f"v{number}" for number in range(len(TEXTS))], "text": TEXTS})).to_pylist()
    assert [row["reject"] for row in rows] == ["no_content:nothing", None, "empty", "no_content:auto_reply", "no_content:company_reply", None]
    assert [bool(row["opinion_start"]) for row in rows] == [False, True, False, False, False, True]
