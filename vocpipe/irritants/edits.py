"""What people decide about irritants and enchantments: edits in a log, replayed on the result of every run."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from vocpipe import files
from vocpipe.corrections import words_hash
from vocpipe.errors import InputError, nearest
from vocpipe.irritants.scores import Floats
from vocpipe.irritants.splitting import by_centroid, by_words

LOG = Path("irritants") / "edits.jsonl"
"""Where the log is in a workspace."""

NEEDS: dict[str, tuple[str, ...]] = {
    "rename": ("irritant", "label"),
    "merge": ("irritant", "into"),
    "split": ("irritant", "children"),
    "move": ("verbatim_id", "start", "end", "words_hash"),
    "resolve": ("irritant", "month"),
    "reopen": ("irritant",),
    "undo": ("of",),
    "import": ("irritants",),
}
"""The actions, with what each must tell."""


@dataclass(frozen=True)
class Child:
    """Hold one irritant that a split makes: its terms, and its centroid as `packing.pack` writes it, null in a split by words."""

    irritant_id: str
    label: str
    terms: tuple[str, ...] = ()
    centroid: str | None = None


@dataclass(frozen=True)
class Edit:
    """Hold one decision; `number` is its place in the log, from 1.

    rename: `label` (and `label_en`) for what `was`. merge: `irritant` goes `into` another. split: the one child takes the opinions that hold one of the
    `words`, or all of them go to the nearest of the `children`. move: one opinion, known by its verbatim, `start`, `end` and the hash of its words, goes
    `into` an irritant, or nowhere when that is null; `irritant` is where it was. resolve: done with, from `month` on. undo: the edit `of` has no effect.
    import: `irritants` of another workspace, each a mapping as `exchange` reads it. `date` is a day, as YYYY-MM-DD.
    """

    number: int
    action: str
    date: str
    irritant: str | None = None
    into: str | None = None
    label: str | None = None
    label_en: str | None = None
    was: str | None = None
    words: tuple[str, ...] = ()
    children: tuple[Child, ...] = ()
    verbatim_id: str | None = None
    start: int | None = None
    end: int | None = None
    words_hash: str | None = None
    month: str | None = None
    of: int | None = None
    irritants: tuple[dict[str, Any], ...] = ()
    author: str | None = None
    reason: str | None = None

    @property
    def makes(self) -> tuple[str, ...]:
        """Return the ids that it brings into being."""
        return (*(child.irritant_id for child in self.children), *(entry["id"] for entry in self.irritants))

    @property
    def names(self) -> tuple[str, ...]:
        """Return the ids that it is about, which must be there before it."""
        return tuple(name for name in (self.irritant, self.into) if name)


@dataclass(frozen=True)
class Standing:
    """Hold what the log comes to. `edits` are those in force, in order, without undone ones.

    `labels` and `labels_en` are the last names given, `merged` tells where each merged irritant ended, `splits` the children of each irritant split,
    `emptied` those that a split left nothing, `parents` where each child comes from, `resolved` since which month, `imported` the entries by id.
    """

    edits: tuple[Edit, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    labels_en: dict[str, str | None] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)
    splits: dict[str, tuple[Child, ...]] = field(default_factory=dict)
    emptied: frozenset[str] = frozenset()
    parents: dict[str, str] = field(default_factory=dict)
    resolved: dict[str, str] = field(default_factory=dict)
    imported: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def edited(self) -> frozenset[str]:
        """Return the ids that an edit in force is about or made."""
        return frozenset(name for edit in self.edits for name in (*edit.names, *edit.makes))

    @property
    def gone(self) -> frozenset[str]:
        """Return the ids that hold no opinion any more: merged, or split as a whole."""
        return self.emptied | self.merged.keys()


class Opinions(Protocol):
    """Tell what settling needs of n opinions; `Candidates` has it. `vectors` is n × d, `starts` the first character of each in its verbatim."""

    @property
    def verbatim_ids(self) -> pa.Array: ...

    @property
    def starts(self) -> Sequence[int]: ...

    @property
    def texts(self) -> Sequence[str]: ...

    @property
    def vectors(self) -> Floats: ...


def read_log(path: Path) -> list[Edit]:
    """Return the edits of a log, oldest first; none when there is no log. Raises `InputError` with the line that is none."""
    if not path.is_file():
        return []
    found: list[Edit] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            edit = _edit(json.loads(line))
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise InputError(f"{path}, line {number}: not an edit", "put back the file from a copy, or take out this line and those after it") from error
        _check_line(edit, number, f"{path}, line {number}")
        found.append(edit)
    return found


def write_log(edits: Iterable[Edit], path: Path) -> None:
    """Write a log as JSON lines, atomically; what an edit does not tell is left out."""
    lines = [{name: value for name, value in asdict(edit).items() if value not in (None, ())} for edit in edits]
    with files.replacing(path) as temporary:
        temporary.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def undone(edits: Sequence[Edit]) -> set[int]:
    """Return the numbers of the edits that have no effect, because an undo that itself has one names them."""
    found: set[int] = set()
    for edit in reversed(edits):
        if edit.of is not None and edit.number not in found:
            found.add(edit.of)
    return found


def replay(edits: Iterable[Edit]) -> Standing:
    """Return what edits come to, in their order; an undone one has no effect, and an undone undo gives it back."""
    log = list(edits)
    without = undone(log)
    kept = tuple(edit for edit in log if edit.number not in without and edit.action != "undo")
    found = Standing(edits=kept)
    emptied = {edit.irritant for edit in kept if edit.action == "split" and not edit.words and edit.irritant}
    for edit in kept:
        _note(found, edit)
    return replace(found, emptied=frozenset(emptied))


def settle(standing: Standing, opinions: Opinions, ids: Sequence[str | None]) -> tuple[list[str | None], list[int | None]]:
    """Return the irritant of each opinion after the edits, and the number of the edit that decided it last, null where none did.

    `ids` are those that assignment gives. Merges, splits and moves act in the order of the log, each on what those before it left: a split parts the
    opinions that were merged in before, and a merge takes along those that were moved in before.
    """
    found = list(ids)
    numbers: list[int | None] = [None] * len(ids)
    places = _places(standing, opinions)
    for edit in standing.edits:
        for row, target in _targets(edit, found, opinions, places):
            found[row], numbers[row] = target, edit.number
    return found, numbers


def _edit(values: dict[str, Any]) -> Edit:
    children = tuple(_child(child) for child in values.get("children", ()))
    lists: dict[str, Any] = {name: tuple(values[name]) for name in ("words", "irritants") if name in values}
    edit = Edit(**{**values, **lists, "children": children})
    if not all(isinstance(name, str) for name in (*edit.names, *edit.makes, edit.date, edit.action)):
        raise ValueError("a name is no text")
    return edit


def _child(values: dict[str, Any]) -> Child:
    return Child(**(values | {"terms": tuple(values.get("terms", ()))}))


def _check_line(edit: Edit, number: int, place: str) -> None:
    """Raise `InputError` when an edit cannot be what a command wrote there."""
    mend = "put back the file from a copy: every edit stays in the log, and undo takes its effect away"
    if edit.action not in NEEDS:
        raise InputError(f"{place}: no action is called {edit.action!r}", nearest(edit.action, NEEDS))
    missing = [name for name in NEEDS[edit.action] if getattr(edit, name) in (None, ())]
    if missing:
        raise InputError(f"{place}: a {edit.action} without {' and '.join(missing)}", mend)
    if edit.number != number:
        raise InputError(f"{place}: edit {edit.number!r} where edit {number} is expected", mend)
    if edit.action == "undo" and not 0 < (edit.of or 0) < number:
        raise InputError(f"{place}: undoes edit {edit.of}, which does not come before it", mend)


def _note(standing: Standing, edit: Edit) -> None:
    """Add one edit to what the earlier ones came to."""
    name, into = edit.irritant, edit.into
    if edit.action == "rename" and name and edit.label:
        standing.labels[name], standing.labels_en[name] = edit.label, edit.label_en
    elif edit.action == "merge" and name and into:
        standing.merged[name] = into
        standing.merged.update({other: into for other, last in standing.merged.items() if last == name})
    elif edit.action == "split" and name:
        standing.splits[name] = (*standing.splits.get(name, ()), *edit.children)
        standing.parents.update({child.irritant_id: name for child in edit.children})
        standing.labels.update({child.irritant_id: child.label for child in edit.children})
    elif edit.action == "resolve" and name and edit.month:
        standing.resolved[name] = edit.month
    elif edit.action == "reopen" and name:
        standing.resolved.pop(name, None)
    elif edit.action == "import":
        standing.imported.update({entry["id"]: entry for entry in edit.irritants})


def _places(standing: Standing, opinions: Opinions) -> dict[str, list[int]]:
    """Return the rows of the verbatims that an opinion is moved in."""
    wanted = {edit.verbatim_id for edit in standing.edits if edit.action == "move"}
    found: dict[str, list[int]] = {}
    if wanted:
        for row, verbatim in enumerate(opinions.verbatim_ids.to_pylist()):
            if verbatim in wanted:
                found.setdefault(verbatim, []).append(row)
    return found


def _targets(edit: Edit, found: Sequence[str | None], opinions: Opinions, places: dict[str, list[int]]) -> Iterator[tuple[int, str | None]]:
    """Yield each row that an edit decides, with where it goes."""
    if edit.action == "move":
        row = _moved(edit, found, opinions, places.get(edit.verbatim_id or "", []))
        if row is not None:
            yield row, edit.into
    elif edit.action in ("merge", "split"):
        members = [row for row, name in enumerate(found) if name == edit.irritant]
        if edit.action == "merge":
            yield from ((row, edit.into) for row in members)
        elif edit.words:
            held = by_words([opinions.texts[row] for row in members], edit.words)
            yield from ((row, edit.children[0].irritant_id) for row, holds in zip(members, held, strict=True) if holds)
        else:
            nearest_child = by_centroid(opinions.vectors[members], [child.centroid or "" for child in edit.children])
            yield from ((row, edit.children[child].irritant_id) for row, child in zip(members, nearest_child, strict=True))


def _moved(edit: Edit, found: Sequence[str | None], opinions: Opinions, rows: Sequence[int]) -> int | None:
    """Return the row of the very words that were moved: at their place, else the first elsewhere in the verbatim; null when they are no more.

    A verbatim may hold the same words as an irritant's and as an enchantment's: those of the other kind are left alone.
    """
    same = [row for row in rows if words_hash(opinions.texts[row]) == edit.words_hash and _kind(found[row]) in (None, _kind(edit.into or edit.irritant))]
    at_place = [row for row in same if opinions.starts[row] == edit.start]
    return next(iter((*at_place, *same)), None)


def _kind(name: str | None) -> str | None:
    return name.rpartition("-")[0] if name else None
