"""Redaction: what must vanish, what must stay, and the properties that hold for any text. Every value is invented."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vocpipe.french.redaction import RULES, redact

VANISH = [
    ("Écrivez à jeanne.dupre@exemple.fr.", "Écrivez à [EMAIL]."),
    ("Mail:JEANNE+VOC@Exemple-Mail.co.uk, merci", "Mail:[EMAIL], merci"),
    ("écris-moi : zoé_b@exemple.com!", "écris-moi : [EMAIL]!"),
    ("jeanne.dupre @ exemple.fr", "[EMAIL]"),
    ("jeanne.dupre@gmail", "[EMAIL]"),
    ("a@b.fr;c@d.fr", "[EMAIL];[EMAIL]"),
    ("Rappelez-moi au 06 12 34 56 78 svp", "Rappelez-moi au [TELEPHONE] svp"),
    ("06.12.34.56.78", "[TELEPHONE]"),
    ("06-12-34-56-78", "[TELEPHONE]"),
    ("06/12/34/56/78", "[TELEPHONE]"),
    ("06 - 12 - 34 - 56 - 78", "[TELEPHONE]"),
    ("tel:0612345678", "tel:[TELEPHONE]"),
    ("mon n° 0612345678", "mon n° [TELEPHONE]"),
    ("06\u00a012\u00a034\u00a056\u00a078", "[TELEPHONE]"),
    ("06 123 456 78", "[TELEPHONE]"),
    ("0612 34 56 78", "[TELEPHONE]"),
    ("0 6 1 2 3 4 5 6 7 8", "[TELEPHONE]"),
    ("le 0 800 123 456 sonne dans le vide", "le [TELEPHONE] sonne dans le vide"),
    ("fixe 01 40 50 60 70.", "fixe [TELEPHONE]."),
    ("+33612345678", "[TELEPHONE]"),
    ("+33 6 12 34 56 78", "[TELEPHONE]"),
    ("+33 (0)6 12 34 56 78", "[TELEPHONE]"),
    ("+33(0)612345678", "[TELEPHONE]"),
    ("(+33) 6 12 34 56 78", "([TELEPHONE]"),
    ("0033 6 12 34 56 78", "[TELEPHONE]"),
    ("33 6 12 34 56 78", "[TELEPHONE]"),
    ("Belgique : +32 470 12 34 56", "Belgique : [TELEPHONE]"),
    ("0041 22 345 67 89", "[TELEPHONE]"),
    ("06 12 34 56 78 / 07 12 34 56 78", "[TELEPHONE] / [TELEPHONE]"),
    ("ma commande, 06 12 34 56 78", "ma commande, [TELEPHONE]"),
    ("IBAN FR76 3000 6000 0112 3456 7890 189 merci", "IBAN [IBAN] merci"),
    ("FR7630006000011234567890189", "[IBAN]"),
    ("fr76-3000-6000-0112-3456-7890-189", "[IBAN]"),
    ("BE68 5390 0754 7034, puis rien", "[IBAN], puis rien"),
    ("AB12 DE89 3704 0044 0532 0130 00", "AB12 [IBAN]"),
    ("carte 4111 1111 1111 1111 débitée", "carte [CARTE] débitée"),
    ("4111-1111-1111-1111", "[CARTE]"),
    ("5555555555554444", "[CARTE]"),
    ("amex 3782 822463 10005", "amex [CARTE]"),
    ("4111 1111 1111 1111 12/27", "[CARTE] 12/27"),
    ("12 4111 1111 1111 1111", "12 [CARTE]"),
    ("4111 1111 1111 1111 06 12 34 56 78", "[CARTE] [TELEPHONE]"),
]
STAY = [
    "budget de 2 000 000 €",
    "2 000 000 000 000 de francs",
    "149,90 € puis 1.299,00 EUR",
    "commande n° 0612345678 jamais reçue",
    "n° 0612345678 de commande",
    "Réf : 0612345678",
    "dossier AV20210300000",
    "colis 6A12345678901",
    "SIRET 552 100 554 00013",
    "le 01/02/2021 08h30",
    "entre le 01-02-2021 10 et 12 h",
    "le 06.07.2021 10 heures",
    "du 06/07/21 au 08/09/21",
    "2021-03-12T10:20:30+01:00",
    "3 fois 4 jours",
    "appelé le 3949 et le 36 39",
    "75001 Paris, 69002 Lyon",
    "de 9 h à 18 h 30, 7 j/7",
    "24/24 7/7, 10/10 !",
    "+20 000 000 de clients",
    "carte 4970 1012 3456 7890 au chiffre de contrôle faux",
    "suivi @freebox, merci @SAV_Lutece",
    "rendez-vous @ 18 h",
    "version 10.0.19041.1 du 12 10 2020",
    "1000000000",
    "code 123456",
    "12 345 678 visites",
    "3,1415926535897",
    "",
    "[EMAIL] [TELEPHONE] [IBAN] [CARTE]",
]


@pytest.mark.parametrize(("text", "expected"), VANISH)
def test_personal_data_vanishes(text: str, expected: str) -> None:
    assert redact(text)[0] == expected


@pytest.mark.parametrize("text", STAY)
def test_other_numbers_stay(text: str) -> None:
    assert redact(text) == (text, {})


def test_counts_by_kind() -> None:
    text = "a@b.fr, c@d.fr, 0612345678, FR7630006000011234567890189 et 4111111111111111"
    assert redact(text)[1] == {"iban": 1, "card": 1, "email": 2, "phone": 1}


fragments = st.sampled_from(
    ["06", "0612345678", "12 ", "34", " ", ".-", "+33", "(0)", "@", "é", "FR76", "30006000011234567890189", "4111 1111", "1111", "gmail.com", "/", "[", "0"]
)


@given(st.one_of(st.text(max_size=200), st.lists(fragments, max_size=30).map("".join)))
def test_redacting_twice_changes_nothing(text: str) -> None:
    once, _ = redact(text)
    assert redact(once) == (once, {})
    # The shortest things replaced are an address of three characters and a phone number of ten.
    assert len(once) <= len(text) + len("[EMAIL]") * text.count("@") + len(text) // 10 + 1


@given(st.text(alphabet=st.characters(exclude_characters="@", exclude_categories=["Nd", "Cs"])))
def test_text_without_digit_or_at_sign_is_untouched(text: str) -> None:
    assert redact(text) == (text, {})


@given(st.text(alphabet="abc é,\n", max_size=50), st.text(alphabet="abc é,\n", max_size=50))
def test_words_around_are_kept(before: str, after: str) -> None:
    assert redact(f"{before} 06 12 34 56 78 {after}") == (f"{before} [TELEPHONE] {after}", {"phone": 1})


@pytest.mark.parametrize("unit", ["a", "1", "0", "06 ", "12 ", "a.", "@", "a@", "+3", "FR76 ", "4 1"])
def test_time_is_linear_on_hostile_text(unit: str) -> None:
    begin = time.process_time()
    redact(unit * 20_000)
    assert time.process_time() - begin < 5


def test_markers_are_unique() -> None:
    assert len({rule.marker for rule in RULES}) == len({rule.kind for rule in RULES}) == len(RULES)
