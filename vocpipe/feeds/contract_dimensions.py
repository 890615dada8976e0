"""The dimensions of the feed: irritants, enchantments, and the codes of the taxonomy."""

import pyarrow as pa

from vocpipe.feeds.contract_columns import ENCHANTMENT_ID, IRRITANT_ID, LABELS, PHASE, POSITION, STEP, STRINGS, FeedTable
from vocpipe.schema import Column

_NEVER_SEEN = "no opinion about it is counted"
_THEME = Column("theme", pa.string(), "its main theme at discovery, see dim_theme", "no theme")
_MAIN_STEP = Column("step", pa.string(), "its main step at discovery, see dim_step", "no step")
_SEEN = (
    Column("first_batch", pa.string(), "batch that discovered it"),
    Column("first_seen", pa.string(), "first month with an opinion about it", _NEVER_SEEN),
    Column("last_seen", pa.string(), "last month with an opinion about it", _NEVER_SEEN),
    Column("quote", pa.string(), "the most typical opinion, in the customer's words", "none kept"),
    Column("terms", STRINGS, "words that set it apart", "none kept"),
    Column("label_en", pa.string(), "its name, in English", "none given"),
    Column("origin", pa.string(), "starter: of the catalogue that comes with vocpipe; discovered; split: from another one; imported"),
    Column("status", pa.string(), "status in the last month of the feed, see agg_irritant_month", "never seen"),
    Column("merged_into", pa.string(), "the one that it was merged into, which has its opinions", "not merged"),
    Column("split_from", pa.string(), "the one that it was split from", "not from a split"),
    Column("resolved_since", pa.string(), "month from which a person says that it is resolved", "not resolved"),
    Column("edited", pa.bool_(), "a person renamed, merged, split, resolved or imported it"),
    Column("opinions", pa.int64(), "opinions about it in all months, duplicates left out"),
)


def _spread(names: str, of: str) -> tuple[Column, Column]:
    return (
        Column(names + "s", STRINGS, f"{of} of its opinions, the most frequent first; empty when no opinion about it is counted"),
        Column(names + "_shares", pa.list_(pa.float64()), f"share, 0 to 1, of its opinions that are on each of those {of}"),
    )


DIM_IRRITANT = FeedTable(
    "dim_irritant",
    "One row per irritant of the catalogue; one that a person merged, split or resolved keeps its row.",
    ("irritant_id",),
    (
        IRRITANT_ID,
        Column("label", pa.string(), "its name, in French"),
        _THEME,
        _MAIN_STEP,
        PHASE,
        *_SEEN,
        *_spread("step", "steps"),
        *_spread("phase", "phases"),
    ),
)

DIM_ENCHANTMENT = FeedTable(
    "dim_enchantment",
    "One row per enchantment of the catalogue: what customers like, found and named as irritants are.",
    ("enchantment_id",),
    (
        ENCHANTMENT_ID,
        Column("label", pa.string(), "its name, in French"),
        _THEME,
        _MAIN_STEP,
        PHASE,
        *(column for column in _SEEN if column.name not in ("status", "resolved_since")),
        Column("status", pa.string(), "active; resolved, merged or split: a person did so"),
    ),
)

DIM_STEP = FeedTable(
    "dim_step",
    "One row per step of the customer journey.",
    ("step",),
    (
        STEP,
        POSITION,
        *LABELS,
        PHASE,
        Column("phase_fr", pa.string(), "name of the phase, in French", "the step is on no phase"),
        Column("phase_en", pa.string(), "name of the phase, in English", "the step is on no phase"),
    ),
)

DIM_THEME = FeedTable("dim_theme", "One row per theme.", ("theme",), (Column("theme", pa.string(), "theme"), POSITION, *LABELS))

DIM_EMOTION = FeedTable(
    "dim_emotion",
    "One row per fine emotion, with the two ways to roll it up into six.",
    ("emotion",),
    (
        Column("emotion", pa.string(), "emotion, fine code"),
        POSITION,
        *LABELS,
        Column("ekman", pa.string(), "its group among the six basic emotions"),
        Column("ekman_fr", pa.string(), "name of that group, in French"),
        Column("ekman_en", pa.string(), "name of that group, in English"),
        Column("cx", pa.string(), "its group among the six emotions of customer experience"),
        Column("cx_fr", pa.string(), "name of that group, in French"),
        Column("cx_en", pa.string(), "name of that group, in English"),
    ),
)

DIM_DATE = FeedTable(
    "dim_date",
    "One row per day, from the first day of the first month that has a date to the last day of the last one.",
    ("date",),
    (
        Column("date", pa.date32(), "day"),
        Column("year", pa.int32(), "year"),
        Column("quarter", pa.int32(), "quarter of the year, 1 to 4"),
        Column("month", pa.string(), "month (YYYY-MM), which joins the day to the other tables"),
        Column("month_number", pa.int32(), "month of the year, 1 to 12"),
        Column("month_fr", pa.string(), "name of the month, in French"),
        Column("month_en", pa.string(), "name of the month, in English"),
        Column("iso_year", pa.int32(), "year of the ISO 8601 week"),
        Column("iso_week", pa.int32(), "number of the ISO 8601 week, 1 to 53"),
        Column("weekday", pa.int32(), "day of the week, 1 for Monday to 7 for Sunday"),
        Column("weekday_fr", pa.string(), "name of the day, in French"),
        Column("weekday_en", pa.string(), "name of the day, in English"),
    ),
)

DIM_COMPANY = FeedTable(
    "dim_company",
    "One row per company, brand or entity that verbatims are about.",
    ("company",),
    (
        Column("company", pa.string(), "company, brand or entity"),
        Column("first_month", pa.string(), "first month with a verbatim about it"),
        Column("last_month", pa.string(), "last month with a verbatim about it"),
        Column("verbatims", pa.int64(), "verbatims analysed about it, in all months"),
    ),
)
