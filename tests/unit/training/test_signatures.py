"""The words that tell an irritant, learnt from annotated sentences."""

import yaml

from vocpipe.resources import root
from vocpipe.training.signatures import names_left_out, signatures

_PHRASES = {"late": ("colis en retard", "livraison tardive"), "price": ("prix trop élevé",)}
_SENTENCES = [
    *[("colis en retard", f"Le colis de Zorblax est arrivé avec {number} jours de retard") for number in (3, 4, 5)],
    ("livraison tardive", "Une livraison en retard, encore"),
    *[("prix trop élevé", f"Le prix a pris {number} euros chez Zorblax, c'est cher") for number in (3, 4, 5)],
    ("phrase of none", "Le colis est cher"),
]


def test_an_irritant_is_told_by_the_words_of_its_sentences_and_by_no_name() -> None:
    found = signatures(_SENTENCES, _PHRASES, names={"zorblax"})
    assert found["late"][0] == "retard"
    assert "colis" in found["late"]
    assert {"prix", "cher"} <= set(found["price"])
    assert not {"zorblax", "prix", "livraison"} & set(found["late"])  # a name, another's word, a word of one sentence only


def test_no_word_of_the_starter_catalogue_is_a_name() -> None:
    folder = root() / "configs" / "irritants"
    names = names_left_out(folder / "names.txt")
    entries = yaml.safe_load((folder / "starter.yaml").read_text(encoding="utf-8"))["catalogue"]
    assert "cdiscount" in names
    assert {word for entry in entries for word in entry["words"]}.isdisjoint(names)
