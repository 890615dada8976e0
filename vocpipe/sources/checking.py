"""Read exports without keeping anything, to tell how a run would read them."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict

from vocpipe.french.redaction import Redactor
from vocpipe.sources.config import RATINGS, SourceConfig
from vocpipe.sources.ingest import ingest
from vocpipe.sources.report import EXAMPLE_CHARACTERS, EXAMPLES, Example, IngestReport

# Beyond that many different values, a rating is shown by fifths of its range.
_MOST_VALUES = 11


class CheckReport(BaseModel):
    """Tell how exports would be read. Values are redacted.

    `first_day` to `last_day` are the dates found, `undated` rows have none; `ratings` counts rows by value, in the order of the values; `parts` counts rows
    by the role of the columns that tell something; `examples` holds the first ones of each problem; `quarantine` and `quarantine_examples` go by
    reason, in which numbers are left out.
    """

    model_config = ConfigDict(frozen=True)

    report: IngestReport
    first_day: dt.date | None
    last_day: dt.date | None
    undated: int
    ratings: dict[str, dict[str, int]]
    parts: dict[str, int]
    examples: dict[str, tuple[Example, ...]]
    quarantine: dict[str, int]
    quarantine_examples: dict[str, tuple[Example, ...]]


def check(given: Sequence[Path | str], source: SourceConfig, *, redactor: Redactor | None = None) -> CheckReport:
    """Read exports as a run would, and write nothing. Raises `InputError` or `ConfigError` when they do not fit the source."""
    ingestion = ingest(given, source, redactor=redactor)
    days: list[dt.date] = []
    undated = 0
    ratings: dict[str, Counter[float]] = {name: Counter() for name in RATINGS}
    parts: Counter[str] = Counter()
    for batch in ingestion:
        dates = pc.min_max(batch["date"]).as_py()
        days += [day for day in dates.values() if day]
        undated += batch["date"].null_count
        for name, values in ratings.items():
            values.update(batch[name].drop_null().to_pylist())
        parts.update(pc.struct_field(pc.list_flatten(batch["parts"]), "role").to_pylist())
    reasons, examples = _quarantine(ingestion.quarantine())
    return CheckReport(
        report=ingestion.report,
        first_day=min(days, default=None),
        last_day=max(days, default=None),
        undated=undated,
        ratings={name: _distribution(values) for name, values in ratings.items() if values},
        parts=dict(parts),
        examples={what: tuple(found) for what, found in sorted(ingestion.examples.items())},
        quarantine=reasons,
        quarantine_examples=examples,
    )


def _distribution(values: Counter[float]) -> dict[str, int]:
    """Return rows by value, or by fifth of the range when there are many values."""
    if len(values) <= _MOST_VALUES:
        return {f"{value:g}": values[value] for value in sorted(values)}
    low, high = min(values), max(values)
    step = (high - low) / 5
    fifths = Counter({min(4, int((value - low) / step)): 0 for value in values})
    for value, times in values.items():
        fifths[min(4, int((value - low) / step))] += times
    return {f"{low + fifth * step:g}–{low + (fifth + 1) * step:g}": fifths[fifth] for fifth in range(5)}


def _quarantine(rows: pa.Table) -> tuple[dict[str, int], dict[str, tuple[Example, ...]]]:
    reasons: Counter[str] = Counter()
    examples: dict[str, tuple[Example, ...]] = {}
    for row in rows.to_pylist():
        reason = re.sub(r"\d+", "…", row["reason"])
        reasons[reason] += 1
        if reasons[reason] <= EXAMPLES:
            value = " ".join(row["content"].split())[:EXAMPLE_CHARACTERS]
            examples[reason] = (*examples.get(reason, ()), Example(file=row["file"], row=row["row"], value=value))
    return dict(reasons), examples
