"""Find numbers that prove themselves: IBANs and payment cards."""

import re
from collections.abc import Iterator

from vocpipe.french.redaction.rule import GAP, Span, find_validated

_IBAN = re.compile(rf"(?<![A-Za-z0-9])[A-Za-z]{{2}}[0-9]{{2}}(?:{GAP}?[A-Za-z0-9]){{11,30}}(?![A-Za-z0-9])")

_LETTER_VALUES = {ord(letter): str(value) for value, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", start=10)}


def _is_iban(candidate: str) -> bool:
    compact = re.sub(GAP, "", candidate).upper()
    if int((compact[4:] + compact[:4]).translate(_LETTER_VALUES)) % 97 != 1:
        return False
    from stdnum import iban

    return bool(iban.is_valid(compact, check_country=False))


def find_ibans(text: str) -> Iterator[Span]:
    """Yield the international bank account numbers whose check digits and national length are right."""
    yield from find_validated(text, _IBAN, _is_iban)


_CARD = re.compile(rf"(?<![0-9])[2-6](?:{GAP}?[0-9]){{12,18}}(?![0-9])")
# Issuers' prefixes and lengths. Without them every company registration number (14 digits, Luhn) would pass for a card.
_CARD_ISSUERS = re.compile(r"4[0-9]{12}(?:[0-9]{3}){0,2}|5[0-9]{15}|2[2-7][0-9]{14}|35[0-9]{14}|3[47][0-9]{13}|3[0689][0-9]{12}|(?:5[068]|6[0-9])[0-9]{14,17}")


def _is_card(candidate: str) -> bool:
    from stdnum import luhn

    digits = re.sub(GAP, "", candidate)
    return _CARD_ISSUERS.fullmatch(digits) is not None and bool(luhn.is_valid(digits))


def find_cards(text: str) -> Iterator[Span]:
    """Yield the payment card numbers: an issuer's prefix and length, and a right Luhn digit."""
    yield from find_validated(text, _CARD, _is_card)
