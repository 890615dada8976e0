"""Work on this machine: in this process, or in a pool of processes."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from vocpipe.engines.base import Engine, Report, Shard, Task
from vocpipe.errors import VocpipeError


def local(workers: int = 1) -> Engine:
    """Return the engine that works in this process, or with so many processes when there is more than one shard to share."""

    def engine(task: Task, shards: Sequence[Shard]) -> Iterator[Report]:
        if min(workers, len(shards)) <= 1:
            return _alone(task, shards)
        return _pool(task, shards, min(workers, len(shards)))

    return engine


def _alone(task: Task, shards: Sequence[Shard]) -> Iterator[Report]:
    if shards:
        work = task.load()
        yield from map(work, shards)


def _pool(task: Task, shards: Sequence[Shard], workers: int) -> Iterator[Report]:
    # spawned, not forked: the parent may run threads (Arrow, DuckDB), which a fork would leave half-copied
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_receive, initargs=(task,))
    try:
        for future in as_completed([pool.submit(_work, shard) for shard in shards]):
            yield future.result()
    except BrokenProcessPool as error:
        raise VocpipeError(
            "a worker process ended before its work was done, most often for want of memory",
            "run the same command again with fewer --workers, or with a smaller shard_rows in a new workspace; the finished shards are kept",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


_task: Task
_loaded: Callable[[Shard], Report] | None = None


def _receive(task: Task) -> None:
    """Keep the task of this worker; it is loaded with the first shard, where an error finds its way back to the parent."""
    global _task
    _task = task


def _work(shard: Shard) -> Report:
    global _loaded
    if _loaded is None:
        _loaded = _task.load()
    return _loaded(shard)
