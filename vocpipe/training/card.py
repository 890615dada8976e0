"""Write the figures of a model on its card, and the card as a page that people read."""

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vocpipe.files import replacing
from vocpipe.ml.store import Card, load_card
from vocpipe.training.measures import summary

NAMES = {
    "polarity": "polarity (negative, mixed, positive, null), kappa",
    "sentiment": "sentiment -2…2, quadratic-weighted kappa",
    "step": "step, kappa",
    "theme": "theme, kappa",
    "emotions": "six emotions (ekman), macro-F1",
    "irritant": "irritant named, F1",
    "flags": "flags, mean F1",
}
WATTS_PER_CORE, WATTS_PER_GPU = 10, 700
GRID = (0.03, 0.06)
"""kg of CO2 equivalent per kWh of the French grid."""
_KEPT = ("model", "against", "data", "split", "n", "verbatims", "summary", "heads")
_LIMITS = (
    "Labels are AI-assisted readings under the annotation guide, so agreement between annotators and with the model flatters.",
    "It reads French, an opinion at a time in the light of its verbatim; other languages, long documents and other taxonomies are not its business.",
    "A rare label (small n below) has wide uncertainty: judge it by its own row, not by the head's mean.",
    "It reads what customers write, not what they are: nobody should be scored, paid or refused anything on its word.",
)


def write_card(
    model: Path,
    figures: Mapping[str, Any],
    floor: Mapping[str, Any],
    *,
    out_of_domain: Mapping[str, Any] | None = None,
    checklist: Mapping[str, Any] | None = None,
    references: Mapping[str, Any] | None = None,
    today: dt.date | None = None,
) -> None:
    """Put the figures of a model into `card.json` and write `README.md` beside it.

    `figures`, `floor` and `out_of_domain` are what `vocpipe.training.evaluate.evaluate` returns; what quotes segments in them is left out.
    `checklist` is `{kind: {"passed", "n"}}`, `references` what `vocpipe.training.references.references` returns. What an argument does not give
    stays as the card has it.
    """
    card = load_card(model)
    measured: dict[str, Any] = {
        "measured": (today or dt.date.today()).isoformat(),
        "held_out": _kept(figures),
        "floor": _kept(floor),
        "out_of_domain": _kept(out_of_domain) if out_of_domain else None,
        "checklist": dict(checklist) if checklist else None,
        "references": dict(references) if references else None,
    }
    card = card.model_copy(update={"metrics": {**card.metrics, **{name: value for name, value in measured.items() if value is not None}}})
    with replacing(model / "card.json") as temporary:
        temporary.write_text(card.model_dump_json(indent=1), encoding="utf-8")
    with replacing(model / "README.md") as temporary:
        temporary.write_text(readable(card), encoding="utf-8")


def _kept(result: Mapping[str, Any]) -> dict[str, Any]:
    return {name: result[name] for name in _KEPT if name in result}


def readable(card: Card) -> str:
    """Return the card as Markdown."""
    metrics = card.metrics
    lines = [f"# {card.name}, version {card.version}", "", card.description.strip(), "", f"**Licence.** {card.licence.strip()}", ""]
    if "held_out" in metrics:
        lines += _figure_lines(metrics["held_out"], metrics["floor"], "verbatims that training never saw")
    else:
        lines += ["It has not been measured.", ""]
    if outside := metrics.get("out_of_domain"):
        source = card.splits.get("held_out_source", "a source")
        lines += [f"## Out of its domain: {source}, of which it learned nothing ({outside['n']:,} segments)", "", *_summary_table(outside, None)]
    if checklist := metrics.get("checklist"):
        lines += _checklist_lines(checklist)
    if references := metrics.get("references"):
        lines += _reference_lines(references)
    if "held_out" in metrics:
        lines += _label_lines(metrics["held_out"]["heads"], metrics["floor"]["heads"])
        lines += _calibration_lines(card, metrics["held_out"]["heads"])
    lines += ["## Limits", "", *(f"- {limit}" for limit in _LIMITS), ""]
    lines += ["## How it was made", "", *(f"- **{name}**: {_flat(value)}" for name, value in card.training.items()), *_cost_lines(card.training), ""]
    lines += ["The figures come from `vocpipe evaluate MODEL --data FILE --split test --against tfidf`, training from `vocpipe train finetune CONFIG`.", ""]
    return "\n".join(lines)


def _figure_lines(figures: Mapping[str, Any], floor: Mapping[str, Any], what: str) -> list[str]:
    return [f"## How good it is ({figures['n']:,} segments of {what})", "", *_summary_table(figures, floor)]


def _summary_table(figures: Mapping[str, Any], floor: Mapping[str, Any] | None) -> list[str]:
    """Return a row per head with its 95 % interval over verbatims; cards written before there were intervals have none."""
    ours, theirs = summary(figures["heads"]), summary(floor["heads"]) if floor else {}
    intervals = figures.get("summary", {})
    rows = []
    for name, title in NAMES.items():
        if name in ours:
            beside = [f"{theirs[name]:.3f}" if name in theirs else "–"] if floor else []
            rows.append(" | ".join([title, f"{ours[name]:.3f}", _span(intervals.get(name)), *beside]))
    head = ["head", "this model", "95 % interval", *(["TF-IDF + logistic regression"] if floor else [])]
    return [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {row} |" for row in rows), ""]


def _span(figure: Mapping[str, Any] | None) -> str:
    return f"{figure['low']:.3f} … {figure['high']:.3f}" if figure and figure.get("low") is not None else "–"


def _checklist_lines(checklist: Mapping[str, Any]) -> list[str]:
    passed, n = (sum(kind[name] for kind in checklist.values()) for name in ("passed", "n"))
    rows = (f"| {kind} | {count['passed']} / {count['n']} | {count['passed'] / max(1, count['n']):.0%} |" for kind, count in checklist.items())
    return [
        f"## What trips readers of French: {passed} of {n} invented cases right ({passed / max(1, n):.0%})",
        "",
        "| kind | right | |",
        "|---|---|---|",
        *rows,
        "",
    ]


def _reference_lines(references: Mapping[str, Any]) -> list[str]:
    lines = ["## Public references", "", "| reference | n | how | figures |", "|---|---|---|---|"]
    for name, reference in references.items():
        for who, figures in reference.get("figures", {}).items():
            told = ", ".join(f"{figure} {value['value']:.3f} ({_span(value)})" for figure, value in figures.items())
            lines.append(f"| {name} | {reference['n']:,} | {who} | {told} |")
    notes = [f"- {name}: {reference.get('what') or 'not measured, ' + reference['skipped']}" for name, reference in references.items()]
    return [*lines, "", *notes, ""]


def _label_lines(heads: Mapping[str, Any], floor: Mapping[str, Any]) -> list[str]:
    others = dict(_labels(floor))
    rows = []
    for name, label in _labels(heads):
        if not label["n"]:
            continue
        scores = " | ".join(f"{value:.2f}" for value in (label["f1"], label["precision"], label["recall"], others[name]["f1"]))
        rows.append(f"| {name} | {scores} | {label['n']} |")
    return ["## Label by label", "", "| label | F1 | precision | recall | floor F1 | n |", "|---|---|---|---|---|---|", *rows, ""]


def _labels(heads: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    kinds = {"emotion": heads["emotions"]["fine"], "flag": heads["flags"], "step": heads["step"], "theme": heads["theme"]}
    return [(f"{kind}: {code}", label) for kind, figures in kinds.items() for code, label in figures["labels"].items()]


def _calibration_lines(card: Card, heads: Mapping[str, Any]) -> list[str]:
    errors = {"polarity": heads["polarity"], "step": heads["step"], "theme": heads["theme"], "emotions": heads["emotions"]["fine"], "flags": heads["flags"]}
    told = ", ".join(f"{name} {figures['ece']:.3f}" for name, figures in {**errors, "irritant": heads["irritant"]}.items() if "ece" in figures)
    if not told:
        return []
    how = "Probabilities are calibrated on the dev split." if card.calibration else "Probabilities are not calibrated."
    return ["## How far to trust a probability", "", f"{how} Expected calibration error (0: said with 0.8, right 8 times in 10): {told}.", ""]


def _cost_lines(training: Mapping[str, Any]) -> list[str]:
    """Return time and an estimate of carbon from `training["cost"]`: `minutes`, `cores`, and `gpu_minutes` when there was a GPU."""
    cost = training.get("cost")
    if not cost:
        return ["- **carbon**: not estimated, for the time that training took was not recorded"]
    kwh = (cost.get("minutes", 0) * cost.get("cores", 0) * WATTS_PER_CORE + cost.get("gpu_minutes", 0) * WATTS_PER_GPU) / 60_000
    gpu = f" and {WATTS_PER_GPU} W for the GPU" if cost.get("gpu_minutes") else ""
    low, high = (kwh * share for share in GRID)
    return [
        f"- **carbon**: about {kwh:.2g} kWh, {low:.1g} to {high:.1g} kg of CO2 equivalent; an estimate, not a measure: "
        f"{WATTS_PER_CORE} W a core{gpu}, on the French grid ({GRID[0]} to {GRID[1]} kg/kWh); earlier attempts are not counted"
    ]


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_flat(entry)}" for name, entry in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return " ".join(map(str, value))
    return str(value)
