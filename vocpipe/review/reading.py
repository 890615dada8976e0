"""Read a review that comes back, and find every mistake in it."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vocpipe.errors import InputError
from vocpipe.review.label_studio import read_tasks
from vocpipe.review.sheet import CUT, UNNAMED, undone
from vocpipe.sources.config import SourceConfig
from vocpipe.sources.inputs import expand
from vocpipe.sources.readers import open_reader
from vocpipe.sources.rows import BadRow
from vocpipe.sources.values import to_string
from vocpipe.taxonomy import Taxonomy
from vocpipe.training.flat import NOT_JUDGED
from vocpipe.training.segments import HEADS, labels_of, segment_of

_TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".ods")
_NEEDED = ("id", "segment", "start", "end")
_YES = ("oui", "o", "x", "yes", "y", "1", "vrai", "true", "ok")
_NO = ("", "non", "n", "no", "0", "faux", "false")
_SHOWN = 30
_CONTEXT_COMPARED = 200
_LONGEST_QUOTE = 30


@dataclass(frozen=True)
class Answer:
    """Hold what a person says of one opinion: the heads judged, in the form of `Correction.new`."""

    place: str
    verbatim_id: str
    start: int
    end: int
    labels: dict[str, Any]


class Mistakes:
    """Gather mistakes, to tell them all at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: list[str] = []

    def add(self, place: str, message: str) -> None:
        self._found.append(f"  - {place}{', ' if place else ''}{message}")

    def finish(self) -> None:
        """Raise `InputError` when there are any."""
        if self._found:
            more = [f"  - and {len(self._found) - _SHOWN} more"] if len(self._found) > _SHOWN else []
            lines = "\n".join(self._found[:_SHOWN] + more)
            raise InputError(f"{self._path}: nothing was imported, {len(self._found)} to correct:\n{lines}", "correct the file and import it again")


def read_cells(path: Path) -> list[tuple[str, dict[str, str]]]:
    """Return the rows of a file by column, as texts, with their place; raise `InputError` when it is no review."""
    given = expand([path])[0]
    if path.suffix.lower() == ".json":
        found = read_tasks(path)
        headers = list(found[0][1]) if found else list(_NEEDED)
    elif path.suffix.lower() in _TABLES:
        reader = open_reader(given, SourceConfig(name="review"))
        word, headers, found = "row" if reader.format == "xlsx" else "line", reader.headers, []
        for row in reader.rows(Counter()):
            if isinstance(row, BadRow):
                raise InputError(f"{path}, {word} {row.number}: {row.reason}", "correct the row: a text that holds the delimiter stands between quotes")
            found.append((f"{word} {row.number}", dict(row.cells)))
    else:
        raise InputError(f"{path}: unknown kind of review", "give the .csv, .xlsx or .json file of a review, or a corrections.jsonl")
    missing = [name for name in _NEEDED if name not in headers]
    if missing:
        raise InputError(f"{path} has no column {', '.join(missing)}", "keep the columns of the export: they tell which opinion a row is about")
    return [(place, {name: undone(to_string(value)) for name, value in cells.items()}) for place, cells in found]


def answers_of(rows: list[tuple[str, dict[str, str]]], verbatims: Mapping[str, str], taxonomy: Taxonomy, mistakes: Mistakes) -> list[Answer]:
    """Return what people judged; `verbatims` gives the text of each that the workspace holds.

    Of a row marked in `relu`, all heads are judged; of another, only the heads that were changed; "?" is never judged.
    """
    found: list[Answer] = []
    told: dict[tuple[str, int, int], str] = {}
    for place, cells in rows:
        labels = _judged(place, cells, taxonomy, mistakes)
        span = _span(place, cells, verbatims, mistakes) if labels else None
        if span and labels:
            if span in told:
                mistakes.add(place, f"the opinion was given before, at {told[span]}: keep one of the two rows")
            told.setdefault(span, place)
            found.append(Answer(place, *span, labels))
    return found


def _span(place: str, cells: Mapping[str, str], verbatims: Mapping[str, str], mistakes: Mistakes) -> tuple[str, int, int] | None:
    name = cells.get("id", "").strip()
    text = verbatims.get(name)
    if text is None:
        mistakes.add(place, f"column id: the workspace holds no opinions of a verbatim {_quoted(name)}; was it exported from another workspace?")
        return None
    try:
        start, end = int(float(cells["start"])), int(float(cells["end"]))
    except (KeyError, ValueError, OverflowError):
        mistakes.add(place, "columns start, end: not numbers; put back those of the export")
        return None
    if not 0 <= start < end <= len(text) or _letters(cells.get("segment", "")) != _letters(text[start:end]):
        mistakes.add(place, "column segment: not the words that the workspace holds there; a text must not be changed, put back that of the export")
        return None
    context = _letters(cells.get("text", "").removesuffix(CUT)[:_CONTEXT_COMPARED])
    if context and not _letters(text).startswith(context):
        mistakes.add(place, "column text: not the text that the workspace holds; a text must not be changed, put back that of the export")
        return None
    return name, start, end


def _quoted(cell: str) -> str:
    """Return a cell to show, unless it may be the words of a customer in the wrong column."""
    return repr(cell) if len(cell) <= _LONGEST_QUOTE and " " not in cell else f"(a text of {len(cell)} characters)"


def _letters(text: str) -> str:
    """Return the letters and digits that survive a spreadsheet that saves as Windows-1252."""
    kept = (letter for letter in text.casefold() if letter.isalnum())
    return "".join(letter for letter in kept if letter.encode("cp1252", "ignore"))


def _judged(place: str, cells: Mapping[str, str], taxonomy: Taxonomy, mistakes: Mistakes) -> dict[str, Any]:
    """Return the heads that somebody judged, with their labels; a row that nobody touched gives none, whatever it holds."""
    mark = cells.get("relu", "").strip().casefold()
    if mark not in (*_YES, *_NO):
        mistakes.add(place, f"column relu: {_quoted(mark)} is neither oui nor empty")
    before = _before(place, cells, mark in _YES, mistakes)
    found = {}
    for head in HEADS:
        cell = cells.get(head, NOT_JUDGED).strip()
        if cell == NOT_JUDGED:
            continue
        if mark in _YES or (before is not None and _normal(cell) != _normal(before.get(head, ""))):
            try:
                labels = _label(head, cell, taxonomy)
            except (ValueError, KeyError, TypeError) as error:
                mistakes.add(place, f"column {head}: {error}")
                continue
            if before is None or mark in _YES or labels != _quiet(head, before.get(head, ""), taxonomy):
                found.update(labels)
    return found


def _before(place: str, cells: Mapping[str, str], marked: bool, mistakes: Mistakes) -> dict[str, str] | None:
    """Return what the cells held when they were handed out; None without the column."""
    try:
        told = json.loads(cells["avant"]) if cells.get("avant", "").strip() else None
        return {head: to_string(value) for head, value in told.items()} if told is not None else None
    except (ValueError, AttributeError):
        if not marked:
            mistakes.add(place, "column avant: not what the export wrote; put it back, or write oui in the column relu")
        return None


def _label(head: str, cell: str, taxonomy: Taxonomy) -> dict[str, Any]:
    """Return the label as {head: value}, empty when the cell leaves a step open."""
    if head == "irritant" and cell.casefold() == UNNAMED:
        return {head: True}
    found = labels_of(segment_of("", {head: cell}, taxonomy))
    return {head: sorted(found[head], key=taxonomy.flag_codes.index)} if head == "flags" else found


def _quiet(head: str, cell: str, taxonomy: Taxonomy) -> dict[str, Any]:
    try:
        return _label(head, cell, taxonomy)
    except (ValueError, KeyError, TypeError):
        return {}


def _normal(cell: str) -> str:
    return " ".join(cell.split()).casefold()
