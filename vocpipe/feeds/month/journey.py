"""The customer journey of the month, and what pleases on it."""

from vocpipe.feeds.month.figures import Enchantment, Month, Place
from vocpipe.feeds.month.markdown import escape, table
from vocpipe.feeds.month.quotes import Quotes
from vocpipe.feeds.month.voice import Voice, capital

ENOUGH = 30  # opinions that express a sentiment, under which a step is neither the lowest nor the highest
_FEW = 10  # opinions that express a sentiment, under which no balance is shown
_PLEASING = 5


def lowest(month: Month) -> Place | None:
    """Return the step with the lowest balance, among those with enough opinions; the step that is on no phase does not compete."""
    found = _competing(month)
    return min(found, key=lambda place: (place.net_sentiment or 0, -place.expressed)) if len(found) > 1 else None


def _competing(month: Month) -> list[Place]:
    return [place for place in month.steps if place.phase and place.expressed >= ENOUGH and place.net_sentiment is not None]


def journey(month: Month, voice: Voice, quotes: Quotes) -> list[str]:
    """Return the phases and their steps: volume, balance, dominant emotion, first irritant and first enchantment."""
    if not month.steps:
        return []
    header = [voice.say(f"journey_{name}") for name in ("step", "opinions", "balance", "emotion", "irritant", "enchantment")]
    rows = []
    for phase in month.phases:
        rows.append([f"**{phase.phase_label}**", *_cells(phase, voice)])
        rows += [[f"– {step.label}", *_cells(step, voice)] for step in month.steps if step.phase == phase.phase]
    rows += [[f"{step.label}", *_cells(step, voice)] for step in month.steps if step.phase is None]
    worst = lowest(month)
    return [
        f"## {voice.say('journey_title')}",
        "",
        *_ends(month, voice),
        *table(header, rows, right=(1, 2)),
        voice.say("journey_reading", few=str(_FEW)),
        "",
        *(quotes.of(worst.irritant_id) if worst else []),
    ]


def _ends(month: Month, voice: Voice) -> list[str]:
    low = lowest(month)
    if low is None:
        return [voice.say("journey_few", enough=str(ENOUGH)), ""]
    high = max(_competing(month), key=lambda place: (place.net_sentiment or 0, place.expressed))
    if high.net_sentiment == low.net_sentiment:
        return []
    ends = {"low": low, "high": high}
    names = {name: voice.name(place.label or "") for name, place in ends.items()}
    balances = {f"{name}_balance": _balance(place, voice) for name, place in ends.items()}
    return [voice.say("journey_ends", enough=str(ENOUGH), **names, **balances), ""]


def _balance(place: Place, voice: Voice) -> str:
    if place.net_sentiment is None or place.expressed < _FEW:
        return f"n < {_FEW}" if place.expressed else "–"
    return voice.number(100 * place.net_sentiment, signed=True)


def _cells(place: Place, voice: Voice) -> list[str]:
    return [
        voice.number(place.opinions),
        _balance(place, voice),
        place.emotion or "–",
        escape(place.irritant) if place.irritant else "–",
        escape(place.enchantment) if place.enchantment else "–",
    ]


def enchantments(month: Month, voice: Voice, quotes: Quotes) -> list[str]:
    """Return what pleases most, with the words behind the first two."""
    top = month.enchantments[:_PLEASING]
    if not top:
        return []
    header = [voice.say(f"pleasing_{name}") for name in ("name", "share", "before", "step")]
    rows = [_pleasing(found, voice) for found in top]
    lines = [f"## {voice.say('pleasing_title')}", "", *table(header, rows, right=(2,)), voice.say("pleasing_reading"), ""]
    for found in top[:2]:
        lines += quotes.of(found.enchantment_id)
    return lines


def _pleasing(found: Enchantment, voice: Voice) -> list[str]:
    share = voice.part("share_interval", share=voice.share(found.share), interval=voice.interval(found.share_low, found.share_high))
    before = "–" if found.previous_share is None else voice.share(found.previous_share)
    return [capital(escape(found.label)), share, before, found.step or "–"]
