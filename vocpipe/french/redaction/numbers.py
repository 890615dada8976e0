"""Find numbers that prove themselves: bank accounts, payment cards and social security numbers."""

import re
from collections.abc import Iterator

from vocpipe.french.redaction.context import after, before
from vocpipe.french.redaction.rule import GAP, Span, find_validated, without_overlap

_IBAN = re.compile(rf"(?<![A-Za-z0-9])[A-Za-z]{{2}}[0-9]{{2}}(?:{GAP}?[A-Za-z0-9]){{11,30}}(?![A-Za-z0-9])")
_LABEL = r"[ .\-/:,\n]{0,3}(?:[A-Za-zéÉ]{3,7}[ .:]{1,2})?"
_RIB = re.compile(rf"(?<![A-Za-z0-9])([0-9]{{5}}){_LABEL}([0-9]{{5}}){_LABEL}([0-9A-Za-z]{{11}}){_LABEL}([0-9]{{2}})(?![A-Za-z0-9])")

_LETTER_VALUES = {ord(letter): str(value) for value, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", start=10)}
_RIB_LETTERS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")


def _is_iban(candidate: str) -> bool:
    compact = re.sub(GAP, "", candidate).upper()
    if int((compact[4:] + compact[:4]).translate(_LETTER_VALUES)) % 97 != 1:
        return False
    from stdnum import iban

    return bool(iban.is_valid(compact, check_country=False))


def _is_rib(match: re.Match[str]) -> bool:
    """Tell whether bank, branch, account and key agree (French accounts before the IBAN; letters count as the digits of their column)."""
    bank, branch, account, key = (int(part.upper().translate(_RIB_LETTERS)) for part in match.groups())
    return (89 * bank + 15 * branch + 3 * account + key) % 97 == 0


def find_ibans(text: str) -> Iterator[Span]:
    """Yield the bank accounts whose check digits and national length are right: international numbers, and French ones by their four parts."""
    ribs = [match.span() for match in _RIB.finditer(text) if _is_rib(match)]
    yield from without_overlap(sorted([*find_validated(text, _IBAN, _is_iban), *ribs]))


_CARD = re.compile(rf"(?<![0-9])[2-6](?:{GAP}?[0-9]){{12,18}}(?![0-9])")
# Issuers' prefixes and lengths. Without them every company registration number (14 digits, Luhn) would pass for a card.
_CARD_ISSUERS = re.compile(r"4[0-9]{12}(?:[0-9]{3}){0,2}|5[0-9]{15}|2[2-7][0-9]{14}|35[0-9]{14}|3[47][0-9]{13}|3[0689][0-9]{12}|(?:5[068]|6[0-9])[0-9]{14,17}")


def _is_card(candidate: str) -> bool:
    from stdnum import luhn

    groups = re.split(GAP, candidate)
    digits = "".join(groups)
    if len(groups) > 1 and min(map(len, groups)) == 1:
        return False
    return _CARD_ISSUERS.fullmatch(digits) is not None and bool(luhn.is_valid(digits))


def find_cards(text: str) -> Iterator[Span]:
    """Yield the payment card numbers: an issuer's prefix and length, and a right Luhn digit."""
    yield from find_validated(text, _CARD, _is_card)


_NIR = re.compile(
    rf"""[1-478](?<![0-9A-Za-z].)                                   # sex
    (?:{GAP}?[0-9]){{4}}                                            # year and month of birth
    {GAP}?(?:[0-9]{GAP}?[0-9]|2{GAP}?[ABab])                        # department
    (?:{GAP}?[0-9]){{6}}                                            # town and rank
    (?:[ .\-/|\u00a0\u202f]{{0,3}}(?:cl[ée]\s?:?\s?)?[0-9]{GAP}?[0-9]|\s?\((?:cl[ée]\s?:?\s?)?[0-9]{{2}}\))?  # key
    (?![0-9A-Za-z])""",
    re.VERBOSE,
)
_SOCIAL_SECURITY = re.compile(r"\bsecu\b|\bsecurite soc|\bss\b|\bs\.s\.|\bnir\b|\bvitale\b|\binsee\b|\bameli\b|\bcpam\b")


def _nir_parts(value: str) -> tuple[str, str]:
    """Return the thirteen characters of a social security number, and its key or nothing."""
    compact = re.sub(r"[^0-9AB]", "", value.upper())
    return compact[:13], compact[13:]


def _is_nir(text: str, match: re.Match[str]) -> bool:
    body, key = _nir_parts(match[0])
    month = int(body[3:5])
    if not (1 <= month <= 12 or 20 <= month <= 42 or month >= 50):
        return False
    number = int(body.replace("2A", "19").replace("2B", "18"))
    if body[0] in "12" and key and 97 - number % 97 == int(key):
        return True
    return _SOCIAL_SECURITY.search(before(text, match.start(), 70)) is not None or _SOCIAL_SECURITY.search(after(text, match.end())) is not None


def find_nirs(text: str) -> Iterator[Span]:
    """Yield the social security numbers: those whose key is right, and those without a key, or with a wrong one, beside words that announce them."""
    yield from (match.span() for match in _NIR.finditer(text) if _is_nir(text, match))


def same_nir(value: str) -> str:
    """Return a social security number without its key, which some leave out."""
    return _nir_parts(value)[0]
