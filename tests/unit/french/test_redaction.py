"""Redaction of everything but names: what must vanish, what must stay, the three modes, and what holds for any text. Every value is invented."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.french.hostile import UNITS, grows_linearly
from vocpipe.errors import ConfigError
from vocpipe.french.redaction import KEY_VARIABLE, KINDS, RULES, RedactionSettings, Redactor, redact

STRUCTURED = tuple(rule for rule in RULES if rule.kind != "name")
mask = Redactor(rules=STRUCTURED)
KEY = "a key of sixteen characters or more"

VANISH = [
    ("Bonjour zouzou_77, nous sommes navrés.", "Bonjour [PSEUDO], nous sommes navrés."),
    ("Nous sommes désolés OdileMarchand, à bientôt", "Nous sommes désolés [PSEUDO], à bientôt"),
    ("commande n°12345678Impossible de vous joindre", "commande n°[COMMANDE]Impossible de vous joindre"),
    ("ma commande 12345678nndans le magasin", "ma commande [COMMANDE]nndans le magasin"),
    ("Écrivez à jeanne.dupre@exemple.fr.", "Écrivez à [EMAIL]."),
    ("Mail:JEANNE+VOC@Exemple-Mail.co.uk, merci", "Mail:[EMAIL], merci"),
    ("écris-moi : zoé_b@exemple.com!", "écris-moi : [EMAIL]!"),
    ("jeanne.dupre @ exemple.fr", "[EMAIL]"),
    ("zoe [at] exemple.fr ou zoe arobase exemple point fr", "[EMAIL] ou [EMAIL]"),
    ("jeanne.dupre@gmail", "[EMAIL]"),
    ("a@b.fr;c@d.fr", "[EMAIL];[EMAIL]"),
    ("Rappelez-moi au 06 12 34 56 78 svp", "Rappelez-moi au [TELEPHONE] svp"),
    ("06.12.34.56.78", "[TELEPHONE]"),
    ("06/12/34/56/78", "[TELEPHONE]"),
    ("06 - 12 - 34 - 56 - 78", "[TELEPHONE]"),
    ("tel:0612345678", "tel:[TELEPHONE]"),
    ("TEL0612345678", "TEL[TELEPHONE]"),
    ("mon n° 0612345678", "mon n° [TELEPHONE]"),
    ("06\u00a012\u00a034\u00a056\u00a078", "[TELEPHONE]"),
    ("06 123 456 78", "[TELEPHONE]"),
    ("0612 34 56 78", "[TELEPHONE]"),
    ("0 6 1 2 3 4 5 6 7 8", "[TELEPHONE]"),
    ("le 0 800 123 456 sonne dans le vide", "le [TELEPHONE] sonne dans le vide"),
    ("+33612345678", "[TELEPHONE]"),
    ("+33 (0)6 12 34 56 78", "[TELEPHONE]"),
    ("(+33) 6 12 34 56 78", "[TELEPHONE]"),
    ("0033 6 12 34 56 78", "[TELEPHONE]"),
    ("33 6 12 34 56 78", "[TELEPHONE]"),
    ("Belgique : +32 470 12 34 56", "Belgique : [TELEPHONE]"),
    ("0041 22 345 67 89", "[TELEPHONE]"),
    ("tel (514) 555-0123", "tel [TELEPHONE]"),
    ("appelez le 6 12 34 56 78", "appelez le [TELEPHONE]"),
    ("06 12 34 56 78 / 07 12 34 56 78", "[TELEPHONE] / [TELEPHONE]"),
    ("ma commande, 06 12 34 56 78", "ma commande, [TELEPHONE]"),
    ("IBAN FR76 3000 6000 0112 3456 7890 189 merci", "IBAN [IBAN] merci"),
    ("fr76-3000-6000-0112-3456-7890-189", "[IBAN]"),
    ("BE68 5390 0754 7034, puis rien", "[IBAN], puis rien"),
    ("AB12 DE89 3704 0044 0532 0130 00", "AB12 [IBAN]"),
    ("banque 30006 guichet 00001 compte 12345678901 clé 89", "banque [IBAN]"),
    ("carte 4111 1111 1111 1111 débitée", "carte [CARTE] débitée"),
    ("4111-1111-1111-1111", "[CARTE]"),
    ("5555555555554444", "[CARTE]"),
    ("amex 3782 822463 10005", "amex [CARTE]"),
    ("4111 1111 1111 1111 12/27", "[CARTE] 12/27"),
    ("4111 1111 1111 1111 06 12 34 56 78", "[CARTE] [TELEPHONE]"),
    ("1 85 05 78 006 084 91", "[NIR]"),
    ("2 85 05 2A 006 084 clé 82", "[NIR]"),
    ("n° de sécu 1850578006084", "n° de sécu [NIR]"),
    ("SIRET 552 100 554 00013", "SIRET [SIRET]"),
    ("La Poste 35600000000048, bureau 35600000049837", "La Poste [SIRET], bureau [SIRET]"),
    ("552 100 554 RCS Paris", "[SIREN] RCS Paris"),
    ("RCS Paris B 552 100 554", "RCS Paris B [SIREN]"),
    ("facture au FR 40 303 265 045", "facture au [TVA]"),
    ("tva be 0428 759 497", "tva [TVA]"),
    ("AB-123-CD, ab-123-cd et AB123CD", "[IMMATRICULATION], [IMMATRICULATION] et [IMMATRICULATION]"),
    ("ma voiture ab 123 cd", "ma voiture [IMMATRICULATION]"),
    ("véhicule immatriculé 1234 AB 2A", "véhicule immatriculé [IMMATRICULATION]"),
    ("4 bis, av. du Maréchal Foch, bât. B, 69002 LYON CEDEX 02", "[ADRESSE]"),
    ("12 rue du 8 mai 1945\n59000 Lille", "[ADRESSE]"),
    ("au 12 rue de la paix a lyon", "au [ADRESSE] a lyon"),
    ("rue des Lilas 34000 Montpellier", "[ADRESSE]"),
    ("BP 12 69002 Lyon", "[ADRESSE]"),
    ("j'habite 3 place du marché", "j'habite [ADRESSE]"),
    ("75001 Paris, 69002 Lyon", "[ADRESSE], [ADRESSE]"),
    ("connecté depuis 203.0.113.7:8080 et 2001:db8::8a2e:370", "connecté depuis [IP]:8080 et [IP]"),
    ("box 00:1B:44:11:3A:B7", "box [IP]"),
    ("voir https://exemple.fr/s?token=8f3k2, merci", "voir [URL], merci"),
    ("https://exemple.fr/c/9fA2kLm3Qz7 et www.exemple.fr?email=zoe@exemple.fr", "[URL] et [URL]"),
    ("twitter.com/zoe_b", "[URL]"),
    ("suivi @freebox, merci @SAV_Lutece", "suivi [PSEUDO], merci [PSEUDO]"),
    ("snap : zoe.b75", "snap : [PSEUDO]"),
    ("n° client : 1234567", "n° client : [CLIENT]"),
    ("CLIENT N°\u00a01234567", "CLIENT N°\u00a0[CLIENT]"),
    ("mon contrat 12345678 et ma police AB-123456", "mon contrat [CONTRAT] et ma police [CONTRAT]"),
    ("commande n° 0612345678 jamais reçue", "commande n° [COMMANDE] jamais reçue"),
    ("n° 0612345678 de commande", "n° [COMMANDE] de commande"),
    ("commandes 1234567, 2345678 et 3456789", "commandes [COMMANDE], [COMMANDE] et [COMMANDE]"),
    ("merciCommande n° 12345678", "merciCommande n° [COMMANDE]"),
    ("dossier AV47210300417", "dossier [DOSSIER]"),
    ("sinistre n° 12 345 678 refusé", "sinistre n° [DOSSIER] refusé"),
    ("n° 12345678, aucune réponse", "n° [DOSSIER], aucune réponse"),
    ("passeport n° 12AB34567", "passeport n° [IDENTITE]"),
    ("né le 3 mai 1962 et non le 4", "né le [NAISSANCE] et non le 4"),
    ("NE LE 03 05 1962", "NE LE [NAISSANCE]"),
    ("née en avril 1962, DDN 03/04/62", "née en [NAISSANCE], DDN [NAISSANCE]"),
    ("le 03/05/1962 est ma date de naissance", "le [NAISSANCE] est ma date de naissance"),
]
STAY = [
    "Bonjour SwissLife, merci PayPal et bonjour à tous",
    "budget de 2 000 000 €",
    "2 000 000 000 000 de francs",
    "149,90 € puis 1.299,00 EUR",
    "le 01/02/2021 08h30",
    "entre le 01-02-2021 10 et 12 h",
    "du 06/07/21 au 08/09/21",
    "2021-03-12T10:20:30+01:00",
    "appelé le 3949 et le 36 39",
    "de 9 h à 18 h 30, 7 j/7",
    "24/24 7/7, 10/10 !",
    "carte 4970 1012 3456 7890 au chiffre de contrôle faux",
    "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15",
    "rendez-vous @ 18 h, ou @18h30",
    "version 10.0.19041.1 du 12 10 2020, appli 1.2.3.4",
    "la box est en 192.168.1.1",
    "il était 12:30:45",
    "1000000000",
    "code 123456",
    "12 345 678 visites",
    "3,1415926535897",
    "3 places de parking, 2 rue plus loin, 12 cours de yoga",
    "la rue de la Paix, à Lyon",
    "15000 Euros et 30000 Km",
    "HP 301 XL, LE 150 DE TROP, modèle AB-123-CD",
    "commande de 3 articles, contrat 24 mois, dossier 2021, facture de 12500 €",
    "dossier envoyé le11/05/2022qui dort",
    "service client 70centimes, colis de 80x60x40",
    "je ne le 12 ni le 13, marque née en 1998",
    "acte de naissance du 12/03/2021",
    "https://exemple.fr/contact et www.exemple.fr/promo?page=2",
    "",
    "[EMAIL] [TELEPHONE] [IBAN] [CARTE] [NOM:abcdefgh] né le [NAISSANCE]",
]


@pytest.mark.parametrize(("text", "expected"), VANISH)
def test_personal_data_vanishes(text: str, expected: str) -> None:
    assert mask(text).text == expected


@pytest.mark.parametrize("text", STAY)
def test_the_rest_stays(text: str) -> None:
    assert mask(text) == (text, {})


def test_counts_by_kind() -> None:
    text = "a@b.fr, c@d.fr, 0612345678, FR7630006000011234567890189 et 4111111111111111"
    assert redact(text)[1] == {"iban": 1, "card": 1, "email": 2, "phone": 1}


def test_markers_are_unique_and_in_capitals() -> None:
    assert len({rule.marker for rule in RULES}) == len(set(KINDS)) == len(RULES)
    assert all(re.fullmatch(r"\[[A-Z]+\]", rule.marker) for rule in RULES)


SAME = [
    ("phone", "06 12 34 56 78", "+33 (0)6.12.34.56.78"),
    ("email", "Zoe@exemple.fr", "zoe @ exemple.fr"),
    ("iban", "FR76 3000 6000 0112 3456 7890 189", "fr7630006000011234567890189"),
    ("nir", "1 85 05 78 006 084 91", "1850578006084"),
    ("birth_date", "1er mars 1985", "01/03/85"),
    ("birth_date", "1985-03-01", "01031985"),
    ("plate", "AB-123-CD", "ab 123 cd"),
    ("ip", "2001:db8:0:0:0:0:0:1", "2001:db8::1"),
    ("address", "4 bd Foch", "4, boulevard Foch"),
    ("handle", "@Zoe_B", "zoe_b"),
]
OTHER = [("email", "a.b@exemple.fr", "ab@exemple.fr"), ("handle", "@zoe_b", "@zoeb"), ("birth_date", "1 mars 1985", "3 janvier 1985")]


def pseudonym(kind: str, value: str, key: str = KEY) -> str:
    return Redactor(RedactionSettings(default="pseudonym"), key).replace(kind, value)


@pytest.mark.parametrize(("kind", "one", "two"), SAME)
def test_two_spellings_have_one_pseudonym(kind: str, one: str, two: str) -> None:
    assert pseudonym(kind, one) == pseudonym(kind, two)


@pytest.mark.parametrize(("kind", "one", "two"), OTHER)
def test_two_values_have_two_pseudonyms(kind: str, one: str, two: str) -> None:
    assert pseudonym(kind, one) != pseudonym(kind, two)


def test_pseudonyms_differ_by_kind_and_key_and_hold_no_digit() -> None:
    values = [pseudonym("order", "12345678"), pseudonym("claim", "12345678"), pseudonym("order", "12345678", KEY[::-1])]
    assert len({value.partition(":")[2] for value in values}) == 3
    assert all(re.fullmatch(r"\[(COMMANDE|DOSSIER):[a-z]{8}\]", value) for value in values)


def test_each_kind_has_its_mode() -> None:
    settings = RedactionSettings(kinds={"email": "pseudonym", "phone": "keep"})
    text, counts = Redactor(settings, KEY, STRUCTURED)("zoe@exemple.fr, 06 12 34 56 78, AB-123-CD")
    assert text == f"{pseudonym('email', 'zoe@exemple.fr')}, 06 12 34 56 78, [IMMATRICULATION]"
    assert counts == {"email": 1, "plate": 1}


def test_what_is_kept_is_hidden_from_the_kinds_that_follow() -> None:
    keep = Redactor(RedactionSettings(kinds={"url": "keep"}))
    text = "https://exemple.fr/?email=zoe@exemple.fr&tel=0612345678"
    assert keep(text) == (text, {})
    assert keep(f"{text} ou 0612345678").text == f"{text} ou [TELEPHONE]"


@pytest.mark.parametrize("key", [None, "", "too short"])
def test_pseudonyms_need_a_key(key: str | None) -> None:
    with pytest.raises(ConfigError, match=KEY_VARIABLE) as error:
        Redactor(RedactionSettings(kinds={"email": "pseudonym"}), key)
    assert "email" in str(error.value)
    assert not key or key not in f"{error.value} {error.value.hint}"


def test_key_comes_from_the_environment_and_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = RedactionSettings(default="pseudonym")
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    with pytest.raises(ConfigError):
        Redactor.from_environment(settings)
    monkeypatch.setenv(KEY_VARIABLE, KEY)
    redactor = Redactor.from_environment(settings)
    assert redactor("zoe@exemple.fr").text == pseudonym("email", "zoe@exemple.fr")
    assert redactor.without("email")("zoe@exemple.fr").text != pseudonym("email", "zoe@exemple.fr")
    assert KEY not in f"{redactor!r} {redactor.settings!r} {redactor}"


def test_unknown_kind_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="phone"):
        RedactionSettings(kinds={"phones": "keep"})


FRAGMENTS = [
    *("06", "0612345678", "12 ", "34", " ", ".-", "+33", "(0)", "@", "é", "FR76", "30006000011234567890189", "4111 1111", "1111", "gmail.com", "/", "[", "]"),
    *("0", "né le ", "12/03/1985", " et ", "n° ", "commande ", "dossier ", "client : ", "AB-123-CD", "rue ", " 12 rue de la Paix", "69002 Lyon", ":", "::"),
    *("2001:db8", "http://", "?token=a1B2c3D4", "www.", "a.fr/", "#", "BP 12 ", "née en ", "1954", " siret ", "732 829 320 00074", "552100554", " RCS", ", "),
    *("FR40303265045", "1 85 05 78 006 084 91", "secu ", "@zoe", "[NOM]", "[EMAIL:abcdefgh]", "[CLIENT]", "pseudo: ", "203.0.113.7", "lieu-dit Le Bourg "),
    *("bis ", "\n", "AB 123 456 789 FR", "voiture ", "123 ABC 75", " (", "arobase", " point fr", "-", "mars ", "DDN "),
]
texts = st.one_of(st.text(max_size=200), st.lists(st.sampled_from(FRAGMENTS), max_size=30).map("".join))


@given(texts)
def test_redacting_twice_changes_nothing(text: str) -> None:
    once = mask(text).text
    assert mask(once) == (once, {})


@given(texts)
def test_pseudonyms_are_not_found_again(text: str) -> None:
    redactor = Redactor(RedactionSettings(default="pseudonym"), KEY, STRUCTURED)
    once = redactor(text).text
    assert redactor(once) == (once, {})


@given(texts)
def test_spans_are_what_is_replaced(text: str) -> None:
    spans = mask.spans(text)
    assert all(start < end for start, end, _ in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    markers = {rule.kind: rule.marker for rule in RULES}
    pieces, position = [], 0
    for start, end, kind in spans:
        pieces += [text[position:start], markers[kind]]
        position = end
    assert "".join(pieces) + text[position:] == mask(text).text


@given(texts)
def test_hints_miss_nothing(text: str) -> None:
    for rule in STRUCTURED:
        assert not list(rule.find(text)) or rule.hint.search(text), rule.kind


@given(st.text(alphabet=st.characters(exclude_characters="@:/", exclude_categories=["Nd", "Cs"])))
def test_text_without_digit_at_sign_or_link_is_untouched(text: str) -> None:
    assert mask(text) == (text, {})


@given(st.text(alphabet="abc é,\n", max_size=50), st.text(alphabet="abc é,\n", max_size=50))
def test_words_around_are_kept(before: str, after: str) -> None:
    assert mask(f"{before} 06 12 34 56 78 {after}") == (f"{before} [TELEPHONE] {after}", {"phone": 1})


HOSTILE = [
    *("a@", "06 ", "12 ", "FR76 ", "4 1", "1 2 3 ", "12 34 ", "123 456 ", "+33612345678", "@p1+33612345678", "12 rue ", "12 rue a ", "12 rue de ", "69000 A"),
    *("69000 Saint ", "né le ", "12/03/1985 ", "AB-123-", "12 AB 12 ", "n° ", "commande ", "dossier 1 ", "1_", "a1-", "1.1.", "1:", "::1", "a.fr/", "?a=b&"),
    *("lieu-dit a ", "BP 12 ", "(at)", "a arobase ", "pseudo: a", "siret ", "A 0011 L ", "FR 12 ", "naiss", "12, ", "1x1", "1 000 000 €"),
]


@pytest.mark.parametrize("unit", [*UNITS.values(), *HOSTILE])
def test_time_is_linear_on_hostile_text(unit: str) -> None:
    assert grows_linearly(mask, unit, 30_000)


def test_the_words_of_the_firm_are_no_name_of_a_person() -> None:
    redact_for = Redactor()
    assert redact_for("Olivier est bon marché, merci Julie", "L'olivier Assurance").text == "Olivier est bon marché, merci [NOM]"
    assert redact_for("merci à Olivier", "Autre Mutuelle").text == "merci à [NOM]"
