"""The tables by month: irritants, enchantments, the journey, what is left over, and the quality of the data."""

import pyarrow as pa

from vocpipe.feeds.contract_columns import (
    BATCH,
    EMOTIONS,
    ENCHANTMENT_ID,
    INTERVAL,
    IRRITANT_ID,
    MEAN_SENTIMENT,
    MONTH,
    NO_SENTIMENT,
    NONE_THAT_MONTH,
    PHASE,
    SHARE,
    STEP,
    STRINGS,
    FeedTable,
    volume,
)
from vocpipe.schema import Column

_FIRST_MONTH = "first month of the feed"
_NOT_TOLD = "the batch does not tell"
_UNSURE = "nps: fewer than two answers; the others: fewer than ten ratings, or all the same"
_NO_TEST = "first month of the feed, or nobody speaks of it in that month and those before"
_STATUS = (
    "resolved: a person said so, from that month on, as long as it is not met again at its former level; dormant: no opinion that month (merged or split "
    "when a person did so); new: first month with an opinion, after the first of the feed; rising, falling: beyond chance, or resolved and back; else active"
)


def _share(name: str, of: str) -> Column:
    return Column(name, pa.float64(), f"share, 0 to 1, of the irritant's opinions of the month that {of}", NONE_THAT_MONTH)


def _place(of: str) -> tuple[Column, ...]:
    """Return what is told of a step, a phase or a theme in a month."""
    return (
        *volume(f"on the {of}"),
        Column("positive", pa.int64(), "those opinions that are positive"),
        Column("negative", pa.int64(), "those that are negative"),
        Column("mixed", pa.int64(), "those that are both"),
        Column("neutral", pa.int64(), "those that express no judgement"),
        Column("net_sentiment", pa.float64(), "(positive - negative) / (positive + negative + mixed), -1 to 1", NO_SENTIMENT),
        MEAN_SENTIMENT,
        Column("emotion", pa.string(), "emotion that most of those opinions express, fine code", "none expresses one"),
        Column("anger_share", pa.float64(), "share, 0 to 1, of those opinions that express colere or degout"),
        Column("effort_share", pa.float64(), "share, 0 to 1, of those opinions that report an effort"),
        Column("irritants", STRINGS, f"irritants that weigh most on the {of}, the most severe there first, five at most"),
        Column("enchantments", STRINGS, f"enchantments most met on the {of}, five at most"),
    )


AGG_IRRITANT_MONTH = FeedTable(
    "agg_irritant_month",
    "One row per irritant and month, from the month it is first seen; months in which nobody speaks of it hold zero opinions. Duplicates are left out.",
    ("month", "irritant_id"),
    (
        MONTH,
        IRRITANT_ID,
        *volume("about the irritant"),
        *SHARE,
        Column("step", pa.string(), "most frequent step of those opinions", NONE_THAT_MONTH),
        Column("phase", pa.string(), "phase of that step", "no opinion that month, or the step is on no phase"),
        Column("emotion", pa.string(), "emotion that most of those opinions express, fine code", "none expresses one"),
        MEAN_SENTIMENT,
        *(_share(f"{code}_share", f"express {code}") for code in EMOTIONS),
        _share("anger_share", "express colere or degout"),
        _share("effort_share", "report an effort"),
        _share("churn_share", "leave or threaten to"),
        Column("severity", pa.float64(), "0 to 100: how much the irritant weighs; the formula is above, its weights in feed.json"),
        Column("rank", pa.int32(), "1 for the most severe irritant of the month"),
        Column(
            "pareto_share",
            pa.float64(),
            "share of the month's irritant opinions held by this irritant and all larger ones",
            "no irritant has an opinion that month",
        ),
        *INTERVAL,
        Column("moving_average", pa.float64(), "mean share of this month and those before, three in all by default"),
        Column("baseline", pa.float64(), "share over the months before taken together, six by default", _FIRST_MONTH),
        Column("p_value", pa.float64(), "chance of a share so far from the baseline if nothing had changed", _NO_TEST),
        Column("q_value", pa.float64(), "that chance corrected for the number of irritants looked at in the month (Benjamini-Hochberg)", _NO_TEST),
        Column("status", pa.string(), _STATUS),
        Column("intensity", pa.float64(), "mean of |sentiment| / 2, 0 to 1, of the opinions that express one", NO_SENTIMENT),
        Column("severity_pareto_share", pa.float64(), "share of the month's severity held by this irritant and all more severe ones", "no severity that month"),
    ),
)

AGG_STEP_EMOTION_MONTH = FeedTable(
    "agg_step_emotion_month",
    "One row per month, step and emotion expressed there, and one with a null emotion for the opinions that express none. "
    "An opinion with two emotions counts in both. Duplicates are left out.",
    ("month", "step", "emotion"),
    (
        MONTH,
        STEP,
        PHASE,
        Column("emotion", pa.string(), "emotion, fine code", "row of the opinions that express none"),
        Column("emotion_group", pa.string(), "that emotion rolled up by the scheme named in feed.json", "row of the opinions that express none"),
        Column("opinions", pa.int64(), "opinions of that step and emotion"),
        Column("verbatims", pa.int64(), "verbatims with at least one of them"),
        Column("strong", pa.int64(), "those opinions that express it strongly (intensity 2)", "row of the opinions that express none"),
        Column("share", pa.float64(), "those opinions over all opinions of the step in the month, 0 to 1"),
    ),
)

AGG_ENCHANTMENT_MONTH = FeedTable(
    "agg_enchantment_month",
    "One row per enchantment and month, from the month it is first seen. Duplicates are left out.",
    ("month", "enchantment_id"),
    (
        MONTH,
        ENCHANTMENT_ID,
        *volume("about the enchantment"),
        *SHARE,
        Column("step", pa.string(), "most frequent step of those opinions", NONE_THAT_MONTH),
        MEAN_SENTIMENT,
        Column("rank", pa.int32(), "1 for the most frequent enchantment of the month"),
        *INTERVAL,
    ),
)

AGG_STEP_MONTH = FeedTable(
    "agg_step_month",
    "One row per month and step of the journey that has opinions. Duplicates are left out.",
    ("month", "step"),
    (MONTH, STEP, PHASE, *_place("step")),
)

AGG_PHASE_MONTH = FeedTable(
    "agg_phase_month",
    "One row per month and phase of the journey that has opinions, and one with a null phase for the steps on no phase. Duplicates are left out.",
    ("month", "phase"),
    (MONTH, Column("phase", pa.string(), "avant, pendant, apres", "row of the opinions on no phase"), *_place("phase")),
)

AGG_THEME_MONTH = FeedTable(
    "agg_theme_month",
    "One row per month and theme that has opinions, and one with a null theme for the opinions that have none. Duplicates are left out.",
    ("month", "theme"),
    (MONTH, Column("theme", pa.string(), "theme, see dim_theme", "row of the opinions that have none"), *_place("theme")),
)

AGG_RESIDUAL_MONTH = FeedTable(
    "agg_residual_month",
    "One row per month and nearest irritant of the opinions that name a problem and belong to no irritant. Duplicates are left out.",
    ("month", "nearest_irritant_id"),
    (
        MONTH,
        Column(
            "nearest_irritant_id",
            pa.string(),
            "the irritant nearest to those opinions",
            "there was none to compare with, or those opinions are without a vector",
        ),
        *volume("left over near that irritant"),
        Column("share", pa.float64(), "those opinions over all the opinions of the month that name a problem, 0 to 1"),
        Column("quote", pa.string(), "the opinion among them that is closest to that irritant, in the customer's words"),
    ),
)

DATA_QUALITY = FeedTable(
    "data_quality",
    "One row per batch: what became of its rows. rows = analysed + duplicates + rejected.",
    ("batch",),
    (
        BATCH,
        Column("rows", pa.int64(), "verbatims read"),
        Column("analysed", pa.int64(), "verbatims neither rejected nor duplicate"),
        Column("duplicates", pa.int64(), "duplicates, of this batch or an earlier one, that are not rejected and are left out of shares"),
        Column("near_duplicates", pa.int64(), "verbatims that are nearly the words of another, whether they count or not"),
        Column("rejected", pa.int64(), "verbatims rejected, whatever the reason"),
        Column("rejected_empty", pa.int64(), "rejected because there is no text"),
        Column("rejected_language", pa.int64(), "rejected because of the language"),
        Column(
            "rejected_no_content",
            pa.int64(),
            "rejected because the text says nothing of the customer's experience: RAS, automatic replies, the company's own replies",
        ),
        Column("rejected_failed", pa.int64(), "rejected for another reason, such as a stage that failed on it"),
        Column("other_language", pa.int64(), "verbatims told to be in another language than French, rejected or not"),
        Column("opinions", pa.int64(), "opinions of the verbatims analysed"),
        Column("residual", pa.int64(), "opinions that name a problem and belong to no known irritant"),
        Column("read", pa.int64(), "records read in the inputs, those in quarantine included", _NOT_TOLD),
        Column("quarantined", pa.int64(), "records that could not be read, kept aside with the reason", _NOT_TOLD),
        Column("redacted", pa.int64(), "pieces of personal data replaced in the texts", _NOT_TOLD),
    ),
)

AGG_KPI_MONTH = FeedTable(
    "agg_kpi_month",
    "One row per month, company (null: all of them, and those not told) and kind of rating given. Duplicates and rejected verbatims are left out.",
    ("month", "company", "measure"),
    (
        MONTH,
        Column("company", pa.string(), "company, see dim_company", "row of all verbatims of the month"),
        Column("measure", pa.string(), "nps, csat, ces or stars"),
        Column("n", pa.int64(), "verbatims with that rating"),
        Column("value", pa.float64(), "nps: 100 × (share of 9 and 10 - share of 0 to 6), -100 to 100; the others: mean rating, on its own scale"),
        Column(
            "low",
            pa.float64(),
            "lower end of the 95 % interval: adjusted Wald, three answers added (nps); Student's law, within the lowest and highest rating of the feed (means)",
            _UNSURE,
        ),
        Column("high", pa.float64(), "upper end of that interval", _UNSURE),
    ),
)
