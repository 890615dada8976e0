"""Pictures of a report, as SVG that takes its colours from the page: confusion matrices and curves. Everything that is not `Html` is escaped."""

import html
from collections.abc import Mapping, Sequence
from typing import Any

_CELL = 30
_PLOT, _MARGIN, _TOP = 200, 42, 10
_DARK = 0.55


class Html(str):
    """Mark text that is HTML already; any other text is escaped where it is put into an element."""


def element(tag: str, *content: object, **attributes: object) -> Html:
    """Return an HTML or SVG element; a trailing underscore of an attribute's name is dropped and other underscores become hyphens."""
    pairs = "".join(f' {name.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"' for name, value in attributes.items())
    inner = "".join(part if isinstance(part, Html) else html.escape(str(part)) for part in content)
    return Html(f"<{tag}{pairs}>{inner}</{tag}>")


def confusion_picture(names: Sequence[str], rows: Sequence[Sequence[int]], title: str) -> Html:
    """Return a matrix: annotated in rows, said in columns; the shade is the share of the row, the number the count."""
    left, top = _text_width(names), _text_width(names) + 4
    size = _CELL * len(names)
    parts = [element("title", title)]
    for place, name in enumerate(names):
        middle = _CELL * place + _CELL / 2
        parts.append(element("text", name, x=left - 6, y=top + middle + 4, text_anchor="end"))
        parts.append(element("text", name, transform=f"translate({left + middle + 4},{top - 6}) rotate(-90)"))
    for row, (name, counts) in enumerate(zip(names, rows, strict=True)):
        total = max(1, sum(counts))
        for column, (said, count) in enumerate(zip(names, counts, strict=True)):
            x, y = left + _CELL * column, top + _CELL * row
            parts.append(_cell(x, y, count, count / total, row == column, f"annotated {name}, said {said}: {count} of {sum(counts)}"))
    return element("svg", *parts, viewBox=f"0 0 {left + size + 2} {top + size + 2}", width=left + size + 2, font_size=11, role="img", aria_label=title)


def _cell(x: float, y: float, count: int, share: float, is_right: bool, tip: str) -> Html:
    square = element(
        "rect", x=x + 1, y=y + 1, width=_CELL - 2, height=_CELL - 2, fill_opacity=f"{max(share, 0.03):.2f}", class_="right" if is_right else "wrong"
    )
    number = element("text", count, x=x + _CELL / 2, y=y + _CELL / 2 + 4, text_anchor="middle", class_="dark" if share > _DARK else "number")
    return element("g", element("title", tip), square, *([number] if count else []))


def _text_width(names: Sequence[str]) -> float:
    return 14 + 7 * max(len(name) for name in names)


def reliability_picture(points: Sequence[Mapping[str, Any]], title: str) -> Html:
    """Return how often what was said with a probability was right; on the dashed line probabilities are honest, the discs' area is the number."""
    most = max((point["n"] for point in points), default=1)
    parts = [_line([(0, 0), (1, 1)], 0, "honest")]
    parts.append(_line([(point["said"], point["right"]) for point in points], 0, "curve"))
    for point in points:
        x, y = _at(point["said"], point["right"], 0)
        tip = f"said with {point['said']:.2f}: right {point['right']:.2f}, n {point['n']}"
        parts.append(element("circle", element("title", tip), cx=f"{x:.1f}", cy=f"{y:.1f}", r=f"{2 + 6 * (point['n'] / most) ** 0.5:.1f}"))
    return _plot(parts, title, "probability", "share right", 0)


def selective_picture(points: Sequence[Mapping[str, Any]], title: str) -> Html:
    """Return how right the model is when it answers only what it is surest of."""
    floor = 0.5 if min((point["right"] for point in points), default=0) >= 0.5 else 0.0
    curve = [(point["coverage"], point["right"]) for point in points]
    parts = [_line(curve, floor, "curve")]
    for coverage, right in curve[3::4]:
        x, y = _at(coverage, right, floor)
        parts.append(element("circle", element("title", f"{coverage:.0%} answered: {right:.1%} right"), cx=f"{x:.1f}", cy=f"{y:.1f}", r=3))
    return _plot(parts, title, "share answered, surest first", "share right", floor)


def _at(x: float, y: float, floor: float) -> tuple[float, float]:
    return _MARGIN + _PLOT * x, _TOP + _PLOT * (1 - (y - floor) / (1 - floor))


def _line(points: Sequence[tuple[float, float]], floor: float, kind: str) -> Html:
    places = (_at(x, y, floor) for x, y in points)
    return element("polyline", points=" ".join(f"{x:.1f},{y:.1f}" for x, y in places), fill="none", class_=kind)


def _plot(parts: Sequence[Html], title: str, across: str, up: str, floor: float) -> Html:
    frame = [element("title", title), element("rect", x=_MARGIN, y=_TOP, width=_PLOT, height=_PLOT, fill="none", class_="frame")]
    for tick in (0, 0.2, 0.4, 0.6, 0.8, 1):
        x, _ = _at(tick, floor, floor)
        height = round(floor + tick * (1 - floor), 1)
        _, y = _at(0, height, floor)
        frame.append(element("text", f"{tick:g}", x=x, y=_TOP + _PLOT + 15, text_anchor="middle"))
        frame.append(element("text", f"{height:g}", x=_MARGIN - 5, y=y + 4, text_anchor="end"))
        frame.append(element("line", x1=_MARGIN, x2=_MARGIN + _PLOT, y1=y, y2=y, class_="grid"))
    frame.append(element("text", across, x=_MARGIN + _PLOT / 2, y=_TOP + _PLOT + 31, text_anchor="middle"))
    frame.append(element("text", up, transform=f"translate(10,{_TOP + _PLOT / 2}) rotate(-90)", text_anchor="middle"))
    width, height = _MARGIN + _PLOT + 14, _TOP + _PLOT + 38
    return element("svg", *frame, *parts, viewBox=f"0 0 {width} {height}", width=width, font_size=11, role="img", aria_label=title)
