"""The kinds of personal data, in the order in which they claim characters: what proves itself before what only its context tells."""

import re

from vocpipe.french.redaction.addresses import MAYBE_ADDRESS, find_addresses, same_postal_address
from vocpipe.french.redaction.births import find_births, same_birth
from vocpipe.french.redaction.contact import find_emails, find_phones, same_email, same_phone
from vocpipe.french.redaction.files_by_context import find_claims, find_clients, find_contracts, find_identities, find_orders
from vocpipe.french.redaction.names import MAYBE_NAME, find_names, same_name
from vocpipe.french.redaction.numbers import find_cards, find_ibans, find_nirs, same_nir
from vocpipe.french.redaction.registrations import find_plates, find_sirens, find_sirets, find_vats
from vocpipe.french.redaction.rule import Rule
from vocpipe.french.redaction.web import find_addresses_on_networks, find_handles, find_urls, same_address, same_handle, same_url

# Hints that several rules share are tried once for a text. Those that start with one class of characters are fast: nothing but that class is looked for.
_DIGIT = re.compile("[0-9]")
_SEVEN_DIGITS = re.compile(r"[0-9](?:[^0-9]{0,12}[0-9]){6}")
_LINK = re.compile(r"[:.](?:(?<=:)//|(?<=[wW]{3}.)|[A-Za-z]{2,10}[/?#])")
_AT = re.compile(r"[@\[(bB](?:(?<=@)|(?<=[\[(]) ?(?:at|AT|aro|ARO)|(?i:(?<=arob)as))")
_HANDLE = re.compile("[@:=]|(?i:bonjour|bonsoir|salut|coucou|hello|merci|sol[ée]e?s?) *[A-Za-z0-9_]+[0-9_A-Z]")

RULES: tuple[Rule, ...] = (
    Rule("url", "[URL]", _LINK, find_urls, same_url),
    Rule("email", "[EMAIL]", _AT, find_emails, same_email),
    Rule("iban", "[IBAN]", _SEVEN_DIGITS, find_ibans),
    Rule("nir", "[NIR]", _SEVEN_DIGITS, find_nirs, same_nir),
    Rule("card", "[CARTE]", _SEVEN_DIGITS, find_cards),
    Rule("siret", "[SIRET]", _SEVEN_DIGITS, find_sirets),
    Rule("vat", "[TVA]", _SEVEN_DIGITS, find_vats),
    Rule("siren", "[SIREN]", _SEVEN_DIGITS, find_sirens),
    Rule("phone", "[TELEPHONE]", _SEVEN_DIGITS, find_phones, same_phone),
    Rule("plate", "[IMMATRICULATION]", _DIGIT, find_plates),
    Rule("birth_date", "[NAISSANCE]", _DIGIT, find_births, same_birth),
    Rule("ip", "[IP]", _DIGIT, find_addresses_on_networks, same_address),
    Rule("client", "[CLIENT]", _DIGIT, find_clients),
    Rule("contract", "[CONTRAT]", _DIGIT, find_contracts),
    Rule("order", "[COMMANDE]", _DIGIT, find_orders),
    Rule("claim", "[DOSSIER]", _DIGIT, find_claims),
    Rule("identity", "[IDENTITE]", _DIGIT, find_identities),
    Rule("address", "[ADRESSE]", MAYBE_ADDRESS, find_addresses, same_postal_address),
    Rule("handle", "[PSEUDO]", _HANDLE, find_handles, same_handle),
    Rule("name", "[NOM]", MAYBE_NAME, find_names, same_name),
)
KINDS: tuple[str, ...] = tuple(rule.kind for rule in RULES)
