import numpy as np
import pytest

from tests.unit.irritants.batches import SETTINGS, run_batch
from vocpipe.french.lemmas import STOP_WORDS, content_words
from vocpipe.irritants import Catalogue, Phrases
from vocpipe.irritants.evidence import choose
from vocpipe.irritants.terms import distinctive, frequencies, ngrams, reads_as_noun

ALL = {"joint": 40, "late": 36, "refund": 32, "price": 28, "broken": 24, "site": 20}


def names(found):
    return found.discovered["label"].to_pylist()


def test_without_phrases_labels_are_the_customers_words(opinions, table):
    found = run_batch("2026-03", table(opinions(ALL)), Catalogue(), Phrases.none(), SETTINGS)
    assert len(set(names(found))) == found.discovered.num_rows == len(ALL)
    for label, terms in zip(names(found), found.discovered["terms"].to_pylist(), strict=True):
        assert content_words(label), label
        assert label.split()[0] not in STOP_WORDS
        assert 2 <= len(label.split()) <= 6
        assert 1 <= len(terms) <= 30
    assert "service" in names(found)[0]


def test_a_phrase_far_from_the_group_does_not_name_it(opinions, table, phrases):
    strict = SETTINGS.model_copy(update={"phrase_score": 1.0})
    found = names(run_batch("2026-03", table(opinions({"joint": 40, "late": 30})), Catalogue(), phrases, strict))
    assert len(found) == 2
    assert not set(found) & set(phrases.labels)


def test_a_taken_phrase_is_told_apart_by_a_term(opinions, table, phrases):
    known = Catalogue.from_table(run_batch("2026-03", table(opinions({"price": 40})), Catalogue(), phrases, SETTINGS).discovered)
    one_phrase = Phrases(("hausses de tarif injustifiées",), phrases.vectors[4:5], np.array([9]), (None,))
    found = run_batch("2026-04", table(opinions({"broken": 40}, "b")), known, one_phrase, SETTINGS)
    assert known.labels == ("hausse de tarif injustifiée",)
    assert names(found)[0].startswith("hausses de tarif injustifiées (")


def test_a_general_phrase_gives_way_to_the_precise_one(opinions, table, phrases):
    everywhere = Phrases((*phrases.labels[:-1], "service décevant"), phrases.vectors, np.full(len(phrases.labels), 50), phrases.themes)
    assert set(names(run_batch("2026-03", table(opinions(ALL)), Catalogue(), everywhere, SETTINGS))) == set(phrases.labels[:-1])


def test_a_group_without_words_still_has_a_name_of_its_own(opinions, table):
    rows = opinions({"joint": 20, "late": 20})
    for row in rows:
        row |= {"text": "Bonjour 12 ??", "opinion_start": [0, 8], "opinion_end": [7, 13], "opinion_theme": [None, None]}
    found = run_batch("2026-03", table(rows), Catalogue(), Phrases.none(), SETTINGS)
    assert names(found) == ["autre problème (IRR-1001)", "autre problème (IRR-1002)"]


def test_word_groups_cross_link_words_but_no_mark_and_no_other_word():
    assert ngrams("Le délai de remboursement, colis abîmé") == {
        ("délai",): "délai",
        ("délai", "remboursement"): "délai de remboursement",
        ("remboursement",): "remboursement",
        ("colis",): "colis",
        ("colis", "abîmé"): "colis abîmé",
        ("abîmé",): "abîmé",
    }
    assert ("livraison", "facture") not in ngrams("la livraison et la facture")


def test_distinctive_terms_are_frequent_here_and_rarer_elsewhere():
    here = ["les frais de dossier, magasin", "des frais de dossier et le magasin", "frais de dossier ! magasin"]
    everywhere = [*here, *["le magasin est loin"] * 30]
    terms = distinctive(here, frequencies(everywhere), len(everywhere))
    assert terms[0].surface == "frais de dossier"
    assert all(term.lemmas != ("magasin",) for term in terms)


@pytest.mark.parametrize(("text", "noun"), [("délai de remboursement", True), ("attendre le colis", False), ("loyer impayé", True), ("réponse", True)])
def test_a_label_starts_with_no_verb(text, noun):
    longest = max(distinctive([text, text], frequencies([]), 0), key=lambda term: len(term.lemmas))
    assert reads_as_noun(longest) is noun


def test_quotes_are_not_alike_and_the_readable_ones_come_first():
    texts = [
        "Nul !",
        "Personne ne répond au téléphone depuis ce matin",
        "personne ne répond au téléphone, depuis ce matin !",
        "Le standard raccroche après dix minutes d'attente",
        "Le conseiller ne rappelle pas malgré sa promesse",
    ]
    assert choose(range(5), texts, ["a", "b", "c", "d", "d"], 5) == [1, 3, 0]
