"""The opinions that name a problem and fit no irritant: never a bin, always told."""

from vocpipe.feeds.month.figures import Month
from vocpipe.feeds.month.quotes import Quotes
from vocpipe.feeds.month.voice import Voice

_NEAREST, _QUOTED = 5, 2


def residual_share(month: Month) -> tuple[int, int]:
    """Return the opinions that fit no irritant, and all those that name a problem."""
    left = sum(row.opinions for row in month.residuals)
    return left, left + sum(irritant.opinions for irritant in month.irritants)


def residual(month: Month, voice: Voice, quotes: Quotes) -> list[str]:
    """Return the share left apart, the irritants it comes closest to, and its most central words."""
    left, candidates = residual_share(month)
    if not candidates:
        return []
    lines = [f"## {voice.say('residual_title')}", ""]
    if not left:
        return [*lines, voice.say("residual_none"), ""]
    share = voice.share(left / candidates)
    lines.append(voice.say("residual_one" if left == 1 else "residual", left=voice.number(left), candidates=voice.count(candidates, "candidate"), share=share))
    near = [(row.nearest, row.opinions) for row in month.residuals if row.nearest][:_NEAREST]
    if near:
        names = [voice.part("near_name", name=voice.name(name), before=voice.number(opinions)) for name, opinions in near]
        lines.append(voice.say("residual_nearest_one" if left == 1 else "residual_nearest", names=voice.listing(names)))
    lines.append("")
    quoted: list[str] = []
    for row in month.residuals:
        if row.quote and len(quoted) < 2 * _QUOTED:
            quoted += quotes.text(row.quote)
    return [*lines, *quoted]
