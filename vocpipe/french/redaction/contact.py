"""Find the ways to reach a person: e-mail addresses and phone numbers."""

import re
from collections.abc import Iterator

from vocpipe.french.redaction.context import before
from vocpipe.french.redaction.file_words import file_kind
from vocpipe.french.redaction.rule import GAP, Span, find_validated, without_overlap

_MAIL_HOSTS = "gmail|hotmail|outlook|live|yahoo|icloud|orange|wanadoo|free|sfr|laposte|bbox|neuf|proton|msn|aol|club-internet|numericable"
_ENDINGS = "fr|com|net|org|eu|be|ch|ca|lu|io|info|example"
_SPOKEN_AT = r"(?:[ ]?[\[(][ ]?(?:at|arobase|@)[ ]?[\])][ ]?|[ ](?:arobase|arobas)[ ])"
_EMAIL = re.compile(
    rf"""(?<![\w.+*\-])[\w.+*\-]++(?:
        @[\w\-]++(?:\.[\w\-]++)++
      | @(?:{_MAIL_HOSTS})\b
      | (?:@[ ]|[ ]@[ ]|(?<=[\d._][\w\-]{{2}})[ ]@|{_SPOKEN_AT})[\w\-]++(?:\.[\w\-]++){{0,5}}?\.[ ]?(?:{_ENDINGS})(?-i:(?![a-z]))
      | (?:{_SPOKEN_AT})[\w\-]++(?:[ ](?:point|dot)[ ]|\.)(?:{_ENDINGS})\b
    )""",
    re.IGNORECASE | re.VERBOSE,
)


def find_emails(text: str) -> Iterator[Span]:
    """Yield the e-mail addresses, also with spaces around the @, with the @ spelled out, or with the end of a well-known host forgotten."""
    yield from (match.span() for match in _EMAIL.finditer(text))


def same_email(value: str) -> str:
    """Return an e-mail address in lower case, without spaces, its @ as such."""
    return re.sub(r"\s", "", re.sub(_SPOKEN_AT, "@", value, flags=re.IGNORECASE)).casefold()


_NOT_A_DATE = rf"(?![0-9]{{2}}{GAP}(?:[0-9]{{2}}{GAP})?(?:19|20)[0-9]{{2}})"
_FRENCH_PHONE = re.compile(
    rf"""(?=[0+(3])(?:(?=\+)|(?<![0-9])(?<![0-9][.,]))(?:(?<![A-Z])|(?<=TEL)|(?<=FIXE)|(?<=PORT))(?:
        (?P<bare>0[1-9][0-9]{{8}})                                        # 0612345678
      | 0[1-9](?:(?:{GAP}{{1,3}}|[ ]?[/_,][ ]?)[0-9]{{2}}){{4}}           # 06 12 34 56 78, 06.12.34.56.78, 06 - 12 - 34 - 56 - 78
      | 0{GAP}?[1-9][0-9]{{2}}{GAP}[0-9]{{3}}{GAP}[0-9]{{3}}              # 0 800 123 456, 0612 345 678
      | 0{GAP}?[1-9][0-9]{{2}}(?:{GAP}[0-9]{{2}}){{3}}                    # 0612 34 56 78, 0 892 12 34 56
      | 0(?:{GAP}[0-9]){{9}}                                              # 0 6 1 2 3 4 5 6 7 8
      | {_NOT_A_DATE}0[67](?:{GAP}?[0-9]){{8}}                            # 06 123 456 78
      | (?:\((?:\+|00){GAP}?33\)|(?:\+|00){GAP}?(?:\(33\)|3{GAP}?3)){GAP}{{0,2}}(?:\(0\)|0)?{GAP}{{0,2}}[1-9](?:{GAP}{{0,3}}[0-9]){{8}}  # +33 (0)6 12 34 56 78
      | 33{GAP}?(?:\(0\){GAP}?)?[67](?:{GAP}?[0-9]{{2}}){{4}}             # 33 6 12 34 56 78
    )(?![0-9])""",
    re.VERBOSE,
)
_FOREIGN_PHONE = re.compile(rf"(?=[+0])(?:\+|(?<![0-9])00){GAP}?\(?[1-9](?:[()]?{GAP}{{0,2}}[()]?[0-9]){{7,14}}(?![0-9])")
_LOCAL_PHONE = re.compile(
    rf"(?=[0-9(])(?<![0-9A-Za-z+])(?<![0-9][.,/])(?:\([0-9]{{2,4}}\){GAP}?|[0-9]{{2,4}}/(?=[0-9]{{2}}{GAP})|)(?:[0-9]{GAP}?){{5,10}}[0-9](?![0-9A-Za-z/€%])"
)
_DATE = re.compile(r"(?:0?[1-9]|[12][0-9]|3[01])[ .\-/]?(?:0?[1-9]|1[0-2])[ .\-/]?(?:19|20)[0-9]{2}(?![0-9]).*")
_NEIGHBOURS = ("FR", "BE", "CH", "CA")
_ANNOUNCED = re.compile(
    r"\b(?:tel|telephone|portable|gsm|natel|mobile|whatsapp|sms|joign\w*|joint|joindre|(?:r?appel|telephon|contact)\w*)\b[^0-9.!?;\n]{0,25}$"
)


def _is_foreign_phone(candidate: str, region: str = "FR") -> bool:
    import phonenumbers

    try:
        return bool(phonenumbers.is_valid_number(phonenumbers.parse(candidate, region)))
    except phonenumbers.NumberParseException:
        return False


def _local_phones(text: str) -> Iterator[Span]:
    """Yield numbers in the national form of a neighbour, or without their first 0, when words announce a phone."""
    for match in _LOCAL_PHONE.finditer(text):
        if _DATE.fullmatch(match[0]) or file_kind(text, *match.span()):
            continue
        if _ANNOUNCED.search(before(text, match.start(), 45)) and any(_is_foreign_phone(match[0], region) for region in _NEIGHBOURS):
            yield match.span()


def find_phones(text: str) -> Iterator[Span]:
    """Yield French numbers of ten digits as people write them, and valid foreign ones. Short numbers such as 3949 are no one's own."""
    french = [match.span() for match in _FRENCH_PHONE.finditer(text) if not (match["bare"] and file_kind(text, *match.span()))]
    foreign = find_validated(text, _FOREIGN_PHONE, _is_foreign_phone, str.isdigit)
    yield from without_overlap(sorted([*french, *foreign, *_local_phones(text)]))


def same_phone(value: str) -> str:
    """Return a phone number in its international form, or its digits when it has none."""
    import phonenumbers

    try:
        return str(phonenumbers.format_number(phonenumbers.parse(value.replace("(0)", ""), "FR"), phonenumbers.PhoneNumberFormat.E164))
    except phonenumbers.NumberParseException:
        return re.sub(r"[^0-9]", "", value)
