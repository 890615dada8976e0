"""What the tables of the feed are made of: the shape of a table, and the columns that several of them share."""

from dataclasses import dataclass

import pyarrow as pa

from vocpipe import schema
from vocpipe.schema import Column

EMOTIONS = ("joie", "gratitude", "surprise", "tristesse", "deception", "peur", "frustration", "colere", "degout")
FLAGS = ("effort", "churn", "suggestion", "reco", "antireco")
STRINGS = pa.list_(pa.string())


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

    @property
    def by_month(self) -> bool:
        """Return whether the rows belong to months, which sinks replace one by one; the other tables are replaced as a whole."""
        return "month" in self.arrow.names and not self.name.startswith("dim_")


def same(*names: str) -> tuple[Column, ...]:
    """Return columns that the feed takes from the rows as they are."""
    return tuple(schema.COLUMNS[name] for name in names)


def one(name: str, of: str, null: str = "") -> Column:
    """Return the column that holds one value of a per-opinion list of the rows."""
    column = schema.COLUMNS[of]
    return Column(name, column.type.value_type, column.meaning.replace("each opinion", "the opinion"), null)


NONE_THAT_MONTH = "no opinion that month"
NO_SENTIMENT = "no opinion is expressed that month"

BATCH = Column("batch", pa.string(), "batch that brought the row")
MONTH = Column("month", pa.string(), "month (YYYY-MM) of the verbatim's date, or the batch's name when it has no date")
STEP = Column("step", pa.string(), "step of the customer journey, see dim_step")
PHASE = Column("phase", pa.string(), "phase of that step: avant, pendant, apres", "the step is on no phase")
IRRITANT_ID = Column("irritant_id", pa.string(), "irritant, kept for life")
ENCHANTMENT_ID = Column("enchantment_id", pa.string(), "enchantment (what customers like), kept for life")
POSITION = Column("position", pa.int32(), "place in the taxonomy, from 0: the order to show")
LABELS = (
    Column("label_fr", pa.string(), "name shown, in French"),
    Column("label_en", pa.string(), "name shown, in English"),
    Column("definition", pa.string(), "what the code covers, in French"),
)


def volume(of: str) -> tuple[Column, ...]:
    """Return the columns that count the opinions of something in a month and the verbatims that hold them."""
    return (Column("opinions", pa.int64(), f"opinions {of}"), Column("verbatims", pa.int64(), "verbatims with at least one such opinion"))


SHARE = (
    Column("share", pa.float64(), "those verbatims over the verbatims analysed in the month, 0 to 1"),
    Column("previous_share", pa.float64(), "the same in the previous month of the feed", "first month of the feed"),
    Column("delta", pa.float64(), "share minus previous_share", "first month of the feed"),
)
INTERVAL = (
    Column("share_low", pa.float64(), "lower end of the 95 % interval of the share (Wilson)"),
    Column("share_high", pa.float64(), "upper end of the 95 % interval of the share (Wilson)"),
)
MEAN_SENTIMENT = Column("mean_sentiment", pa.float64(), "mean sentiment, -2 to 2, of the opinions that express one", NO_SENTIMENT)
