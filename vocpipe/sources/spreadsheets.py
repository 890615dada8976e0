"""Read one sheet of a workbook: title lines above the header are passed over, and header rows with merged cells are joined into one."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from vocpipe.errors import ConfigError, InputError, nearest
from vocpipe.sources.archives import refuse_bombs
from vocpipe.sources.config import SourceConfig
from vocpipe.sources.inputs import Input
from vocpipe.sources.rows import BadRow, Row, unique_headers
from vocpipe.sources.titles import header_index
from vocpipe.sources.values import to_string

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

# Kept after the header was found, so that a look at the first rows does not read the workbook again.
_FIRST_ROWS = 250
GROUP = " › "

# First row, first column, last row, last column of a merged cell, from 0.
Merge: TypeAlias = tuple[int, int, int, int]


class SpreadsheetReader:
    """Read the sheet that the source names, else the first one with rows. Raises `ConfigError` when there is no such sheet."""

    format = "xlsx"
    encoding = ""
    delimiter = ""

    def __init__(self, given: Input, source: SourceConfig) -> None:
        self._given = given
        self.name = given.name
        self.bytes = given.facts.size
        self.sha256 = given.facts.sha256
        sheet = self._sheet(source.sheet)
        self._sheet_name = sheet.name
        self._height = sheet.total_height
        self._first_rows: list[list[Any]] = list(islice(sheet.iter_rows(), _FIRST_ROWS))
        merges = _merges(sheet)
        self._header, self.headers = _header(self._first_rows, merges, source)

    def _sheet(self, wanted: str | None) -> "CalamineSheet":
        from python_calamine import CalamineError, CalamineWorkbook

        with self._given.open_seekable() as stream:
            refuse_bombs(self.name, stream)
            try:
                workbook = CalamineWorkbook.from_object(self._given.path or stream)
                names = workbook.sheet_names
                if wanted is not None and wanted not in names:
                    raise ConfigError(f"{self.name} has no sheet {wanted!r}", f"set `sheet:` in the source; {nearest(wanted, names)}")
                sheets = (workbook.get_sheet_by_name(name) for name in ([wanted] if wanted else names))
                first = next(sheets)
                return first if first.height > 1 else next((sheet for sheet in sheets if sheet.height > 1), first)
            except (CalamineError, StopIteration) as error:
                hint = "open it, remove any password, and save it as .xlsx or as CSV"
                raise InputError(f"{self.name} cannot be read as a spreadsheet: {error}", hint) from error

    def rows(self, problems: Counter[str]) -> Iterator[Row | BadRow]:
        """Yield the rows after the header; `number` is the one that the spreadsheet shows."""
        for number, values in enumerate(self._values(), start=1):
            if number > self._header and any(value != "" for value in values):
                yield Row(number, dict(zip(self.headers, map(_midnight_is_a_day, values), strict=False)))

    def _values(self) -> Iterator[list[Any]]:
        yield from self._first_rows
        if self._height > len(self._first_rows):
            yield from islice(self._sheet(self._sheet_name).iter_rows(), len(self._first_rows), None)


def _midnight_is_a_day(value: Any) -> Any:
    return value.date() if isinstance(value, dt.datetime) and value.time() == dt.time() else value


def _merges(sheet: "CalamineSheet") -> list[Merge]:
    """Return the merged cells of the first rows; columns are counted from the first that is used, as in the rows of the sheet."""
    left = sheet.start[1] if sheet.start else 0
    found = ((top, max(0, first - left), bottom, min(last - left, sheet.width - 1)) for (top, first), (bottom, last) in sheet.merged_cell_ranges or [])
    return [merge for merge in found if merge[0] < _FIRST_ROWS and merge[1] <= merge[3]]


def _header(rows: list[list[Any]], merges: list[Merge], source: SourceConfig) -> tuple[int, list[str]]:
    """Return the number of the last header row, from 1, and the headers: "Satisfaction › Note" under a title that spans several columns."""
    texts = [[to_string(value).strip() for value in values] for values in rows]
    spread = [list(cells) for cells in texts]
    for top, first, bottom, last in merges:
        for row in range(top, min(bottom + 1, len(rows))):
            texts[row][first] = texts[top][first]
            spread[row][first : last + 1] = [texts[top][first]] * (last + 1 - first)
    groups = {row for row in range(len(rows) - 1) if _is_group(row, texts, merges)}
    candidates = [row for row, cells in enumerate(texts) if any(cells) and row not in groups]
    if not candidates:
        return 0, []
    header = candidates[header_index([texts[row] for row in candidates], source)]
    above = header
    while above - 1 in groups:
        above -= 1
    names = [GROUP.join(dict.fromkeys(name for name in (*titles, name) if name)) for *titles, name in zip(*spread[above:header], texts[header], strict=True)]
    return header + 1, unique_headers(names)


def _is_group(row: int, texts: list[list[str]], merges: list[Merge]) -> bool:
    """Tell whether a row holds a title over several columns, each of which has a name of its own in the next row, beside other columns."""
    below = texts[row + 1]
    for _, first, bottom, last in merges:
        if bottom == row and len({name for name in below[first : last + 1] if name}) > 1 and any((*below[:first], *below[last + 1 :])):
            return True
    return False
