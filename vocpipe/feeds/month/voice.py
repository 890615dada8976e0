"""How figures are said in French and in English: numbers, shares, dates, counts, lists and sentences."""

import datetime
import re
from collections.abc import Sequence
from functools import lru_cache

from vocpipe.errors import ConfigError, nearest
from vocpipe.feeds.month import phrases_en, phrases_fr
from vocpipe.feeds.month.markdown import escape

_LANGUAGES = {"fr": phrases_fr, "en": phrases_en}
_CALENDAR = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_THIN, _WIDE = "\u202f", "\u00a0"
_FIRST_LETTER = re.compile(r"^([«“* \u202f]*)(\w)")
_PLURAL_FROM = {"fr": 2.0, "en": 1.0 + 1e-9}


@lru_cache(maxsize=1024)
def french_spaces(text: str) -> str:
    """Return the text with the no-break spaces of French typography."""
    text = re.sub(r" ([;!?%»])", _THIN + r"\1", text)
    return re.sub(r"« ", "«" + _THIN, text).replace(" :", _WIDE + ":")


def capital(text: str) -> str:
    """Return the text with a capital first letter, which quotation or Markdown marks may come before."""
    return _FIRST_LETTER.sub(lambda found: found[1] + found[2].upper(), text, count=1)


class Voice:
    """Say figures in one language, `fr` or `en`; raise `ConfigError` for another."""

    def __init__(self, language: str) -> None:
        if language not in _LANGUAGES:
            raise ConfigError(f"the report is not written in {language!r}", nearest(language, _LANGUAGES))
        self.language = language
        self._words = _LANGUAGES[language]

    def say(self, key: str, **values: str) -> str:
        """Return a sentence whose gaps are filled with values that are Markdown already, with a capital first letter."""
        return capital(self.part(key, **values))

    def part(self, key: str, **values: str) -> str:
        """Return the same for a piece of a sentence: its first letter is left as it is."""
        template = self._words.PHRASES[key]
        return (french_spaces(template) if self.language == "fr" else template).format(**values)

    def number(self, value: float, decimals: int = 0, signed: bool = False) -> str:
        """Return a number; minus is the sign, not the hyphen, and zero has none."""
        rounded = round(value, decimals) + 0.0
        text = f"{abs(rounded):,.{decimals}f}"
        if self.language == "fr":
            text = text.replace(",", _THIN).replace(".", ",")
        sign = "−" if rounded < 0 else "+" if signed and rounded > 0 else ""
        return sign + text

    def share(self, value: float, decimals: int = 1) -> str:
        """Return a share, 0 to 1, in percent; a share that is not zero is never said to be."""
        smallest = 10**-decimals
        text = self.number(100 * value, decimals)
        if 0 < value < smallest / 200:
            text = "< " + self.number(smallest, decimals)
        return text + (_THIN + "%" if self.language == "fr" else "%")

    def points(self, value: float, decimals: int = 1) -> str:
        """Return a signed difference, in points."""
        plural = abs(round(value, decimals)) >= _PLURAL_FROM[self.language] or (self.language == "en" and abs(round(value, decimals)) < 1)
        return f"{self.number(value, decimals, signed=True)} point{'s' if plural else ''}"

    def interval(self, low: float | None, high: float | None, decimals: int = 1) -> str:
        """Return the bounds of a share, or a dash when they are not known."""
        if low is None or high is None:
            return "–"
        return self.part("interval", low=self.number(100 * low, decimals), high=self.share(high, decimals))

    def bounds(self, low: float | None, high: float | None, decimals: int = 2) -> str:
        """Return the bounds of a signed difference, or a dash when they are not known."""
        if low is None or high is None:
            return "–"
        return self.part("interval", low=self.number(low, decimals, signed=True), high=self.number(high, decimals, signed=True))

    def count(self, number: int, noun: str) -> str:
        """Return a number of things, with the noun in the right number."""
        one, many = self._words.NOUNS[noun]
        return f"{self.number(number)} {one if abs(number) < _PLURAL_FROM[self.language] and (number or self.language == 'fr') else many}"

    def few(self, number: int) -> str:
        """Return a small number of irritants in words, a larger one in digits."""
        words: Sequence[str] = self._words.NUMBERS
        return words[number] if number < len(words) else self.number(number)

    def written(self, text: str) -> str:
        """Return what a customer or an analyst wrote, so that it is shown as it is."""
        return escape(text)

    def name(self, label: str) -> str:
        """Return the label of an irritant between quotation marks."""
        return self.part("quoted", text=self.written(label))

    def listing(self, items: Sequence[str]) -> str:
        """Return items one after the other, with « et » before the last."""
        return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} {self._words.AND} {items[-1]}"

    def month(self, month: str) -> str:
        """Return `2026-06` as « juin 2026 »; another name, that of an undated batch, stays as it is."""
        found = _CALENDAR.fullmatch(month)
        return f"{self._words.MONTHS[int(found[2]) - 1]} {found[1]}" if found else self.written(month)

    def during(self, month: str) -> str:
        """Return « en juin 2026 »."""
        return self.part("during" if _CALENDAR.fullmatch(month) else "during_period", month=self.month(month))

    def span(self, months: Sequence[str]) -> str:
        """Return « de mars à mai 2026 » for months in their order."""
        if len(months) == 1:
            return self.during(months[0])
        first, last = _CALENDAR.fullmatch(months[0]), _CALENDAR.fullmatch(months[-1])
        if not first or not last:
            return self.part("span_periods", number=str(len(months)))
        start = self._words.MONTHS[int(first[2]) - 1] if first[1] == last[1] else self.month(months[0])
        return self.part("span_vowel" if start[0] in "ao" else "span", first=start, last=self.month(months[-1]))

    def day(self, day: datetime.date) -> str:
        """Return « 12 juin »."""
        number = "1er" if self.language == "fr" and day.day == 1 else str(day.day)
        return f"{number} {self._words.MONTHS[day.month - 1]}"
