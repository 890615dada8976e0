import pyarrow as pa
import pytest
from pydantic import ValidationError

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
    [
        "RAS",
        "Nul nul nul nul nul nul",
        "merci merci merci merci",
        "ok",
        "Very good",
        "Perfect",
        "no comment",
        "👍👍👍",
        "5/5",
        "Top !",
        "SAV nul",
        "suuuuuuuuuuuuuuuuuuuuuuuper",
    ],
)
def test_what_is_too_short_to_tell_is_kept(run: Run, text: str) -> None:
    assert one(run, text) == ("und", None, None)


@pytest.mark.parametrize(
    "text",
    [
        "Le customer service est top, next day delivery respecté et le packaging est super.",
        "The parcel came late, les livreurs n'ont même pas sonné et personne ne répond au téléphone.",
        "Hello, j'ai commandé un pull, never received, please aidez-moi à obtenir un remboursement",
        "On me dit « please hold the line » et ça coupe.",
        "Very easy to sort out and they do everything they can. Très facile et ils mettent tout en œuvre pour vous aider. Very good experience, thanks a lot.",
        "Samsung Galaxy S21 Ultra 5G",
        "Nike Adidas Puma Reebok Zara H&M",
        "Bonne ambiance, cocktails, tapas, mojito, DJ",
        "hjfgk jfghdf kjhgdsf gfdkjh",
    ],
)
def test_what_mixes_languages_or_has_none_is_kept(run: Run, text: str) -> None:
    assert one(run, text)[2] is None


@pytest.mark.parametrize(
    "text",
    [
        "jsuis tro deg g attendu 2h c nul",
        "slt g pa recu mon coli sa fait 2 smn c abuser",
        "wesh le sav il repond ap mdrr chui deg",
        "merci pr votr aide tt est ok mnt bjr a lekip",
        "SERVICE CLIENT INJOIGNABLE ARNAQUE TOTALE",
        "A EVITER ABSOLUMENT",
        "Tres bon rapport qualite prix, livraison rapide, produit conforme",
        "J'ai magasiné en fin de semaine, la commis était ben fine, merci ben gros",
        "Tabarnouche, chu pas content pantoute, le char est resté pogné au garage",
        "Simple, rapide, efficace",
        "Mwen pa kontan ditou, machin lan kraze apré dé jou",
        "Mi gingn pa mon komann, lé pa normal sa",
    ],
)
def test_french_as_people_write_it_is_kept(run: Run, text: str) -> None:
    assert one(run, text)[2] is None


@pytest.mark.parametrize(
    "text", ["[NOM] a été parfaite, merci [NOM:kqzpwtnb] !", "@lutetel #fail #wtf toujours pas de réseau https://example.org/status/help/offline"]
)
def test_markers_links_and_hashtags_do_not_count(run: Run, text: str) -> None:
    assert one(run, text)[0] in ("fr", "und")
    bare = " ".join(word for word in text.split() if word[0] not in "[@#h")
    assert one(run, text)[0] == one(run, bare)[0]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The delivery was late and the box was open when it came.", "en"),
        ("Die Lieferung kam zu spät und niemand geht ans Telefon.", "de"),
        ("El paquete llegó roto y nadie contesta al teléfono.", "es"),
        ("Il pacco è arrivato rotto e nessuno risponde al telefono.", "it"),
        ("THE DELIVERY WAS LATE AND NOBODY ANSWERS", "en"),
        ("Great location, friendly staff, would stay again. Near the Jardin du Luxembourg and the Café de Flore.", "en"),
        ("Zentral gelegen, sauberes Zimmer, sehr freundliches Personal", "de"),
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
    doubtful = "Great position, lovely terrace, tasty dinner"
    assert one(Language(max_doubt=0).load(context), doubtful)[2] is None
    assert one(Language(max_doubt=0.5).load(context), doubtful)[2] == "language"


def test_an_unknown_language_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValidationError, match="no language 'fra' is told: did you mean 'fr'"):
        Language(languages=("fra",))


def test_french_that_follows_other_words_is_found(run: Run) -> None:
    english = "The parcel never came and the seller does not answer. "
    assert one(run, english * 3 + "Le colis n'est jamais arrivé et le vendeur ne répond pas. " * 2)[2] is None
    assert one(run, english * 30)[2] == "language"


def test_a_very_long_text_takes_no_longer_than_its_start(run: Run) -> None:
    assert one(run, "Toujours aucune nouvelle de mon colis. " * 150_000)[0] == "fr"
