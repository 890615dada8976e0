import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocpipe.french.lemmas import STOP_WORDS, content_words, is_verb, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("L’assureur n'a jamais répondu à mes courriers", [("assureur", "assureur"), ("jamais", "jamais"), ("répondu", "répondre"), ("courriers", "courrier")]),
        ("Bonjour, le SERVICE client est injoignable !!!", [("service", "service"), ("client", "client"), ("injoignable", "injoignable")]),
        ("aucune réponse qu'il m'a dit", [("aucune", "aucun"), ("réponse", "réponse")]),
        ("Prise en charge refusée, rendez-vous manqué", ["prise", "charge", "refusée", "rendez-vous", "manqué"]),
        ("3 € 😡 ??", []),
        ("Quelqu'un a-t-il répondu ? C'est-à-dire rien.", ["répondu"]),
        ("Voir www.exemple.fr, merci @lutece_sav et [NOM:abcdefgh]", []),
        ("#panne à Lyon, le chef-d’œuvre de la 4G", ["panne", "lyon", "chef-d'œuvre"]),
        ("Frais, retards, etc. : dites-moi tout", ["frais", "retards"]),
        ("", []),
    ],
)
def test_content_words(text, expected):
    found = content_words(text)
    assert (found if expected and isinstance(expected[0], tuple) else [surface for surface, _ in found]) == expected


@given(st.text())
def test_words_are_where_they_say_and_stop_words_carry_no_meaning(text):
    for word in words(text):
        assert text[word.start : word.end].lower().replace("’", "'") == word.surface
    assert not {surface for surface, _ in content_words(text)} & STOP_WORDS


@pytest.mark.parametrize("word", ["attendre", "attends", "payer", "finir", "annulée", "refusés"])
def test_verbs(word):
    assert is_verb(word)


@pytest.mark.parametrize(
    "word", ["dossier", "courrier", "plaisir", "chambre", "qualité", "fidélité", "prise", "remboursement", "demande", "attente", "réponse"]
)
def test_nouns_that_look_like_verbs(word):
    assert not is_verb(word)
