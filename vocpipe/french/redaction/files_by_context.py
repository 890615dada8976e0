"""Find the numbers that firms and offices give to people and their affairs: client, contract, order, claim, identity document.

Such a number proves nothing by itself: the words before it, or just after, say what it is. Where nothing is said it stays, unless it mixes letters with
so many digits that it can only be somebody's reference.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from vocpipe.french.redaction.context import after
from vocpipe.french.redaction.file_words import Context, said_after, said_before
from vocpipe.french.redaction.rule import Span, without_overlap

_PART = r"(?:[-_/]{0,2}[A-Za-z0-9]|\.[0-9])"
_NUMBER = re.compile(
    rf"""[0-9](?<![0-9].)(?:
        (?<=[A-Za-z].) | (?<=[A-Za-z][-_/].)                # the letters before it belong to it
      | (?={_PART}{{4}})                                    # it has five characters
      | (?=[0-9]{{0,5}}[ .\-\u00a0\u202f][0-9]{{2}})        # groups of digits follow
    ){_PART}{{0,40}}""",
    re.VERBOSE,
)
_HEAD = re.compile(r"[A-Za-z0-9][-_/A-Za-z0-9]{0,13}$")
_GLUED_MARK = re.compile(r"(?:n[o°]?|num|nr|ref)(?=[0-9]{5})", re.IGNORECASE)
# Exports lose line ends: "n° 12345678Impossible de…", and write some as "nn".
_GLUED_WORD = re.compile(r"(?<=[0-9]{4})(?:[A-Z][a-z]{2,}|nn[a-z]{2,})")
_MORE_DIGITS = re.compile(r"[ .\-\u00a0\u202f][0-9]{2,6}(?![0-9A-Za-z/,%€])(?!\.[0-9])")
_NEXT = re.compile(r"(?P<joint>\s?[,;/&-]|\s(?:et|ou|puis)\b)?\s?(?:n°\s?)?", re.IGNORECASE)
_DAY, _MONTH, _YEAR = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])", "(?:(?:19|20)[0-9]{2})"
_NO_NUMBER = re.compile(
    rf"""(?:le|du|au)?{_DAY}(?P<gap>[-/. ]){_MONTH}(?P=gap)(?:{_YEAR}|[0-9]{{2}})(?:[^0-9].*)?      # a date, and what is glued to it
      | {_YEAR}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}(?:T.*)?
      | {_MONTH}[/ ]{_YEAR} | (?:{_YEAR}[-/. ]?)+
      | (?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2]){_YEAR}
      | [0-9]+[.,][0-9]{{1,2}} | [0-9]{{1,3}}(?:\.000)+ | [0-9]{{1,5}}(?:euros?|eur|e)[0-9]{{0,2}}    # an amount
      | (?:[0-9]{{1,2}}h[0-9]{{0,2}}[-/]?)+ | [0-9]{{1,4}}(?:[.,][0-9]+)?(?:min|mn|j|cm|mm|m)?x[0-9]{{1,4}}(?:[.,x][0-9]+)*(?:cm|mm|m|cts)?     # hours, sizes
      | [0-9]+(?:centimes?|cts?|kms?) | [0-9]{{1,4}}(?:er|ere|e|eme|nd|nde|ans?|mois|jours?|fois|min|mn|h|go|mo|cm|mm|kg|g|ml|cl|w|v|cv|ch|pts?|mbps|k)""",
    re.IGNORECASE | re.VERBOSE,
)
_UNIT = re.compile(
    r"[,.]?[0-9]{0,2}\s?(?:[€%$°]|(?:eur|euros?|kms?|kilometres?|mois|ans?|annees?|jours?|semaines?|heures?|h|minutes?|fois|points?|fcfa|francs?|litres?"
    r"|go|mo|pages?|articles?|clients?|personnes?|exemplaires?|pieces?|k|ttc|ht|habitants?|abonnes?)\b)"
)
_WORDS_BEFORE_LONG = 2
"""Words that may stand between "contrat" and a number of seven characters or more, which is hardly anything else."""
_WORD_INSIDE = re.compile(r"[A-Za-z]{5}")


def _is_number(value: str, context: Context) -> bool:
    """Tell whether a value may number what is said, and is no product or word with a digit."""
    characters = [character for character in value if character.isalnum()]
    digits = sum(character.isdigit() for character in characters)
    if len(characters) < 5:
        return False
    if not context.word:
        return digits >= 6 and len(characters) >= 7
    if "/" in value[:5] and not context.marked:
        return False
    if digits == len(characters):
        return context.marked or (not value.endswith("000") and (digits >= 6 or not value.endswith("00")))
    if context.word in ("identifiant", "login") and context.marked:
        return True
    if digits < 5 and not (context.numbered and value.isupper()) and _WORD_INSIDE.search(value):
        return False
    return digits >= 5 or context.numbered or (context.marked and "-" in value) or (value.isupper() and context.names_no_goods)


def _token(text: str, start: int, end: int) -> Span | None:
    """Return the whole of a number whose first digit is known, without a "n°" glued to it, or None when it is the end of a word."""
    head = _HEAD.search(text, max(0, start - 14), start)
    if head:
        start = head.start()
    word = _GLUED_WORD.search(text, start, end)
    if word:
        end = word.start()
    glued = _GLUED_MARK.match(text, start, end)
    if glued:
        return glued.end(), end
    return None if text[start - 1 : start].isalnum() else (start, end)


def _with_groups(text: str, start: int, end: int) -> int:
    """Return the end of a number written in groups of digits, "12 345 678": groups follow while the number is short or grouped already."""
    if not text[start:end].isdigit() or end - start > 6:
        return end
    digits = end - start
    while digits < 14 and (more := _MORE_DIGITS.match(text, end)) and not _UNIT.match(after(text, more.end(), 14)):
        digits += more.end() - end - 1
        end = more.end()
    return end


_SERIAL = re.compile(r"(?=(?:-?[0-9]*[A-Za-z]){1,6}-?[0-9]*$)(?=(?:[A-Za-z-]*[0-9]){8})[A-Za-z0-9-]{10,}")
_POSTAL = re.compile(r"[A-Z](?<![0-9A-Za-z].)[A-Z] ?(?:[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]|(?:[0-9]{3} ?){3}) ?[A-Z]{2}(?![0-9A-Za-z])")
"""An item of registered mail or a parcel, as the posts of all countries number them."""
_LETTERED = re.compile(r"[A-Z](?<![0-9A-Za-z].)[A-Z]? [0-9]{3,5} [A-Z]{1,2} [0-9]{3,6}(?![0-9A-Za-z])")


def _in_link(text: str, start: int) -> bool:
    """Tell whether a place is inside a link: what is personal in links is found with them."""
    before = text[max(0, start - 200) : start]
    return bool(before) and not before[-1].isspace() and any(mark in before.split()[-1] for mark in ("://", "www."))


def _kind(text: str, start: int, end: int) -> str | None:
    """Return the kind of a number, or None when nothing says it or it is a quantity, a date or a part of a link."""
    if end - start < 5 or _NO_NUMBER.fullmatch(text, start, end) or (end - start < 8 and _UNIT.match(after(text, end, 14))):
        return None
    value, linked = text[start:end], text[start - 1 : start] in ("/", "=", "&", "?", "@", "%") or _in_link(text, start)
    digits = sum(character.isdigit() for character in value)
    long = digits > 6 or (digits == 6 and not value.replace(" ", "").isdigit())
    context = said_before(text, start, _WORDS_BEFORE_LONG if long else 0)
    if digits > 5 and (context is None or not context.word):
        context = said_after(text, end) or context
    linked = linked or (text[start - 1 : start] == "#" and not value.isdigit())
    if context and _is_number(value, context) and not (linked and (not context.word or not context.marked)):
        return context.kind
    return "order" if _SERIAL.fullmatch(value) and not linked else None


def _goes_on(text: str, last: int, start: int, end: int) -> bool:
    """Tell whether a number goes on a list of them, whose one before ends at `last`: "1234567, 2345678 et 3456789"."""
    between = _NEXT.fullmatch(text, last, start)
    if between is None or end - start < (6 if between["joint"] else 10) or _NO_NUMBER.fullmatch(text, start, end):
        return False
    return not _UNIT.match(after(text, end, 14))


@lru_cache(maxsize=1)
def _found(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return the numbers of every kind as (start, end, kind): each kind's rule takes its own."""
    found = [(*match.span(), "order") for match in _POSTAL.finditer(text)]
    for match in _LETTERED.finditer(text):
        context = said_before(text, match.start())
        if context and context.marked:
            found.append((*match.span(), context.kind))
    last_kind, last = None, 0
    for match in _NUMBER.finditer(text):
        token = _token(text, *match.span())
        if token is None or token[0] < last:
            continue
        start, end = token[0], _with_groups(text, *token)
        if kind := last_kind if last_kind and _goes_on(text, last, start, end) else _kind(text, start, end):
            found.append((start, end, kind))
            last_kind, last = kind, end
    return tuple(without_overlap(sorted(found)))


def _of_kind(text: str, kind: str) -> Iterator[Span]:
    return ((start, end) for start, end, found in _found(text) if found == kind)


def find_clients(text: str) -> Iterator[Span]:
    """Yield the numbers of clients, members, policyholders and accounts, and identifiers that hold a digit."""
    return _of_kind(text, "client")


def find_contracts(text: str) -> Iterator[Span]:
    """Yield the numbers of contracts, policies, quotes, loans, mandates and delivery points."""
    return _of_kind(text, "contract")


def find_orders(text: str) -> Iterator[Span]:
    """Yield the numbers of orders, parcels, invoices and bookings, references without another word, and serials of letters and eight digits."""
    return _of_kind(text, "order")


def find_claims(text: str) -> Iterator[Span]:
    """Yield the numbers of files, claims, tickets and complaints, and long numbers that only "n°" announces."""
    return _of_kind(text, "claim")


def find_identities(text: str) -> Iterator[Span]:
    """Yield the numbers of passports, identity cards, residence permits and driving licences, and of a phone's hardware (IMEI)."""
    return _of_kind(text, "identity")
