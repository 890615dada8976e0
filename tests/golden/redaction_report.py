"""Measure redaction on the invented sentences of tests/golden/redaction: precision and recall by kind.

    python -m tests.golden.redaction_report [--errors]

Each line of a JSONL file there is {"text", "spans": [[start, end, kind], ...], "heldout"}; a trap has no span. Rules were written by looking at the
sentences that are not held out. A span counts as found when its start, end and kind are right. `touched` is the share of spans of which a span of the
right kind shares a character, `hidden` the share of which no character is left.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from vocpipe.french.redaction import KINDS, Redactor

FOLDER = Path(__file__).parent / "redaction"
Span = tuple[int, int, str]


class Case(NamedTuple):
    """Hold a sentence, what is personal in it, and whether rules were written without looking at it."""

    text: str
    spans: set[Span]
    heldout: bool


@dataclass
class Score:
    """Count the spans of one kind: those marked, those found, those found exactly, those touched and those hidden."""

    marked: int = 0
    found: int = 0
    exact: int = 0
    touched: int = 0
    hidden: int = 0

    @property
    def precision(self) -> float:
        return self.exact / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.exact / self.marked if self.marked else 1.0

    def __add__(self, other: "Score") -> "Score":
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Score(*(mine + theirs for mine, theirs in pairs))


def cases(pattern: str = "*.jsonl") -> list[Case]:
    """Return the sentences of the files whose names fit a pattern, in the order of the names."""
    rows = (json.loads(line) for path in sorted(FOLDER.glob(pattern)) for line in path.read_text(encoding="utf-8").splitlines())
    return [Case(row["text"], {(start, end, kind) for start, end, kind in row["spans"]}, bool(row.get("heldout"))) for row in rows]


def measure(sentences: Iterable[Case], redactor: Redactor) -> dict[tuple[str, bool], Score]:
    """Return the score of each kind, apart for the sentences held out."""
    scores: dict[tuple[str, bool], Score] = defaultdict(Score)
    for case in sentences:
        found = set(redactor.spans(case.text))
        gone = {place for start, end, _ in found for place in range(start, end)}
        for kind in KINDS:
            marked, ours = ({span for span in spans if span[2] == kind} for spans in (case.spans, found))
            touched = sum(any(start < there[1] and there[0] < end for there in ours) for start, end, _ in marked)
            hidden = sum(gone.issuperset(range(start, end)) for start, end, _ in marked)
            scores[kind, case.heldout] += Score(len(marked), len(ours), len(marked & ours), touched, hidden)
    return scores


def errors(sentences: Iterable[Case], redactor: Redactor) -> Iterator[str]:
    """Yield one line for each span missed and each found in vain."""
    for case in sentences:
        found = set(redactor.spans(case.text))
        for label, spans in (("missed", case.spans - found), ("in vain", found - case.spans)):
            yield from (f"{label:8} {kind:11} {case.text[start:end]!r} in {case.text!r}" for start, end, kind in sorted(spans))


def table(scores: dict[tuple[str, bool], Score]) -> str:
    """Return the scores as lines: each kind on the sentences looked at, then on those held out, and the sum of all kinds but names."""
    lines = [f"{'kind':12}" + "".join(f"{title:>9}{'precision':>11}{'recall':>8}{'touched':>9}{'hidden':>8}" for title in ("looked at", "held out"))]
    structured = {half: sum((scores[kind, half] for kind in KINDS if kind != "name"), Score()) for half in (False, True)}
    for kind in (*KINDS, "structured"):
        halves = [structured[half] if kind == "structured" else scores[kind, half] for half in (False, True)]
        lines.append(f"{kind:12}" + "".join(_cells(half) for half in halves))
    return "\n".join(lines)


def _cells(score: Score) -> str:
    of = max(score.marked, 1)
    return f"{score.marked:9}{score.precision:11.3f}{score.recall:8.3f}{score.touched / of:9.3f}{score.hidden / of:8.3f}"


if __name__ == "__main__":
    everything, ours = cases(), Redactor()
    print(table(measure(everything, ours)))
    if "--errors" in sys.argv:
        print(*errors(everything, ours), sep="\n")
