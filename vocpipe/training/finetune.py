"""Train the heads, and the encoder with them, on annotated verbatims."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from vocpipe.ml.heads import Layout, decode
from vocpipe.ml.network import VocNetwork
from vocpipe.ml.tokens import Batch
from vocpipe.training.decision import Decision, decide
from vocpipe.training.examples import Examples, inverse_frequencies
from vocpipe.training.judge import Judge, run
from vocpipe.training.loop import Loop, Report, job_of
from vocpipe.training.losses import LABEL_WEIGHTS, label_loss, soft_loss, vector_loss
from vocpipe.training.measures import measures, summary
from vocpipe.training.settings import FinetuneSettings
from vocpipe.training.start import Start


@dataclass(frozen=True)
class Trained:
    """Hold a trained network with its wide weights, idf, calibration, the thresholds on calibrated probabilities, and how training went."""

    network: VocNetwork
    wide: np.ndarray
    idf: np.ndarray
    thresholds: dict[str, list[float]]
    calibration: dict[str, list[tuple[float, float]]]
    history: list[dict[str, Any]]


def finetune(
    start: Start,
    train: Examples,
    dev: Examples,
    layout: Layout,
    settings: FinetuneSettings,
    *,
    earlier: Decision | None = None,
    work: Path | None = None,
    report: Report = lambda row: None,
    minutes: float = math.inf,
) -> Trained:
    """Train all heads together and return the epoch that did best on `dev`, by averaged weights.

    Calibration, then thresholds, are fitted on `dev`, or taken from `earlier` where `dev` holds too little. With `work`, a killed training goes on
    from there: see `Loop`. `start` is not changed.
    """
    idf = inverse_frequencies(train.wide) if start.idf is None else start.idf
    job = job_of(settings, layout, start, [*train.windows, *dev.windows], *_arrays(train), *_arrays(dev))
    loop = Loop(start, idf, train.windows, settings, job, work, report, minutes)
    rarity = {head: torch.from_numpy(train.rarity(head)).to(loop.device) for head in LABEL_WEIGHTS}

    def loss_of(judge: Judge, batch: Batch) -> Tensor:
        return _loss(judge, batch, train, layout, rarity, settings)

    def measure(judge: Judge) -> dict[str, float]:
        return _figures(judge, dev, layout, earlier)

    judge = loop.fit(loss_of, measure)
    logits, _ = run(judge, dev.windows, dev.wide)
    decision = decide(logits, dev.targets, layout, earlier)
    wide = judge.wide.weight.detach().cpu().numpy()
    return Trained(judge.network.cpu().eval(), wide, idf, decision.thresholds, decision.calibration, loop.place.history)


def _loss(judge: Judge, batch: Batch, data: Examples, layout: Layout, rarity: dict[str, Tensor], settings: FinetuneSettings) -> Tensor:
    device = judge.wide.weight.device
    keep = (torch.rand(len(batch.opinions), 1) >= settings.wide_dropout).float().to(device)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        logits, vectors = judge(batch, data.wide[batch.opinions], keep)
    logits = logits.float()
    weights = None if data.weights is None else torch.from_numpy(data.weights[batch.opinions]).to(device)
    goals = {name: torch.from_numpy(target[batch.opinions]).to(device) for name, target in data.targets.items()}
    loss = label_loss(logits, goals, layout, rarity, settings.label_smoothing, weights)
    if data.soft is not None and settings.soft_weight:
        taught = torch.from_numpy(data.soft.logits[batch.opinions].astype(np.float32)).to(device)
        loss = loss + settings.soft_weight * soft_loss(logits, taught, layout, settings.temperature, weights)
    return loss + vector_loss(vectors, torch.from_numpy(data.meaning[batch.opinions]).to(device))


def _figures(judge: Judge, dev: Examples, layout: Layout, earlier: Decision | None) -> dict[str, float]:
    logits, vectors = run(judge, dev.windows, dev.wide)
    decision = decide(logits, dev.targets, layout, earlier)
    found = decode(logits, vectors, layout, decision.thresholds, decision.calibration)
    scores = {name: float(score) for name, score in summary(measures(found, dev.targets, layout)).items()}
    return {"mean": sum(scores.values()) / max(1, len(scores)), **scores}


def _arrays(data: Examples) -> list[np.ndarray | None]:
    soft = data.soft
    taught = [None, None] if soft is None else [soft.logits, soft.vectors]
    return [data.wide.indptr, data.wide.indices, data.wide.data, *(data.targets[head] for head in sorted(data.targets)), data.meaning, data.weights, *taught]
