"""The tables of the feed: every column, its type, what it means and what null means. Dashboards stand on it."""

from dataclasses import dataclass

import pyarrow as pa

from vocpipe import schema
from vocpipe.schema import Column

SCHEMA_VERSION = "1.2"
EMOTIONS = ("joie", "gratitude", "surprise", "tristesse", "deception", "peur", "frustration", "colere", "degout")
FLAGS = ("effort", "churn", "suggestion", "reco", "antireco")


@dataclass(frozen=True)
class FeedTable:
    """Describe one table; its rows are those of `<name>.sql`, and the columns of `key` identify one, duplicates left aside."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def arrow(self) -> pa.Schema:
        """Return the Arrow schema that the query must give."""
        return pa.schema([column.field for column in self.columns])


def _same(*names: str) -> tuple[Column, ...]:
    """Return columns that the feed takes from the rows as they are."""
    return tuple(schema.COLUMNS[name] for name in names)


def _one(name: str, of: str, null: str = "") -> Column:
    """Return the column that holds one value of a per-opinion list of the rows."""
    column = schema.COLUMNS[of]
    return Column(name, column.type.value_type, column.meaning.replace("each opinion", "the opinion"), null)


_BY_A_PERSON = "a person corrected it"
_NO_OPINION = "no opinion is expressed"
_NO_EMOTION = "no emotion is expressed"
_NO_DUPLICATE = "tells something of its own"
_NONE_THAT_MONTH = "no opinion that month"

_BATCH = Column("batch", pa.string(), "batch that brought the row")
_MONTH = Column("month", pa.string(), "month (YYYY-MM) of the verbatim's date, or the batch's name when it has no date")
_STEP = Column("step", pa.string(), "step of the customer journey, see dim_step")
_PHASE = Column("phase", pa.string(), "phase of that step: avant, pendant, apres", "the step is on no phase")
_IRRITANT_ID = Column("irritant_id", pa.string(), "irritant, kept for life")
_POSITION = Column("position", pa.int32(), "place in the taxonomy, from 0: the order to show")
_LABELS = (
    Column("label_fr", pa.string(), "name shown, in French"),
    Column("label_en", pa.string(), "name shown, in English"),
    Column("definition", pa.string(), "what the code covers, in French"),
)


def _flag(name: str) -> Column:
    return Column(name, pa.bool_(), f"the opinion raises the flag {name}")


def _share(name: str, of: str) -> Column:
    return Column(name, pa.float64(), f"share, 0 to 1, of the irritant's opinions of the month that {of}", _NONE_THAT_MONTH)


_FACT_VERBATIM = FeedTable(
    "fact_verbatim",
    "One row per verbatim of every batch, rejected and duplicate ones included. Count those that are `analysed`; among them `verbatim_id` is unique.",
    ("batch", "verbatim_id"),
    (
        _BATCH,
        *_same("verbatim_id"),
        _MONTH,
        *_same("date", "source", "source_id", "channel", "company", "product", "question"),
        *_same("stars", "nps", "csat", "ces", "score", "text", "language", "reject"),
        Column("is_duplicate", pa.bool_(), "left out of every share: the verbatim again, or a copy of an earlier one unless the settings count copies"),
        Column("duplicate_of", pa.string(), "verbatim_id of the first verbatim that tells the same", _NO_DUPLICATE),
        Column(
            "duplicate_kind", pa.string(), "again: the same verbatim in an earlier batch; exact: the same words; near: nearly the same words", _NO_DUPLICATE
        ),
        Column("similarity", pa.float32(), "share of common word triples, 0 to 1, estimated for near duplicates", _NO_DUPLICATE),
        Column("analysed", pa.bool_(), "neither rejected nor duplicate: the row counts in every share"),
        Column("n_opinions", pa.int32(), "opinions found in the verbatim, 0 when it is rejected"),
        Column("sentiment", pa.float64(), "mean sentiment, -2 to 2, of the opinions that express one", _NO_OPINION),
        Column("attributes", pa.string(), "other columns of the export, as a JSON object", "none"),
    ),
)

_FACT_OPINION = FeedTable(
    "fact_opinion",
    "One row per opinion of the verbatims that are not rejected. Leave out `is_duplicate` to count; among the others `opinion_id` is unique.",
    ("batch", "opinion_id"),
    (
        Column("opinion_id", pa.string(), "verbatim_id, a hyphen, and the opinion's position"),
        _BATCH,
        *_same("verbatim_id"),
        _MONTH,
        Column("position", pa.int32(), "place of the opinion in its verbatim, from 0"),
        _one("opinion_start", "opinion_start"),
        _one("opinion_end", "opinion_end"),
        Column("part", pa.string(), "role of the column of the export that told the opinion: title, points forts…", "one column tells the whole text"),
        Column("text", pa.string(), "the words of the opinion: the verbatim's text from opinion_start to opinion_end, counted in Unicode code points"),
        Column("sentiment", pa.int8(), "-2 very negative, -1 negative, 0 mixed, 1 positive, 2 very positive", _NO_OPINION),
        Column("polarity", pa.string(), "negative, mixed or positive: the sign of the sentiment", _NO_OPINION),
        _one("sentiment_p", "opinion_sentiment_p", _BY_A_PERSON),
        Column("emotion", pa.string(), "dominant emotion, fine code, see dim_emotion", _NO_EMOTION),
        Column("emotion_group", pa.string(), "that emotion rolled up by the scheme named in feed.json", _NO_EMOTION),
        Column("emotions", pa.list_(pa.string()), "every emotion expressed, strongest first; empty when none"),
        Column("intensities", pa.list_(pa.int8()), "intensity of each of those emotions: 1 light, 2 strong"),
        _STEP,
        _one("step_p", "opinion_step_p", _BY_A_PERSON),
        _PHASE,
        Column("theme", pa.string(), "theme, polarity-free, see dim_theme", "no theme"),
        _one("theme_p", "opinion_theme_p", _BY_A_PERSON),
        *(_flag(name) for name in FLAGS),
        _one("irritant", "opinion_irritant"),
        _one("irritant_p", "opinion_irritant_p", _BY_A_PERSON),
        Column("irritant_id", pa.string(), "irritant the opinion belongs to, see dim_irritant", "it names no problem, or one that is no known irritant"),
        Column("irritant_score", pa.float32(), "closeness to that irritant", "no irritant was looked for"),
        Column("irritant_margin", pa.float32(), "lead of that closeness over the next irritant", "no irritant was looked for, or there is no other"),
        Column("evidence_rank", pa.int32(), "1 to 5: place among the best quotes of the irritant in the batch", "not one of them"),
        Column("is_duplicate", pa.bool_(), "the verbatim is a duplicate, see fact_verbatim"),
        Column("corrected", pa.bool_(), "a person replaced at least one label of the model: sentiment, emotions, step, theme, flags or irritant"),
    ),
)

_DIM_IRRITANT = FeedTable(
    "dim_irritant",
    "One row per irritant ever found.",
    ("irritant_id",),
    (
        _IRRITANT_ID,
        Column("label", pa.string(), "its name, in French"),
        Column("theme", pa.string(), "its main theme at discovery, see dim_theme", "no theme"),
        Column("step", pa.string(), "its main step at discovery, see dim_step", "no step"),
        _PHASE,
        Column("first_batch", pa.string(), "batch that discovered it"),
        Column("first_seen", pa.string(), "first month with an opinion about it", "no opinion about it is counted"),
        Column("last_seen", pa.string(), "last month with an opinion about it", "no opinion about it is counted"),
        Column("quote", pa.string(), "the most typical opinion, in the customer's words", "none kept"),
        Column("terms", pa.list_(pa.string()), "words that set it apart", "none kept"),
    ),
)

_DIM_STEP = FeedTable(
    "dim_step",
    "One row per step of the customer journey.",
    ("step",),
    (
        _STEP,
        _POSITION,
        *_LABELS,
        _PHASE,
        Column("phase_fr", pa.string(), "name of the phase, in French", "the step is on no phase"),
        Column("phase_en", pa.string(), "name of the phase, in English", "the step is on no phase"),
    ),
)

_DIM_THEME = FeedTable("dim_theme", "One row per theme.", ("theme",), (Column("theme", pa.string(), "theme"), _POSITION, *_LABELS))

_DIM_EMOTION = FeedTable(
    "dim_emotion",
    "One row per fine emotion, with the two ways to roll it up into six.",
    ("emotion",),
    (
        Column("emotion", pa.string(), "emotion, fine code"),
        _POSITION,
        *_LABELS,
        Column("ekman", pa.string(), "its group among the six basic emotions"),
        Column("ekman_fr", pa.string(), "name of that group, in French"),
        Column("ekman_en", pa.string(), "name of that group, in English"),
        Column("cx", pa.string(), "its group among the six emotions of customer experience"),
        Column("cx_fr", pa.string(), "name of that group, in French"),
        Column("cx_en", pa.string(), "name of that group, in English"),
    ),
)

_AGG_IRRITANT_MONTH = FeedTable(
    "agg_irritant_month",
    "One row per irritant and month, from the month it is first seen; months in which nobody speaks of it hold zero opinions. Duplicates are left out.",
    ("month", "irritant_id"),
    (
        _MONTH,
        _IRRITANT_ID,
        Column("opinions", pa.int64(), "opinions about the irritant"),
        Column("verbatims", pa.int64(), "verbatims with at least one such opinion"),
        Column("share", pa.float64(), "those verbatims over the verbatims analysed in the month, 0 to 1"),
        Column("previous_share", pa.float64(), "the same in the previous month of the feed", "first month of the feed"),
        Column("delta", pa.float64(), "share minus previous_share", "first month of the feed"),
        Column("step", pa.string(), "most frequent step of those opinions", _NONE_THAT_MONTH),
        Column("phase", pa.string(), "phase of that step", "no opinion that month, or the step is on no phase"),
        Column("emotion", pa.string(), "emotion that most of those opinions express, fine code", "none expresses one"),
        Column("mean_sentiment", pa.float64(), "mean sentiment, -2 to 2, of the opinions that express one", "no opinion is expressed that month"),
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
    ),
)

_AGG_STEP_EMOTION_MONTH = FeedTable(
    "agg_step_emotion_month",
    "One row per month, step and emotion expressed there, and one with a null emotion for the opinions that express none. "
    "An opinion with two emotions counts in both. Duplicates are left out.",
    ("month", "step", "emotion"),
    (
        _MONTH,
        _STEP,
        _PHASE,
        Column("emotion", pa.string(), "emotion, fine code", "row of the opinions that express none"),
        Column("emotion_group", pa.string(), "that emotion rolled up by the scheme named in feed.json", "row of the opinions that express none"),
        Column("opinions", pa.int64(), "opinions of that step and emotion"),
        Column("verbatims", pa.int64(), "verbatims with at least one of them"),
        Column("strong", pa.int64(), "those opinions that express it strongly (intensity 2)", "row of the opinions that express none"),
        Column("share", pa.float64(), "those opinions over all opinions of the step in the month, 0 to 1"),
    ),
)

_DATA_QUALITY = FeedTable(
    "data_quality",
    "One row per batch: what became of its rows. rows = analysed + duplicates + rejected.",
    ("batch",),
    (
        _BATCH,
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
    ),
)

TABLES: dict[str, FeedTable] = {
    table.name: table
    for table in (
        _FACT_VERBATIM,
        _FACT_OPINION,
        _DIM_IRRITANT,
        _DIM_STEP,
        _DIM_THEME,
        _DIM_EMOTION,
        _AGG_IRRITANT_MONTH,
        _AGG_STEP_EMOTION_MONTH,
        _DATA_QUALITY,
    )
}
"""Every table, in the order to build them: a query reads only tables before it."""
