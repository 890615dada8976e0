"""Which header is which of our columns."""

import pytest

from vocpipe.schema import CANONICAL
from vocpipe.sources.headers import KNOWN_HEADERS, MAPPABLE, find_columns, missing_columns, nearest_header, normalise, scale_of


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        (
            ["N° réponse", "Date de réponse", "Canal", "Magasin", "Recommandation (0 à 10)", "Satisfaction (1 à 5)", "Commentaire"],
            {
                "source_id": "N° réponse",
                "date": "Date de réponse",
                "channel": "Canal",
                "product": "Magasin",
                "nps": "Recommandation (0 à 10)",
                "csat": "Satisfaction (1 à 5)",
                "text": "Commentaire",
            },
        ),
        (
            ["id", "created_at", "Star Rating", "title", "review_text", "brand", "Platform"],
            {
                "source_id": "id",
                "date": "created_at",
                "stars": "Star Rating",
                "title": "title",
                "text": "review_text",
                "company": "brand",
                "channel": "Platform",
            },
        ),
        (["  VERBATIM  ", "date_de_l_avis", "ENSEIGNE"], {"text": "  VERBATIM  ", "date": "date_de_l_avis", "company": "ENSEIGNE"}),
        (["Date de naissance", "Votre commentaire", "Note sur 10"], {"text": "Votre commentaire", "stars": "Note sur 10"}),
        # The best known header wins; the others stay free to become attributes.
        (["message", "Commentaire"], {"text": "Commentaire"}),
    ],
)
def test_known_headers(headers: list[str], found: dict[str, str]) -> None:
    assert find_columns(headers, {}) == found


def test_mapped_headers_come_first_and_null_means_none() -> None:
    headers = ["id", "Réponse ouverte", "Commentaire", "date"]
    assert find_columns(headers, {"text": "REPONSE  ouverte", "source_id": None}) == {"text": "Réponse ouverte", "date": "date"}
    assert find_columns(["Les +", "Les -"], {"text": "les -"}) == {"text": "Les -"}
    assert missing_columns(["Les +"], {"text": "Les -"}) == {"text": "Les -"}
    assert missing_columns(headers, {"text": "reponse ouverte", "company": "Enseigne", "source_id": None}) == {"company": "Enseigne"}


@pytest.mark.parametrize(
    ("header", "scale"),
    [
        ("Note /5", (1, 5)),
        ("Note sur 20", (0, 20)),
        ("Recommandation (0 à 10)", (0, 10)),
        ("Effort 1-7", (1, 7)),
        ("Satisfaction (de 1 à 5)", (1, 5)),
        ("Note", None),
    ],
)
def test_scale_in_the_header(header: str, scale: tuple[float, float] | None) -> None:
    assert scale_of(header) == scale


def test_table_is_sound() -> None:
    assert set(MAPPABLE) - {"title"} < set(CANONICAL)
    meanings = [normalise(name) for names in KNOWN_HEADERS.values() for name in names.split(",")]
    twice = {meaning for meaning in meanings if meanings.count(meaning) > 1}
    assert twice == set(), "a header cannot mean two things"


def test_nearest_header() -> None:
    assert nearest_header(["commentaire"], ["Clef", "Comentaires", "Fin"]) == "Comentaires"
    assert nearest_header(["commentaire"], ["Clef", "Fin"]) is None
