"""The opening of the report: the headline, the volume, and the sentences that matter."""

import calendar

from vocpipe.feeds.month.figures import Irritant, Month
from vocpipe.feeds.month.impact import heaviest
from vocpipe.feeds.month.irritants import falling, rising, share_of
from vocpipe.feeds.month.journey import lowest
from vocpipe.feeds.month.promise import widest
from vocpipe.feeds.month.residual import residual_share
from vocpipe.feeds.month.voice import Voice

SENTENCES = 5
_SMALL = 100  # verbatims under which a share of 10 % is known within 6 points at best
_SILENT_DAYS = 7  # without a verbatim at the start or the end of a month, from which it may be incomplete
_NAMED = 3  # irritants named in one sentence


def headline(month: Month, voice: Voice) -> list[str]:
    """Return the sentence that a reader in a hurry keeps."""
    when = voice.during(month.name)
    if not month.met:
        return [f"**{voice.say('headline_none', when=when)}**", ""]
    top = month.met[0]
    tenure = "tenure_first" if top.previous_rank is None else "tenure_keeps" if top.previous_rank == 1 else "tenure_becomes"
    sentence = voice.say(
        "headline", when=when, name=voice.name(top.label), tenure=voice.part(tenure), share=share_of(top, voice), trend=_trend(month, top, voice)
    )
    return [f"**{sentence}**", ""]


def _trend(month: Month, top: Irritant, voice: Voice) -> str:
    if top.baseline is None or not month.baseline_months:
        return voice.part("trend_first")
    if top.status == "new":
        return voice.part("trend_new")
    key = "trend_unknown" if top.q_value is None else {1: "trend_rising", -1: "trend_falling", 0: "trend_stable"}[top.moves(month.threshold)]
    return voice.part(key, baseline=voice.share(top.baseline), span=voice.span(month.baseline_months))


def volume(month: Month, voice: Voice) -> list[str]:
    """Return what was read, what counts, and what to beware of."""
    counts = month.volume
    lines = [f"## {voice.say('volume_title')}", ""]
    kept = voice.share(counts.analysed / counts.read)
    read = voice.say("volume_read", read=voice.count(counts.read, "verbatim"), analysed=voice.number(counts.analysed), share=kept)
    lines.append(read + _against(month, voice) + ".")
    lines += _left_out(month, voice)
    if counts.opinions:
        shares = {name: voice.share(number / counts.opinions, 0) for name, number in _polarities(month).items()}
        lines.append(voice.say("volume_opinions", opinions=voice.count(counts.opinions, "opinion"), **shares))
    residual, candidates = residual_share(month)
    if candidates:
        lines.append(
            voice.say(
                "volume_residual",
                candidates=voice.count(candidates, "candidate"),
                share=voice.share(1 - residual / candidates),
                residual=voice.number(residual),
            )
        )
    if counts.analysed < _SMALL:
        lines.append(voice.say("volume_small", analysed=voice.count(counts.analysed, "analysed")))
    return [*lines, *_incomplete(month, voice), ""]


def _against(month: Month, voice: Voice) -> str:
    before = month.volume.previous_analysed
    if not before or month.previous is None:
        return ""
    return voice.part("volume_against", before=voice.number(before), when=voice.during(month.previous))


def _left_out(month: Month, voice: Voice) -> list[str]:
    counts = month.volume
    reasons = {"duplicate": counts.duplicates, "foreign": counts.language, "no_content": counts.no_content, "empty": counts.empty, "failed": counts.failed}
    told = [voice.count(number, reason) for reason, number in reasons.items() if number]
    return [voice.say("volume_left_out", reasons=voice.listing(told))] if told else []


def _polarities(month: Month) -> dict[str, int]:
    counts = month.volume
    return {
        "negative": counts.negative,
        "positive": counts.positive,
        "mixed": counts.mixed,
        "neutral": counts.opinions - counts.negative - counts.positive - counts.mixed,
    }


def _incomplete(month: Month, voice: Voice) -> list[str]:
    first, last = month.volume.first_day, month.volume.last_day
    if first is None or last is None or month.volume.analysed < 30 or len(month.name) != 7:
        return []
    lines = []
    if month.is_first and first.day > _SILENT_DAYS:
        lines.append(voice.say("volume_starts_late", day=voice.day(first)))
    if month.is_last and calendar.monthrange(last.year, last.month)[1] - last.day >= _SILENT_DAYS:
        lines.append(voice.say("volume_ends_early", day=voice.day(last)))
    return lines


def essentials(month: Month, voice: Voice) -> list[str]:
    """Return the five sentences that matter, fewer when the figures do not carry five."""
    found = [
        *_changes(month, voice),
        *_returns(month, voice),
        *_new(month, voice),
        *_costliest(month, voice),
        *_lowest_step(month, voice),
        *_pleases(month, voice),
        *_promise(month, voice),
        *_alerts(month, voice),
        *_residual(month, voice),
    ][:SENTENCES]
    if not found:
        return []
    return [f"## {voice.say('essentials_title')}", "", *(f"{number}. {sentence}" for number, sentence in enumerate(found, 1)), ""]


def _named(irritants: list[Irritant], voice: Voice) -> str:
    names = [voice.part("named_change", name=voice.name(found.label), change=voice.points(100 * (found.change or 0))) for found in irritants[:_NAMED]]
    more = [voice.part("more", number=voice.number(len(irritants) - _NAMED))] if len(irritants) > _NAMED else []
    return voice.listing([*names, *more])


def _changes(month: Month, voice: Voice) -> list[str]:
    if month.is_first:
        return [voice.say("changes_first")]
    up, down = rising(month), falling(month)
    if not up and not down:
        return [voice.say("changes_none")]
    parts = [
        voice.part(f"changes_{way}_{'one' if len(found) == 1 else 'many'}", number=voice.few(len(found)), names=_named(found, voice))
        for way, found in (("up", up), ("down", down))
        if found
    ]
    return [voice.say("changes", parts=voice.part("changes_and").join(parts))]


def _new(month: Month, voice: Voice) -> list[str]:
    found = [irritant for irritant in month.met if irritant.status == "new"]
    if not found:
        return []
    names = [voice.name(irritant.label) for irritant in found[:_NAMED]]
    more = [voice.part("more", number=voice.number(len(found) - _NAMED))] if len(found) > _NAMED else []
    return [voice.say("new_one" if len(found) == 1 else "new_many", number=voice.few(len(found)), names=voice.listing([*names, *more]))]


def _returns(month: Month, voice: Voice) -> list[str]:
    """Tell of the irritants that were declared resolved and are met again at their former level."""
    found = [irritant for irritant in month.met if irritant.status == "rising" and (irritant.resolved_since or "~") <= month.name]
    if not found:
        return []
    names = voice.listing([voice.name(irritant.label) for irritant in found[:_NAMED]])
    return [voice.say("returns_one" if len(found) == 1 else "returns_many", names=names)]


def _costliest(month: Month, voice: Voice) -> list[str]:
    worst = heaviest(month)
    if worst is None or worst.cost is None or worst.mean_without is None:
        return []
    return [
        voice.say(
            "costliest",
            name=voice.name(worst.label),
            measure=voice.part(f"measure_{worst.measure}"),
            mean=voice.number(worst.mean_without - worst.cost, 2),
            without=voice.number(worst.mean_without, 2),
            change=voice.points(worst.cost, 2),
            bounds=voice.bounds(worst.cost_low, worst.cost_high),
            period=voice.during(month.name) if worst.period == month.name else voice.part("all_months"),
        )
    ]


def _lowest_step(month: Month, voice: Voice) -> list[str]:
    step = lowest(month)
    if step is None or step.net_sentiment is None or step.net_sentiment >= 0:
        return []
    return [
        voice.say(
            "lowest_step",
            step=voice.name(step.label or ""),
            negative=voice.count(step.negative, "negative"),
            positive=voice.count(step.positive, "positive") if step.positive else voice.part("no_positive"),
            expressed=voice.count(step.expressed, "expressed"),
            first=voice.part("lowest_first", name=voice.name(step.irritant)) if step.irritant else "",
        )
    ]


def _pleases(month: Month, voice: Voice) -> list[str]:
    if not month.enchantments:
        return []
    top = month.enchantments[0]
    return [voice.say("pleases", name=voice.name(top.label), share=voice.share(top.share), interval=voice.interval(top.share_low, top.share_high))]


def _promise(month: Month, voice: Voice) -> list[str]:
    gap = widest(month)
    if gap is None or gap.positive_share is None:
        return []
    return [voice.say("promise_widest", name=voice.name(gap.label), share=voice.share(gap.positive_share, 0), target=voice.share(gap.target, 0))]


def _alerts(month: Month, voice: Voice) -> list[str]:
    if not month.alerts:
        return []
    critical = sum(alert.level == "critical" for alert in month.alerts)
    alerts = voice.count(len(month.alerts), "alert")
    return [
        voice.say("alerts_counted", alerts=alerts, critical=voice.count(critical, "critical")) if critical else voice.say("alerts_none_critical", alerts=alerts)
    ]


def _residual(month: Month, voice: Voice) -> list[str]:
    left, candidates = residual_share(month)
    return [voice.say("residual_counted", share=voice.share(left / candidates))] if left else []
