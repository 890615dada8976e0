"""Turn exports into batches of canonical rows: mapped, redacted, identified, counted."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa

from vocpipe.errors import InputError
from vocpipe.french.redaction import Redactor
from vocpipe.schema import CANONICAL, arrow_schema
from vocpipe.sources.config import RATINGS, SourceConfig
from vocpipe.sources.identity import Identities, hash_normalised, normalise
from vocpipe.sources.plan import Plan, make_plan, shown
from vocpipe.sources.report import IngestReport, Tally
from vocpipe.sources.rows import BadRow, Row
from vocpipe.sources.values import to_date, to_rating, to_string

SCHEMA = arrow_schema(CANONICAL)
_LONGEST_ATTRIBUTE = 500
# An identifier of 16 digits passes for a card one time in ten, and exports do not identify people by their cards.
_NO_IDENTIFIER = ("card",)
_PHONE_DIGITS = re.compile(r"(?:[^0-9]*[0-9]){8,15}[^0-9]*")
_NO_RATING: dict[str, float | None] = dict.fromkeys((*RATINGS, "score"))


class Ingestion:
    """Read files as record batches of the canonical columns. Iterate it once; the report and the quarantine are complete afterwards."""

    def __init__(self, plans: Sequence[Plan], source: SourceConfig, redactor: Redactor, batch_rows: int, tally: Tally) -> None:
        self._plans = plans
        self._redact = redactor
        self._redact_identifier = redactor.without(*_NO_IDENTIFIER)
        self._source = source
        self._batch_rows = batch_rows
        self._tally = tally
        self._identities = Identities(source.name)
        self._started = False

    @property
    def report(self) -> IngestReport:
        """Return the counts of what has been read so far."""
        return self._tally.report()

    def quarantine(self) -> pa.Table:
        """Return the rows that could not be read: file, row (1-based line or row), reason, content (redacted, at most 500 characters)."""
        return self._tally.quarantine_table()

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """Yield the batches, of at most `batch_rows` rows, in the order of the files."""
        if self._started:
            raise RuntimeError("an Ingestion is read once: call ingest again")
        self._started = True
        rows = (row for plan in self._plans for row in self._rows(plan))
        while chunk := list(islice(rows, self._batch_rows)):
            yield pa.RecordBatch.from_arrays([pa.array([row[name] for row in chunk], SCHEMA.field(name).type) for name in CANONICAL], schema=SCHEMA)

    def _rows(self, plan: Plan) -> Iterator[dict[str, object]]:
        count = 0
        for row in plan.reader.rows(self._tally.problems):
            count += 1
            bad = row if isinstance(row, BadRow) else self._refusal(plan, row)
            if bad:
                self._tally.set_aside(plan.reader.path.name, bad)
            elif isinstance(row, Row):
                yield self._canonical(plan, row.cells)
        self._tally.end_file(plan.reader, count)

    def _refusal(self, plan: Plan, row: Row) -> BadRow | None:
        """Return the row for the quarantine when it stops before the text column or holds a cell that is too long."""
        if plan.reader.format == "csv" and plan.columns["text"] not in row.cells:
            reason = f"{len(row.cells)} field(s): the row ends before the column {plan.columns['text']!r}"
            return BadRow(row.number, reason, plan.reader.delimiter.join(map(to_string, row.cells.values())))
        for header, value in row.cells.items():
            if isinstance(value, str) and len(value) > self._source.max_text:
                return BadRow(row.number, f"{shown(header)}: {len(value)} characters, more than {self._source.max_text}", value)
        return None

    def _canonical(self, plan: Plan, cells: Mapping[str, object]) -> dict[str, object]:
        """Return one row of ours, redacted, and count what is in it."""
        tally = self._tally
        text, redactions = self._redact(self._text(plan, cells))
        if redactions:
            tally.redactions.update(redactions)
        company = self._string(plan, cells, "company") if "company" in plan.columns else self._source.company
        date = self._date(plan, cells)
        source_id, identity = self._source_id(plan, cells)
        normalised = normalise(text)
        content = hash_normalised(company, normalised)
        verbatim_id = self._identities.verbatim_id(identity, company, date.isoformat() if date else "", normalised)
        duplicate_of = self._identities.duplicate_of(verbatim_id, identity, content, normalised)
        tally.kept += 1
        tally.empty += not text
        tally.duplicates += duplicate_of is not None
        return {
            "verbatim_id": verbatim_id,
            "source": self._source.name,
            "source_id": source_id,
            "channel": self._string(plan, cells, "channel") if "channel" in plan.columns else self._source.channel,
            "date": date,
            "company": company,
            "product": self._string(plan, cells, "product"),
            **self._ratings(plan, cells),
            "text": text,
            "redactions": sorted(redactions.items()),
            "attributes": self._attributes(plan, cells),
            "content_hash": content,
            "duplicate_of": duplicate_of,
        }

    def _cell(self, plan: Plan, cells: Mapping[str, object], column: str) -> str:
        return self._without_nul(to_string(cells.get(plan.columns[column]))).strip() if column in plan.columns else ""

    def _without_nul(self, text: str) -> str:
        if "\0" in text:
            self._tally.problems["NUL bytes: removed"] += 1
            text = text.replace("\0", "")
        return text

    def _string(self, plan: Plan, cells: Mapping[str, object], column: str) -> str | None:
        return self._tally.clean(self._cell(plan, cells, column)) or None

    def _text(self, plan: Plan, cells: Mapping[str, object]) -> str:
        """Return the title, a line end and the body; the title alone when the body is blank, the body alone when it starts with the title."""
        body = self._cell(plan, cells, "text")
        if "\r" in body:
            body = body.replace("\r\n", "\n").replace("\r", "\n")
        title = " ".join(self._cell(plan, cells, "title").split())
        if not title or body.casefold().startswith(title.rstrip(".… ").casefold()):
            return body
        return f"{title}\n{body}" if body else title

    def _source_id(self, plan: Plan, cells: Mapping[str, object]) -> tuple[str | None, str | None]:
        """Return the identifier to keep, and the one to identify the row by: none when it only numbers the rows, or when it was personal data."""
        source_id, found = self._redact_identifier(self._cell(plan, cells, "source_id"))
        if found:
            self._tally.redactions.update(found)
        return source_id or None, None if found or plan.counter_id else source_id or None

    def _date(self, plan: Plan, cells: Mapping[str, object]) -> dt.date | None:
        date, problem = to_date(cells.get(plan.columns["date"]), self._source.day_first) if "date" in plan.columns else (None, "")
        if problem:
            self._tally.problems[f"date: {problem}"] += 1
        return date

    def _ratings(self, plan: Plan, cells: Mapping[str, object]) -> dict[str, float | None]:
        """Return the ratings, and the score: the first one given, brought to 0 (worst) … 1 (best)."""
        ratings = dict(_NO_RATING)
        for name, (header, scale) in plan.ratings.items():
            rating, problem = to_rating(cells.get(header), scale)
            ratings[name] = rating
            if problem:
                self._tally.problems[f"{name}: {problem}"] += 1
            elif rating is not None and ratings["score"] is None:
                worst, best = scale
                ratings["score"] = (rating - worst) / (best - worst)
        return ratings

    def _attributes(self, plan: Plan, cells: Mapping[str, object]) -> list[tuple[str, str]]:
        """Return the cells that are no column of ours, the blank ones left out."""
        kept: dict[str, str] = {}
        used = plan.columns.values()
        for header, value in cells.items():
            if header in used:
                continue
            text = self._without_nul(to_string(value)).strip()
            if header in plan.phone_headers and _PHONE_DIGITS.fullmatch(text):
                text = self._redact.replace("phone", text)
                self._tally.redactions["phone"] += 1
            text = self._tally.clean(text)[:_LONGEST_ATTRIBUTE]
            if text:
                kept[shown(header)] = text
        return list(kept.items())


def ingest(paths: Sequence[Path], source: SourceConfig, *, redactor: Redactor | None = None, batch_rows: int = 2000) -> Ingestion:
    """Open exports of one source as one batch of verbatims.

    Memory does not grow with the text read, but by about 300 bytes a row, to recognise duplicates. Every file is opened and its columns are found
    before anything is read, so that a file that does not fit stops the run at once: `InputError` when it is missing, empty or unreadable,
    `ConfigError` when its columns, delimiter or sheet are not those of the source.
    """
    if not paths:
        raise InputError("no file to read", "give one export or more")
    redactor = redactor or Redactor()
    tally = Tally(redactor)
    plans = [make_plan(Path(path), source, tally) for path in paths]
    return Ingestion(plans, source, redactor, batch_rows, tally)
