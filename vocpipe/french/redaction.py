"""Replace personal data by markers: IBANs, payment cards, e-mail addresses, phone numbers."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Span = tuple[int, int]

_GAP = r"[ .\-\u00a0\u202f\t]"
# Nearly every text stops here: no @, and nowhere nine digits that could belong to one number. Every rule below needs one or the other.
_MAY_HOLD_PERSONAL_DATA = re.compile(r"@|[0-9](?:[^0-9A-Za-z]{0,4}[0-9]){8}")


@dataclass(frozen=True)
class Rule:
    """Describe one kind of personal data: where it is found in a text, and the marker that replaces it.

    `find` yields (start, end) from left to right, without overlap, and finds nothing in a marker.
    """

    kind: str
    marker: str
    find: Callable[[str], Iterator[Span]]


def _longest_valid(text: str, start: int, end: int, valid: Callable[[str], bool]) -> int:
    """Return the largest end at a word boundary that makes a valid number, or 0: what follows a number often looks like more of it."""
    for stop in range(end, start, -1):
        if text[stop - 1].isalnum() and not text[stop : stop + 1].isalnum() and valid(text[start:stop]):
            return stop
    return 0


def _find_validated(text: str, candidate: re.Pattern[str], valid: Callable[[str], bool]) -> Iterator[Span]:
    """Yield the candidates that are valid once shortened. Linear, because a candidate's length is bounded by its pattern."""
    position = 0
    while match := candidate.search(text, position):
        end = _longest_valid(text, match.start(), match.end(), valid)
        if end:
            yield match.start(), end
        position = end or match.start() + 1


_IBAN = re.compile(rf"(?<![A-Za-z0-9])[A-Za-z]{{2}}[0-9]{{2}}(?:{_GAP}?[A-Za-z0-9]){{11,30}}(?![A-Za-z0-9])")

_LETTER_VALUES = {ord(letter): str(value) for value, letter in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ", start=10)}


def _is_iban(candidate: str) -> bool:
    compact = re.sub(_GAP, "", candidate).upper()
    if int((compact[4:] + compact[:4]).translate(_LETTER_VALUES)) % 97 != 1:
        return False
    from stdnum import iban

    return bool(iban.is_valid(compact, check_country=False))


def find_ibans(text: str) -> Iterator[Span]:
    """Yield the international bank account numbers whose check digits and national length are right."""
    yield from _find_validated(text, _IBAN, _is_iban)


_CARD = re.compile(rf"(?<![0-9])[2-6](?:{_GAP}?[0-9]){{12,18}}(?![0-9])")
# Issuers' prefixes and lengths. Without them every company registration number (14 digits, Luhn) would pass for a card.
_CARD_ISSUERS = re.compile(r"4[0-9]{12}(?:[0-9]{3}){0,2}|5[0-9]{15}|2[2-7][0-9]{14}|35[0-9]{14}|3[47][0-9]{13}|3[0689][0-9]{12}|(?:5[068]|6[0-9])[0-9]{14,17}")


def _is_card(candidate: str) -> bool:
    from stdnum import luhn

    digits = re.sub(_GAP, "", candidate)
    return _CARD_ISSUERS.fullmatch(digits) is not None and bool(luhn.is_valid(digits))


def find_cards(text: str) -> Iterator[Span]:
    """Yield the payment card numbers: an issuer's prefix and length, and a right Luhn digit."""
    yield from _find_validated(text, _CARD, _is_card)


_MAIL_HOSTS = "gmail|hotmail|outlook|live|yahoo|icloud|orange|wanadoo|free|sfr|laposte|bbox|neuf|proton"
_EMAIL = re.compile(
    rf"(?<![\w.+\-])[\w.+\-]+(?:@[\w\-]+(?:\.[\w\-]+)+|@(?:{_MAIL_HOSTS})\b| ?@ ?[\w\-]+(?:\.[\w\-]+)*\.(?:fr|com|net|org|eu|be|ch|ca|lu|io)\b)",
    re.IGNORECASE,
)


def find_emails(text: str) -> Iterator[Span]:
    """Yield the e-mail addresses, also with spaces around the @ or with the end of a well-known host forgotten."""
    if "@" in text:
        yield from (match.span() for match in _EMAIL.finditer(text))


_FRENCH_PHONE = re.compile(
    rf"""(?<![0-9])(?<![0-9][.,])(?<![A-Z])(?:
        (?P<bare>0[1-9][0-9]{{8}})                                        # 0612345678
      | 0[1-9](?:(?:{_GAP}{{1,3}}|[ ]?[/_][ ]?)[0-9]{{2}}){{4}}            # 06 12 34 56 78, 06.12.34.56.78, 06 - 12 - 34 - 56 - 78
      | 0{_GAP}?[1-9][0-9]{{2}}{_GAP}[0-9]{{3}}{_GAP}[0-9]{{3}}           # 0 800 123 456, 0612 345 678
      | 0(?:{_GAP}[0-9]){{9}}                                             # 0 6 1 2 3 4 5 6 7 8
      | (?![0-9]{{2}}{_GAP}(?:[0-9]{{2}}{_GAP})?(?:19|20)[0-9]{{2}})0[67](?:{_GAP}?[0-9]){{8}}     # 06 123 456 78, and not a date
      | (?:\+|00){_GAP}?\(?33\)?{_GAP}{{0,2}}(?:\(0\)|0)?{_GAP}{{0,2}}[1-9](?:{_GAP}{{0,3}}[0-9]){{8}}  # +33 (0)6 12 34 56 78
      | 33{_GAP}?[67](?:{_GAP}?[0-9]{{2}}){{4}}                           # 33 6 12 34 56 78
    )(?![0-9])""",
    re.VERBOSE,
)
_FOREIGN_PHONE = re.compile(rf"(?<![0-9])(?:\+|00){_GAP}?\(?[1-9](?:[()]?{_GAP}{{0,2}}[()]?[0-9]){{7,14}}(?![0-9])")
_CUSTOMER_NUMBER = r"(?:n[°ºo]|num[ée]ro)\s?(?:de\s)?(?:client|adh[ée]rent|soci[ée]taire)"
_FILE_WORDS = rf"(?:commande|facture|dossier|contrat|r[ée]f(?:[ée]rence)?|sinistre|colis|suivi|devis|ticket|police|{_CUSTOMER_NUMBER})s?"
_BEFORE_FILE_NUMBER = re.compile(rf"\b{_FILE_WORDS}\.?\s*(?:n[°ºo]?\b|n[°º]|num[ée]ro)?\s*[.:#]?\s*$", re.IGNORECASE)
_AFTER_FILE_NUMBER = re.compile(rf"\s*(?:de|du|d')\s?(?:la\s|mon\s|ma\s)?{_FILE_WORDS}\b", re.IGNORECASE)


def _numbers_a_file(text: str, start: int, end: int) -> bool:
    """Tell whether the words around ten digits make them an order or file number: "commande n° 0612345678"."""
    return _BEFORE_FILE_NUMBER.search(text[max(0, start - 40) : start]) is not None or _AFTER_FILE_NUMBER.match(text, end) is not None


def _is_foreign_phone(candidate: str) -> bool:
    import phonenumbers

    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(candidate, "FR")))
    except phonenumbers.NumberParseException:
        return False


def find_phones(text: str) -> Iterator[Span]:
    """Yield French numbers of ten digits as people write them, and valid foreign ones after + or 00. Short numbers such as 3949 are no one's own."""
    french = [match.span() for match in _FRENCH_PHONE.finditer(text) if not (match["bare"] and _numbers_a_file(text, *match.span()))]
    foreign = _find_validated(text, _FOREIGN_PHONE, _is_foreign_phone)
    last = 0
    for start, end in sorted([*french, *foreign]):
        if start >= last:
            yield start, end
            last = end


RULES: tuple[Rule, ...] = (
    Rule("iban", "[IBAN]", find_ibans),
    Rule("card", "[CARTE]", find_cards),
    Rule("email", "[EMAIL]", find_emails),
    Rule("phone", "[TELEPHONE]", find_phones),
)


def _replace(text: str, rule: Rule) -> tuple[str, int]:
    pieces: list[str] = []
    position = count = 0
    for start, end in rule.find(text):
        pieces += (text[position:start], rule.marker)
        position = end
        count += 1
    return "".join(pieces) + text[position:] if count else text, count


def redact(text: str, rules: tuple[Rule, ...] = RULES) -> tuple[str, dict[str, int]]:
    """Replace personal data by markers and count the replacements by kind.

    The rules apply in order, again until nothing is found, because a marker may part two numbers that were written as one: redacting twice
    changes nothing. Time is linear in the length of the text.
    """
    counts: dict[str, int] = {}
    found = -1
    while found and _MAY_HOLD_PERSONAL_DATA.search(text):
        found = 0
        for rule in rules:
            text, replaced = _replace(text, rule)
            if replaced:
                counts[rule.kind] = counts.get(rule.kind, 0) + replaced
                found += replaced
    return text, counts
