"""The tables that tell what to look at: movements of irritants, impact on ratings, promises, alerts."""

import pyarrow as pa

from vocpipe.feeds.contract_columns import IRRITANT_ID, MONTH, NO_SENTIMENT, STRINGS, FeedTable
from vocpipe.schema import Column

_NOT_ENOUGH = "not enough data, see reason"
_NO_MEAN = "no such verbatim"


def _estimate(name: str, meaning: str) -> tuple[Column, ...]:
    """Return the columns of an estimate and of its interval."""
    return (
        Column(name, pa.float64(), meaning, _NOT_ENOUGH),
        Column(f"{name}_low", pa.float64(), "lower end of its 95 % interval (bootstrap over verbatims)", _NOT_ENOUGH),
        Column(f"{name}_high", pa.float64(), "upper end of that interval", _NOT_ENOUGH),
    )


IRRITANT_MOVEMENTS = FeedTable(
    "irritant_movements",
    "One row per irritant and month, from the month it is first seen: how it passes from the month before. "
    "One that a person merged or split away, and that has no opinion left, has a row in every month.",
    ("month", "irritant_id"),
    (
        MONTH,
        IRRITANT_ID,
        Column(
            "movement",
            pa.string(),
            "matched: met in the month before too; new: first met; back: met again after a silence, or at its former level once resolved; dormant: not met; "
            "resolved, merged: a person said so; split: first met, from another one, or split away",
        ),
        Column("opinions", pa.int64(), "opinions about it in the month"),
        Column("previous_opinions", pa.int64(), "the same in the previous month of the feed", "first month of the feed"),
        Column("other_id", pa.string(), "the irritant that it was merged into, or split from", "neither merged nor split from another"),
    ),
)

IRRITANT_IMPACT = FeedTable(
    "irritant_impact",
    "One row per period, irritant or enchantment met in it, and kind of rating given in it: what it goes with in the rating, "
    "in points of the rating's own scale. It tells what goes together, not what causes what.",
    ("period", "irritant_id", "measure"),
    (
        Column("period", pa.string(), "a month, or all for the whole feed"),
        Column("irritant_id", pa.string(), "irritant or enchantment"),
        Column("kind", pa.string(), "irritant or enchantment"),
        Column("measure", pa.string(), "stars, nps, csat or ces"),
        Column("n_with", pa.int64(), "rated verbatims with it"),
        Column("n_without", pa.int64(), "rated verbatims without it"),
        Column("mean_with", pa.float64(), "their mean rating with it", _NO_MEAN),
        Column("mean_without", pa.float64(), "their mean rating without it", _NO_MEAN),
        *_estimate("leave_one_out", "mean rating without those verbatims minus mean rating of all: the points that it costs"),
        *_estimate("effect", "change of the rating that goes with it, the other irritants and enchantments being equal (ridge regression)"),
        Column("enough", pa.bool_(), "there are enough verbatims for the estimates"),
        Column("reason", pa.string(), "why there are not enough", "there are enough"),
    ),
)

PROMISE_GAP = FeedTable(
    "promise_gap",
    "One row per promise of the brand and month: what is lived against what was promised. Empty when the run's configuration names no promises.",
    ("month", "promise"),
    (
        MONTH,
        Column("promise", pa.string(), "code of the promise"),
        Column("label_fr", pa.string(), "the promise, in French"),
        Column("step", pa.string(), "step of the journey that it is made for", "every step"),
        Column("themes", STRINGS, "themes that it is judged by; empty: every theme of the step"),
        Column("opinions", pa.int64(), "opinions on those themes and that step that express a judgement"),
        Column("positive_share", pa.float64(), "share, 0 to 1, of those opinions that are positive", NO_SENTIMENT),
        Column("target", pa.float64(), "share that the promise aims at"),
        Column("gap", pa.float64(), "positive_share minus target: negative when the promise is not kept", NO_SENTIMENT),
        Column("irritant_id", pa.string(), "irritant that weighs most against it", "none that month"),
    ),
)

ALERTS = FeedTable(
    "alerts",
    "One row per month, kind of alert and irritant that deserves one. Thresholds are in feed.json; each alert needs the minimum volume too.",
    ("month", "alert", "irritant_id"),
    (
        MONTH,
        Column(
            "alert",
            pa.string(),
            "change: above the baseline, beyond chance; emerging: new, beyond chance; anger, churn: in a large part of its verbatims; "
            "back: resolved and met again; residual: many opinions fit no irritant",
        ),
        Column("irritant_id", pa.string(), "irritant that it is about", "residual: about all of them"),
        Column(
            "level",
            pa.string(),
            "critical when the value is at least twice a threshold above zero, or for anger and churn halfway from the threshold to 1; else warning",
        ),
        Column(
            "value",
            pa.float64(),
            "share, 0 to 1: of the month's verbatims (change, emerging, back), of the irritant's verbatims (anger, churn), of the opinions "
            "that name a problem (residual)",
        ),
        Column("baseline", pa.float64(), "the same before: in the months before (change), before it was resolved (back)", "there is nothing to compare with"),
        Column("threshold", pa.float64(), "what the value had to reach"),
        Column("opinions", pa.int64(), "opinions about the irritant in the month, or left over"),
        Column("message_fr", pa.string(), "the alert as a sentence, in French"),
        Column("message_en", pa.string(), "the alert as a sentence, in English"),
    ),
)
