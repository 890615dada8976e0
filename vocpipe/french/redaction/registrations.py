"""Find what firms and vehicles are registered under: SIRET, SIREN, VAT numbers and number plates."""

import re
from collections.abc import Iterator

from vocpipe.french.redaction.context import after, before
from vocpipe.french.redaction.file_words import file_kind
from vocpipe.french.redaction.rule import GAP, Span, find_validated, without_overlap
from vocpipe.french.redaction.words import words

_SIRET = re.compile(rf"[0-9](?<![0-9A-Za-z].)(?:{GAP}?[0-9]){{8}}{GAP}{{0,2}}[0-9](?:{GAP}?[0-9]){{4}}(?![0-9A-Za-z])")
_SIREN = re.compile(rf"[0-9](?<![0-9A-Za-z].)(?:{GAP}?[0-9]){{8}}(?![0-9A-Za-z])(?!{GAP}?[0-9])")
_TIMESTAMP = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])[0-9]{6}")
_SIRET_WORDS = re.compile(r"\bsire[tn]s?\b[^0-9.!?;]{0,40}$")
_SIREN_WORDS = re.compile(r"(?:\bsirene?\b|\br\.?c\.?s\b|\bregistre du commerce\b)[^0-9!?;]{0,40}$")
_SIREN_AFTER = re.compile(r"[\s,(-]{0,3}(?:au |du )?r\.?c\.?s\b|[\s,(=:]{0,3}(?:est |c'est )?(?:le |mon |notre |son )?(?:n°\s?|numero )?(?:de )?siren\b")


def _compact(value: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", value).upper()


def find_sirets(text: str) -> Iterator[Span]:
    """Yield the numbers of French establishments: 14 digits whose check digit is right (La Poste has its own), or that are said to be one."""
    from stdnum.fr import siret

    for match in _SIRET.finditer(text):
        digits = _compact(match[0])
        proven = siret.is_valid(digits) and digits[0] != "0" and not _TIMESTAMP.fullmatch(match[0]) and not file_kind(text, *match.span())
        if proven or _SIRET_WORDS.search(before(text, match.start())):
            yield match.span()


def find_sirens(text: str) -> Iterator[Span]:
    """Yield the numbers of French firms: nine digits that the words around say to be one, or after which RCS stands."""
    for match in _SIREN.finditer(text):
        if _SIREN_WORDS.search(before(text, match.start())) or _SIREN_AFTER.match(after(text, match.end())):
            yield match.span()


_VAT = re.compile(
    rf"[A-Z](?<![0-9A-Za-z].)[A-Z](?={GAP}?[0-9A-Z]{GAP}?[0-9])(?<=AT|BE|BG|CY|CZ|DE|DK|EE|EL|ES|FI|FR|GR|HR|HU|IE|IT|LT|LU|LV|MT|NL|PL|PT|RO|SE|SI|SK)"
    rf"(?:{GAP}?[0-9A-Z]){{7,12}}",
    re.IGNORECASE,
)
_VAT_WORDS = re.compile(r"\b(?:tva|vat|intracom\w*|intra)\b")


def _is_vat(value: str) -> bool:
    from stdnum.eu import vat

    compact = _compact(value)
    return sum(character.isdigit() for character in compact) >= 7 and bool(vat.is_valid(compact))


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether a valid number is one without the word TVA: in capitals, French or unbroken, and numbering nothing else."""
    value = text[start:end]
    return value[:2].isupper() and (value.startswith("FR") or value.isalnum()) and not file_kind(text, start, end)


def find_vats(text: str) -> Iterator[Span]:
    """Yield the VAT numbers of the European Union whose check digits are right, in capitals or beside the word TVA."""
    for start, end in find_validated(text, _VAT, _is_vat):
        if _VAT_WORDS.search(before(text, start)) or _VAT_WORDS.search(after(text, end, 30)) or _stands_alone(text, start, end):
            yield start, end


_LETTERS = "A-HJ-NP-TV-Z"
_MAYBE_PLATE = re.compile(
    r"[0-9](?<![0-9].)(?:[0-9]{2}(?=(?P<new>[ .\-\u00a0–]{0,3}[A-Za-z]{2}(?![A-Za-z0-9])))|[0-9]{0,3}(?=(?P<old>[ .-]?[A-Za-z]{2,3}[ .-]?[0-9][0-9ABab])))"
)
_PLATE_HEAD = re.compile(rf"(?<![\w-])(?P<letters>[{_LETTERS}]{{2}})(?P<gap>[ .\u00a0]|\s?[-–]\s?|)$", re.IGNORECASE)
_PLATE_TAIL = re.compile(rf"(?P<gap>[ .\u00a0]|\s?[-–]\s?|)(?P<letters>[{_LETTERS}]{{2}})(?![\w-]|[.,]?[0-9])", re.IGNORECASE)
_OLD_PLATE = re.compile(
    r"[0-9]{1,4}(?P<gap>[ .-]?)(?![A-Z]{0,2}[IO])(?P<letters>[A-Z]{2,3})(?P=gap)(?:0[1-9]|[1-8][0-9]|9[0-5]|2[AB]|97[1-6])(?![\w-]|[.,]?[0-9])", re.IGNORECASE
)
_VEHICLE_WORDS = re.compile(
    r"(?:\bplaques?\b|\bimmat|\bvehicule|\bvoitures?\b|\bauto\b|\bmoto\b|\bscooter\b|\bcamion|\bcamping.?car\b|\bcarte grise\b|\bfourgon|\butilitaire\b"
    r"|\b(?:renault|peugeot|citroen|dacia|toyota|volkswagen|vw|audi|bmw|mercedes|opel|ford|fiat|nissan|kia|hyundai|seat|skoda|clio|megane|twingo|kangoo|scenic"
    r"|20[5-8]|30[678]|c[1-5]|golf|polo|fiesta|focus|yaris|corsa|panda)\b)[^!?]{0,45}$"
)
_PRODUCT_WORDS = re.compile(r"\b(?:ref|reference|modele|produit|article|type|serie|version|code|piece|gamme)s?\b[^!?;]{0,15}$")
_BEFORE_DIGITS, _AFTER_DIGITS, _BETWEEN_DIGITS = (words(f"{place} digits") for place in ("before", "after", "between"))


def _new_plate(text: str, start: int) -> Span | None:
    """Return the plate around three digits: two letters on each side, with the same gap."""
    head, tail = _PLATE_HEAD.search(text, max(0, start - 6), start), _PLATE_TAIL.match(text, start + 3)
    if not head or not tail or head["gap"].strip() != tail["gap"].strip() or bool(head["gap"]) != bool(tail["gap"]):
        return None
    first, last = head["letters"], tail["letters"]
    if "SS" in (first.upper(), last.upper()) or not _is_plate(text, head.start(), first, last, head["gap"]):
        return None
    return head.start(), tail.end()


def _is_plate(text: str, start: int, first: str, last: str, gap: str) -> bool:
    """Tell whether letters around digits are a plate: by a vehicle before them, by their hyphens, or by capitals that are no words or units."""
    words, letters = before(text, start, 70), first + last
    read_as_words = (first.lower() in _BEFORE_DIGITS) + (last.lower() in _AFTER_DIGITS)
    if _VEHICLE_WORDS.search(words):
        return bool(gap.strip()) or read_as_words == 0 or (read_as_words == 1 and letters.isupper())
    if _PRODUCT_WORDS.search(words):
        return False
    if gap.strip():
        return letters.isupper() or letters.islower()
    return letters.isupper() and read_as_words == 0


def _old_plate(text: str, start: int) -> Span | None:
    plate = _OLD_PLATE.match(text, start)
    if plate is None or plate["letters"].lower() in _BETWEEN_DIGITS or text[start - 1 : start].isalnum() or text[start - 1 : start] in ("-", ",", ".", "/"):
        return None
    return plate.span() if _VEHICLE_WORDS.search(before(text, start, 60)) else None


def find_plates(text: str) -> Iterator[Span]:
    """Yield number plates: AB-123-CD, also spaced or in one word when in capitals or near a vehicle; 123 ABC 75 only near a vehicle."""
    maybe = list(_MAYBE_PLATE.finditer(text))
    new = (_new_plate(text, match.start()) for match in maybe if match["new"])
    old = (_old_plate(text, match.start()) for match in maybe if match["old"])
    yield from without_overlap(sorted(filter(None, (*new, *old))))
