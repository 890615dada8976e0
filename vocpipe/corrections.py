"""What people correct in the answers of the models: a log that is applied to the rows of every run, whatever model made them."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vocpipe import files
from vocpipe.errors import InputError

MARKS = pa.schema({"verbatim_id": pa.string(), "opinion": pa.int32(), "heads": pa.list_(pa.string())})
"""One row per opinion that holds an answer of a person: its place in the list columns, and the heads corrected."""

PROBABILITIES = {
    "sentiment": "opinion_sentiment_p",
    "emotions": "opinion_emotion_p",
    "step": "opinion_step_p",
    "theme": "opinion_theme_p",
    "flags": "opinion_flag_p",
    "irritant": "opinion_irritant_p",
}
"""The probability column of each head."""

Span = tuple[int, int]


@dataclass(frozen=True)
class Correction:
    """Hold what a person says of one head of the opinion at `start` … `end` of a verbatim's text.

    `words` is the hash of those characters; `old` is what the model said. Values: sentiment -2…2 or null, emotions {code: 1 or 2}, step and theme
    codes (theme null for none), flags a list; irritant a phrase, true (a problem without a name) or null, and true or false in `old`.
    """

    verbatim_id: str
    start: int
    end: int
    words: str
    head: str
    old: Any
    new: Any
    author: str | None = None
    date: str | None = None

    @property
    def place(self) -> tuple[str, int, int, str]:
        """Return what a later correction replaces."""
        return self.verbatim_id, self.start, self.end, self.head

    def changes(self, answer: Any) -> bool:
        """Tell whether it says something else than an answer of the rows."""
        mine = _said(self.head, self.new)
        return bool(sorted(mine) != sorted(answer)) if self.head == "flags" else bool(mine != answer)


@dataclass(frozen=True)
class Tally:
    """Count corrections: `applied` stand on an opinion, `moved` of them on one that was cut otherwise; `not_applicable` find their words no more."""

    applied: int = 0
    moved: int = 0
    not_applicable: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.applied + other.applied, self.moved + other.moved, self.not_applicable + other.not_applicable)


def words_hash(words: str) -> str:
    """Return the hash by which the words of an opinion are known again; it quotes nobody."""
    return hashlib.sha256(" ".join(words.split()).encode()).hexdigest()[:16]


def read_log(path: Path) -> list[Correction]:
    """Return the corrections of a log, oldest first; none when there is no log. Raises `InputError` with the line that is none."""
    if not path.is_file():
        return []
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            correction = Correction(**json.loads(line))
            found.append(correction)
        except (ValueError, TypeError) as error:
            raise InputError(f"{path}, line {number}: not a correction", "put back the file from a copy, or take the line out") from error
        if correction.head not in PROBABILITIES:
            raise InputError(f"{path}, line {number}: no head is called {correction.head!r}", "valid: " + ", ".join(PROBABILITIES))
    return found


def write_log(corrections: Iterable[Correction], path: Path) -> None:
    """Write a log as JSON lines, atomically."""
    with files.replacing(path) as temporary:
        temporary.write_text("".join(json.dumps(asdict(each), ensure_ascii=False) + "\n" for each in corrections), encoding="utf-8")


def latest(corrections: Iterable[Correction]) -> dict[str, list[Correction]]:
    """Return, for each verbatim, what was said last of each head of each span, in the order of the log."""
    last = {each.place: each for each in corrections}
    found: dict[str, list[Correction]] = {}
    for each in last.values():
        found.setdefault(each.verbatim_id, []).append(each)
    return found


def stamp(log: Mapping[str, Sequence[Correction]], verbatims: Iterable[str]) -> str:
    """Return a hash of what the log says of some verbatims, whoever said it; "" when it says nothing."""
    told = [[*each.place, each.words, each.new] for verbatim in sorted(set(verbatims) & set(log)) for each in log[verbatim]]
    return hashlib.sha256(json.dumps(sorted(told, key=lambda item: item[:4])).encode()).hexdigest() if told else ""


def attach(text: str, spans: Sequence[Span], corrections: Iterable[Correction]) -> tuple[dict[int, dict[str, Correction]], list[Correction]]:
    """Return the corrections of a verbatim by opinion and head, and those that find their words no more.

    A correction stands on the opinion that shares most characters with its span, as long as the span holds the same words; else on the first
    opinion of those very words. Of several for one head, the one that shares most wins, then the last.
    """
    found: dict[int, dict[str, tuple[int, Correction]]] = {}
    lost = []
    hashes = [words_hash(text[start:end]) for start, end in spans]
    for each in corrections:
        shared = [min(each.end, end) - max(each.start, start) for start, end in spans]
        if words_hash(text[each.start : each.end]) == each.words and max(shared, default=0) > 0:
            opinion = shared.index(max(shared))
        elif each.words in hashes:
            opinion = hashes.index(each.words)
        else:
            lost.append(each)
            continue
        heads = found.setdefault(opinion, {})
        if each.head not in heads or heads[each.head][0] <= shared[opinion]:
            heads[each.head] = (shared[opinion], each)
    return {opinion: {head: each for head, (_, each) in heads.items()} for opinion, heads in found.items()}, lost


def answer(row: Mapping[str, Any], opinion: int, head: str) -> Any:
    """Return what a row says of one head of an opinion, in the form of `Correction.new`; an irritant is true or false."""
    if head == "emotions":
        return dict(zip(row["opinion_emotions"][opinion] or (), row["opinion_intensities"][opinion] or (), strict=True))
    value = row[f"opinion_{head}"][opinion]
    return list(value or ()) if head == "flags" else bool(value) if head == "irritant" else value


def corrected(rows: pa.Table, log: Mapping[str, Sequence[Correction]]) -> tuple[pa.Table, list[tuple[str, int, tuple[str, ...]]], Tally]:
    """Return rows with the log applied, the marks of `MARKS`, and the count.

    Only answers that differ are replaced; their probability becomes null: a person decided.
    """
    places = pc.indices_nonzero(pc.is_in(rows["verbatim_id"], pa.array(sorted(log), pa.string()))).to_pylist()
    names = [name for name in ("opinion_emotions", "opinion_intensities", *(f"opinion_{head}" for head in PROBABILITIES)) if name in rows.column_names]
    names = list(dict.fromkeys([*names, *(name for name in PROBABILITIES.values() if name in rows.column_names)]))
    columns = {name: rows[name].to_pylist() for name in names} if places else {}
    marks: list[tuple[str, int, tuple[str, ...]]] = []
    tally = Tally()
    for place in places:
        verbatim, text, starts, ends = (rows[name][place].as_py() for name in ("verbatim_id", "text", "opinion_start", "opinion_end"))
        spans = list(zip(starts or (), ends or (), strict=True))
        found, lost = attach(text, spans, log[verbatim])
        row = {name: values[place] for name, values in columns.items()}
        for opinion, heads in sorted(found.items()):
            changed = tuple(head for head in PROBABILITIES if head in heads and heads[head].changes(answer(row, opinion, head)))
            for head in changed:
                _write(row, opinion, heads[head])
            marks += [(verbatim, opinion, changed)] if changed else []
            moved = sum((each.start, each.end) != spans[opinion] for each in heads.values())
            tally += Tally(len(heads), moved)
        tally += Tally(not_applicable=len(lost))
    for name, values in columns.items():
        rows = rows.set_column(rows.column_names.index(name), rows.schema.field(name), pa.array(values, rows.schema.field(name).type))
    return rows, marks, tally


def marks_table(marks: Iterable[tuple[str, int, tuple[str, ...]]]) -> pa.Table:
    """Return marks as a table of `MARKS`, sorted, one row per opinion."""
    rows = [dict(zip(MARKS.names, mark, strict=True)) for mark in sorted({mark[:2]: mark for mark in marks}.values())]
    return pa.Table.from_pylist(rows, schema=MARKS)


def _said(head: str, new: Any) -> Any:
    return bool(new) if head == "irritant" else new


def _write(row: dict[str, Any], opinion: int, correction: Correction) -> None:
    """Replace one answer; strong emotions go first, as the models put them."""
    head, new = correction.head, correction.new
    if head == "emotions":
        ranked = sorted(new.items(), key=lambda item: -item[1])
        row["opinion_emotions"][opinion] = [code for code, _ in ranked]
        row["opinion_intensities"][opinion] = [intensity for _, intensity in ranked]
    else:
        row[f"opinion_{head}"][opinion] = _said(head, new)
    if PROBABILITIES[head] in row:
        row[PROBABILITIES[head]][opinion] = None
