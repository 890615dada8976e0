"""The steps of one batch, in order. Each does nothing when its result is there already, so a run that was stopped goes on where it was."""

import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vocpipe import corrections, duplicates, feeds, files, grouping
from vocpipe.config import RunConfig
from vocpipe.engines import ENGINES
from vocpipe.engines.base import Report, Shard, Task, peak_memory
from vocpipe.feeds.contract import SCHEMA_VERSION
from vocpipe.feeds.settings import FeedSettings
from vocpipe.french.redaction import Redactor
from vocpipe.schema import CANONICAL, arrow_schema
from vocpipe.sources import cursor_range, expand, ingest
from vocpipe.stages.base import Context
from vocpipe.taxonomy import Taxonomy
from vocpipe.workspace import BatchFolder, Workspace


@dataclass(frozen=True)
class Progress:
    """Tell how far a run is: the step it is at, and the rows done and to do; `total` is null when it is not known."""

    step: str
    done: int
    total: int | None


OnProgress: TypeAlias = Callable[[Progress], None]


def read_inputs(workspace: Workspace, folder: BatchFolder, inputs: Sequence[str | Path], config: RunConfig, on_progress: OnProgress) -> None:
    """Bring the inputs into canonical shards, redacted; a batch that held other inputs is done again.

    A database tells only once it is read whether its rows are still the same.
    """
    redactor = Redactor.from_environment(config.redaction)
    held = files.read_json(folder.ingest)["inputs"] if folder.ingest.is_file() else None
    given = expand(inputs)
    if given and held == [each.sha256() for each in given]:
        return
    temporary = folder.path / "shards.tmp"
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        between = cursor_range([(name, files.read_json(workspace.folder(name).ingest)) for name in workspace.batches], folder.name)
        ingestion = ingest(given, config.source, redactor=redactor, batch_rows=config.shard_rows, between=between)
        done = 0
        for number, batch in enumerate(ingestion):
            files.write_parquet(pa.Table.from_batches([batch]), temporary / f"{number:05}.parquet")
            done += batch.num_rows
            on_progress(Progress("read", done, None))
        if not done:
            files.write_parquet(arrow_schema(CANONICAL).empty_table(), temporary / "00000.parquet")
        read = [file.sha256 for file in ingestion.report.files]
        if held == read:
            return
        with files.writing(folder.path):
            folder.restart()  # not before: inputs that cannot be read leave the former batch as it was
            os.rename(temporary, folder.shards)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    files.write_parquet(ingestion.quarantine(), folder.quarantine)
    files.write_json({"inputs": read, "cursor": ingestion.cursor, "report": ingestion.report.model_dump(mode="json")}, folder.ingest)


def annotate(folder: BatchFolder, config: RunConfig, workers: int, on_progress: OnProgress) -> list[Report]:
    """Apply the stages to every shard that has no annotated rows yet; return what was done now."""
    shards = [Shard(path, folder.rows / path.name) for path in folder.shard_files()]
    missing = [shard for shard in shards if not shard.target.is_file()]
    total = sum(_rows(shard.source) for shard in shards)
    done = total - sum(_rows(shard.source) for shard in missing)
    reports: list[Report] = []
    on_progress(Progress("annotate", done, total))
    # One thread a process: with more, the last digit of a probability depends on their number, and rows on the machine.
    task = Task(config.stages, Context(config.taxonomy, config.models, threads=1))
    for report in ENGINES[config.engine](workers)(task, missing):
        reports.append(report)
        done += report.rows
        on_progress(Progress("annotate", done, total))
    return reports


def reopen(workspace: Workspace, folder: BatchFolder) -> None:
    """Make a finished batch unfinished when people corrected it since."""
    if folder.manifest.is_file() and files.read_json(folder.manifest).get("corrections", {}).get("log", "") != _log(workspace, folder)[1]:
        folder.reopen()


def correct(workspace: Workspace, folder: BatchFolder) -> dict[str, Any]:
    """Apply the log of corrections to the rows of a batch, in files beside them; return what it came to, empty when the log says nothing of them."""
    log, found = _log(workspace, folder)
    folder.corrections.unlink(missing_ok=True)
    shutil.rmtree(folder.corrected, ignore_errors=True)
    if not found:
        return {}
    marks: list[tuple[str, int, tuple[str, ...]]] = []
    tally = corrections.Tally()
    for path in folder.answer_files():
        rows, here, counted = corrections.corrected(pq.read_table(path), log)
        if here:
            files.write_parquet(rows, folder.corrected / path.name)
        marks, tally = marks + here, tally + counted
    files.write_parquet(corrections.marks_table(marks), folder.corrections)
    return {"log": found, "opinions": len({mark[:2] for mark in marks}), **asdict(tally)}


def compare(workspace: Workspace, folder: BatchFolder, config: RunConfig, on_progress: OnProgress) -> None:
    """Find the rows that tell what an earlier one told, in the batch or in those before it."""
    if folder.duplicates.is_file():
        return
    on_progress(Progress("compare", 0, None))
    before = [(name, workspace.folder(name).signatures) for name in workspace.batches if name < folder.name]
    found, signatures = duplicates.find_duplicates(_batches(folder, duplicates.READS), folder.name, before, config.duplicates)
    files.write_parquet(signatures, folder.signatures)
    files.write_parquet(found, folder.duplicates)


def group(workspace: Workspace, folder: BatchFolder, config: RunConfig, on_progress: OnProgress) -> None:
    """Find the irritants and enchantments that a batch brings."""
    on_progress(Progress("group", 0, None))
    grouping.grow_catalogue(workspace, folder, config)


def build_feed(workspace: Workspace, taxonomy: Taxonomy, on_progress: OnProgress) -> None:
    """Build the feed of all finished batches, unless it was built from the very same ones."""
    made_of = {name: [files.sha256(path) for path in (workspace.folder(name).manifest, workspace.folder(name).assigned)] for name in workspace.batches}
    made_from = {"schema_version": SCHEMA_VERSION, "batches": made_of}
    stamp = workspace.feed / "made_from.json"
    if stamp.is_file() and files.read_json(stamp) == made_from:
        return
    on_progress(Progress("feed", 0, None))
    settings = FeedSettings.model_validate(workspace.settings["feed"])
    copies = bool(workspace.settings["duplicates"]["counted"])
    batches = [_feed_files(workspace, workspace.folder(name)) for name in workspace.batches]
    feeds.build(batches, grouping.catalogue_view(workspace), taxonomy, workspace.feed, settings=settings, count_copies=copies)
    files.write_json(made_from, stamp)


def counts(folder: BatchFolder) -> dict[str, Any]:
    """Return what the batch holds: the report of the ingestion, then rejected rows by reason, rows by language and by month, opinions."""
    rejected: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    months: Counter[str] = Counter()
    opinions = irritating = 0
    for path in folder.row_files():
        table = pq.read_table(path, columns=["date", "reject", "language", "opinion_irritant"])
        months.update(pc.strftime(table["date"].drop_null(), "%Y-%m").to_pylist())
        rejected.update(table["reject"].drop_null().to_pylist())
        languages.update(table["language"].drop_null().to_pylist())
        flags = pc.list_flatten(table["opinion_irritant"])
        opinions += len(flags)
        irritating += pc.sum(flags).as_py() or 0
    kinds = pq.read_table(folder.duplicates, columns=["kind"])["kind"].to_pylist()
    return {
        **files.read_json(folder.ingest)["report"],
        "duplicates": len(kinds),
        "duplicate_kinds": dict(sorted(Counter(kinds).items())),
        "rejected": dict(sorted(rejected.items())),
        "languages": dict(sorted(languages.items(), key=lambda item: (-item[1], item[0]))),
        "months": dict(sorted(months.items())),
        "opinions": opinions,
        "irritant_opinions": irritating,
    }


def timing(reports: Sequence[Report], started: float) -> dict[str, Any]:
    """Return the seconds since the start, the rows annotated per second of them, and the peak memory of all processes together, in bytes."""
    seconds = time.perf_counter() - started
    peaks: dict[int, int] = {os.getpid(): peak_memory()}
    for report in reports:
        peaks[report.process] = max(peaks.get(report.process, 0), report.peak_memory)
    return {"seconds": seconds, "rows_per_second": sum(report.rows for report in reports) / seconds, "peak_memory": sum(peaks.values())}


def _feed_files(workspace: Workspace, folder: BatchFolder) -> feeds.BatchFiles:
    corrected = folder.corrections if folder.corrections.is_file() else None
    facts = {**files.read_json(folder.ingest)["report"], "models": [stage["model"] for stage in workspace.settings["stages"] if "model" in stage]}
    return feeds.BatchFiles(folder.name, folder.row_files(), folder.irritants, folder.enchantments, folder.duplicates, corrected, facts)


def _batches(folder: BatchFolder, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    return (batch for path in folder.row_files() for batch in pq.read_table(path, columns=list(columns)).to_batches())


def _log(workspace: Workspace, folder: BatchFolder) -> tuple[dict[str, list[corrections.Correction]], str]:
    """Return the last word of the log of corrections by verbatim, and the stamp of what it says of a batch."""
    log = corrections.latest(corrections.read_log(workspace.corrections))
    paths = folder.answer_files() if log else ()
    return log, corrections.stamp(log, {name for path in paths for name in pq.read_table(path, columns=["verbatim_id"])["verbatim_id"].to_pylist()})


def _rows(path: Path) -> int:
    return int(pq.read_metadata(path).num_rows)
