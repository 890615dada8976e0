"""Turn exports into batches of canonical rows: mapped, redacted, identified, counted."""

import datetime as dt
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from vocpipe.errors import ConfigError, InputError
from vocpipe.french.redaction import KINDS, Redactor
from vocpipe.schema import CANONICAL, arrow_schema
from vocpipe.sources.config import RATINGS, SourceConfig
from vocpipe.sources.cursor import Cursor
from vocpipe.sources.identity import Identities, hash_normalised, normalise
from vocpipe.sources.inputs import Input, expand
from vocpipe.sources.personal import holds, personal_kind
from vocpipe.sources.plan import Plan, agree_on_counters, make_plan, shown
from vocpipe.sources.readers import open_reader
from vocpipe.sources.report import Example, IngestReport, Tally
from vocpipe.sources.rows import BadRow, Row
from vocpipe.sources.sql import SqlReader
from vocpipe.sources.values import to_date, to_rating, to_string

SCHEMA = arrow_schema(CANONICAL)
_LONGEST_ATTRIBUTE = 500
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#[0-9]{2,6}|#[xX][0-9A-Fa-f]{2,5});")
# What reaches or names a person may not identify a row. Other numbers may: one identifier in ten of 16 digits passes for a card, and so on.
_IDENTIFY_PEOPLE = ("email", "phone", "iban", "nir", "name", "handle")
_IDENTIFY_ROWS = ("client", "contract", "order", "claim")
_NO_RATING: dict[str, float | None] = dict.fromkeys((*RATINGS, "score"))


class Ingestion:
    """Read files as record batches of the canonical columns. Iterate it once; the report and the quarantine are complete afterwards."""

    def __init__(self, plans: Sequence[Plan], source: SourceConfig, redactor: Redactor, batch_rows: int, tally: Tally) -> None:
        self._plans = plans
        self._redact = redactor
        self._redact_identifier = redactor.without(*(kind for kind in KINDS if kind not in _IDENTIFY_PEOPLE))
        self._source = source
        self._timezone = ZoneInfo(source.timezone) if source.timezone else None
        self._batch_rows = batch_rows
        self._tally = tally
        self._identities = Identities(source.name)
        self._started = False

    @property
    def report(self) -> IngestReport:
        """Return the counts of what has been read so far."""
        return self._tally.report()

    @property
    def examples(self) -> dict[str, list[Example]]:
        """Return the first examples of each problem, redacted."""
        return self._tally.examples

    @property
    def cursor(self) -> dict[str, dict[str, str] | None] | None:
        """Return, ready for JSON, between which cursors a database was read, as `cursor_range` takes it; null for files."""
        reader = self._plans[0].reader
        return reader.progress() if isinstance(reader, SqlReader) else None

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
            self._tally.begin_row(plan.reader.name, row.number)
            read = row if isinstance(row, BadRow) else self._refusal(plan, row) or self._processed(plan, row)
            if isinstance(read, BadRow):
                self._tally.set_aside(plan.reader.name, read)
            else:
                yield read
        self._tally.end_file(plan.reader, count)

    def _processed(self, plan: Plan, row: Row) -> dict[str, object] | BadRow:
        """Return one row of ours; a row that nobody foresaw stops no month, and neither it nor the message of the error is shown: they may hold names."""
        try:
            return self._canonical(plan, row.cells)
        except Exception as error:
            return BadRow(row.number, f"cannot be processed: {type(error).__name__}", "")

    def _refusal(self, plan: Plan, row: Row) -> BadRow | None:
        """Return the row for the quarantine when it stops before the text column or holds a cell that is too long."""
        if plan.reader.format == "csv" and not any(header in row.cells for header in plan.text_headers):
            reason = f"{len(row.cells)} field(s): the row ends before the column {shown(plan.text_headers[0])!r}"
            return BadRow(row.number, reason, plan.reader.delimiter.join(map(to_string, row.cells.values())))
        for header, value in row.cells.items():
            if isinstance(value, str) and len(value) > self._source.max_text:
                return BadRow(row.number, f"{shown(header)}: {len(value)} characters, more than {self._source.max_text}", value)
        return None

    def _canonical(self, plan: Plan, cells: Mapping[str, object]) -> dict[str, object]:
        """Return one row of ours, redacted, and count what is in it."""
        tally = self._tally
        company = self._string(plan, cells, "company") if "company" in plan.columns else self._source.company
        text, parts, redactions = self._text(plan, cells, company)
        date = self._date(plan, cells)
        question = self._string(plan, cells, "question") if "question" in plan.columns else self._source.question
        source_id, identity = self._source_id(plan, cells)
        if identity and question and "question" in plan.columns:
            identity = f"{identity}\x1f{question}"  # a person answers several questions under one identifier
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
            "question": question,
            **self._ratings(plan, cells),
            "text": text,
            "parts": parts,
            "redactions": sorted(redactions.items()),
            "attributes": self._attributes(plan, cells),
            "content_hash": content,
            "duplicate_of": duplicate_of,
        }

    def _cell(self, plan: Plan, cells: Mapping[str, object], column: str) -> str:
        return self._repaired(to_string(cells.get(plan.columns[column]))).strip() if column in plan.columns else ""

    def _repaired(self, text: str) -> str:
        """Return a cell without NULs, and with its HTML entities read: "n&eacute;e le" hides a date of birth from redaction."""
        if "\0" in text:
            self._tally.problem("NUL bytes: removed")
            text = text.replace("\0", "")
        if "&" in text and _ENTITY.search(text):
            self._tally.problem("HTML entities: read")
            text = html.unescape(text)
        return text

    def _string(self, plan: Plan, cells: Mapping[str, object], column: str) -> str | None:
        return self._tally.clean(self._cell(plan, cells, column)) or None

    def _text(self, plan: Plan, cells: Mapping[str, object], company: str | None) -> tuple[str, list[dict[str, object]] | None, dict[str, int]]:
        """Return the customer's words redacted, the roles of their stretches when several columns may tell them, and what was replaced."""
        text, parts = "", []
        redactions: dict[str, int] = {}
        for role, words in self._words(plan, cells):
            clean, found = self._redact(words, company)
            for kind, times in found.items():
                redactions[kind] = redactions.get(kind, 0) + times
            start = len(text) + 1 if text else 0
            text = f"{text}\n{clean}" if text else clean
            parts.append({"role": role, "start": start, "end": len(text)})
        if redactions:
            self._tally.redactions.update(redactions)
        return text, parts if len(parts) > 1 or (parts and plan.parts) else None, redactions

    def _words(self, plan: Plan, cells: Mapping[str, object]) -> list[tuple[str, str]]:
        """Return (role, words) of the columns that hold the text, blank ones left out; a title only when the body does not start with it."""
        if plan.parts:
            found = [(role, self._body(cells.get(header))) for role, header in plan.parts.items()]
        else:
            body = self._body(cells.get(plan.columns["text"]))
            title = " ".join(self._cell(plan, cells, "title").split())
            repeated = not title or body.casefold().startswith(title.rstrip(".… ").casefold())
            found = [("text", body)] if repeated else [("title", title), ("text", body)]
        return [(role, words) for role, words in found if words]

    def _body(self, cell: object) -> str:
        body = self._repaired(to_string(cell)).strip()
        return body.replace("\r\n", "\n").replace("\r", "\n") if "\r" in body else body

    def _source_id(self, plan: Plan, cells: Mapping[str, object]) -> tuple[str | None, str | None]:
        """Return the identifier to keep, and the one to identify the row by: none when it only numbers the rows, or when it was personal data."""
        given = self._cell(plan, cells, "source_id")
        if not given:
            return None, None
        kind = personal_kind(plan.columns["source_id"])
        source_id = given if kind in _IDENTIFY_ROWS else self._whole(kind, given)
        source_id, found = self._redact_identifier(source_id)
        if found:
            self._tally.redactions.update(found)
        return source_id, None if plan.counter_id or source_id != given else given

    def _date(self, plan: Plan, cells: Mapping[str, object]) -> dt.date | None:
        if "date" not in plan.columns:
            return None
        cell = cells.get(plan.columns["date"])
        date, problem = to_date(cell, self._source.day_first, self._timezone)
        if problem:
            self._tally.problem(f"date: {problem}", value=to_string(cell))
        return date

    def _ratings(self, plan: Plan, cells: Mapping[str, object]) -> dict[str, float | None]:
        """Return the ratings, and the score: the first one given, brought to 0 (worst) … 1 (best)."""
        ratings = dict(_NO_RATING)
        for name, (header, scale) in plan.ratings.items():
            cell = cells.get(header)
            rating, problem = to_rating(cell, scale, self._source.labels.get(name, ()))
            ratings[name] = rating
            if problem:
                self._tally.problem(f"{name}: {problem}", value=to_string(cell))
            elif rating is not None and ratings["score"] is None:
                worst, best = scale
                ratings["score"] = abs((rating - worst) / (best - worst))  # of a reversed scale the worst would be -0.0
        return ratings

    def _attributes(self, plan: Plan, cells: Mapping[str, object]) -> list[tuple[str, str]]:
        """Return the cells that are no column of ours, the blank ones left out."""
        kept: dict[str, str] = {}
        for header, value in cells.items():
            if header in plan.used:
                continue
            text = self._repaired(to_string(value)).strip()
            text = self._tally.clean(self._whole(personal_kind(header), text))[:_LONGEST_ATTRIBUTE]
            if text:
                kept[plan.attributes.get(header) or shown(header)] = text
        return list(kept.items())

    def _whole(self, kind: str | None, cell: str) -> str:
        """Return what stands for the cell of a column that holds personal data of a kind; the cell itself when it holds none."""
        if kind is None or not holds(kind, cell):
            return cell
        replaced = self._redact.replace(kind, cell)
        if replaced != cell:
            self._tally.redactions[kind] += 1
        return replaced


def ingest(
    paths: Sequence[Path | str | Input],
    source: SourceConfig,
    *,
    redactor: Redactor | None = None,
    batch_rows: int = 2000,
    between: tuple[Cursor | None, Cursor | None] = (None, None),
) -> Ingestion:
    """Open exports of one source as one batch of verbatims.

    `paths` holds what `expand` understands: files, archives, folders, patterns, "-". A source of the format sql takes none: its rows are those
    after the first cursor of `between` and until the second.

    Memory does not grow with the text read, but by about 60 bytes a row, to recognise duplicates. Every file is opened and its columns are found
    before anything is read, so that a file that does not fit stops the run at once: `InputError` when it is missing, empty or unreadable,
    `ConfigError` when its columns, delimiter or sheet are not those of the source.
    """
    redactor = redactor or Redactor()
    tally = Tally(redactor)
    if source.format == "sql":
        if paths:
            raise ConfigError(f"the source {source.name!r} reads a database: {paths[0]} is not read", "give no input, or another configuration")
        reader = SqlReader(source, *between)
        try:
            return Ingestion([make_plan(reader, source, tally, may_be_empty=True)], source, redactor, batch_rows, tally)
        except BaseException:
            reader.close()
            raise
    if not paths:
        raise InputError("no file to read", "give one export or more")
    plans = [make_plan(open_reader(given, source), source, tally, may_be_empty=given.part) for given in expand(paths)]
    return Ingestion(agree_on_counters(plans, source), source, redactor, batch_rows, tally)
