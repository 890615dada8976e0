"""Split verbatims into opinions."""

import pyarrow as pa

from vocpipe.french.segmentation import segment
from vocpipe.schema import columns
from vocpipe.stages.base import Columns, Context, Run, Stage


class Segment(Stage):
    """Split each verbatim into opinions: sentences, then clauses at contrast markers."""

    reads = columns("text")
    adds = columns("opinion_start", "opinion_end")

    def load(self, context: Context) -> Run:
        def run(batch: pa.RecordBatch) -> Columns:
            spans = [segment(text) for text in batch["text"].to_pylist()]
            return {"opinion_start": [[start for start, _ in row] for row in spans], "opinion_end": [[end for _, end in row] for row in spans]}

        return run
