"""The facts of the feed: one row per verbatim, one row per opinion."""

import pyarrow as pa

from vocpipe.feeds.contract_columns import BATCH, FLAGS, MONTH, PHASE, STEP, FeedTable, one, same
from vocpipe.schema import Column

_BY_A_PERSON = "a person corrected it"
_NO_OPINION = "no opinion is expressed"
_NO_EMOTION = "no emotion is expressed"
_NO_DUPLICATE = "tells something of its own"
_NOT_LOOKED_FOR = "not looked for, or without a vector"
_NOT_GIVEN = "it belongs to no irritant and no enchantment"


def _flag(name: str) -> Column:
    return Column(name, pa.bool_(), f"the opinion raises the flag {name}")


FACT_VERBATIM = FeedTable(
    "fact_verbatim",
    "One row per verbatim of every batch, rejected and duplicate ones included. Count those that are `analysed`; among them `verbatim_id` is unique.",
    ("batch", "verbatim_id"),
    (
        BATCH,
        *same("verbatim_id"),
        MONTH,
        *same("date", "source", "source_id", "channel", "company", "product", "question"),
        *same("stars", "nps", "csat", "ces", "score", "text", "language", "reject"),
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

FACT_OPINION = FeedTable(
    "fact_opinion",
    "One row per opinion of the verbatims that are not rejected. Leave out `is_duplicate` to count; among the others `opinion_id` is unique.",
    ("batch", "opinion_id"),
    (
        Column("opinion_id", pa.string(), "verbatim_id, a hyphen, and the opinion's position"),
        BATCH,
        *same("verbatim_id"),
        MONTH,
        Column("position", pa.int32(), "place of the opinion in its verbatim, from 0"),
        one("opinion_start", "opinion_start"),
        one("opinion_end", "opinion_end"),
        Column("part", pa.string(), "role of the column of the export that told the opinion: title, points forts…", "one column tells the whole text"),
        Column("text", pa.string(), "the words of the opinion: the verbatim's text from opinion_start to opinion_end, counted in Unicode code points"),
        Column("sentiment", pa.int8(), "-2 very negative, -1 negative, 0 mixed, 1 positive, 2 very positive", _NO_OPINION),
        Column("polarity", pa.string(), "negative, mixed or positive: the sign of the sentiment", _NO_OPINION),
        one("sentiment_p", "opinion_sentiment_p", _BY_A_PERSON),
        Column("emotion", pa.string(), "dominant emotion, fine code, see dim_emotion", _NO_EMOTION),
        Column("emotion_group", pa.string(), "that emotion rolled up by the scheme named in feed.json", _NO_EMOTION),
        Column("emotions", pa.list_(pa.string()), "every emotion expressed, strongest first; empty when none"),
        Column("intensities", pa.list_(pa.int8()), "intensity of each of those emotions: 1 light, 2 strong"),
        STEP,
        one("step_p", "opinion_step_p", _BY_A_PERSON),
        PHASE,
        Column("theme", pa.string(), "theme, polarity-free, see dim_theme", "no theme"),
        one("theme_p", "opinion_theme_p", _BY_A_PERSON),
        *(_flag(name) for name in FLAGS),
        one("irritant", "opinion_irritant"),
        one("irritant_p", "opinion_irritant_p", _BY_A_PERSON),
        Column("irritant_id", pa.string(), "irritant the opinion belongs to, see dim_irritant", "it names no problem, or one that is no known irritant"),
        Column("irritant_score", pa.float32(), "closeness to that irritant, or to the nearest", _NOT_LOOKED_FOR),
        Column(
            "irritant_margin",
            pa.float32(),
            "lead of the closeness to that irritant, or to the nearest, over the best of all others",
            f"{_NOT_LOOKED_FOR}, or there is no other",
        ),
        Column("evidence_rank", pa.int32(), "1 to 5: place among the best quotes of the irritant or enchantment in the batch", "not one of them"),
        Column("is_duplicate", pa.bool_(), "the verbatim is a duplicate, see fact_verbatim"),
        Column("corrected", pa.bool_(), "a person replaced at least one label of the model: sentiment, emotions, step, theme, flags or irritant"),
        Column("evidence_start", pa.int32(), "first character, in the verbatim's text, of the words that prove the irritant or enchantment", _NOT_GIVEN),
        Column("evidence_end", pa.int32(), "one past the last character of those words", _NOT_GIVEN),
        Column("nearest_irritant_id", pa.string(), "irritant with the best score, whether the opinion belongs to it or not", _NOT_LOOKED_FOR),
        Column("edit", pa.int32(), "number of the last edit by a person that decided the irritant or enchantment", "no edit did"),
        Column("enchantment_id", pa.string(), "enchantment the opinion belongs to, see dim_enchantment", "it praises nothing, or nothing known"),
        Column("enchantment_score", pa.float32(), "closeness to that enchantment, or to the nearest", _NOT_LOOKED_FOR),
        Column("model_version", pa.string(), "model that judged the opinion, as name@version; several when each gave some labels", "the batch does not tell"),
    ),
)
