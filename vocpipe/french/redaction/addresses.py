"""Find postal addresses: number and street, box, lieu-dit, postcode and town.

A street without a number is a place, as a town is, and stays, unless its postcode and town follow. The address of a shop is masked like any other: nothing
in it says whose it is.
"""

import re
from collections.abc import Iterator

from vocpipe.french.redaction.context import before
from vocpipe.french.redaction.rule import Span, letters_and_digits
from vocpipe.french.redaction.towns import CODE, SENTENCE, WORD, is_at_home, plain, town_end
from vocpipe.french.redaction.words import words

_HOUSE = r"[0-9]{1,4}(?:,?[ ]?(?:bis|ter|quater)\b|[ ]?[A-Fa-f]\b(?!['’]))?(?:[ ]?[-/&][ ]?[0-9]{1,4}(?:[ ]?(?:bis|ter)\b)?)?"
_CLEAR = r"rue|avenue|ave?|boulevard|blvd|bld|bvd|bd|impasse|imp|all[ée]es?|chemin|chem|chauss[ée]e|faubourg|fbg|ruelle|venelle|sentier|esplanade|lieu[- ]?dit"
_NAMED = r"route|rte|quai|square|r[ée]sidence|lotissement|hameau|clos|rond[- ]point"
_RISKY = (
    r"place|pl|cours|parc|voie|porte|galerie|parvis|c[ôo]te|rampe|zone|za|zi|sq|r[ée]s|lot|cit[ée]|villa|mont[ée]e|promenade|domaine|traverse|passage"
    r"|mas|che?|r"
)
_STREET = re.compile(rf"(?P<house>{_HOUSE})[\s,]{{0,3}}(?:(?P<clear>{_CLEAR})|(?P<named>{_NAMED})|(?P<risky>{_RISKY}))\b\.?(?=[ ])", re.IGNORECASE)
_BOX_ENDS = r"(?<=[bB][pP] [0-9])|(?<=[bB][pP][0-9])|(?<=[bB]\.[pP]\. [0-9])|(?<=ale [0-9])|(?<=ALE [0-9])|(?<=[cC][sS] [0-9])|(?<=[sS][aA] [0-9])"
_KIND_AHEAD = (
    r"(?=[rR][uUoOtTeEéÉ .]|[aA][vVlL]|[bB][oOlLvVdD]|[iI][mM]|[cC][hHoOlLiIôÔ]|[fF][aAbB]|[vV][eEoOiI]|[sS][eEqQ]|[eE][sS]|[lL][iIoO]|[qQ][uU]|[hH][aA]"
    r"|[pP][lLaAoOrR]|[gG][aA]|[zZ][oOaAiI]|[mM][oOaA]|[dD][oO]|[tT][rR])"
)
MAYBE_ADDRESS = re.compile(
    rf"[0-9](?:(?:,?[ ]?(?:(?i:bis|ter|quater)|[A-Fa-f]\b))?+[\s,]{{0,3}}+{_KIND_AHEAD}(?i:{_CLEAR}|{_NAMED}|{_RISKY})\b"
    rf"|(?<=[0-9]{{5}})[ ,\u00a0\n–-]{{1,3}}[^\W\d_]|{_BOX_ENDS})"
)
"""A fast search for a number before a kind of street, five digits before a word, or a box of the post: without one there is no address."""

_JOINTS, _NAME_PARTS = words("street joint"), words("street part")
_DAY = re.compile(
    r" (?:du )?[0-9]{1,2}(?:er)? (?:janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[uû]t|septembre|octobre|novembre|d[ée]cembre)(?: (?:19|20)?[0-9]{2})?\b",
    re.I,
)
_MOST_WORDS = 10
_YEAR_WORDS = re.compile(r"\b(?:en|depuis|fin|debut|annee|mois|courant|janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre) $")


def _street_end(text: str, street: re.Match[str]) -> int:
    """Return the end of the street's name, or 0 when the words after the number name no street: "3 places de parking", "2 rue plus loin"."""
    day = _DAY.match(text, street.end())
    if day:
        return day.end()
    kind = street["clear"] or street["named"] or street["risky"]
    capitals = kind.isupper() and len(kind) > 2
    end, position, previous = 0, street.end(), ""
    joined = named = False
    for _ in range(_MOST_WORDS):
        word = WORD.match(text, position)
        value = plain(word["word"]) if word else ""
        if word is None or (value in SENTENCE and value not in _JOINTS):
            break
        capital = word["word"][0].isupper() and not capitals
        position = word.end()
        if value in _JOINTS:
            joined = True
        elif not end or capital or previous in _NAME_PARTS:
            named = named or capital
            end, previous = word.end(), value
        else:
            break
        if word["word"].endswith(".") and len(value) > 4:
            end = word.end() - 1
            break
    sure = named or bool(street["clear"]) or (joined and bool(street["named"]))
    return end if end and (sure or is_at_home(text, street.start()) or _town_after(text, end)) else 0


_COMPLEMENT = re.compile(
    r"[\s,.(-]{1,3}(?:b[âa]t(?:iment)?|appt?|apt|appartement|esc(?:alier)?|[ée]tage|hall|lieu[- ]?dit|bp|cs|r[ée]s(?:idence)?)\.?\s?"
    r"(?:n°\s?)?(?:[0-9]{1,5}[A-Za-z]?|[A-Za-z][0-9]{0,4})\b",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"[\s,(–-]{0,4}(?=(?:[A-Z]{1,2}-?)?[0-9])")
_BETWEEN = re.compile(r"[^!?;:\n\[\]]{1,60}?(?:\n[^!?;:\n\[\]]{0,30}?)?[\s,(–-]{1,3}(?=[0-9]{5}(?![0-9])|[0-9]{2} [0-9]{3}(?![0-9]))")


def _town_after(text: str, end: int) -> int:
    """Return the end of the postcode and town that follow a street, directly or after a few words of the address, or 0."""
    separator = _SEPARATOR.match(text, end)
    found = town_end(text, separator.end(), after_street=True) if separator else 0
    if found:
        return found
    between = _BETWEEN.match(text, end)
    if between is None or any(plain(word["word"]) in SENTENCE for word in WORD.finditer(between[0])):
        return 0
    return town_end(text, between.end(), after_street=True)


def _whole_end(text: str, end: int) -> int:
    """Return the end of an address whose street ends at a place: after building, flat, postcode and town where they follow."""
    for _ in range(4):
        complement = _COMPLEMENT.match(text, end)
        if complement is None:
            break
        end = complement.end()
    return _town_after(text, end) or end


_BEFORE_HOUSE = re.compile(
    r"\b(?:zi|za|zac|zone (?:industrielle|artisanale|commerciale)|r[ée]sidence|b[âa]t(?:iment)?|immeuble)\b[^\n.;:!?0-9\[\]]{0,35}[0-9]{0,3}[A-Z]?\s?[,\n]\s?$",
    re.IGNORECASE,
)


def _street_address(text: str, start: int) -> Span | None:
    street = _STREET.match(text, start)
    if street is None or text[start - 1 : start] in ("€", "$", "+", "/", "=") or _follows_digit(text, start):
        return None
    if street["house"][:2] in ("19", "20") and len(street["house"]) == 4 and _YEAR_WORDS.search(before(text, start, 20)):
        return None
    end = _street_end(text, street)
    if not end:
        return None
    prefix = _BEFORE_HOUSE.search(text, max(0, start - 55), start)
    return prefix.start() if prefix else start, _whole_end(text, end)


def _follows_digit(text: str, start: int) -> bool:
    return text[start - 1 : start] in (",", ".", "/", "-") and text[start - 2 : start - 1].isdigit()


_BOX = re.compile(r"\b(?:(?P<short>bp|b\.p\.|bo[iî]te postale)|cs|tsa) ?$", re.IGNORECASE)
_BOX_NUMBER = re.compile(r"[0-9]{1,5}(?![0-9A-Za-z€%]|[.,/][0-9]| ?[€%])")
_STREET_BEFORE = re.compile(
    rf"\b(?:{_CLEAR}|route|place|quai|square|cours|r[ée]sidence|lotissement|hameau)[ ][^,;:.!?\n0-9\[\]]{{2,45}}[ ,\n-]{{1,3}}$", re.IGNORECASE
)


def _box(text: str, start: int) -> Span | None:
    """Return a box of the post, "BP 123" or "TSA 12345", with its town."""
    if text[start - 1 : start] not in (" ", "p", "P"):
        return None
    number = _BOX_NUMBER.match(text, start)
    box = _BOX.search(text, max(0, start - 18), start)
    if number is None or box is None or not (box["short"] or len(number[0]) >= 4):
        return None
    return box.start(), _whole_end(text, number.end())


_GOODS_BEFORE = re.compile(r"(?:[®™#]|\b(?:ref|reference|article|modele|n°|lego|playmobil|code ape|naf|ape))\W{0,3}$")


def _town(text: str, start: int) -> Span | None:
    """Return a postcode with its town, and the street without number before it."""
    if not CODE.match(text, start) or text[start - 1 : start] in ("€", "$", "+", "#", "-", "/", "=", "_") or _follows_digit(text, start):
        return None
    street = _STREET_BEFORE.search(text, max(0, start - 60), start)
    if street and any(plain(word["word"]) in SENTENCE for word in WORD.finditer(street[0])):
        street = None
    if street is None and _GOODS_BEFORE.search(before(text, start, 25)):
        return None
    end = town_end(text, start, after_street=street is not None)
    return (street.start() if street else start, end) if end else None


_DIGITS = re.compile("[0-9]+")


def _ends_a_code(text: str, start: int) -> bool:
    """Tell whether digits follow one or two letters, "C4", and not a word whose line end an export lost: "Adresse60 rue"."""
    return text[start - 1 : start].isalpha() and not (start > 2 and text[start - 3 : start].isalpha())


def find_addresses(text: str) -> Iterator[Span]:
    """Yield postal addresses from the number to the town, as much as is given: "4 bis av. Foch", "BP 12 69002 Lyon", "lieu-dit Le Bourg", "69002 Lyon"."""
    last = 0
    for number in _DIGITS.finditer(text):
        start, digits = number.start(), len(number[0])
        if start < last or digits > 5 or _ends_a_code(text, start):
            continue
        span = (_street_address(text, start) if digits < 5 else None) or _box(text, start) or (_town(text, start) if digits == 5 else None)
        if span and span[0] >= last:
            yield span
            last = span[1]


_IN_FULL = (
    dict.fromkeys(("av", "ave"), "avenue")
    | dict.fromkeys(("bd", "bld", "blvd", "bvd"), "boulevard")
    | {"pl": "place", "rte": "route", "imp": "impasse", "ch": "chemin", "st": "saint", "ste": "sainte"}
)


def same_postal_address(value: str) -> str:
    """Return an address without accents, punctuation and abbreviations of streets."""
    return letters_and_digits("".join(_IN_FULL.get(word, word) for word in re.findall(r"[^\W_]+", value.casefold())))
