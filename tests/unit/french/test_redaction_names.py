"""Names of persons: what the corpus says about precision and recall, what is covered, and the properties that hold for any text. Every name is invented."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.french.hostile import UNITS, grows_linearly, seconds
from vocpipe.french.redaction import RedactionSettings, Redactor
from vocpipe.french.redaction.kinds import RULES
from vocpipe.french.redaction.name_lists import Proof, cues, first_names, plain
from vocpipe.french.redaction.name_words import WORD
from vocpipe.french.redaction.names import find_names, same_name

GOLDEN = Path(__file__).parents[2] / "golden" / "redaction"
NAME_RULE = tuple(rule for rule in RULES if rule.kind == "name")
mask = Redactor(rules=NAME_RULE)


class Score(NamedTuple):
    """Hold how many names were found, missed, and found where there is none."""

    found: int
    missed: int
    false: int


def cases(file: str, heldout: bool) -> list[tuple[str, list[tuple[int, int]]]]:
    rows = [json.loads(line) for line in (GOLDEN / file).read_text(encoding="utf-8").splitlines()]
    return [(row["text"], [(start, end) for start, end, kind in row["spans"] if kind == "name"]) for row in rows if row["heldout"] is heldout]


def covers(text: str, span: tuple[int, int], gold: tuple[int, int]) -> bool:
    """Tell whether a span holds every letter of a name, and besides only a civility or punctuation."""
    if span[1] <= gold[0] or gold[1] <= span[0]:
        return False
    missing = text[gold[0] : span[0]] + text[span[1] : gold[1]]
    besides = WORD.findall(text[span[0] : gold[0]] + " " + text[gold[1] : span[1]])
    return not any(character.isalnum() for character in missing) and all(plain(word) in cues()["title"] for word in besides)


def score(rows: list[tuple[str, list[tuple[int, int]]]]) -> Score:
    found = missed = false = 0
    for text, golds in rows:
        spans = list(find_names(text))
        hits = sum(any(covers(text, span, gold) for span in spans) for gold in golds)
        found, missed = found + hits, missed + len(golds) - hits
        false += sum(not any(covers(text, span, gold) for gold in golds) for span in spans)
    return Score(found, missed, false)


@pytest.mark.parametrize("heldout", [False, True])
def test_precision_and_recall(heldout: bool) -> None:
    names = score(cases("names.jsonl", heldout))
    everything = score(cases("names.jsonl", heldout) + cases("name_traps.jsonl", heldout))
    assert names.found / (names.found + names.missed) >= 0.90
    assert everything.found / (everything.found + everything.false) >= 0.90
    assert score(cases("name_traps.jsonl", heldout)).false <= 3


def test_the_corpus_is_large_enough() -> None:
    names = [len(cases("names.jsonl", heldout)) for heldout in (False, True)]
    traps = [len(cases("name_traps.jsonl", heldout)) for heldout in (False, True)]
    assert sum(names) >= 200
    assert sum(traps) >= 150
    assert names[1] / sum(names) == pytest.approx(0.4, abs=0.01)
    assert traps[1] / sum(traps) == pytest.approx(0.4, abs=0.01)


def test_the_list_of_first_names() -> None:
    proofs = list(first_names().values())
    assert len(proofs) >= 900
    assert all(proofs.count(proof) >= 20 for proof in Proof)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("M. Durand et Mme Le Bihan", "M. [NOM] et Mme [NOM]"),
        ("M. et Mme Durand", "M. et Mme [NOM]"),
        ("monsieur durand, mme martin", "monsieur [NOM], mme [NOM]"),
        ("Sophie L. a tout réglé", "[NOM] a tout réglé"),
        ("dossier de DUPONT Jean", "dossier de [NOM]"),
        ("Cordialement,\nJean-Pierre D.", "Cordialement,\n[NOM]"),
        ("cordialement mercadal odile", "cordialement [NOM]"),
        ("Merci.\nOdile MERCADAL", "Merci.\n[NOM]"),
        ("écrire à Sophie@exemple.fr ou @Sophie", "écrire à Sophie@exemple.fr ou @Sophie"),
        ("rue Jean Moulin, lycée Marie Curie", "rue Jean Moulin, lycée Marie Curie"),
        ("Bon produit, à bientôtOdile Mercadal", "Bon produit, à bientôt[NOM]"),
        ("@RoyalOdile et #MerciOdile", "@RoyalOdile et #MerciOdile"),
        ("Ste\u0301phanie a bien fait", "[NOM] a bien fait"),
        ("https://exemple.fr/sophie-martin", "https://exemple.fr/sophie-martin"),
    ],
)
def test_span_without_civility(text: str, expected: str) -> None:
    assert mask(text).text == expected


@pytest.mark.parametrize("value", ["Jean Dupré", "M. Jean DUPRE", "DUPRÉ Jean", "monsieur jean dupre", "Jean  Dupre\u0301"])
def test_one_person_has_one_pseudonym(value: str) -> None:
    pseudonyms = Redactor(RedactionSettings(default="pseudonym"), "a secret that is long", NAME_RULE)
    assert same_name(value) == "dupre jean"
    assert pseudonyms.replace("name", value) == pseudonyms.replace("name", "Jean Dupré")


def test_a_civility_alone_is_still_told_from_another() -> None:
    assert same_name("Madame") != same_name("Monsieur")


PIECES = """
    M.|Mme|madame|Me|Dr|Sophie|sophie|Rose|DUPONT|Dupont|martin|Le|de|d'|O'|el|A|B.|J-|et|,|.|\n|merci à|avec|cordialement|s'appelle|rue|chez|Leroy Merlin
    |[NOM]|[NOM:abcdefgh]|[ADRESSE]|@|e\u0301|1|😀|je|JE SUIS|—
"""
pieces = st.sampled_from(PIECES.replace("\n    ", "").split("|"))
texts = st.lists(st.tuples(pieces, st.sampled_from(["", " ", "  "])), max_size=25).map(lambda parts: "".join(piece + gap for piece, gap in parts))


@given(texts)
def test_spans_are_ordered_disjoint_and_no_part_of_a_marker(text: str) -> None:
    last = 0
    for start, end in find_names(text):
        assert last <= start < end <= len(text)
        assert text[start:end].strip() == text[start:end]
        assert "[" not in text[start:end]
        assert "]" not in text[start:end]
        assert text[:start][-1:] != "["
        assert text[:start][-5:] != "[NOM:"
        last = end


@given(texts)
def test_redacting_twice_changes_nothing(text: str) -> None:
    once = mask(text).text
    assert mask(once) == (once, {})


@pytest.mark.parametrize("mode", ["mask", "pseudonym"])
@given(text=texts)
def test_what_is_replaced_calls_for_no_new_name(mode: str, text: str) -> None:
    redactor = Redactor(RedactionSettings(default=mode), "a secret that is long", NAME_RULE)
    once = redactor(text).text
    assert redactor(once) == (once, {})


HOSTILE = {
    **UNITS,
    "civilities": "M. ",
    "particles": "Mme de la ",
    "first names": "Jean ",
    "first names in capitals": "ROSE ",
    "names in a row": "Sophie et Rose, ",
    "family names": "DUPONT Jean ",
    "initials": "Rose A. ",
    "streets": "rue Jean ",
    "signatures": "cordialement Zut\n",
    "calls": "Je m'appelle ",
    "markers of names": "[NOM:abcdefgh] ",
    "capitals inside": "aBcd",
    "words glued": "BonjourSophie ",
    "marks out of order": "Jean e\u0316\u0301\u0316\u0301",
}


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())
def test_time_is_linear(unit: str) -> None:
    assert grows_linearly(mask, unit)


def test_one_word_with_a_megabyte_of_accents() -> None:
    assert seconds(lambda text: list(find_names(text)), "Jean e" + "\u0316\u0301" * 500_000) < 2
