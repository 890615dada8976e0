"""Label every opinion: one pass of one transformer, shared by all heads; or a classifier of the Hugging Face hub, for some of them."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pyarrow as pa
from pydantic import Field, ValidationInfo, field_validator

from vocpipe.errors import ModelError, nearest
from vocpipe.ml import hub
from vocpipe.ml.devices import Device, check_torch
from vocpipe.ml.store import Card, load_card, resolve
from vocpipe.schema import COLUMNS, columns
from vocpipe.stages.base import Columns, Context, Run, Stage
from vocpipe.taxonomy import Taxonomy

if TYPE_CHECKING:
    from vocpipe.ml.heads import Predictions

Predict: TypeAlias = "Callable[[list[list[str]]], Predictions]"

HEADS = {
    "sentiment": columns("opinion_sentiment", "opinion_sentiment_p"),
    "emotions": columns("opinion_emotions", "opinion_intensities", "opinion_emotion_p"),
    "step": columns("opinion_step", "opinion_step_p"),
    "theme": columns("opinion_theme", "opinion_theme_p"),
    "flags": columns("opinion_flags", "opinion_flag_p"),
    "irritant": columns("opinion_irritant", "opinion_irritant_p"),
    "vector": columns("opinion_vector"),
}
"""The columns that each head gives."""


class Classify(Stage):
    """Give every opinion its sentiment, emotions, step, theme, flags, irritant mark and vector, read in the context of its verbatim.

    `heads` names those that this stage gives, so that another may give the others. For a classifier of the hub (`model: hf:ORG/NAME`) it is a map
    from head to what each label of the classifier stands for, such as `{sentiment: {NEGATIVE: -2, POSITIVE: 2}}`; it reads each opinion alone.
    """

    reads = columns("text", "opinion_start", "opinion_end")
    adds = tuple(column for names in HEADS.values() for column in names)

    model: str = Field(default="voc-fr-small@2", description="model, as name@version, hf:ORG/NAME, hf:ORG/NAME@REVISION or hf:./folder")
    heads: tuple[str, ...] | dict[str, dict[str, int | str | None]] | None = Field(default=None, validate_default=True, description="heads given; null: all")
    device: Device = Field(default="auto", description="cpu, cuda, or auto: a GPU when there is one")
    threshold: float = Field(default=0.5, ge=0, le=1, description="probability from which a classifier of the hub raises an emotion or a flag")

    @field_validator("heads", mode="before")
    @classmethod
    def _are_known(cls, value: Any, info: ValidationInfo) -> Any:
        from_hub = hub.is_hub(info.data.get("model", ""))
        if value is None and not from_hub:
            return value
        if from_hub and not (isinstance(value, dict) and value and all(isinstance(named, dict) for named in value.values())):
            raise ValueError("a classifier of the hub needs a map for each head it gives, such as {sentiment: {NEGATIVE: -2, POSITIVE: 2}}")
        if not from_hub and not (isinstance(value, list | tuple) and value):
            raise ValueError(f"a list is expected, of {', '.join(HEADS)}")
        known = hub.HEADS if from_hub else tuple(HEADS)
        wrong = [f"no head {head!r}; {nearest(str(head), known)}" for head in value if head not in known]
        if from_hub:
            sentiments = value.get("sentiment", {}).values()
            wrong += [f"{given!r} is no sentiment: -2, -1, 0, 1, 2, or null for no opinion" for given in sentiments if given not in (-2, -1, 0, 1, 2, None)]
        if wrong:
            raise ValueError("; ".join(wrong))
        return {head: {str(label): ours for label, ours in named.items()} for head, named in value.items()} if from_hub else tuple(value)

    @property
    def models(self) -> tuple[str, ...]:
        return () if hub.is_hub(self.model) else (self.model,)

    @property
    def hub_models(self) -> tuple[str, ...]:
        return (self.model,) if hub.is_hub(self.model) else ()

    def fingerprint_settings(self) -> dict[str, Any]:
        """Leave the device out, for backends agree, and what is not set, so that a workspace goes on when a setting is new."""
        return {"model": self.model, **self.model_dump(mode="json", exclude={"model", "device"}, exclude_defaults=True)}

    def added(self) -> tuple[str, ...]:
        return tuple(column for head, names in HEADS.items() if self.heads is None or head in self.heads for column in names)

    def verify(self, context: Context) -> None:
        super().verify(context)
        if isinstance(self.heads, dict):
            hub.check_maps(self.model, self.heads, _codes_by_head(context.taxonomy))
        else:
            self._check_codes(load_card(resolve(self.model, context.models)), context.taxonomy)

    def load(self, context: Context) -> Run:
        predict = self._from_hub(context) if hub.is_hub(self.model) else self._from_store(context)
        wanted = self.added()

        def run(batch: pa.RecordBatch) -> Columns:
            rows = zip(*(batch[name].to_pylist() for name in self.reads), strict=True)
            pieces = [[text[start:end] for start, end in zip(starts, ends, strict=True)] for text, starts, ends in rows]
            found = opinion_columns(predict(pieces), [len(row) for row in pieces], context.taxonomy)
            return {name: found[name] for name in wanted}

        return run

    def _from_store(self, context: Context) -> Predict:
        from vocpipe.ml.model import VocModel

        model = VocModel.load(resolve(self.model, context.models), context.threads, self.device)
        self._check_codes(model.card, context.taxonomy)
        return model.predict_pieces

    def _check_codes(self, card: Card, taxonomy: Taxonomy) -> None:
        if (card.emotions, card.steps, card.themes, card.flags) != (taxonomy.emotion_codes, taxonomy.step_codes, taxonomy.theme_codes, taxonomy.flag_codes):
            raise ModelError(
                f"the codes that {self.model} was trained on are not those of the taxonomy",
                "use the taxonomy of the model, or train a model with yours: vocpipe train finetune CONFIG",
            )

    def _from_hub(self, context: Context) -> Predict:
        self.verify(context)
        check_torch(self.model, "transformers")
        from vocpipe.ml.heads import Layout
        from vocpipe.ml.hub_classifier import HubClassifier

        taxonomy = context.taxonomy
        layout = Layout(taxonomy.emotion_codes, taxonomy.step_codes, taxonomy.theme_codes, taxonomy.flag_codes)
        maps = self.heads if isinstance(self.heads, dict) else {}
        classifier = HubClassifier(self.model, maps, layout, self.threshold, context.threads, self.device)
        return lambda pieces: classifier.predict([piece for row in pieces for piece in row])


def _codes_by_head(taxonomy: Taxonomy) -> dict[str, tuple[str, ...]]:
    return {"emotions": taxonomy.emotion_codes, "step": taxonomy.step_codes, "theme": taxonomy.theme_codes, "flags": taxonomy.flag_codes}


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
