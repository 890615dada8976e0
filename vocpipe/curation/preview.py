"""What an edit changes on real opinions, before it is applied."""

from collections.abc import Sequence
from dataclasses import dataclass

from vocpipe.curation.desk import Desk, kind_of
from vocpipe.grouping import KINDS
from vocpipe.irritants.candidates import Kind
from vocpipe.irritants.edit_log import names
from vocpipe.irritants.edits import Edit, replay, settle
from vocpipe.irritants.evidence import choose

_QUOTES = 3
_KEPT = 300
_NO_OPINION_MOVES = ("rename", "resolve", "reopen")


@dataclass(frozen=True)
class Change:
    """Count the opinions, and the verbatims that hold them, which go from one irritant to another in a month; null is the residual."""

    month: str
    source: str | None
    target: str | None
    opinions: int
    verbatims: int


@dataclass(frozen=True)
class Preview:
    """Hold what an edit changes: counts by month, source and target; a few sentences of each pair; the labels of all that is named.

    `held` counts the opinions that the irritant of the edit holds today, null when the edit is about none or about several.
    """

    edit: Edit
    changes: tuple[Change, ...]
    quotes: dict[tuple[str | None, str | None], tuple[str, ...]]
    names: dict[str, str]
    held: int | None

    @property
    def opinions(self) -> int:
        """Return how many opinions change in all."""
        return sum(change.opinions for change in self.changes)


def preview(desk: Desk, edit: Edit) -> Preview:
    """Return what an edit changes in all finished batches, and three real sentences for each way; nothing is written."""
    after = replay([*desk.log, edit])
    told = {**desk.names, **names(after, desk.known)}
    changed = edit
    while changed.of is not None:
        changed = desk.log[changed.of - 1]
    moves: dict[tuple[str, str | None, str | None], list[str]] = {}
    texts: dict[tuple[str | None, str | None], list[tuple[str, str]]] = {}
    held = 0
    for kind in _kinds(changed):
        renewed = desk.grouped(kind, after) if after.imported != desk.standing.imported else None
        for group, now in desk.settled(kind):
            again = next(renewed) if renewed is not None else group
            held += now.count(changed.irritant) if changed.irritant else 0
            if changed.action in _NO_OPINION_MOVES:
                continue
            verbatims, months, words = group.candidates.verbatim_ids.to_pylist(), group.months(), group.candidates.lines
            for row, (source, target) in enumerate(zip(now, settle(after, again.candidates, again.found)[0], strict=True)):
                if source != target:
                    moves.setdefault((months[row], source, target), []).append(verbatims[row])
                    texts.setdefault((source, target), []).append((words[row], verbatims[row]))
    changes = tuple(Change(*key, len(found), len(set(found))) for key, found in sorted(moves.items(), key=lambda item: tuple(map(str, item[0]))))
    return Preview(edit, changes, {pair: _quotes(found) for pair, found in texts.items()}, told, held if changed.irritant else None)


def _kinds(edit: Edit) -> Sequence[Kind]:
    """Return the kinds whose opinions an edit may change."""
    about = {kind_of(name) for name in (*edit.names, *edit.makes)}
    return tuple(kind for kind in KINDS if kind in about)


def _quotes(found: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    texts, verbatims = [text for text, _ in found[:_KEPT]], [verbatim for _, verbatim in found[:_KEPT]]
    return tuple(texts[row] for row in choose(range(len(texts)), texts, verbatims, _QUOTES))
