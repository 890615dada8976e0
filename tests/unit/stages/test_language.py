import pyarrow as pa
import pytest

from vocpipe.stages.base import Columns, Context, Run
from vocpipe.stages.language import Language
from vocpipe.taxonomy import load_taxonomy


@pytest.fixture(scope="module")
def context() -> Context:
    return Context(load_taxonomy())


@pytest.fixture(scope="module")
def run(context: Context) -> Run:
    return Language().load(context)


def one(run: Run, text: str) -> tuple[str, float | None, str | None]:
    columns: Columns = run(pa.record_batch({"text": [text]}))
    return columns["language"][0], columns["language_p"][0], columns["reject"][0]


@pytest.mark.parametrize(
    "text",
    [
        "Le conseiller a pris le temps de m'expliquer le contrat, je suis ravi.",
        "JE N'AI TOUJOURS PAS RECU MON COLIS C'EST INADMISSIBLE",
        "jai atendu 3 semaine pr rien franchemen nul a chier",
        "Très déçu de mon iPhone, le fast charging ne marche pas et le support ne répond pas.",
        "Lampe fidèle à la photo du site, colis arrivé dès mardi 👍👍",
    ],
)
def test_french_is_french(run: Run, text: str) -> None:
    language, confidence, reject = one(run, text)
    assert language == "fr"
    assert reject is None
    assert confidence is not None
    assert 0.8 <= confidence <= 1


@pytest.mark.parametrize(
    "text",
    ["RAS", "Nul nul nul", "ok", "👍👍👍", "5/5", "Top !", "SAV nul", "Le customer service est top, next day delivery respecté et le packaging est super."],
)
def test_what_is_too_short_or_too_mixed_to_tell_is_kept(run: Run, text: str) -> None:
    assert one(run, text) == ("und", None, None)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The delivery was late and the box was open when it came.", "en"),
        ("Die Lieferung kam zu spät und niemand geht ans Telefon.", "de"),
        ("El paquete llegó roto y nadie contesta al teléfono.", "es"),
        ("Il pacco è arrivato rotto e nessuno risponde al telefono.", "it"),
        ("الطرد وصل متأخرا ولا أحد يجيب على الهاتف", "ar"),
    ],
)
def test_other_languages_are_rejected(run: Run, text: str, language: str) -> None:
    found, _, reject = one(run, text)
    assert (found, reject) == (language, "language")


@pytest.mark.parametrize("text", ["", " ", "\n\t ", "\u00a0"])
def test_blank_text_is_rejected(run: Run, text: str) -> None:
    assert one(run, text) == ("und", None, "empty")


def test_settings_choose_what_is_kept(context: Context) -> None:
    strict = Language(keep_undetermined=False).load(context)
    assert one(strict, "ok")[2] == "language"
    both = Language(languages=("fr", "en")).load(context)
    assert one(both, "The delivery was late and the box was open when it came.")[2] is None


def test_a_very_long_text_takes_no_longer_than_its_start(run: Run) -> None:
    assert one(run, "Toujours aucune nouvelle de mon colis. " * 150_000)[0] == "fr"
