"""Know the columns that hold personal data by their header, so that their cells are replaced as a whole."""

import re
from functools import lru_cache

from vocpipe.sources.headers import word_set, words_of

# Whose it is does not count: "Nom du client" is "nom".
_OWNERS = word_set(
    """
    client clients cliente customer user utilisateur acheteur buyer contact repondant respondent reviewer auteur author assure adherent abonne
    societaire membre member patient voyageur passager locataire proprietaire titulaire beneficiaire declarant deposant reclamant interlocuteur
    conseiller vendeur agent gestionnaire employe collaborateur person personne sender owner
    """
)
# Alone, those name a person; the others may well say yes or no ("Abonné", "Membre").
_PEOPLE = word_set(
    """
    client customer user utilisateur acheteur buyer contact repondant respondent reviewer auteur author titulaire declarant deposant reclamant
    interlocuteur conseiller vendeur sender
    """
)
_SMALL_WORDS = word_set(
    """
    le la les l de du des d un une et and votre vos son sa the of a an your complet complete full principal e avis review commentaire comment
    profile profil detail details info infos informations 1 2 3
    """
)
_NUMBER_WORDS = word_set("n no nr num numero number id identifiant identifier ref reference code matricule uuid guid")

# Kind of redaction: what is left of the header once owners and small words are gone.
_NAMES: dict[str, str] = {
    "name": """
        nom, prenom, nom prenom, prenom nom, nom famille, nom usage, nom naissance, nom jeune fille, patronyme, civilite nom, civilite nom prenom,
        name, first name, firstname, last name, lastname, surname, given name, family name, middle name, display name, displayname, maiden name,
        signature, signataire, author name, name first, name last""",
    "email": """
        email, e mail, mail, mel, courriel, adresse email, adresse e mail, adresse mail, adresse courriel, adresse electronique, email address,
        e mail address, mail address, emailaddress, email contact, mail contact""",
    "address": """
        adresse, adresse postale, adresse ligne, adresse livraison, adresse facturation, adresse domicile, adresse personnelle, adresse rue,
        complement adresse, rue, numero rue, n rue, voie, domicile, address, postal address, street, street address, home address, address line,
        mailing address, shipping address, billing address, delivery address""",
    "birth_date": """
        date naissance, naissance, ne, nee, ne nee, jour naissance, annee naissance, anniversaire, date anniversaire, ddn, date birth, birth date, birthdate,
        birthday, dob, year birth, birth year""",
    "iban": "iban, rib, bic iban, iban bic, coordonnees bancaires, compte bancaire, bank account, bank account number",
    "handle": """
        pseudo, pseudonyme, surnom, nickname, nick, username, user name, login, screen name, screenname, handle, nom utilisateur, identifiant connexion,
        compte twitter, compte instagram, twitter handle, instagram handle, profile url, profile link""",
    "nir": "nir, securite sociale, n securite sociale, numero securite sociale, n ss, num ss, numero ss, nss, ssn, social security number",
    "plate": "immatriculation, plaque, plaque immatriculation, n immatriculation, numero immatriculation, plate, license plate, registration plate",
    "identity": "n passeport, numero passeport, passport number, n carte identite, numero carte identite, n piece identite, numero piece identite, n permis",
    "ip": "ip, adresse ip, ip address, ipaddress",
    "card": "carte bancaire, n carte, numero carte, n carte bancaire, numero carte bancaire, card number, credit card, credit card number",
}
# Kind of redaction: what is numbered. Such a header tells that it is a number: "Contrat" alone is what the contract is about.
_NUMBERED: dict[str, str] = {
    "client": "client cliente customer adherent abonne societaire assure membre member compte account user utilisateur crm fidelite loyalty",
    "contract": "contrat contract police policy polices",
    "order": "commande order achat purchase facture invoice colis parcel panier basket suivi tracking reservation booking",
    "claim": "sinistre claim dossier file reclamation complaint ticket case incident demande request",
}
_KIND_OF: dict[str, str] = {name.strip(): kind for kind, names in _NAMES.items() for name in names.split(",")}
_KIND_OF_NUMBERED: dict[str, str] = {word: kind for kind, words in _NUMBERED.items() for word in words.split()}
PERSONAL_KINDS: tuple[str, ...] = (*_NAMES, *_NUMBERED, "phone")

_NOT_A_PHONE = word_set("date jour heure horaire duree time")
_PHONE_WORDS = word_set("tel telephone portable mobile phone gsm")
# Spreadsheets drop the first zero of phone numbers: in such a column any long number is one.
_PHONE_DIGITS = re.compile(r"(?:[^0-9]*[0-9]){8}.*", re.DOTALL)


@lru_cache(maxsize=10_000)
def personal_kind(header: str) -> str | None:
    """Return the kind of personal data that a header announces, such as "name" for "Nom du client", or None.

    Of a path in JSON the last name may tell it alone, unless it names or places anything: "order.payer.email", but not "store.name".
    """
    kind = _kind_of(words_of(header))
    path, _, last = header.rpartition(".")
    if kind is None and path:
        words = words_of(last)
        kind = _kind_of(words)
        if kind in ("name", "address") and len(words) == 1:
            kind = None
    return kind


def _kind_of(words: list[str]) -> str | None:
    if numbered := _numbered_kind(words):
        return numbered
    owned = [word for word in words if word not in _SMALL_WORDS]
    if owned and all(word in _PEOPLE for word in owned):
        return "name"
    kind = _KIND_OF.get(" ".join(owned)) or _KIND_OF.get(" ".join(word for word in owned if word not in _OWNERS))
    return kind or ("phone" if _PHONE_WORDS.intersection(words) and not _NOT_A_PHONE.intersection(words) else None)


def _numbered_kind(words: list[str]) -> str | None:
    """Return the kind of a header made of a number word and of what is numbered: "N° de contrat", "customer_id"."""
    others = [word for word in words if word not in _SMALL_WORDS and word not in _NUMBER_WORDS]
    if not _NUMBER_WORDS.intersection(words):
        return None
    kinds = [_KIND_OF_NUMBERED.get(word) for word in others]
    return next((kind for kind in kinds if kind != "client"), "client") if kinds and None not in kinds else None


def holds(kind: str, cell: str) -> bool:
    """Tell whether a cell of a column of that kind holds personal data: of phone columns, only those with eight digits ("Version mobile" has none)."""
    return bool(cell) and (kind != "phone" or _PHONE_DIGITS.match(cell) is not None)
