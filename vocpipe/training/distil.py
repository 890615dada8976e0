"""Train a student on the soft answers of teachers to unlabelled text."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from scipy import sparse
from torch import Tensor

from vocpipe.errors import InputError
from vocpipe.ml.heads import Layout
from vocpipe.ml.tokens import Batch, Window, batches_of
from vocpipe.training.encoders import AnyEncoder
from vocpipe.training.examples import SoftTargets, inverse_frequencies
from vocpipe.training.judge import Judge
from vocpipe.training.loop import Loop, Report, job_of
from vocpipe.training.losses import CLASS_WEIGHTS, soft_loss, vector_loss
from vocpipe.training.settings import DistilSettings
from vocpipe.training.start import Start, new_start

WATCHED = 50
"""One window in so many is not learned from: how well the student imitates its teachers is measured there."""


def distil(
    student: AnyEncoder | Start,
    windows: Sequence[Window],
    wide_csr: sparse.csr_matrix,
    soft_targets: SoftTargets,
    layout: Layout,
    settings: DistilSettings,
    work_folder: Path | None = None,
    report: Report = lambda row: None,
    minutes: float = math.inf,
) -> Start:
    """Return the student, an encoder or an earlier start, after it learned to answer as its teachers, by averaged weights.

    `wide_csr` (opinions × `BUCKETS`) holds counts as `wide_features` gives them; rows of it and of `soft_targets` are the opinions that the windows
    number. Ends after `settings.epochs` or `minutes`, whichever comes first; the learning rate follows the nearer end. Resumed as `Loop` says, from
    `work_folder`; only a run that time does not cut is exact. Raises `InputError` when the sizes do not fit each other.
    """
    count = 1 + max((window.opinions[-1] for window in windows), default=-1)
    if not count <= wide_csr.shape[0] == len(soft_targets.logits):
        raise InputError(
            f"{count} opinions in the windows, {wide_csr.shape[0]} in the wide features and {len(soft_targets.logits)} soft targets do not fit",
            "compute the soft targets on the very corpus that is learned from",
        )
    if soft_targets.logits.shape[1] != layout.size:
        raise InputError(f"soft targets have {soft_targets.logits.shape[1]} logits, the taxonomy has {layout.size}", "use a teacher with the same labels")
    start = student if isinstance(student, Start) else new_start(student, layout, settings.dropout, settings.seed)
    idf = inverse_frequencies(wide_csr) if start.idf is None else start.idf
    watched = [window for place, window in enumerate(windows) if place % WATCHED == 0]
    learned = [window for place, window in enumerate(windows) if place % WATCHED] or watched
    job = job_of(settings, layout, start, windows, wide_csr.indptr, wide_csr.indices, wide_csr.data, soft_targets.logits, soft_targets.vectors)
    loop = Loop(start, idf, learned, settings, job, work_folder, report, minutes)

    def loss_of(judge: Judge, batch: Batch) -> Tensor:
        return _loss(judge, batch, wide_csr, soft_targets, layout, settings)

    def measure(judge: Judge) -> dict[str, float]:
        return _agreement(judge, watched, wide_csr, soft_targets, layout, settings)

    judge = loop.fit(loss_of, measure)
    return Start(judge.network.cpu().eval(), judge.wide.weight.detach().cpu().numpy(), idf)


def _loss(judge: Judge, batch: Batch, counts: sparse.csr_matrix, soft: SoftTargets, layout: Layout, settings: DistilSettings) -> Tensor:
    device = judge.wide.weight.device
    keep = (torch.rand(len(batch.opinions), 1) >= settings.wide_dropout).float().to(device) if judge.training else None
    with torch.autocast(device.type, dtype=torch.bfloat16):
        logits, vectors = judge(batch, counts[batch.opinions], keep)
    loss = soft_loss(logits.float(), _taught(soft.logits, batch, device), layout, settings.temperature)
    return loss if soft.vectors is None else loss + vector_loss(vectors, _taught(soft.vectors, batch, device))


def _taught(array: np.ndarray, batch: Batch, device: torch.device) -> Tensor:
    return torch.from_numpy(array[batch.opinions].astype(np.float32)).to(device)


def _agreement(
    judge: Judge, watched: Sequence[Window], counts: sparse.csr_matrix, soft: SoftTargets, layout: Layout, settings: DistilSettings
) -> dict[str, float]:
    """Return the loss on windows that were not learned from (negated, as `mean`), and the share of opinions with the teachers' class, per head."""
    judge.eval()
    losses, hits, total = 0.0, dict.fromkeys(CLASS_WEIGHTS, 0), 0
    with torch.no_grad():
        for batch in batches_of(watched, 4096, judge.network.pad):
            taught = _taught(soft.logits, batch, judge.wide.weight.device)
            logits, vectors = judge(batch, counts[batch.opinions])
            loss = soft_loss(logits, taught, layout, settings.temperature)
            if soft.vectors is not None:
                loss = loss + vector_loss(vectors, _taught(soft.vectors, batch, judge.wide.weight.device))
            losses += loss.item() * len(batch.opinions)
            total += len(batch.opinions)
            for head in hits:
                place = layout.slices[head]
                hits[head] += int((logits[:, place].argmax(1) == taught[:, place].argmax(1)).sum())
    return {"mean": -losses / max(1, total), **{f"agreement_{head}": count / max(1, total) for head, count in hits.items()}}
