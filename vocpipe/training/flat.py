"""Read labels from tables of one row per segment, such as people keep in a spreadsheet."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from vocpipe.errors import InputError
from vocpipe.sources.headers import normalise
from vocpipe.sources.values import to_string
from vocpipe.taxonomy import Taxonomy
from vocpipe.training.corpus import text_key
from vocpipe.training.segments import HEADS, Verbatim, day_of, segment_of

COLUMNS = ("id", "source", "date", "company", "text", "segment", *HEADS)
NOT_JUDGED = "?"

_OTHER_NAMES = {"identifiant": "id", "entreprise": "company", "verbatim": "text", "texte": "text", "emotion": "emotions", "etape": "step", "flag": "flags"}
_HINT = "see docs/annotated-format.md for the columns and their codes"


def flat_verbatims(rows: Iterable[tuple[str, Mapping[str, Any]]], headers: Sequence[str], where: str, taxonomy: Taxonomy) -> list[Verbatim]:
    """Return the verbatims of a table, in the order of their first rows; `rows` come with their place ("row 12").

    With a column `segment`, rows of one `id` (without it, of one text) are the segments of one verbatim; else every row is a verbatim of one segment.
    Raises `InputError` with the file, the row and the nearest valid code.
    """
    names = _columns(headers, where)
    several = "segment" in names.values()
    heads = [head for head in HEADS if head in names.values()]
    found: dict[str, Verbatim] = {}
    for place, cells in rows:
        row = {names[header]: value for header, value in cells.items() if header in names}
        try:
            verbatim = _verbatim(row, heads, found if several else {}, taxonomy)
            verbatim = _joined(found.get(verbatim.id), verbatim) if several else _alone(verbatim, found)
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{where}, {place}: {error}", _HINT) from error
        found[verbatim.id] = verbatim
    return list(found.values())


def _columns(headers: Sequence[str], where: str) -> dict[str, str]:
    """Return our column of each header that is one, whatever its case and accents."""
    names = {header: header for header in headers if header in COLUMNS}
    for header in headers:
        plain = normalise(header)
        column = _OTHER_NAMES.get(plain, plain)
        if column in COLUMNS and column not in names.values():
            names[header] = column
    if "text" not in names.values():
        raise InputError(f"{where} has no column `text`", f"its columns: {', '.join(headers)}; {_HINT}")
    for header in headers:
        missing = [head for head in HEADS if head not in names.values()]
        if header not in names and (close := difflib.get_close_matches(normalise(header), missing, n=1, cutoff=0.8)):
            raise InputError(f"{where}: unknown column {header!r}", f"did you mean {close[0]!r}? Rename it, or leave it out")
    if not set(HEADS) & set(names.values()):
        raise InputError(f"{where} has no column of labels", f"add one or more of {', '.join(HEADS)}; {_HINT}")
    return names


def _verbatim(row: Mapping[str, Any], heads: Sequence[str], found: Mapping[str, Verbatim], taxonomy: Taxonomy) -> Verbatim:
    """Return the row as a verbatim of one segment; what the first row of its id told need not be told again."""
    name = to_string(row.get("id")).strip()
    first = found.get(name)
    text = to_string(row.get("text"))
    if not text.strip():
        text = first.text if first else ""
    if not text:
        raise ValueError("no text")
    segment = to_string(row.get("segment"))
    labels = {head: row.get(head) for head in heads if to_string(row.get(head)).strip() != NOT_JUDGED}
    return Verbatim(
        name or _unnamed(text),
        _words(row.get("source")) or (first.source if first else "unknown"),
        text,
        (segment_of(segment if segment.strip() else text, labels, taxonomy),),
        day_of(row.get("date")) or (first.date if first else None),
        _words(row.get("company")) or (first.company if first else None),
    )


def _unnamed(text: str) -> str:
    return f"T-{text_key(text)[:12]}"


def _words(value: object) -> str | None:
    return to_string(value).strip() or None


def _joined(first: Verbatim | None, row: Verbatim) -> Verbatim:
    """Return the first rows of a verbatim with one more segment."""
    if first is None:
        return row
    for name in ("text", "source", "date", "company"):
        if getattr(row, name) != getattr(first, name):
            raise ValueError(f"its {name} is not that of the first row of {first.id!r}")
    return replace(first, segments=first.segments + row.segments)


def _alone(row: Verbatim, found: Mapping[str, Verbatim]) -> Verbatim:
    """Return the row under an id of its own: two customers may write the same words."""
    if row.id not in found:
        return row
    if row.id != _unnamed(row.text):
        raise ValueError(f"the id {row.id!r} is given twice; a column `segment` tells the segments of a verbatim apart")
    return replace(row, id=next(name for number in range(2, len(found) + 2) if (name := f"{row.id}-{number}") not in found))
