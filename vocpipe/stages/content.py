"""Turn away verbatims in which no customer speaks."""

import pyarrow as pa
from pydantic import Field

from vocpipe.french.content import KINDS, Kind, no_content
from vocpipe.schema import columns
from vocpipe.stages.base import Columns, Context, Run, Stage


class Content(Stage):
    """Turn away what holds no opinion: "RAS" and the like, out-of-office mails, the firm's own answers."""

    reads = columns("text")
    adds = columns("reject")

    kinds: tuple[Kind, ...] = Field(default=KINDS, description="what is turned away: nothing, auto_reply, company_reply")

    def load(self, context: Context) -> Run:
        def run(batch: pa.RecordBatch) -> Columns:
            found = [no_content(text) for text in batch["text"].to_pylist()]
            return {"reject": [f"no_content:{kind}" if kind in self.kinds else None for kind in found]}

        return run
