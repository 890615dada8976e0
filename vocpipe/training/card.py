"""Write the figures of a model on its card, and the card as a page that people read."""

from pathlib import Path
from typing import Any

from vocpipe.ml.store import Card, load_card
from vocpipe.training.measures import summary

_NAMES = {
    "polarity": "polarity (negative, mixed, positive, null), kappa",
    "sentiment": "sentiment -2…2, quadratic-weighted kappa",
    "step": "step, kappa",
    "theme": "theme, kappa",
    "emotions": "six emotions (ekman), macro-F1",
    "irritant": "irritant named, F1",
    "flags": "flags, mean F1",
}


def write_card(model: Path, figures: dict[str, Any], floor: dict[str, Any]) -> None:
    """Put the held-out figures of the model and of the floor into `card.json` and write `README.md` beside it."""
    card = load_card(model)
    card = card.model_copy(update={"metrics": {"held_out": figures, "floor": floor}})
    partial = model / "card.json.tmp"
    partial.write_text(card.model_dump_json(indent=1), encoding="utf8")
    partial.replace(model / "card.json")
    (model / "README.md").write_text(readable(card), encoding="utf8")


def readable(card: Card) -> str:
    """Return the card as Markdown."""
    figures, floor = card.metrics["held_out"], card.metrics["floor"]
    ours, theirs = summary(figures["heads"]), summary(floor["heads"])
    lines = [
        f"# {card.name}, version {card.version}",
        "",
        card.description.strip(),
        "",
        f"**Licence.** {card.licence.strip()}",
        "",
        f"## How good it is ({figures['n']} segments of verbatims that training never saw)",
        "",
        "| head | this model | TF-IDF + logistic regression |",
        "|---|---|---|",
        *(f"| {title} | {ours[name]:.3f} | {theirs[name]:.3f} |" for name, title in _NAMES.items()),
        "",
        "| label | F1 | precision | recall | floor F1 | n |",
        "|---|---|---|---|---|---|",
        *_label_rows(figures["heads"], floor["heads"]),
        "",
        "Labels are AI-assisted readings under the annotation guide, so agreement between annotators and with the model flatters.",
        "",
        "## How it was made",
        "",
        *(f"- **{name}**: {_flat(value)}" for name, value in card.training.items()),
        "",
        "The figures come from `vocpipe evaluate MODEL --data FILE --split test`.",
        "",
    ]
    return "\n".join(lines)


def _label_rows(heads: dict[str, Any], floor: dict[str, Any]) -> list[str]:
    rows = []
    pairs = [
        *((f"emotion: {code}", label, floor["emotions"]["fine"]["labels"][code]) for code, label in heads["emotions"]["fine"]["labels"].items()),
        *((f"flag: {code}", label, floor["flags"]["labels"][code]) for code, label in heads["flags"]["labels"].items()),
        *((f"step: {code}", label, floor["step"]["labels"][code]) for code, label in heads["step"]["labels"].items()),
        *((f"theme: {code}", label, floor["theme"]["labels"][code]) for code, label in heads["theme"]["labels"].items()),
    ]
    for name, ours, theirs in pairs:
        rows.append(f"| {name} | {ours['f1']:.2f} | {ours['precision']:.2f} | {ours['recall']:.2f} | {theirs['f1']:.2f} | {ours['n']} |")
    return rows


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_flat(entry)}" for name, entry in value.items())
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    return str(value)
