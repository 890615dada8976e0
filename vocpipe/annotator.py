"""Annotate texts in memory, from a notebook or another program."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from vocpipe import pipeline
from vocpipe.engines.base import cores
from vocpipe.ml.devices import Device
from vocpipe.stages.base import Context
from vocpipe.stages.classify import Classify
from vocpipe.stages.segment import Segment
from vocpipe.taxonomy import load_taxonomy

_ROWS = 1000


class Annotator:
    """Split French texts into opinions and label each, with the same stages as a run.

    `model` is a name@version; `models` and `taxonomies` are folders, by default those that come with vocpipe; `device` is auto (a GPU when there is one),
    cpu or cuda. Loading takes a moment: keep the annotator.
    Raises `ModelError` when the model is missing, or does not match its card.
    """

    def __init__(
        self,
        model: str = "voc-fr-small@2",
        *,
        models: Path | None = None,
        taxonomies: Path | None = None,
        threads: int | None = None,
        device: Device = "auto",
    ) -> None:
        self.taxonomy = load_taxonomy(taxonomies)
        self._stages = (Segment(), Classify(model=model, device=device))
        self._apply = pipeline.load(self._stages, Context(self.taxonomy, models, threads or cores()), given=("text",))

    def annotate(self, texts: Sequence[str]) -> pa.Table:
        """Return one row per opinion: `verbatim` (position of its text in `texts`), `start` and `end` (in that text), `text`, and every label and probability.

        The columns are those of `vocpipe.schema.COLUMNS` without their prefix `opinion_`. A blank text has no opinion.
        """
        parts = [self._part(texts[start : start + _ROWS], start) for start in range(0, max(len(texts), 1), _ROWS)]
        return pa.concat_tables(parts)

    def _part(self, texts: Sequence[str], first: int) -> pa.Table:
        batch = self._apply(pa.record_batch({"text": pa.array(texts, pa.string())}))
        owners = pc.list_parent_indices(batch["opinion_start"])
        columns = {"verbatim": pc.add(owners, first).cast(pa.int32())}
        for stage in self._stages:
            for column in stage.new_columns():
                columns[column.name.removeprefix("opinion_")] = pc.list_flatten(batch[column.name])
        spans = zip(owners.to_pylist(), columns["start"].to_pylist(), columns["end"].to_pylist(), strict=True)
        columns["text"] = pa.array([texts[owner][start:end] for owner, start, end in spans], pa.string())
        table = pa.table(columns)
        return table.select(["verbatim", "start", "end", "text", *(name for name in columns if name not in ("verbatim", "start", "end", "text"))])
