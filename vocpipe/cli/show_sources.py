"""What the commands on sources print."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vocpipe.cli.show import line

if TYPE_CHECKING:
    from vocpipe.sources.checking import CheckReport
    from vocpipe.sources.report import Example


def names(paths: Sequence[Path]) -> None:
    """Print the name of each source, and what the first line of its file says."""
    for path in paths:
        first = path.read_text(encoding="utf-8").split("\n", 1)[0]
        line(f"{path.stem:<12} {first.removeprefix('#').strip()}")


def check(found: "CheckReport") -> None:
    """Print how exports would be read."""
    report = found.report
    for file in report.files:
        line(f"{file.name}: {', '.join(filter(None, (file.format, file.encoding, file.delimiter)))}, {file.rows:,} rows")
    for column, header in report.columns.items():
        scale = f"  ({report.scales[column]})" if column in report.scales else ""
        line(f"  {column:<11} <- {header}{scale}")
    line(f"  attributes  <- {', '.join(report.attributes) or 'none'}")
    days = f"{found.first_day} to {found.last_day}" if found.first_day else "none"
    line(f"dates       {days} · {found.undated:,} without")
    for rating, rows in found.ratings.items():
        line(f"{rating:<11} {' · '.join(f'{value}: {times:,}' for value, times in rows.items())}")
    if found.parts:
        line(f"parts       {' · '.join(f'{role}: {times:,}' for role, times in found.parts.items())}")
    line(f"rows        {report.read:,} read · {report.kept:,} kept · {report.quarantined:,} to quarantine")
    line(f"            {report.duplicates:,} duplicates · {report.empty:,} empty")
    line(f"redactions  {' · '.join(f'{kind}: {times:,}' for kind, times in report.redactions.items()) or 'none'}")
    _problems("problems", report.problems, found.examples)
    _problems("quarantine", found.quarantine, found.quarantine_examples)


def _problems(title: str, counts: Mapping[str, int], examples: "Mapping[str, Sequence[Example]]") -> None:
    line(f"{title:<11} {'' if counts else 'none'}".rstrip())
    for what, times in counts.items():
        line(f"  {times:>6,}  {what}")
        for example in examples.get(what, ()):
            place = example.file if example.row is None else f"{example.file}, row {example.row}"
            line(f"          {place}{': ' if example.value else ''}{example.value}")
