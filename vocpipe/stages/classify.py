"""Label every opinion: one pass of one transformer, shared by all heads."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from pydantic import Field

from vocpipe.errors import ModelError
from vocpipe.schema import COLUMNS, columns
from vocpipe.stages.base import Columns, Context, Run, Stage
from vocpipe.taxonomy import Taxonomy

if TYPE_CHECKING:
    from vocpipe.ml.heads import Predictions


class Classify(Stage):
    """Give every opinion its sentiment, emotions, step, theme, flags, irritant mark and vector, read in the context of its verbatim."""

    reads = columns("text", "opinion_start", "opinion_end")
    adds = columns(
        "opinion_sentiment",
        "opinion_sentiment_p",
        "opinion_emotions",
        "opinion_intensities",
        "opinion_emotion_p",
        "opinion_step",
        "opinion_step_p",
        "opinion_theme",
        "opinion_theme_p",
        "opinion_flags",
        "opinion_flag_p",
        "opinion_irritant",
        "opinion_irritant_p",
        "opinion_vector",
    )

    model: str = Field(default="voc-fr-small@1", description="model, as name@version")

    @property
    def models(self) -> tuple[str, ...]:
        return (self.model,)

    def load(self, context: Context) -> Run:
        from vocpipe.ml.model import VocModel
        from vocpipe.ml.store import resolve

        taxonomy = context.taxonomy
        model = VocModel.load(resolve(self.model, context.models), threads=context.threads)
        card = model.card
        if (card.emotions, card.steps, card.themes, card.flags) != (taxonomy.emotion_codes, taxonomy.step_codes, taxonomy.theme_codes, taxonomy.flag_codes):
            raise ModelError(
                f"the codes that {self.model} was trained on are not those of the taxonomy",
                "use the taxonomy of the model, or train a model with yours: vocpipe train CONFIG",
            )

        def run(batch: pa.RecordBatch) -> Columns:
            starts, ends = batch["opinion_start"].to_pylist(), batch["opinion_end"].to_pylist()
            spans = [list(zip(*pair, strict=True)) for pair in zip(starts, ends, strict=True)]
            found = model.predict(batch["text"].to_pylist(), spans)
            return opinion_columns(found, [len(row) for row in spans], taxonomy)

        return run


def opinion_columns(found: "Predictions", counts: Sequence[int], taxonomy: Taxonomy) -> Columns:
    """Return predictions, which are flat over all opinions, as columns that hold one list per text; `counts` tells how many opinions each text has."""
    strongest = np.argsort(-found.emotion_p, axis=1, kind="stable")
    rows, ranks = np.nonzero(np.take_along_axis(found.emotions, strongest, axis=1))
    emotions, per_opinion = strongest[rows, ranks], found.emotions.sum(axis=1)
    flat = {
        "opinion_sentiment": pa.array(found.sentiment, mask=found.no_opinion),
        "opinion_sentiment_p": pa.array(found.sentiment_p),
        "opinion_emotions": _lists(_codes(taxonomy.emotion_codes, emotions), per_opinion),
        "opinion_intensities": _lists(pa.array(found.intensity[rows, emotions]), per_opinion),
        "opinion_emotion_p": _rectangle(found.emotion_p),
        "opinion_step": _codes(taxonomy.step_codes, found.step),
        "opinion_step_p": pa.array(found.step_p),
        "opinion_theme": _codes(taxonomy.theme_codes, found.theme),
        "opinion_theme_p": pa.array(found.theme_p),
        "opinion_flags": _lists(_codes(taxonomy.flag_codes, np.nonzero(found.flags)[1]), found.flags.sum(axis=1)),
        "opinion_flag_p": _rectangle(found.flag_p),
        "opinion_irritant": pa.array(found.irritant),
        "opinion_irritant_p": pa.array(found.irritant_p),
        "opinion_vector": _rectangle(found.vector),
    }
    return {name: _lists(values, counts).cast(COLUMNS[name].type) for name, values in flat.items()}


def _codes(codes: tuple[str, ...], indices: "np.ndarray[Any, Any]") -> pa.Array:
    """Return the code at each index; -1 is null."""
    return pa.array(codes, pa.string()).take(pa.array(indices, mask=indices < 0))


def _lists(values: pa.Array, lengths: "Sequence[int] | np.ndarray[Any, Any]") -> pa.Array:
    """Return consecutive lists of those lengths."""
    return pa.ListArray.from_arrays(pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32()), values)


def _rectangle(table: "np.ndarray[Any, Any]") -> pa.Array:
    """Return one list per row of a two-dimensional array."""
    return _lists(pa.array(table.ravel()), np.full(len(table), table.shape[1]))
