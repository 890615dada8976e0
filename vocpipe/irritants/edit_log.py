"""Add edits to the log, and refuse those that cannot hold."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from vocpipe.errors import ConfigError, WorkspaceError, nearest
from vocpipe.irritants.catalogue import FIRST_FOUND, number_of
from vocpipe.irritants.edits import Edit, Standing, read_log, replay, write_log


def append(path: Path, edit: Edit, known: Mapping[str, str]) -> None:
    """Add an edit to the log, if it can hold; see `check` for `known` and the errors.

    Raises `WorkspaceError` when another edit took its number meanwhile.
    """
    log = read_log(path)
    if edit.number != len(log) + 1:
        raise WorkspaceError("somebody edited the irritants of this workspace meanwhile", "look at the new state, then give the command again")
    check([*log, edit], known)
    write_log([*log, edit], path)


def check(log: Sequence[Edit], known: Mapping[str, str]) -> None:
    """Raise `ConfigError` when the last edit of a log cannot hold, or takes away what another one stands on.

    `known` gives the label of each irritant and enchantment that is there without edits.
    """
    last = log[-1]
    broken = _broken(log, known)
    if last.number in broken:
        raise broken[last.number]
    for number in sorted(broken.keys() - _broken(log[:-1], known).keys()):
        raise ConfigError(f"edit {number} ({log[number - 1].action} {log[number - 1].irritant or ''}) stands on edit {last.of}", f"undo edit {number} first")
    _check_labels(log, known)


def next_ids(kind: str, taken: Iterable[str], count: int) -> list[str]:
    """Return ids that nothing has had, such as IRR-1004, from those that are taken; `kind` is IRR or ENC."""
    first = 1 + max((FIRST_FOUND - 1, *(number_of(name) for name in taken if name.startswith(f"{kind}-"))))
    return [f"{kind}-{number:04d}" for number in range(first, first + count)]


def names(standing: Standing, known: Mapping[str, str]) -> dict[str, str]:
    """Return the label of each irritant and enchantment, edits in force included."""
    imported = {name: str(entry["label"]) for name, entry in standing.imported.items()}
    there = known.keys() | imported.keys() | standing.parents.keys()
    return {name: label for name, label in {**known, **imported, **standing.labels}.items() if name in there}


def _broken(log: Sequence[Edit], known: Mapping[str, str]) -> dict[int, ConfigError]:
    """Return the edits in force that cannot hold, by number, with the reason."""
    there, gone = set(known), dict[str, str]()
    found = {}
    for edit in replay(log).edits:
        try:
            _check(edit, there, gone)
        except ConfigError as error:
            found[edit.number] = error
            continue
        there.update(edit.makes)
        if edit.irritant and edit.action == "merge":
            gone[edit.irritant] = f"merged into {edit.into}"
        elif edit.irritant and edit.action == "split" and not edit.words:
            gone[edit.irritant] = "split into " + ", ".join(edit.makes)
    return found


def _check(edit: Edit, there: set[str], gone: Mapping[str, str]) -> None:
    for name in edit.names:
        if name not in there:
            raise ConfigError(f"no irritant is called {name}", nearest(name, there) if there else "run a batch first")
    if edit.irritant and edit.irritant in gone and edit.action in ("merge", "split", "resolve"):
        raise ConfigError(f"{edit.irritant} is {gone[edit.irritant]}: it holds no opinion any more", "edit that one, or undo what was done")
    if edit.into and edit.into in gone:
        raise ConfigError(f"{edit.into} is {gone[edit.into]}: it can take no opinion", "name that one, or undo what was done")
    if edit.action == "merge" and edit.irritant == edit.into:
        raise ConfigError(f"{edit.irritant} cannot be merged into itself", "name two irritants")
    if edit.irritant and edit.into and edit.irritant.rpartition("-")[0] != edit.into.rpartition("-")[0]:
        raise ConfigError(f"{edit.irritant} and {edit.into} are not of one kind", "an irritant (IRR) and an enchantment (ENC) stay apart")
    for name in edit.makes:
        if name in there:
            raise ConfigError(f"{name} is taken", "give the command again: it looks for a free number")


def _check_labels(log: Sequence[Edit], known: Mapping[str, str]) -> None:
    """Raise `ConfigError` when the last edit gives two living irritants one name."""
    before, after = (replay(edits) for edits in (log[:-1], log))
    shared = _shared(after, known)
    for label in sorted(shared.keys() - _shared(before, known).keys()):
        raise ConfigError(f"{' and '.join(shared[label])} would both be called {label!r}", "give another name, or merge them")


def _shared(standing: Standing, known: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the labels that several living irritants have, in lower case, with their ids."""
    living = {name: label.casefold() for name, label in names(standing, known).items() if name not in standing.gone}
    counts = Counter(living.values())
    return {label: sorted(name for name, own in living.items() if own == label) for label, count in counts.items() if count > 1}
