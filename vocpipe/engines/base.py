"""What every engine is given and gives back: a task, shards, reports."""

import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from vocpipe import files, pipeline
from vocpipe.stages.base import Context, Stage


@dataclass(frozen=True)
class Shard:
    """Name one unit of work and of resume: a Parquet file of canonical rows, and where its annotated rows go."""

    source: Path
    target: Path


@dataclass(frozen=True)
class Report:
    """Tell that a shard is done: its rows, the seconds they took, the process that did it and its peak memory in bytes so far."""

    shard: Shard
    rows: int
    seconds: float
    process: int
    peak_memory: int


@dataclass(frozen=True)
class Task:
    """Annotate shards with these stages; small, and picklable so that it can travel to a worker."""

    stages: tuple[Stage, ...]
    context: Context

    def load(self) -> Callable[[Shard], Report]:
        """Load the stages; return the function that does one shard: reads it, applies the stages, writes it in one go."""
        apply = pipeline.load(self.stages, self.context)

        def work(shard: Shard) -> Report:
            started = time.perf_counter()
            table = pq.read_table(shard.source).combine_chunks()
            batches = table.to_batches() or [pa.RecordBatch.from_pylist([], table.schema)]
            files.write_parquet(pa.Table.from_batches([apply(batch) for batch in batches]), shard.target)
            return Report(shard, table.num_rows, time.perf_counter() - started, os.getpid(), peak_memory())

        return work


Engine: TypeAlias = Callable[[Task, Sequence[Shard]], Iterator[Report]]


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def peak_memory() -> int:
    """Return the largest resident memory that this process has held, in bytes."""
    status = Path("/proc/self/status")
    if status.is_file():  # there, the figure of `resource` would include the parent's memory at the time of the fork
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii", errors="replace"))
        if found:
            return int(found.group(1)) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
