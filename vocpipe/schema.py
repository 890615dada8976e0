"""The columns of a row: name, Arrow type, meaning. One row is one verbatim; lists hold one value per opinion."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

SCHEMA_VERSION = "1.1"


@dataclass(frozen=True)
class Column:
    """Describe one column: its Arrow type, what it means, and what null means when it may be null."""

    name: str
    type: pa.DataType
    meaning: str
    null: str = ""

    @property
    def field(self) -> pa.Field:
        """Return the Arrow field, nullable when a meaning of null is given."""
        return pa.field(self.name, self.type, nullable=True)


def per_opinion(kind: pa.DataType) -> pa.DataType:
    """Return the type of a column that holds one value per opinion of the verbatim."""
    return pa.list_(kind)


_VERBATIM = (
    Column("verbatim_id", pa.string(), "stable identifier: hash of source and source identifier, or of the content when there is none"),
    Column("source", pa.string(), "name of the source configuration that read the row"),
    Column("source_id", pa.string(), "identifier in the export, as given", "the export has none"),
    Column("channel", pa.string(), "where the customer wrote: survey, store, social network", "not told"),
    Column("date", pa.date32(), "day the customer wrote", "missing or impossible in the export"),
    Column("company", pa.string(), "company, brand or entity the verbatim is about", "not told"),
    Column("product", pa.string(), "product, line or shop the verbatim is about", "not told"),
    Column("question", pa.string(), "question that the customer answers", "not asked or not told"),
    Column("stars", pa.float32(), "star rating as given, on the scale that the source declares", "not given or broken"),
    Column("nps", pa.float32(), "likelihood to recommend, 0 to 10", "not given or broken"),
    Column("csat", pa.float32(), "satisfaction as given, on the scale that the source declares", "not given or broken"),
    Column("ces", pa.float32(), "customer effort as given, on the scale that the source declares", "not given or broken"),
    Column("score", pa.float32(), "first of stars, csat, nps, ces that is given, brought to 0 (worst) … 1 (best)", "no rating"),
    Column("text", pa.string(), "the customer's words after redaction; never changed again"),
    Column(
        "parts",
        pa.list_(pa.struct([("role", pa.string()), ("start", pa.int32()), ("end", pa.int32())])),
        "what each stretch of text tells when several columns are joined, one a line: role, first character, one past the last",
        "the text comes from one column",
    ),
    Column("redactions", pa.map_(pa.string(), pa.int32()), "personal data replaced in the text, count by kind"),
    Column("attributes", pa.map_(pa.string(), pa.string()), "other columns of the export, redacted, for the feed"),
    Column("content_hash", pa.string(), "hash of the company and the normalised text: equal for exact duplicates"),
    Column("duplicate_of", pa.string(), "verbatim_id of the first row of the batch with the same content", "not a duplicate in its batch"),
)

_STAGES = (
    Column("language", pa.string(), "fr, another ISO 639-1 code, or und when the text is too short or too mixed to tell"),
    Column("language_p", pa.float32(), "probability of that language", "undetermined"),
    Column(
        "reject",
        pa.string(),
        "why the row is not analysed: empty, language, no_content:nothing|auto_reply|company_reply, failed:<stage>",
        "the row is analysed",
    ),
    Column("opinion_start", per_opinion(pa.int32()), "first character of each opinion in text"),
    Column("opinion_end", per_opinion(pa.int32()), "one past the last character of each opinion in text"),
    Column("opinion_sentiment", per_opinion(pa.int8()), "sentiment of each opinion, -2 very negative … 2 very positive; null: no opinion expressed"),
    Column("opinion_sentiment_p", per_opinion(pa.float32()), "probability of the polarity (negative, mixed, positive, none) of that sentiment"),
    Column("opinion_emotions", per_opinion(pa.list_(pa.string())), "emotions expressed, fine codes, strongest first"),
    Column("opinion_intensities", per_opinion(pa.list_(pa.int8())), "intensity of each of those emotions: 1 light, 2 strong"),
    Column("opinion_emotion_p", per_opinion(pa.list_(pa.float32())), "probability of each fine emotion, in the order of the taxonomy"),
    Column("opinion_step", per_opinion(pa.string()), "step of the customer journey"),
    Column("opinion_step_p", per_opinion(pa.float32()), "probability of that step"),
    Column("opinion_theme", per_opinion(pa.string()), "theme, polarity-free; null: no theme"),
    Column("opinion_theme_p", per_opinion(pa.float32()), "probability of that theme"),
    Column("opinion_flags", per_opinion(pa.list_(pa.string())), "flags raised: effort, churn, suggestion, reco, antireco"),
    Column("opinion_flag_p", per_opinion(pa.list_(pa.float32())), "probability of each flag, in the order of the taxonomy"),
    Column("opinion_irritant", per_opinion(pa.bool_()), "true when the opinion is negative and names a concrete problem"),
    Column("opinion_irritant_p", per_opinion(pa.float32()), "probability of that"),
    Column("opinion_vector", per_opinion(pa.list_(pa.float32())), "meaning of the opinion, unit length, for grouping"),
)

COLUMNS: dict[str, Column] = {column.name: column for column in (*_VERBATIM, *_STAGES)}
CANONICAL: tuple[str, ...] = tuple(column.name for column in _VERBATIM)


def columns(*names: str) -> tuple[str, ...]:
    """Return the names, checked against the contract; a `KeyError` here is a programming mistake."""
    for name in names:
        COLUMNS[name]
    return names


def arrow_schema(names: Iterable[str]) -> pa.Schema:
    """Return the Arrow schema of those columns, in that order."""
    return pa.schema([COLUMNS[name].field for name in names])
