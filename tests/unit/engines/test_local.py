from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.contract.fakes import Dies, Returns, WordCount
from vocpipe.engines import ENGINES
from vocpipe.engines.base import Shard, Task, peak_memory
from vocpipe.errors import ConfigError, VocpipeError
from vocpipe.stages.base import Context, Stage
from vocpipe.taxonomy import load_taxonomy


@pytest.fixture
def shards(tmp_path: Path) -> list[Shard]:
    for number in range(3):
        texts = [f"ligne {row}" + " mot" * row for row in range(number * 5)]
        pq.write_table(pa.table({"verbatim_id": pa.array(texts, pa.string()), "text": pa.array(texts, pa.string())}), tmp_path / f"{number}.parquet")
    return [Shard(tmp_path / f"{number}.parquet", tmp_path / "rows" / f"{number}.parquet") for number in range(3)]


def task(*stages: Stage) -> Task:
    context = Context(load_taxonomy())
    return Task(stages, context)


@pytest.mark.parametrize("workers", [1, 2])
def test_every_shard_is_done_once(shards: list[Shard], workers: int) -> None:
    reports = list(ENGINES["local"](workers)(task(WordCount()), shards))
    assert sorted((report.shard.target.name, report.rows) for report in reports) == [("0.parquet", 0), ("1.parquet", 5), ("2.parquet", 10)]
    assert pq.read_table(shards[2].target)["word_count"].to_pylist() == [2 + row for row in range(10)]
    assert pq.read_table(shards[0].target).schema.equals(pq.read_table(shards[2].target).schema)
    assert all(report.peak_memory > 2**20 for report in reports)
    assert len({report.process for report in reports}) <= workers


def test_a_worker_that_dies_is_told(shards: list[Shard]) -> None:
    with pytest.raises(VocpipeError, match="a worker process ended") as caught:
        list(ENGINES["local"](2)(task(Dies()), shards))
    assert "fewer --workers" in caught.value.hint


def test_an_error_in_a_worker_is_the_same_error_here(shards: list[Shard]) -> None:
    with pytest.raises(ConfigError, match="returns breaks its contract"):
        list(ENGINES["local"](2)(task(Returns(answer={})), shards))


def test_peak_memory_is_that_of_this_process() -> None:
    before = peak_memory()
    block = bytearray(200 * 2**20)
    assert peak_memory() >= max(before, len(block))
