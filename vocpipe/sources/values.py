"""Read the values of cells: dates, ratings and words, whatever way the export writes them."""

import datetime as dt
import math
import re
import unicodedata
from functools import lru_cache

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *("janvier janv jan january", "fevrier fevr fev february feb", "mars march mar", "avril avr april apr", "mai may"),
            *("juin june jun", "juillet juil july jul", "aout august aug", "septembre sept sep september", "octobre oct october"),
            *("novembre nov november", "decembre dec december"),
        ),
        start=1,
    )
    for name in names.split()
}
_YEARS = range(1990, 2100)
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T\s].*)?")
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:\d{6}|T\d{4}.*)?")
_NUMERIC = re.compile(r"(\d{1,2})\s?[/.\-\s]\s?(\d{1,2})\s?[/.\-\s]\s?(\d{4}|\d{2})(?:[T,\s].*)?")
_DAY_MONTH = re.compile(r"(?:[a-z]+\.?,? ){0,2}(\d{1,2})(?:er|st|nd|rd|th)?[\s\-/.]+([a-z]+)\.?[\s\-/.,]+(\d{4}|\d{2})\b.*")
_MONTH_DAY = re.compile(r"(?:[a-z]+\.?,? )?([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?\b.*?(?<![\d:+])(\d{4})\b.*")
_WEEKDAY = re.compile(
    r"(?:(?:le|lun(?:di)?|mar(?:di)?|mer(?:credi)?|jeu(?:di)?|ven(?:dredi)?|sam(?:edi)?|dim(?:anche)?|mon|tue|wed|thu|fri|sat|sun)(?:day)?[.,]?\s+){1,2}(?=\d)",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"""(?P<hour>\d{1,2})\s?[h:]\s?(?P<minute>\d{2})?(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[ap]m\b)?
        \s*\(?(?P<zone>(?:z|utc|gmt|cest|cet)\b)?\s*(?:(?P<sign>[+\-−])(?P<hours>\d{1,2})(?::?(?P<minutes>\d{2}))?(?!\d))?""",
    re.VERBOSE | re.IGNORECASE,
)
_HOURS_AHEAD = {"z": 0, "utc": 0, "gmt": 0, "cet": 1, "cest": 2}
_LONGEST_VALUE = 100
_NUMBER = re.compile(r"\d{5}(?:\.\d+)?|\d{10}(?:\.\d+)?|\d{13}")
_RATING = re.compile(
    r"""([+-]?\d+(?:[.,]\d+)?)\s*(?:étoiles?|etoiles?|stars?|points?|pts?|%|★|⭐️?)?\s*(?:(?:/|sur|out\ of)\s*(\d+))?
        (?:\s*[\-–—:=.()]\s*[^\W\d][^\d]*)?""",  # what the number means: "5 - Très satisfait"
    re.IGNORECASE | re.VERBOSE,
)
_STARS = re.compile(r"([★⭐️]+)[☆✩\s]*")
_EXCEL_EPOCH = dt.datetime(1899, 12, 30)
_UNIX_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

NOT_A_DATE = "not a date"
IMPOSSIBLE = "impossible day"
OUT_OF_YEARS = f"year before {_YEARS[0]} or after {_YEARS[-1]}"
NOT_A_NUMBER = "not a number"
OUT_OF_SCALE = "out of scale"
UNKNOWN_LABEL = "unknown label"


def to_string(value: object) -> str:
    """Return a cell as text: whole numbers without ".0", dates in ISO 8601, true and false as oui and non, nothing as ""."""
    if isinstance(value, str):
        return value
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def to_date(value: object, day_first: bool, timezone: dt.tzinfo | None = None) -> tuple[dt.date | None, str]:
    """Return the day that a cell tells and "", or None and what is wrong with it; a blank cell is None and "".

    Excel day numbers and Unix times are understood; years go from 1990 to 2099. With a `timezone`, moments that tell their offset ("Z", "+02:00",
    "UTC") and Unix times are brought there before the day is taken; every other day is the one written.
    """
    if isinstance(value, dt.datetime):
        value = _day_there(value, timezone)
    if isinstance(value, dt.date):
        return (value, "") if value.year in _YEARS else (None, OUT_OF_YEARS)
    text = to_string(value).strip()
    return _parse_date(text, day_first, timezone) if len(text) <= _LONGEST_VALUE else (None, NOT_A_DATE)


def _day_there(moment: dt.datetime, timezone: dt.tzinfo | None) -> dt.date:
    if timezone is None or moment.tzinfo is None:
        return moment.date()
    try:
        return moment.astimezone(timezone).date()
    except OverflowError:
        return moment.date()


@lru_cache(maxsize=10_000)
def _parse_date(text: str, day_first: bool, timezone: dt.tzinfo | None) -> tuple[dt.date | None, str]:
    if not text:
        return None, ""
    if _NUMBER.fullmatch(text):
        return _from_number(float(text), timezone)
    day, problem = _written_day(text, day_first)
    if day and timezone and (match := _CLOCK.search(text)) and (match["zone"] or match["sign"]):
        day = _from_clock(day, match, timezone)
    return day, problem


def tells_offset(text: str) -> bool:
    """Tell whether a cell holds a time of day with its offset: "23:30:00Z", "23h30 UTC+1"."""
    match = _CLOCK.search(text[:_LONGEST_VALUE])
    return bool(match and (match["zone"] or match["sign"]))


def _written_day(text: str, day_first: bool) -> tuple[dt.date | None, str]:
    numbers = _WEEKDAY.sub("", text, count=1)
    if match := _ISO.fullmatch(numbers) or _COMPACT.fullmatch(numbers):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _NUMERIC.fullmatch(numbers):
        day, month = (1, 2) if day_first else (2, 1)
        return _day(_year(match[3]), int(match[month]), int(match[day]))
    words = _plain(text)
    if (match := _DAY_MONTH.fullmatch(words)) and match[2] in _MONTHS:
        return _day(_year(match[3]), _MONTHS[match[2]], int(match[1]))
    if (match := _MONTH_DAY.fullmatch(words)) and match[1] in _MONTHS:
        return _day(int(match[3]), _MONTHS[match[1]], int(match[2]))
    return None, NOT_A_DATE


def _from_clock(day: dt.date, clock: re.Match[str], timezone: dt.tzinfo) -> dt.date:
    """Return the day it was there at a moment that tells its offset; the day itself when its time is no time."""
    ahead = 60 * _HOURS_AHEAD.get((clock["zone"] or "").lower(), 0)
    if clock["sign"]:
        ahead += (60 * int(clock["hours"]) + int(clock["minutes"] or 0)) * (1 if clock["sign"] == "+" else -1)
    hour = int(clock["hour"])
    if clock["half"]:
        hour = hour % 12 + (12 if clock["half"].lower() == "pm" else 0)
    try:
        offset = dt.timezone(dt.timedelta(minutes=ahead))
        moment = dt.datetime(day.year, day.month, day.day, hour, int(clock["minute"] or 0), int(clock["second"] or 0), tzinfo=offset)
    except ValueError:
        return day
    return moment.astimezone(timezone).date()


def _plain(text: str) -> str:
    return "".join(character for character in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(character))


def _year(digits: str) -> int:
    century = 0 if len(digits) == 4 else 2000 if int(digits) < 70 else 1900
    return century + int(digits)


def _day(year: int, month: int, day: int) -> tuple[dt.date | None, str]:
    try:
        found = dt.date(year, month, day)
    except ValueError:
        return None, IMPOSSIBLE
    return (found, "") if year in _YEARS else (None, OUT_OF_YEARS)


def _from_number(number: float, timezone: dt.tzinfo | None) -> tuple[dt.date | None, str]:
    """Read five digits as an Excel day number, ten as Unix seconds, thirteen as Unix milliseconds."""
    if number < 1e5:
        day = (_EXCEL_EPOCH + dt.timedelta(days=number)).date()
    else:
        day = _day_there(_UNIX_EPOCH + dt.timedelta(seconds=number / (1000 if number >= 1e11 else 1)), timezone)
    return _day(day.year, day.month, day.day)


def to_rating(value: object, scale: tuple[float, float], labels: tuple[str, ...] = ()) -> tuple[float | None, str]:
    """Return the rating that a cell tells and "", or None and what is wrong with it; a blank cell is None and "".

    "4", "4,5", "4/5", "5 étoiles", "5 - Très bien" and "★★★★☆" are numbers; outside the scale (worst, best), or on another one ("8/10" where the best is
    5), it is broken. A cell equal to one of the `labels`, which go from the worst to the best, is the rank of it, spread evenly over the scale.
    """
    if isinstance(value, bool) and not labels:
        return None, NOT_A_NUMBER
    if isinstance(value, int | float) and not math.isfinite(value):
        return (None, "") if math.isnan(value) else (None, OUT_OF_SCALE)
    text = to_string(value).strip()
    return _parse_rating(text, scale, labels) if len(text) <= _LONGEST_VALUE else (None, UNKNOWN_LABEL if labels else NOT_A_NUMBER)


@lru_cache(maxsize=1_000)
def _parse_rating(text: str, scale: tuple[float, float], labels: tuple[str, ...]) -> tuple[float | None, str]:
    if not text:
        return None, ""
    rank = _ranks(labels).get(label_key(text)) if labels else None
    if rank is not None:
        worst, best = scale
        return worst + rank * (best - worst) / (len(labels) - 1), ""
    found = to_number(text)
    if found is None:
        return None, UNKNOWN_LABEL if labels else NOT_A_NUMBER
    number, base = found
    low, high = sorted(scale)
    if not low <= number <= high or base not in (None, high):
        return None, OUT_OF_SCALE
    return number, ""


def to_number(text: str) -> tuple[float, float | None] | None:
    """Return the number that a rating tells, and the best one when it tells it ("4/5" gives 4 and 5); None when it is no number."""
    if match := _STARS.fullmatch(text):
        return float(len(match[1].replace("\ufe0f", ""))), None
    if match := _RATING.fullmatch(text):
        return float(match[1].replace(",", ".")), float(match[2]) if match[2] else None
    return None


@lru_cache(maxsize=100)
def _ranks(labels: tuple[str, ...]) -> dict[str, int]:
    return {label_key(label): rank for rank, label in enumerate(labels)}


def label_key(text: str) -> str:
    """Return a label without differences of case, accents, white space, apostrophes and emoji variants."""
    folded = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return "".join(character for character in folded if unicodedata.category(character) != "Mn" and not character.isspace())
