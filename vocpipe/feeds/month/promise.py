"""What the brand promises against what customers live."""

import numpy as np

from vocpipe.feeds.month.figures import Gap, Month
from vocpipe.feeds.month.markdown import escape, table
from vocpipe.feeds.month.quotes import Quotes
from vocpipe.feeds.month.voice import Voice
from vocpipe.feeds.ratios import wilson

_FEW = 10  # opinions under which no share is shown


def _interval(gap: Gap) -> tuple[float, float] | None:
    """Return the 95 % interval of the share of positive opinions, null when there are too few to tell."""
    if gap.positive_share is None or gap.opinions < _FEW:
        return None
    low, high = wilson(np.array([gap.positive_share * gap.opinions]), np.array([float(gap.opinions)]))
    return float(low[0]), float(high[0])


def widest(month: Month) -> Gap | None:
    """Return the promise that is furthest under its target, among those that are under it beyond chance."""
    judged = [(gap, interval) for gap in month.gaps if (interval := _interval(gap))]
    missed = [gap for gap, interval in judged if interval[1] < gap.target]
    return min(missed, key=lambda gap: (gap.positive_share or 0) - gap.target) if missed else None


def promise(month: Month, voice: Voice, quotes: Quotes) -> list[str]:
    """Return the promises, the one furthest under its target first; nothing when none is configured."""
    if not month.gaps:
        return []
    header = [voice.say(f"promise_{name}") for name in ("name", "opinions", "lived", "target", "gap", "irritant")]
    lines = [f"## {voice.say('promise_title')}", "", *table(header, [_row(gap, voice) for gap in month.gaps], right=(1, 2, 3, 4))]
    far = widest(month)
    reading = [voice.say("promise_reading"), ""]
    return [*lines, *reading, *(quotes.of(far.irritant_id) if far else [])]


def _row(gap: Gap, voice: Voice) -> list[str]:
    interval = _interval(gap)
    lived, difference = f"n < {_FEW}" if gap.opinions < _FEW else "–", "–"
    if interval and gap.positive_share is not None:
        lived = voice.part("share_interval", share=voice.share(gap.positive_share, 0), interval=voice.interval(*interval, decimals=0))
        difference = voice.points(100 * (gap.positive_share - gap.target), 0)
    return [escape(gap.label), voice.number(gap.opinions), lived, voice.share(gap.target, 0), difference, escape(gap.irritant) if gap.irritant else "–"]
