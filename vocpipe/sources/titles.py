"""Find the header under the lines that tools write above it: the name of the report, its dates, its filters."""

from collections import Counter
from collections.abc import Sequence

from vocpipe.sources.config import SourceConfig
from vocpipe.sources.headers import find_columns, missing_columns

# Lines above the header are few, and this many rows tell which columns are in use.
_LINES_ABOVE = 20
_ROWS_TO_SEE_THE_COLUMNS = 200


def header_index(rows: Sequence[Sequence[str]], source: SourceConfig) -> int:
    """Return the index of the header among the first rows of a table, those that are blank left out.

    It is the first row that fills more than half of the columns in use, or that names the column of the customer's words beside another one. When there is
    none, it is the first row. In a table of two columns, a lone name of that column is a header too, whose second column has no name.
    """
    used = _columns_in_use(rows[:_ROWS_TO_SEE_THE_COLUMNS])
    lone_name: int | None = None
    for index, cells in enumerate(rows[: _LINES_ABOVE + 1]):
        filled = [cell for cell in cells if cell.strip()]
        named = names_text(filled, source)
        if named and len(filled) > 1:
            return index
        if 2 * len(filled) > used:
            return index if lone_name is None else lone_name
        if named and used == 2 and lone_name is None:
            lone_name = index
    return lone_name or 0


def names_text(cells: Sequence[str], source: SourceConfig) -> bool:
    """Tell whether a row names a column that holds the customer's words."""
    if source.text_parts:
        return len(missing_columns(cells, source.text_parts)) < len(source.text_parts)
    return "text" in find_columns(cells, source.columns)


def _columns_in_use(rows: Sequence[Sequence[str]]) -> int:
    """Return the number of columns filled in at least a quarter of the rows."""
    filled = Counter(position for cells in rows for position, cell in enumerate(cells) if cell.strip())
    return sum(4 * times >= len(rows) for times in filled.values())
