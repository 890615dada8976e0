"""See what the values of a column are: days, numbers, words, identifiers, personal data."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vocpipe.french.redaction import redact
from vocpipe.sources.headers import word_set
from vocpipe.sources.personal import personal_kind
from vocpipe.sources.values import label_key, tells_offset, to_date, to_number, to_string
from vocpipe.sources.wordings import rank_of

_LONGEST_NUMBER = 100
_CELLS_TO_REDACT = 100
_FRENCH = word_set("le la les de des du un une et est pas je que pour dans sur très trop avec ai ne plus mais nous vous à au en il on ce qui tout bien mon ma")
_WORD = re.compile(r"[^\W\d_]+")
_CODE = re.compile(r"(?=.*\d)[\w\-./:]{2,64}")


@dataclass(frozen=True)
class Profile:
    """Describe the values of a column. Shares go from 0 to 1 and are those of the cells that are not blank; `rows` counts blank ones too.

    `days` are days as people and tools write them, `day_numbers` counts bare numbers that may be days too, `offsets` are moments that tell theirs.
    `numbers` has a number or None for each row, `points` ranks the words of a scale too, `best_told` is the 5 of "4/5". `words` is the mean number of
    words, `french` the share among sentences.
    """

    header: str
    personal: str | None
    rows: int
    cells: tuple[str, ...]
    days: float
    day_numbers: float
    month_first: bool
    offsets: float
    numbers: tuple[float | None, ...]
    points: tuple[float | None, ...]
    best_told: float | None
    distinct: int
    words: float
    letters: float
    french: float
    codes: float
    personal_shares: dict[str, float]

    @property
    def filled(self) -> int:
        """Return how many cells are not blank."""
        return len(self.cells)

    @property
    def numeric(self) -> float:
        """Return the share of cells that are numbers."""
        return sum(number is not None for number in self.numbers) / max(1, self.filled)

    @property
    def variety(self) -> float:
        """Return how many different values there are for one cell."""
        return self.distinct / max(1, self.filled)

    @property
    def counts_rows(self) -> bool:
        """Tell whether the values are 1, 2, 3 … or 0, 1, 2 …: such numbers start again in every export."""
        return self.filled > 1 and any(self.cells == tuple(str(number + start) for number in range(self.filled)) for start in (0, 1))


def profile(header: str, values: Sequence[object]) -> Profile:
    """Describe the values of one column, in the order of the rows."""
    texts = [to_string(value).strip() for value in values]
    told = [to_number(text) if len(text) <= _LONGEST_NUMBER else None for text in texts]
    filled = [(value, text) for value, text in zip(values, texts, strict=True) if text]
    cells = tuple(text for _, text in filled)
    bases = Counter(found[1] for found in told if found and found[1])
    day_first = [_is_day(value, text, True) for value, text in filled]
    month_first = [_is_day(value, text, False) for value, text in filled]
    words = [_WORD.findall(text.casefold()) for text in cells]
    return Profile(
        header=header,
        personal=personal_kind(header),
        rows=len(values),
        cells=cells,
        days=max(_share(day_first), _share(month_first)),
        day_numbers=_share(to_date(value, True)[0] is not None for value, _ in filled),
        month_first=sum(month_first) > sum(day_first),
        offsets=_share(_is_moment(value) for value, _ in filled),
        numbers=tuple(found[0] if found else None for found in told),
        points=tuple(found[0] if found else rank_of(text) for found, text in zip(told, texts, strict=True)),
        best_told=bases.most_common(1)[0][0] if bases else None,
        distinct=len({label_key(text) for text in cells}),
        words=sum(map(len, words)) / max(1, len(cells)),
        letters=_share(map(bool, words)),
        french=_share(len(_FRENCH.intersection(found)) >= 2 for found in words if len(found) > 3),
        codes=_share(_CODE.fullmatch(text) is not None for text in cells),
        personal_shares=_personal(cells),
    )


def _share(found: Iterable[bool]) -> float:
    answers = list(found)
    return sum(answers) / len(answers) if answers else 0.0


def _is_day(value: object, text: str, day_first: bool) -> bool:
    """Tell whether a cell is a day as people and tools write it; a bare number, which may be one for Excel, is none."""
    if isinstance(value, dt.date):
        return True
    return not text.replace(".", "").isdigit() and to_date(value, day_first)[0] is not None


def _is_moment(value: object) -> bool:
    return value.tzinfo is not None if isinstance(value, dt.datetime) else tells_offset(to_string(value).strip())


def _personal(cells: Sequence[str]) -> dict[str, float]:
    """Return the share of the cells that hold each kind of personal data, among the first ones."""
    sample = cells[:_CELLS_TO_REDACT]
    found = Counter(kind for text in sample for kind in redact(text).counts)
    return {kind: times / len(sample) for kind, times in sorted(found.items())}
