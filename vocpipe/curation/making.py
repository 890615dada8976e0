"""Turn what a person asks into an edit that can hold; nothing is written."""

import re
from collections.abc import Iterator, Sequence

import numpy as np

from vocpipe import feeds
from vocpipe.corrections import words_hash
from vocpipe.curation.desk import Desk, Grouped, Signature, kind_of
from vocpipe.errors import ConfigError
from vocpipe.french.lemmas import words as words_of
from vocpipe.grouping import KINDS
from vocpipe.irritants.edit_log import check, next_ids
from vocpipe.irritants.edits import Child, Edit, undone
from vocpipe.irritants.exchange import PREFIXES
from vocpipe.irritants.packing import pack
from vocpipe.irritants.scores import Floats
from vocpipe.irritants.splitting import by_centroid, by_words, parts
from vocpipe.irritants.terms import Term, distinctive, frequencies, reads_as_noun

NOWHERE = "none"
"""Where to move an opinion that belongs to no irritant."""
_LONGEST_LABEL = 80
_TERMS = 5
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def rename(desk: Desk, irritant: str, label: str, by: Signature, english: str | None = None) -> Edit:
    """Return the edit that gives an irritant another name; the English one is forgotten unless it is given."""
    name = desk.find(irritant)
    told = _label(label)
    if told == desk.names[name]:
        raise ConfigError(f"{name} is called {told!r} already", "give another name")
    return _checked(desk, desk.sign("rename", by, irritant=name, label=told, label_en=_label(english) if english else None, was=desk.names[name]))


def merge(desk: Desk, irritant: str, into: str, by: Signature) -> Edit:
    """Return the edit that makes one irritant of two, under the name of `into`."""
    return _checked(desk, desk.sign("merge", by, irritant=desk.find(irritant), into=desk.find(into)))


def split_by_words(desk: Desk, irritant: str, words: Sequence[str], by: Signature, label: str | None = None) -> Edit:
    """Return the edit that takes the opinions which hold one of the words out of an irritant, into a new one. The others stay."""
    name = desk.find(irritant)
    wanted = tuple(dict.fromkeys(" ".join(word.split()).lower() for word in words if word.strip()))
    for word in wanted:
        if not words_of(word):
            raise ConfigError(f"{word!r} holds no word to look for", "give words of letters, separated by commas: --words appli,application")
    texts, _ = _members(desk, name)
    held = int(by_words(texts, wanted).sum()) if wanted else 0
    if not held or held == len(texts):
        which = "none" if not held else "every one"
        raise ConfigError(f"{which} of the {len(texts)} opinions of {name} holds {' or '.join(map(repr, wanted))}", f"see: vocpipe irritants show {name}")
    child = Child(_new_ids(desk, name, 1)[0], _label(label) if label else _free(f"{desk.names[name]} ({wanted[0]})", desk), wanted)
    return _checked(desk, desk.sign("split", by, irritant=name, words=wanted, children=(child,)))


def split_by_meaning(desk: Desk, irritant: str, into: int, by: Signature, labels: Sequence[str] = ()) -> Edit:
    """Return the edit that parts an irritant into new ones, each the opinions that mean nearly the same. Nothing stays with the parent."""
    name = desk.find(irritant)
    if labels and len(labels) != into:
        raise ConfigError(f"{len(labels)} names for {into} parts", f"give --label {into} times, largest part first, or not at all")
    texts, vectors = _members(desk, name)
    centroids = parts(vectors, into)
    if len(centroids) < into:
        raise ConfigError(f"the {len(texts)} opinions of {name} do not fall into {into} parts", "ask for fewer, or part them with --words")
    packed = [pack(centroid) for centroid in centroids]
    of = by_centroid(vectors, packed)
    groups = [[texts[row] for row in np.flatnonzero(of == place)] for place in range(into)]
    told = _named(desk, name, groups, labels)
    ids = _new_ids(desk, name, into)
    children = tuple(Child(each, label, terms, centroid) for each, (label, terms), centroid in zip(ids, told, packed, strict=True))
    return _checked(desk, desk.sign("split", by, irritant=name, children=children))


def move(desk: Desk, opinion_id: str, into: str, by: Signature) -> Edit:
    """Return the edit that gives one opinion (an opinion_id of `fact_opinion`) to another irritant, or to none."""
    verbatim, _, position = opinion_id.strip().rpartition("-")
    if not verbatim or not position.isdigit():
        raise ConfigError(f"{opinion_id!r} is no opinion_id", "take one of the table fact_opinion, or of: vocpipe irritants show ID")
    target = None if into.strip().lower() == NOWHERE else desk.find(into)
    for kind in KINDS if target is None else (kind_of(target),):
        for group, settled in desk.settled(kind):
            row = _row(group, verbatim, int(position))
            if row is not None:
                return _checked(desk, _move(desk, group, row, settled[row], target, by))
    raise ConfigError(
        f"{opinion_id} is no opinion that can be moved there: it is not there, is a duplicate, or names no problem (or praises nothing)",
        "correct its labels first with: vocpipe review export, vocpipe review import",
    )


def resolve(desk: Desk, irritant: str, by: Signature, since: str | None = None) -> Edit:
    """Return the edit that says that an irritant is done with, from a month on; by default the last one of the feed."""
    name = desk.find(irritant)
    months = feeds.feed_months(desk.workspace.feed)
    month = since or (months[-1] if months else None)
    if month is None or (not _MONTH.fullmatch(month) and month not in months):
        raise ConfigError(f"{since!r} is no month" if since else "the feed has no month", "give one as --since 2026-03")
    return _checked(desk, desk.sign("resolve", by, irritant=name, month=month))


def reopen(desk: Desk, irritant: str, by: Signature) -> Edit:
    """Return the edit that says that a resolved irritant is not done with."""
    name = desk.find(irritant)
    if name not in desk.standing.resolved:
        resolved = sorted(desk.standing.resolved)
        raise ConfigError(f"{name} is not resolved", f"resolved: {', '.join(resolved)}" if resolved else "no irritant is")
    return _checked(desk, desk.sign("reopen", by, irritant=name))


def undo(desk: Desk, by: Signature, number: int | None = None) -> Edit:
    """Return the edit that takes an earlier one back, by default the last one in force; to take an undo back, give its number."""
    wanted = number if number is not None else max((edit.number for edit in desk.standing.edits), default=0)
    if not 0 < wanted <= len(desk.log):
        raise ConfigError(f"no edit {number}" if number is not None else "no edit is in force", "see them with: vocpipe irritants history")
    without = undone(desk.log)
    if wanted in without:
        by_which = max(edit.number for edit in desk.log if edit.of == wanted and edit.number not in without)
        raise ConfigError(f"edit {wanted} is undone already", f"to give it back: vocpipe irritants undo {by_which}")
    target = desk.log[wanted - 1]
    return _checked(desk, desk.sign("undo", by, of=wanted, irritant=target.irritant))


def _checked(desk: Desk, edit: Edit) -> Edit:
    check([*desk.log, edit], desk.known)
    return edit


def _label(text: str) -> str:
    from vocpipe.french.redaction import redact

    told = redact(" ".join(text.split())).text
    if not 2 <= len(told) <= _LONGEST_LABEL:
        raise ConfigError(f"a name has 2 to {_LONGEST_LABEL} characters, not {len(told)}", "give a short noun phrase, such as: remboursement tardif")
    return told


def _new_ids(desk: Desk, parent: str, count: int) -> list[str]:
    return next_ids(PREFIXES[kind_of(parent)].rstrip("-"), desk.taken, count)


def _free(label: str, desk: Desk, taken: Sequence[str] = ()) -> str:
    """Return the label, with a number when it is taken."""
    used = {*(name.casefold() for name in desk.names.values()), *(name.casefold() for name in taken)}
    return next(each for each in _numbered(label[: _LONGEST_LABEL - 5]) if each.casefold() not in used)


def _numbered(label: str) -> Iterator[str]:
    yield label
    number = 1
    while True:
        number += 1
        yield f"{label} {number}"


def _members(desk: Desk, name: str) -> tuple[list[str], Floats]:
    """Return the words and vectors of the opinions of an irritant today, in an order that depends on no batch."""
    found: list[tuple[str, int, str, Floats]] = []
    for group, settled in desk.settled(kind_of(name)):
        verbatims, opinions, words = group.candidates.verbatim_ids.to_pylist(), group.candidates.opinions.to_pylist(), group.candidates.lines
        found += [(verbatims[row], opinions[row], words[row], group.candidates.vectors[row]) for row, each in enumerate(settled) if each == name]
    if not found:
        raise ConfigError(f"{name} ({desk.names[name]}) holds no opinion", "see those that do: vocpipe irritants list")
    found.sort(key=lambda member: member[:2])
    return [member[2] for member in found], np.stack([member[3] for member in found])


def _named(desk: Desk, parent: str, groups: Sequence[Sequence[str]], labels: Sequence[str]) -> list[tuple[str, tuple[str, ...]]]:
    """Return a label and the terms of each part: the names given, else that of the parent with what sets the part apart."""
    everything = [text for group in groups for text in group]
    background = frequencies(everything)
    told: list[tuple[str, tuple[str, ...]]] = []
    for place, group in enumerate(groups):
        terms = distinctive(list(group), background, len(everything))
        label = _label(labels[place]) if labels else _free(_suggested(desk.names[parent], terms), desk, [each for each, _ in told])
        told.append((label, _apart(terms)))
    return told


def _apart(terms: Sequence[Term]) -> tuple[str, ...]:
    """Return the most distinctive lemmas, each once."""
    return tuple(dict.fromkeys(lemma for term in terms for lemma in term.lemmas))[:_TERMS]


def _suggested(parent: str, terms: Sequence[Term]) -> str:
    own = {word.lemma for word in words_of(parent)}
    nouns = [term for term in terms if reads_as_noun(term)]
    apart = [term for term in nouns if not own & set(term.lemmas)] or [term for term in nouns if not own.issuperset(term.lemmas)]
    return f"{parent} ({apart[0].surface})" if apart else parent


def _row(group: Grouped, verbatim: str, position: int) -> int | None:
    verbatims, opinions = group.candidates.verbatim_ids.to_pylist(), group.candidates.opinions.to_pylist()
    return next((row for row, place in enumerate(zip(verbatims, opinions, strict=True)) if place == (verbatim, position)), None)


def _move(desk: Desk, group: Grouped, row: int, now: str | None, into: str | None, by: Signature) -> Edit:
    if now == into:
        raise ConfigError(f"the opinion is in {into or 'no irritant'} already", f"name another irritant, or {NOWHERE}")
    text, start = group.candidates.texts[row], group.candidates.starts[row]
    verbatim = group.candidates.verbatim_ids[row].as_py()
    place = {"verbatim_id": verbatim, "start": start, "end": start + len(text), "words_hash": words_hash(text)}
    return desk.sign("move", by, irritant=now, into=into, **place)
