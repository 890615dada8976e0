"""Run one batch from its inputs to its irritants: what the command line and notebooks call."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vocpipe import batch as steps
from vocpipe import feeds, files, grouping
from vocpipe.batch import OnProgress, Progress
from vocpipe.config import RunConfig, load_config
from vocpipe.errors import ConfigError
from vocpipe.french.redaction import Redactor
from vocpipe.taxonomy import Taxonomy, load_taxonomy
from vocpipe.workspace import Workspace, check_batch_name, writer

TOP = 12
"""Irritants that a report shows."""


@dataclass(frozen=True)
class RunReport:
    """Tell what a batch holds and where it is. `top` ranks the irritants of `month`: the month that the batch is named after, or that most of its rows are of.

    `counts`: rows read, kept, in quarantine, duplicates and their kinds, rejected by reason, redactions by kind, languages, opinions.
    `irritants`: candidates, assigned, residual, matched, new and absent irritants of the batch, by today's catalogue. `timing`: seconds, rows_per_second,
    peak_memory in bytes, of the run that made the batch. `unchanged`: that run was an earlier one.
    """

    batch: str
    month: str
    workspace: Path
    counts: dict[str, Any]
    irritants: dict[str, Any]
    timing: dict[str, Any]
    top: tuple[feeds.TopIrritant, ...]
    unchanged: bool

    @property
    def paths(self) -> dict[str, Path]:
        """Return where the rows, the quarantine and the feed are."""
        folder = Workspace(self.workspace).folder(self.batch)
        return {"rows": folder.rows, "quarantine": folder.quarantine, "feed": self.workspace / "feed"}


def run(
    config: RunConfig | str | Path,
    inputs: Sequence[str | Path] | str | Path = (),
    *,
    batch: str,
    workspace: str | Path,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> RunReport:
    """Bring a batch into a workspace: read, redact, annotate, group into irritants, build the feed.

    Running it again with the same inputs changes nothing; after a kill it goes on where it was; with other inputs the batch is done again.
    `config` may be a path, or a name in `configs/runs`; `inputs` are files, archives, folders, patterns or "-", and none for a database.
    Raises `VocpipeError` for everything a user can mend.
    """
    settings = config if isinstance(config, RunConfig) else load_config(config)
    given = [inputs] if isinstance(inputs, str | Path) else list(inputs)
    check_batch_name(batch)
    if not given and settings.source.format != "sql":
        raise ConfigError("no input is given", "name at least one export, archive or folder; - is the standard input")
    settings.verify_models()
    key_mark = Redactor.from_environment(settings.redaction).key_mark
    with writer(workspace, {**settings.settings(), "redaction_key": key_mark}) as opened:
        unchanged = _do(opened, settings, given, batch, workers or settings.workers, on_progress or (lambda _: None))
    return report(opened, batch, unchanged)


def report(workspace: Workspace, batch: str, unchanged: bool = True) -> RunReport:
    """Return the report of a finished batch."""
    manifest = workspace.manifest(batch)
    movements = {name: value for name, value in files.read_json(workspace.folder(batch).assigned).items() if name != "made_from"}
    months = manifest["counts"]["months"]
    month = max(months, key=lambda name: (name == batch, months[name], name), default=batch)
    top = feeds.top_irritants(workspace.feed, month, TOP) if month in feeds.feed_months(workspace.feed) else []
    return RunReport(batch, month, workspace.path, manifest["counts"], movements, manifest["timing"], tuple(top), unchanged)


def _do(workspace: Workspace, config: RunConfig, inputs: Sequence[str | Path], batch: str, workers: int, on_progress: OnProgress) -> bool:
    """Do the steps that are not done; return whether the batch was finished already."""
    steps.read_inputs(workspace, workspace.folder(batch), inputs, config, on_progress)
    unchanged = not _finish(workspace, config, batch, workers, on_progress)
    _tell(workspace, config.taxonomy, on_progress)
    return unchanged


def regroup(path: str | Path, on_progress: OnProgress | None = None) -> None:
    """Bring a workspace up to what people edited: every opinion has its irritant by today's catalogue, and the feed tells it.

    Raises `ConfigError` when the workspace was made with a taxonomy of one's own: the next run, which knows it, brings it up.
    """
    opened = Workspace(path)
    taxonomy = load_taxonomy()
    if taxonomy.fingerprint != opened.settings["taxonomy"]:
        raise ConfigError(f"{opened.path} was made with another taxonomy", "the edit is kept: run any batch again with its configuration to apply it")
    with writer(opened.path, opened.settings):
        _tell(opened, taxonomy, on_progress or (lambda _: None))


def _tell(workspace: Workspace, taxonomy: Taxonomy, on_progress: OnProgress) -> None:
    on_progress(Progress("assign", 0, None))
    grouping.assign_batches(workspace)
    steps.build_feed(workspace, taxonomy, on_progress)


def refresh(workspace: Workspace, config: RunConfig, on_progress: OnProgress | None = None) -> tuple[str, ...]:
    """Bring the rows, irritants and feed of a workspace open for writing up to its log of corrections; return the batches that changed.

    A batch whose first run was stopped is left to its own command.
    """
    told = on_progress or (lambda _: None)
    names = sorted(path.parent.name for path in workspace.path.glob("batches/*/discovered.parquet"))
    changed = tuple(name for name in names if _finish(workspace, config, name, config.workers, told))
    _tell(workspace, config.taxonomy, told)
    return changed


def _finish(workspace: Workspace, config: RunConfig, batch: str, workers: int, on_progress: OnProgress) -> bool:
    """Do the steps after reading that are not done; return whether there were any."""
    started = time.perf_counter()
    folder = workspace.folder(batch)
    steps.reopen(workspace, folder)
    if folder.manifest.is_file():
        return False
    reports = steps.annotate(folder, config, workers, on_progress)
    corrections = steps.correct(workspace, folder)
    steps.compare(workspace, folder, config, on_progress)
    steps.group(workspace, folder, config, on_progress)
    manifest = {"batch": batch, "counts": steps.counts(folder), "timing": steps.timing(reports, started)}
    files.write_json({**manifest, "corrections": corrections} if corrections else manifest, folder.manifest)
    return True
