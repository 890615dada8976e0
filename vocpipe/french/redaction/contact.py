"""Find the ways to reach a person: e-mail addresses and phone numbers."""

import re
from collections.abc import Iterator

from vocpipe.french.redaction.rule import GAP, Span, find_validated

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
      | 0[1-9](?:(?:{GAP}{{1,3}}|[ ]?[/_][ ]?)[0-9]{{2}}){{4}}            # 06 12 34 56 78, 06.12.34.56.78, 06 - 12 - 34 - 56 - 78
      | 0{GAP}?[1-9][0-9]{{2}}{GAP}[0-9]{{3}}{GAP}[0-9]{{3}}           # 0 800 123 456, 0612 345 678
      | 0(?:{GAP}[0-9]){{9}}                                             # 0 6 1 2 3 4 5 6 7 8
      | (?![0-9]{{2}}{GAP}(?:[0-9]{{2}}{GAP})?(?:19|20)[0-9]{{2}})0[67](?:{GAP}?[0-9]){{8}}     # 06 123 456 78, and not a date
      | (?:\+|00){GAP}?\(?33\)?{GAP}{{0,2}}(?:\(0\)|0)?{GAP}{{0,2}}[1-9](?:{GAP}{{0,3}}[0-9]){{8}}  # +33 (0)6 12 34 56 78
      | 33{GAP}?[67](?:{GAP}?[0-9]{{2}}){{4}}                           # 33 6 12 34 56 78
    )(?![0-9])""",
    re.VERBOSE,
)
_FOREIGN_PHONE = re.compile(rf"(?<![0-9])(?:\+|00){GAP}?\(?[1-9](?:[()]?{GAP}{{0,2}}[()]?[0-9]){{7,14}}(?![0-9])")
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
    foreign = find_validated(text, _FOREIGN_PHONE, _is_foreign_phone)
    last = 0
    for start, end in sorted([*french, *foreign]):
        if start >= last:
            yield start, end
            last = end
