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
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_NUMERIC = re.compile(r"(\d{1,2})\s?[/.\-\s]\s?(\d{1,2})\s?[/.\-\s]\s?(\d{4}|\d{2})(?:[T,\s].*)?")
_DAY_MONTH = re.compile(r"(?:[a-z]+\.?,? )?(\d{1,2})(?:er|st|nd|rd|th)?[\s\-/.]+([a-z]+)\.?[\s\-/.,]+(\d{4}|\d{2})\b.*")
_MONTH_DAY = re.compile(r"(?:[a-z]+\.?,? )?([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?\b.*?(?<![\d:+])(\d{4})\b.*")
_NUMBER = re.compile(r"\d{5}(?:\.\d+)?|\d{10}(?:\.\d+)?|\d{13}")
_RATING = re.compile(r"([+-]?\d+(?:[.,]\d+)?)\s*(?:étoiles?|etoiles?|stars?|points?|pts?|★|⭐️?)?\s*(?:(?:/|sur|out of)\s*(\d+))?", re.IGNORECASE)
_STARS = re.compile(r"([★⭐️]+)[☆✩\s]*")
_EXCEL_EPOCH = dt.datetime(1899, 12, 30)
_UNIX_EPOCH = dt.datetime(1970, 1, 1)

NOT_A_DATE = "not a date"
IMPOSSIBLE = "impossible day"
NOT_A_NUMBER = "not a number"
OUT_OF_SCALE = "out of scale"


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


def to_date(value: object, day_first: bool) -> tuple[dt.date | None, str]:
    """Return the day that a cell tells and "", or None and what is wrong with it; a blank cell is None and "".

    The day is the one written, in its own time zone. Excel day numbers and Unix times are understood; years go from 1990 to 2099.
    """
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, dt.date):
        return (value, "") if value.year in _YEARS else (None, IMPOSSIBLE)
    return _parse_date(to_string(value).strip(), day_first)


@lru_cache(maxsize=10_000)
def _parse_date(text: str, day_first: bool) -> tuple[dt.date | None, str]:
    if not text:
        return None, ""
    if match := _ISO.fullmatch(text) or _COMPACT.fullmatch(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _NUMERIC.fullmatch(text):
        day, month = (1, 2) if day_first else (2, 1)
        return _day(_year(match[3]), int(match[month]), int(match[day]))
    if _NUMBER.fullmatch(text):
        return _from_number(float(text))
    words = _plain(text)
    if (match := _DAY_MONTH.fullmatch(words)) and match[2] in _MONTHS:
        return _day(_year(match[3]), _MONTHS[match[2]], int(match[1]))
    if (match := _MONTH_DAY.fullmatch(words)) and match[1] in _MONTHS:
        return _day(int(match[3]), _MONTHS[match[1]], int(match[2]))
    return None, NOT_A_DATE


def _plain(text: str) -> str:
    return "".join(character for character in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(character))


def _year(digits: str) -> int:
    century = 0 if len(digits) == 4 else 2000 if int(digits) < 70 else 1900
    return century + int(digits)


def _day(year: int, month: int, day: int) -> tuple[dt.date | None, str]:
    try:
        return (dt.date(year, month, day), "") if year in _YEARS else (None, IMPOSSIBLE)
    except ValueError:
        return None, IMPOSSIBLE


def _from_number(number: float) -> tuple[dt.date | None, str]:
    """Read five digits as an Excel day number, ten as Unix seconds, thirteen as Unix milliseconds."""
    if number < 1e5:
        moment = _EXCEL_EPOCH + dt.timedelta(days=number)
    else:
        moment = _UNIX_EPOCH + dt.timedelta(seconds=number / (1000 if number >= 1e11 else 1))
    return _day(moment.year, moment.month, moment.day)


def to_rating(value: object, scale: tuple[float, float]) -> tuple[float | None, str]:
    """Return the rating that a cell tells and "", or None and what is wrong with it; a blank cell is None and "".

    "4", "4,5", "4/5", "5 étoiles" and "★★★★☆" are numbers; outside the scale (worst, best), or on another one ("8/10" where the best is 5), it is broken.
    """
    if isinstance(value, bool):
        return None, NOT_A_NUMBER
    if isinstance(value, int | float) and not math.isfinite(value):
        return (None, "") if math.isnan(value) else (None, OUT_OF_SCALE)
    return _parse_rating(to_string(value).strip(), scale)


@lru_cache(maxsize=1_000)
def _parse_rating(text: str, scale: tuple[float, float]) -> tuple[float | None, str]:
    if not text:
        return None, ""
    if match := _STARS.fullmatch(text):
        number, base = float(len(match[1].replace("\ufe0f", ""))), None
    elif match := _RATING.fullmatch(text):
        number, base = float(match[1].replace(",", ".")), match[2]
    else:
        return None, NOT_A_NUMBER
    low, high = sorted(scale)
    if not low <= number <= high or (base and float(base) != high):
        return None, OUT_OF_SCALE
    return number, ""
