"""The measures as a Markdown table: one line by measure, one column by system, and where vocpipe is not ahead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OURS = "vocpipe"


@dataclass(frozen=True)
class Line:
    """Hold one measure: what it is called, where it stands in a system's result, whether more is better (null: it is no contest), decimals."""

    title: str
    path: tuple[str, ...]
    more_is_better: bool | None = True
    decimals: int = 3
    only_abstaining: bool = False


_STABILITY = {
    "orders": "Same groups in another order (ARI, least of {n})",
    "seeds": "Same groups with another seed (ARI, least of {n})",
    "without_a_tenth": "Same groups without a tenth (ARI, mean of {n})",
    "four_files": "Same groups from four files in another order (ARI)",
    "four_batches": "Same groups from four batches in sequence (ARI)",
}
_QUALITY = {
    "v_measure": "V-measure",
    "adjusted_mutual_information": "adjusted mutual information",
    "bcubed_precision": "B-cubed precision",
    "bcubed_recall": "B-cubed recall",
    "bcubed_f1": "B-cubed F1",
}
_TOLD = {"as_annotated": "phrases as annotated", "canonical": "paraphrases joined"}
_OVER = {"all": "all opinions", "assigned": "grouped opinions"}


def lines(sizes: Sequence[int], times: int, told: Sequence[str]) -> list[Line]:
    """Return the lines of the table."""
    found = [
        Line("Groups", ("groups",), None, 0),
        Line("Residual share (of systems that may abstain)", ("residual_share",), False, only_abstaining=True),
        Line("Seconds, all test opinions", ("seconds",), False, 1),
    ]
    for name, title in _STABILITY.items():
        found.append(Line(title.format(n=times), ("stability", name, "mean" if name == "without_a_tenth" else "least")))
    for gold in told:
        for over, opinions in _OVER.items():
            # Precision and recall are traded for one another by making more or fewer groups: neither is a contest by itself.
            contest = {"bcubed_precision": None, "bcubed_recall": None}
            found += [Line(f"{title}, {_TOLD[gold]}, {opinions}", ("quality", gold, over, name), contest.get(name, True)) for name, title in _QUALITY.items()]
    for size in sizes:
        found.append(Line(f"Seconds, {size:,} opinions", ("scale", str(size), "seconds"), False, 1))
        found.append(Line(f"Peak memory, {size:,} opinions (MiB)", ("scale", str(size), "peak_mib"), False, 0))
    return found


def table(systems: Mapping[str, Any], shown: Sequence[Line]) -> str:
    """Return the Markdown table; the best of each line is bold."""
    rows = [["", *systems], ["---", *("---:" for _ in systems)]]
    for line in shown:
        values = {name: _value(result, line) for name, result in systems.items()}
        best = _best(line, systems)
        rows.append([line.title, *(f"**{_text(value, line)}**" if best is not None and value == best else _text(value, line) for value in values.values())])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def behind(systems: Mapping[str, Any], shown: Sequence[Line]) -> list[str]:
    """Return the lines on which another system is ahead of vocpipe."""
    found = []
    for line in shown:
        best, own = _best(line, systems), _value(systems[OURS], line)
        if best is not None and own != best:
            found.append(line.title)
    return found


def _best(line: Line, systems: Mapping[str, Any]) -> float | None:
    contest = [result for result in systems.values() if result["abstains"] or not line.only_abstaining]
    numbers = [value for result in contest if isinstance(value := _value(result, line), float)]
    if line.more_is_better is None or not numbers:
        return None
    return max(numbers) if line.more_is_better else min(numbers)


def _value(result: Any, line: Line) -> float | str | None:
    """Return the measure rounded as it is shown, so that what reads alike is no contest; or why there is none."""
    for key in line.path:
        if isinstance(result, Mapping) and "stopped" in result:
            return f"stopped, {result['stopped']}"
        if not isinstance(result, Mapping) or key not in result:
            return None
        result = result[key]
    return round(float(result), line.decimals)


def _text(value: float | str | None, line: Line) -> str:
    return "–" if value is None else value if isinstance(value, str) else f"{value:,.{line.decimals}f}"
