"""What a report shows beside the figures: confusion matrices, how honest and how selective the probabilities are, and the worst mistakes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from vocpipe.french.redaction import redact
from vocpipe.training.calibration import reliability
from vocpipe.training.measures import Classes, Heads, Labels, confusion
from vocpipe.training.segments import Verbatim

MAIN_HEADS = ("polarity", "step", "theme", "emotions", "irritant")
MISTAKES = 20
_COVERAGES = np.round(np.arange(0.05, 1.0001, 0.05), 2)


def details_of(heads: Heads, verbatims: Sequence[Verbatim]) -> dict[str, Any]:
    """Return, ready for JSON, `confusion`, `reliability`, `selective` and `mistakes`, each by head; mistakes quote segments, redacted."""
    judged = {name: head for name, head in heads.items() if head.judged.any()}
    classes = {name: head for name, head in judged.items() if isinstance(head, Classes)}
    main = {name: judged[name] for name in MAIN_HEADS if name in judged}
    return {
        "confusion": {name: {"codes": list(head.codes), "rows": confusion(head).tolist()} for name, head in classes.items()},
        "reliability": {name: _reliability(head) for name, head in main.items()},
        "selective": {name: selective_curve(head) for name, head in main.items()},
        "mistakes": {name: mistakes(head, verbatims) for name, head in main.items()},
    }


def _reliability(head: Classes | Labels) -> list[dict[str, float]]:
    if isinstance(head, Classes):
        return list(reliability(head.p[head.judged], head.said[head.judged] == head.truth[head.judged], bins=10))
    return list(reliability(head.p[head.judged].ravel(), head.truth[head.judged].ravel(), bins=10))


def selective_curve(head: Classes | Labels) -> list[dict[str, float | None]]:
    """Return how right the head is when it answers only the share `coverage` of segments that it is surest of.

    `right` is the share of segments whose class, or whole set of labels, is right; `f1` is micro-averaged, for labels only (None where there are none).
    A set of labels is as sure as its least sure label.
    """
    sure, right = _sureness(head)
    order = np.argsort(-sure, kind="stable")
    points: list[dict[str, float | None]] = []
    for coverage in _COVERAGES:
        kept = order[: max(1, round(float(coverage) * len(order)))]
        point: dict[str, float | None] = {"coverage": float(coverage), "right": round(float(right[kept].mean()), 4)}
        if isinstance(head, Labels):
            truth, said = head.truth[head.judged][kept], head.said[head.judged][kept]
            named = int(truth.sum() + said.sum())
            point["f1"] = round(2 * int((truth & said).sum()) / named, 4) if named else None
        points.append(point)
    return points


def _sureness(head: Classes | Labels) -> tuple[np.ndarray, np.ndarray]:
    truth, said, p = head.truth[head.judged], head.said[head.judged], head.p[head.judged]
    if isinstance(head, Classes):
        return p, truth == said
    return np.where(said, p, 1 - p).min(1), (truth == said).all(1)


def mistakes(head: Classes | Labels, verbatims: Sequence[Verbatim], most: int = MISTAKES) -> list[dict[str, Any]]:
    """Return the mistakes that the model was surest of: `id`, `segment` (from 1), `text` redacted, `said`, `annotated` and the `probability` of what was said.

    For labels one entry is one label wrongly said (`annotated` None) or missed (`said` None).
    """
    if isinstance(head, Classes):
        rows = np.nonzero(head.judged & (head.said != head.truth))[0]
        found = [(float(head.p[row]), int(row), head.codes[head.said[row]], head.codes[head.truth[row]]) for row in rows]
    else:
        found = []
        for row, label in np.argwhere(head.judged[:, None] & (head.said != head.truth)):
            code, p = head.codes[label], float(head.p[row, label])
            found.append((p, int(row), code, None) if head.said[row, label] else (1 - p, int(row), None, code))
    worst = sorted(found, key=lambda entry: (-entry[0], entry[1], str(entry[2]), str(entry[3])))[:most]
    segments = [(verbatim.id, number, segment.text) for verbatim in verbatims for number, segment in enumerate(verbatim.segments, 1)]
    entries = []
    for p, row, said, annotated in worst:
        id_, number, text = segments[row]
        readable = redact(text).text.encode("utf-8", "replace").decode("utf-8")  # half an emoji cannot be written
        entries.append({"id": id_, "segment": number, "text": readable, "said": said, "annotated": annotated, "probability": round(p, 4)})
    return entries
