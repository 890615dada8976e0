"""The irritants of the month: ranking, what rises and falls, what is new, joined, split, resolved or silent, and the alerts."""

from collections.abc import Callable, Sequence

from vocpipe.feeds.month.figures import Irritant, Month, Movement
from vocpipe.feeds.month.markdown import escape, table
from vocpipe.feeds.month.quotes import Quotes
from vocpipe.feeds.month.voice import Voice, capital

RANKED = 10
_TOLD = 5  # irritants told one by one in a section; the others are named
_HEAD = 3  # irritants whose part of the month's severity is told
_ALERTS = 10  # alerts told in full


def share_of(irritant: Irritant, voice: Voice) -> str:
    """Return the share with its interval, « 12,4 % (10,6 à 14,5 %) »."""
    return voice.part("share_interval", share=voice.share(irritant.share), interval=voice.interval(irritant.share_low, irritant.share_high))


def rising(month: Month) -> list[Irritant]:
    """Return the irritants that rise beyond chance, the largest change first; those met for the first time are told apart."""
    found = [irritant for irritant in month.irritants if irritant.moves(month.threshold) > 0 and irritant.status != "new"]
    return sorted(found, key=lambda irritant: (-(irritant.change or 0), irritant.irritant_id))


def falling(month: Month) -> list[Irritant]:
    """Return the irritants that fall beyond chance, the largest change first."""
    found = [irritant for irritant in month.irritants if irritant.moves(month.threshold) < 0]
    return sorted(found, key=lambda irritant: (irritant.change or 0, irritant.irritant_id))


def ranking(month: Month, voice: Voice, quotes: Quotes) -> list[str]:
    """Return the table of the most severe irritants, how to read it, and the words behind the first two."""
    top = month.met[:RANKED]
    if not top:
        return []
    lines = [f"## {voice.say('ranking_title_one' if len(top) == 1 else 'ranking_title', number=voice.few(len(top)))}", ""]
    header = [voice.say(f"ranking_{name}") for name in ("rank", "irritant", "share", "change", "chance", "emotion", "severity")]
    rows = [_ranked(number, irritant, month, voice) for number, irritant in enumerate(top, 1)]
    lines += [*_concentration(month, voice), *table(header, rows, right=(0, 3, 6))]
    reference = "ranking_reference" if month.baseline_months else "ranking_no_reference"
    span = voice.span(month.baseline_months) if month.baseline_months else ""
    reading = voice.say(
        "ranking_reading",
        analysed=voice.count(month.volume.analysed, "analysed"),
        reference=voice.part(reference, span=span, threshold=voice.number(month.threshold, 2)),
    )
    lines += [reading, ""]
    for irritant in top[:2]:
        lines += quotes.of(irritant.irritant_id)
    return lines


def _concentration(month: Month, voice: Voice) -> list[str]:
    if len(month.met) <= 2 * _HEAD or month.met[_HEAD - 1].severity_pareto_share is None:
        return []
    share = voice.share(month.met[_HEAD - 1].severity_pareto_share or 0, 0)
    return [voice.say("concentration", head=voice.few(_HEAD), number=voice.few(len(month.met)), share=share), ""]


def _ranked(number: int, irritant: Irritant, month: Month, voice: Voice) -> list[str]:
    chance = "–" if irritant.q_value is None else voice.part("yes" if irritant.q_value < month.threshold else "no")
    return [
        str(number),
        capital(escape(irritant.label)) + _mark(irritant, voice),
        share_of(irritant, voice),
        "–" if irritant.change is None else voice.points(100 * irritant.change),
        chance,
        irritant.emotion or "–",
        voice.number(irritant.severity, 1),
    ]


def _mark(irritant: Irritant, voice: Voice) -> str:
    return f" ({voice.part(f'mark_{irritant.status}')})" if irritant.status in ("new", "resolved") else ""


def changes(month: Month, voice: Voice, quotes: Quotes) -> list[str]:
    """Return what rises and what falls beyond chance, said even when nothing does."""
    if month.is_first:
        return []
    lines = []
    for title, none, found in (("up_title", "up_none", rising(month)), ("down_title", "down_none", falling(month))):
        lines += [f"## {voice.say(title)}", ""]
        lines += _items(found, lambda irritant: _changed(irritant, month, voice), voice, quotes) or [voice.say(none), ""]
    return lines


def _changed(irritant: Irritant, month: Month, voice: Voice) -> str:
    resolved = irritant.resolved_since is not None and irritant.resolved_since <= month.name
    told = voice.part(
        "changed_resolved" if resolved else "changed",
        share=share_of(irritant, voice),
        baseline=voice.share(irritant.baseline or 0),
        span=voice.span(month.baseline_months),
        change=voice.points(100 * (irritant.change or 0)),
        since=voice.month(irritant.resolved_since or ""),
    )
    return _bullet(irritant, voice, told) + _context(irritant, voice)


def _bullet(irritant: Irritant, voice: Voice, told: str) -> str:
    return f"- {voice.say('item', name=f'**{voice.name(irritant.label)}**', told=told)}"


def _context(irritant: Irritant, voice: Voice) -> str:
    """Return the step and the emotion that dominate, when they are known."""
    known = {"step": irritant.step, "emotion": irritant.emotion.lower() if irritant.emotion else None}
    parts = [voice.part(f"context_{name}", value=escape(value)) for name, value in known.items() if value]
    return f" {voice.say('context', parts=', '.join(parts))}" if parts else ""


def _items(found: Sequence[Irritant], told: Callable[[Irritant], str], voice: Voice, quotes: Quotes) -> list[str]:
    lines = []
    for irritant in found[:_TOLD]:
        lines += [told(irritant), *quotes.of(irritant.irritant_id, indent="  ")]
    if len(found) > _TOLD:
        lines.append(f"- {voice.say('others', names=voice.listing([voice.name(irritant.label) for irritant in found[_TOLD:]]))}")
    return [*lines, ""] if lines else []


def new(month: Month, voice: Voice, quotes: Quotes) -> list[str]:
    """Return the irritants met for the first time."""
    found = [irritant for irritant in month.met if irritant.status == "new"]
    if not found:
        return []

    def told(irritant: Irritant) -> str:
        verbatims = voice.count(irritant.verbatims, "verbatim")
        return _bullet(irritant, voice, voice.part("appeared", verbatims=verbatims, share=share_of(irritant, voice))) + _context(irritant, voice)

    return [f"## {voice.say('new_title')}", "", *_items(found, told, voice, quotes)]


def life(month: Month, voice: Voice, quotes: Quotes) -> list[str]:
    """Return how many irritants carried on, and those that were joined, split, resolved, silent or back."""
    groups = {
        "merged": [move for move in month.movements if move.movement == "merged"],
        "taken": [move for move in month.movements if move.movement == "split" and move.opinions],
        "split": [move for move in month.movements if move.movement == "split" and not move.opinions],
        "resolved": [move for move in month.movements if move.movement == "resolved"],
        "silent": [move for move in month.movements if move.movement == "dormant" and move.previous_opinions],
        "back": [move for move in month.movements if move.movement == "back"],
    }
    lines = [_moved(kind, moves, month, voice) for kind, moves in groups.items() if moves]
    if groups["back"]:
        lines += quotes.of(groups["back"][0].irritant_id, indent="  ")
    carried_on = _carried_on(month, voice)
    if not lines and not carried_on:
        return []
    return [f"## {voice.say('life_title')}", "", *carried_on, *(lines or [voice.say("life_none")]), ""]


def _moved(kind: str, moves: Sequence[Movement], month: Month, voice: Voice) -> str:
    since = {irritant.irritant_id: irritant.resolved_since for irritant in month.irritants if irritant.resolved_since}

    def key(move: Movement) -> str:
        if kind in ("merged", "taken") and not move.other:
            return "life_alone"
        return "life_back_resolved" if kind == "back" and move.irritant_id in since else f"life_{kind}"

    names = [
        voice.part(
            key(move),
            name=voice.name(move.label),
            other=voice.name(move.other or ""),
            opinions=voice.count(move.opinions, "opinion"),
            before=voice.number(move.previous_opinions),
            since=voice.month(since.get(move.irritant_id, "")),
        )
        for move in moves[:_TOLD]
    ]
    more = [voice.part("more", number=voice.number(len(moves) - _TOLD))] if len(moves) > _TOLD else []
    title = voice.say(f"life_{kind}_title")
    return f"- {voice.part('item', name=f'**{title}**', told=voice.listing([*names, *more]))}."


def _carried_on(month: Month, voice: Voice) -> list[str]:
    before = [irritant for irritant in month.irritants if irritant.previous_opinions]
    if not before or month.previous is None:
        return []
    still = sum(irritant.opinions > 0 for irritant in before)
    return [
        voice.say(
            "carried_on" if len(before) > 1 else "carried_on_one",
            still=voice.number(still),
            before=voice.number(len(before)),
            share=voice.share(still / len(before), 0),
            when=voice.during(month.previous),
        ),
        "",
    ]


def alerts(month: Month, voice: Voice, quotes: Quotes) -> list[str]:
    """Return the alerts, the critical ones first, with the words behind the first about an irritant."""
    lines = [f"## {voice.say('alerts_title')}", ""]
    if not month.alerts:
        return [*lines, voice.say("alerts_none"), ""]
    lines += [f"- **{voice.say(f'level_{alert.level}')}** – {capital(escape(alert.message))}" for alert in month.alerts[:_ALERTS]]
    if len(month.alerts) > _ALERTS:
        lines.append(f"- {voice.say('alerts_more', number=voice.number(len(month.alerts) - _ALERTS))}")
    first = next((alert.irritant_id for alert in month.alerts if alert.irritant_id), None)
    return [*lines, "", *quotes.of(first)]
