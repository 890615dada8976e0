"""Write an evaluation as one HTML page that needs nothing else, and as JSON beside it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vocpipe.files import replacing, write_json
from vocpipe.taxonomy import Taxonomy
from vocpipe.training.report_pictures import Html, confusion_picture, element, reliability_picture, selective_picture
from vocpipe.training.report_style import STYLE

HEADS = {
    "polarity": "Polarity (4 classes with none), kappa",
    "sentiment": "Sentiment -2…2, quadratic-weighted kappa",
    "step": "Step, kappa",
    "theme": "Theme, kappa",
    "emotions": "Six emotions (ekman), macro-F1",
    "irritant": "Irritant named, F1",
    "flags": "Flags, mean F1",
}
"""Heads of the summary, in order, with the figure that stands for each."""
_SHORT = {"polarity": "Polarity", "sentiment": "Sentiment", "step": "Step", "theme": "Theme", "emotions": "Emotions", "irritant": "Irritant", "flags": "Flags"}
_POLARITIES = {"negative": "Négatif", "mixed": "Mitigé", "positive": "Positif", "null": "Sans opinion"}


def write_report(result: Mapping[str, Any], place: Path, taxonomy: Taxonomy) -> tuple[Path, Path]:
    """Write the page to `place` and the same figures as JSON beside it; `result` is of `vocpipe.training.evaluate.evaluate` with details. Return both."""
    page = report_page(result, taxonomy)
    with replacing(place) as temporary:
        temporary.write_text(page, encoding="utf-8")
    beside = place.with_suffix(".json")
    write_json(result, beside)
    return place, beside


def report_page(result: Mapping[str, Any], taxonomy: Taxonomy) -> str:
    """Return the page; every text of a customer, of a file or of a model is escaped."""
    title = f"{result['model']} on {result['data']}"
    details = result["details"]
    sections = [
        element("h1", title),
        element("p", _about(result)),
        *(element("p", "Note: ", note, class_="note") for note in result["notes"]),
        element("h2", "Figures"),
        _summary_table(result["summary"], result.get("against")),
        *_group_tables(result, taxonomy),
        element("h2", "Labels"),
        *_label_tables(result, taxonomy),
        element("h2", "Confusion matrices"),
        element("p", "Rows: annotated; columns: said. The shade is the share of the row, the number the count."),
        *(
            _figure(_SHORT[name], confusion_picture([_name(name, code, taxonomy) for code in matrix["codes"]], matrix["rows"], f"{_SHORT[name]}: confusion"))
            for name, matrix in details["confusion"].items()
        ),
        element("h2", "How far to trust a probability"),
        element(
            "p",
            "Left: of what was said with a probability, the share that was right; on the dashed line probabilities are honest. "
            "Right: how right the model is when it answers only what it is surest of; for emotions, all labels of a segment must be right.",
        ),
        *(_curves(name, details) for name in details["reliability"]),
        element("h2", "Most confident mistakes"),
        *(_mistake_table(name, entries, taxonomy) for name, entries in details["mistakes"].items()),
    ]
    head = element(
        "head", Html('<meta charset="utf-8"><meta name="viewport" content="width=device-width">'), element("title", title), element("style", Html(STYLE))
    )
    return f'<!doctype html>\n<html lang="en">{head}{element("body", element("main", *sections))}</html>\n'


def _about(result: Mapping[str, Any]) -> str:
    against = f" It is compared with {result['against']} on the same segments." if result.get("against") else ""
    return (
        f"{result['n']:,} segments of {result['verbatims']:,} verbatims, split: {result['split'].replace('_', ' ')}.{against} "
        "Intervals hold 95 % of 500 draws of as many verbatims, with replacement. Texts are redacted."
    )


def _table(head: Sequence[object], rows: Sequence[Sequence[object]], kind: str = "") -> Html:
    top = element("tr", *(element("th", cell) for cell in head))
    lines = [element("tr", *(element("th" if not place else "td", cell) for place, cell in enumerate(row))) for row in rows]
    return element("div", element("table", element("thead", top), element("tbody", *lines), class_=kind), class_="wide")


def _summary_table(summary: Mapping[str, Any], against: str | None) -> Html:
    rows = []
    for name, title in HEADS.items():
        if figure := summary.get(name):
            compared = [f"{figure['against']:.3f}", _difference(figure["difference"])] if against and "difference" in figure else ["–", "–"] if against else []
            rows.append([title, f"{figure['value']:.3f}", span(figure), *compared, f"{figure['n']:,}"])
    return _table(["head", "this model", "interval", *([against, "difference"] if against else []), "n"], rows)


def span(figure: Mapping[str, Any]) -> str:
    """Return an interval for reading, "–" when there is none."""
    return "–" if figure["low"] is None else f"{figure['low']:.3f} … {figure['high']:.3f}"


def _difference(difference: Mapping[str, Any]) -> Html:
    sure = difference["low"] is not None and (difference["low"] > 0 or difference["high"] < 0)
    kind = ("better" if difference["value"] > 0 else "worse") if sure else "same"
    interval = "" if difference["low"] is None else f" ({difference['low']:+.3f} … {difference['high']:+.3f})"
    return element("span", f"{difference['value']:+.3f}{interval}", class_=kind)


def _group_tables(result: Mapping[str, Any], taxonomy: Taxonomy) -> list[Html]:
    tables = []
    for group, rows in result.get("by", {}).items():
        there = [name for name in HEADS if any(name in row["summary"] for row in rows)]
        body = [[_name(group, row["group"], taxonomy), f"{row['n']:,}", *(_group_cell(row["summary"].get(name)) for name in there)] for row in rows]
        tables += [element("h3", f"By {group}"), _table([group, "n", *(_SHORT[name] for name in there)], body)]
    return tables


def _group_cell(figure: Mapping[str, Any] | None) -> Html:
    if figure is None:
        return Html("–")
    small = [element("small", f" {figure['difference']['value']:+.2f}", title="difference")] if "difference" in figure else []
    return element("span", f"{figure['value']:.2f}", *small, title=f"interval {span(figure)}, n {figure['n']}")


def _label_tables(result: Mapping[str, Any], taxonomy: Taxonomy) -> list[Html]:
    tables = []
    against = [f"F1 of {result['against']}"] if result.get("against") else []
    for name in HEADS:
        ours, theirs = (_labels(result.get(heads), name) for heads in ("heads", "heads_against"))
        honest = ["ECE"] if any("ece" in label for label in ours.values()) else []
        rows = []
        for code, label in ours.items():
            scores = [f"{label[key]:.2f}" for key in ("f1", "precision", "recall")]
            beside = [f"{label['ece']:.3f}" for _ in honest] + [f"{theirs[code]['f1']:.2f}" for _ in against]
            rows.append([_name(name, code, taxonomy), *scores, *beside, f"{label['n']:,}"])
        table = _table(["label", "F1", "precision", "recall", *honest, *against, "n"], rows)
        tables.append(element("details", element("summary", _SHORT[name], _honesty(result["heads"], name)), table))
    return tables


def _labels(heads: Mapping[str, Any] | None, name: str) -> Mapping[str, Any]:
    if heads is None:
        return {}
    found = heads["emotions"]["fine"] if name == "emotions" else heads[name]
    labels: Mapping[str, Any] = {"irritant": found} if name == "irritant" else found["labels"]
    return labels


def _honesty(heads: Mapping[str, Any], name: str) -> str:
    found = heads["emotions"]["fine"] if name == "emotions" else heads[name]
    parts = [f"{title} {found[key]:.3f}" for key, title in (("macro_f1", "macro-F1"), ("kappa", "kappa"), ("ece", "ECE")) if key in found]
    return f" · {' · '.join(parts)}"


def _curves(name: str, details: Mapping[str, Any]) -> Html:
    left = reliability_picture(details["reliability"][name], f"{_SHORT[name]}: calibration")
    right = selective_picture(details["selective"][name], f"{_SHORT[name]}: answering only the surest")
    return _figure(_SHORT[name], left, right)


def _figure(caption: str, *pictures: Html) -> Html:
    return element("figure", element("figcaption", caption), element("div", *pictures, class_="wide"))


def _mistake_table(name: str, entries: Sequence[Mapping[str, Any]], taxonomy: Taxonomy) -> Html:
    rows = [
        [f"{entry['id']}, {entry['segment']}", entry["text"], *(_name(name, entry[side], taxonomy) for side in ("said", "annotated")), _probability(entry)]
        for entry in entries
    ]
    table = _table(["verbatim, segment", "text", "said", "annotated", "p"], rows, "mistakes")
    return element("details", element("summary", _SHORT[name], f" · {len(entries)}"), table)


def _probability(entry: Mapping[str, Any]) -> str:
    return f"{entry['probability']:.3f}"


def _name(head: str, code: str | None, taxonomy: Taxonomy) -> str:
    """Return the French name of a label; "–" for a label that was not said or not annotated."""
    if code is None:
        return "–"
    if head == "irritant":
        return "Irritant nommé"
    if head == "theme" and code == "null":
        return "Aucun thème"
    labels = {"step": taxonomy.steps, "theme": taxonomy.themes, "emotions": taxonomy.emotions, "flags": taxonomy.flags}.get(head, ())
    return _POLARITIES.get(code, code) if head == "polarity" else next((label.fr for label in labels if label.code == code), code)
