"""Bring back what people corrected: into the log, the annotated verbatims, the rows, the irritants and the feed."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vocpipe import files, runs
from vocpipe.batch import OnProgress
from vocpipe.config import RunConfig
from vocpipe.corrections import Correction, Tally, answer, attach, latest, read_log, words_hash, write_log
from vocpipe.errors import InputError
from vocpipe.french.redaction import Redactor
from vocpipe.review.pool import load_pool
from vocpipe.review.reading import Answer, Mistakes, answers_of, read_cells
from vocpipe.review.settings import config_of
from vocpipe.taxonomy import Taxonomy
from vocpipe.training.segments import HEADS, labels_of, segment_of
from vocpipe.workspace import Workspace, writer

_ORIGIN = "review"
_NOT_OURS = "give another file with --to, or take the verbatim out of this one"

Verbatims = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class ImportReport:
    """Tell what a review brought.

    `opinions` were judged; `judgements` (one per head) are new in the log, `changed` of them say something else than the model; `written` verbatims of
    `annotated` are new or changed; `batches` were brought up to date; `tally` counts what the log comes to in the whole workspace.
    """

    opinions: int
    judgements: int
    changed: int
    annotated: Path
    written: int
    batches: tuple[str, ...]
    tally: Tally


def import_review(
    workspace: str | Path,
    path: Path,
    *,
    to: Path | None = None,
    author: str | None = None,
    config: str | Path | None = None,
    on_progress: OnProgress | None = None,
) -> ImportReport:
    """Check a review, keep it in the log and in annotated verbatims, and bring rows, irritants and feed up to it. Twice the same file changes nothing.

    `path` is a review (.csv, .xlsx, export of Label Studio) or the log of another workspace (.jsonl). `to` is by default review/annotated.jsonl.
    Raises `InputError` with every mistake in the file; nothing is then written.
    """
    opened = Workspace(workspace)
    settings = config_of(opened, config)
    annotated = to or opened.path / "review" / "annotated.jsonl"
    with writer(opened.path, {**settings.settings(), "redaction_key": opened.settings["redaction_key"]}):
        log = read_log(opened.corrections)
        given = _given(opened, path, settings, author)
        new = _new(log, given)
        lines, written = _annotated_lines(annotated, _records(opened, {each.verbatim_id for each in given}, [*log, *new], settings.taxonomy))
        if new:
            write_log([*log, *new], opened.corrections)
        if written:
            with files.replacing(annotated) as temporary:
                temporary.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
        batches = runs.refresh(opened, settings, on_progress)
    opinions = len({(each.verbatim_id, each.start, each.end) for each in given})
    changed = sum(each.changes(each.old) for each in new)
    return ImportReport(opinions, len(new), changed, annotated, written, batches, _tally(opened))


def _given(workspace: Workspace, path: Path, config: RunConfig, author: str | None) -> list[Correction]:
    """Return what the file says, checked."""
    mistakes = Mistakes(path)
    if path.suffix.lower() == ".jsonl":
        found = [_checked(each, number, config.taxonomy, mistakes) for number, each in enumerate(read_log(_there(path)), 1)]
        mistakes.finish()
        return found
    rows = read_cells(path)
    verbatims = _verbatims(workspace, {cells.get("id", "").strip() for _, cells in rows})
    answers = answers_of(rows, {name: opinions[0]["text"] for name, opinions in verbatims.items()}, config.taxonomy, mistakes)
    mistakes.finish()
    redactor = Redactor.from_environment(config.redaction)
    return [each for one in answers for each in _corrections(one, verbatims[one.verbatim_id], author, redactor)]


def _there(path: Path) -> Path:
    if not path.is_file():
        raise InputError(f"no such file: {path}", "give the log of a workspace: review/corrections.jsonl in it")
    return path


def _checked(correction: Correction, number: int, taxonomy: Taxonomy, mistakes: Mistakes) -> Correction:
    if correction.new is not True:
        try:
            segment_of("", {correction.head: correction.new}, taxonomy)
        except (ValueError, KeyError, TypeError) as error:
            mistakes.add(f"line {number}", f"{correction.head}: {error}")
    return correction


def _corrections(one: Answer, opinions: Sequence[Mapping[str, Any]], author: str | None, redactor: Redactor) -> list[Correction]:
    """Return an answer as corrections; `old` is what the model says of the opinion that shares most with the span."""
    shared = [min(one.end, each["opinion_end"]) - max(one.start, each["opinion_start"]) for each in opinions]
    row = {name: [value] for name, value in opinions[shared.index(max(shared))].items()}
    words = words_hash(opinions[0]["text"][one.start : one.end])
    day = dt.date.today().isoformat()
    labels = {head: redactor(value).text if head == "irritant" and isinstance(value, str) else value for head, value in one.labels.items()}
    return [Correction(one.verbatim_id, one.start, one.end, words, head, answer(row, 0, head), new, author, day) for head, new in labels.items()]


def _new(log: Iterable[Correction], given: Iterable[Correction]) -> list[Correction]:
    """Return what the log does not say yet."""
    known = {each.place: (each.words, each.new) for each in log}
    return [each for each in given if known.get(each.place) != (each.words, each.new)]


def _verbatims(workspace: Workspace, names: set[str]) -> Verbatims:
    """Return the opinions of verbatims as the models left them, in reading order; a verbatim that the workspace does not hold has none."""
    pool = load_pool(workspace, only=names)
    return {verbatim: pool.records(places) for verbatim, places in pool.spans().items()}


def _records(workspace: Workspace, names: set[str], log: Sequence[Correction], taxonomy: Taxonomy) -> dict[str, str]:
    """Return the annotated verbatims, one JSON line each: every opinion, with what people said of it and nothing else."""
    said = latest(log)
    found = {}
    for name, opinions in _verbatims(workspace, names).items():
        first = opinions[0]
        spans = [(each["opinion_start"], each["opinion_end"]) for each in opinions]
        heads, _ = attach(first["text"], spans, said[name])
        if not heads:
            continue
        record = {
            "id": name,
            "source": first["source"],
            "date": first["date"].isoformat() if first["date"] else None,
            "company": first["company"],
            "text": first["text"],
            "origin": _ORIGIN,
            "segments": [_segment(first["text"], span, heads.get(place, {}), taxonomy) for place, span in enumerate(spans)],
        }
        found[name] = json.dumps(record, ensure_ascii=False)
    return found


def _segment(text: str, span: tuple[int, int], heads: Mapping[str, Correction], taxonomy: Taxonomy) -> dict[str, Any]:
    """Return a segment with the heads judged; a problem that nobody named cannot be told in this format, and is left out."""
    told = {head: heads[head].new for head in HEADS if head in heads and heads[head].new is not True}
    return {"text": text[slice(*span)], "start": span[0], "end": span[1], **labels_of(segment_of("", told, taxonomy))}


def _annotated_lines(path: Path, records: Mapping[str, str]) -> tuple[list[str], int]:
    """Return the lines of the file with the records in it, and how many of them are new or changed; the lines of others stay as they are."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    places: dict[str, tuple[int, str | None]] = {}
    for place, line in enumerate(lines):
        try:
            found = json.loads(line) if line.strip() else {}
            places[str(found.get("id"))] = place, found.get("origin")
        except (ValueError, AttributeError) as error:
            raise InputError(f"{path}, line {place + 1}: not an annotated verbatim", "give another file with --to; see docs/annotated-format.md") from error
    written = 0
    for name, record in records.items():
        if name not in places:
            lines.append(record)
            written += 1
            continue
        place, origin = places[name]
        if origin != _ORIGIN:
            raise InputError(f"{path}, line {place + 1}: the verbatim {name} was annotated by other means", _NOT_OURS)
        written += lines[place] != record
        lines[place] = record
    return lines, written


def _tally(workspace: Workspace) -> Tally:
    """Return what the log comes to in all finished batches."""
    kept = [workspace.manifest(name).get("corrections", {}) for name in workspace.batches]
    total = Tally()
    for each in kept:
        total += Tally(*(each.get(name, 0) for name in asdict(total)))
    return total
