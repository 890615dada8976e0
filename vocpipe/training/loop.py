"""The training loop: batches, averaged weights, early stopping, and checkpoints from which a killed run goes on exactly."""

import copy
import hashlib
import json
import math
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from vocpipe.errors import ConfigError, InputError
from vocpipe.files import replacing
from vocpipe.ml.heads import Layout
from vocpipe.ml.network import VocNetwork
from vocpipe.ml.tokens import Batch, Window, padded
from vocpipe.training.judge import Judge, device_of, set_dropout
from vocpipe.training.settings import LoopSettings
from vocpipe.training.start import Start

Report = Callable[[dict[str, Any]], None]
REPORT_SECONDS = 1.0


@dataclass
class Place:
    """Say where training is: what a resumed run needs to know beside weights and random states."""

    epoch: int = 0
    batch: int = 0
    step: int = 0
    seconds: float = 0.0
    losses: float = 0.0
    best: float = -math.inf
    stale: int = 0
    finished: bool = False
    history: list[dict[str, float]] = field(default_factory=list)


class Loop:
    """Train a start on windows; `fit` returns the judge with the averaged weights of the best epoch.

    With a work folder, a checkpoint is kept there after every epoch and every few minutes: the same call, after a kill, ends with the very weights
    of an unbroken run on the same machine. `job` identifies the job: a checkpoint of another one is refused.
    """

    def __init__(
        self, start: Start, idf: np.ndarray, windows: Sequence[Window], settings: LoopSettings, job: str, work: Path | None, report: Report, minutes: float
    ) -> None:
        if not windows:
            raise InputError("there is nothing to train on", "give data with at least a few verbatims in the train split")
        torch.manual_seed(settings.seed)
        self.settings, self.windows, self.job, self.report, self.minutes = settings, windows, job, report, minutes
        self.device = device_of(settings.device)
        network = copy.deepcopy(start.network)
        set_dropout(network, settings.dropout)
        self.judge = Judge.of(network, start.wide, idf).to(self.device)
        self.per_epoch = math.ceil(len(windows) / settings.batch_windows)
        self.total = settings.epochs * self.per_epoch
        share = min(settings.average, max(0.0, 1 - 3 / self.total))  # a short run must not keep the weights that it started from
        self.averaged = AveragedModel(self.judge.network, multi_avg_fn=get_ema_multi_avg_fn(share))  # type: ignore[no-untyped-call]
        self.steady = Judge(cast(VocNetwork, self.averaged.module), self.judge.wide, idf)
        self.optimisers = _optimisers(self.judge, settings)
        self.rates = [group["lr"] for optimiser in self.optimisers for group in optimiser.param_groups]
        self.place = Place()
        self.kept: dict[str, Tensor] = {}
        self.checkpoint = None if work is None else work / "checkpoint.pt"

    def fit(self, loss_of: Callable[[Judge, Batch], Tensor], measure: Callable[[Judge], dict[str, float]]) -> Judge:
        """Train to the end. `loss_of` gives the loss of a batch, `measure` the figures of the averaged weights after an epoch: the best `mean` is kept."""
        if self.checkpoint is not None:
            self._resume()
        while not self.place.finished:
            spent = self._epoch(loss_of)
            self._measured(measure(self.steady))
            done = self.place.epoch >= self.settings.epochs or spent
            self.place.finished = done or (self.settings.patience is not None and self.place.stale >= self.settings.patience)
            self._save()
        self.judge.load_state_dict(self.kept)
        return self.judge

    def _epoch(self, loss_of: Callable[[Judge, Batch], Tensor]) -> bool:
        """Train on what is left of an epoch; tell whether the time is spent."""
        began, saved = time.monotonic() - self.place.seconds, time.monotonic()
        told = 0.0
        self.judge.train()
        for batch in self._batches():
            if self._progress() >= 1:
                return True
            loss = self._step(loss_of, batch)
            self.place.seconds = time.monotonic() - began
            if time.monotonic() - told > REPORT_SECONDS:
                told = time.monotonic()
                done = self._progress()
                left = self.place.seconds * (1 / done - 1)
                self.report({"step": self.place.step, "of": self.total, "progress": done, "loss": loss, "seconds": self.place.seconds, "left": left})
            if time.monotonic() - saved >= 60 * self.settings.checkpoint_minutes:
                self._save()
                saved = time.monotonic()
        return False

    def _progress(self) -> float:
        """Return how much of the training is done, 0 … 1: by steps or by time, whichever is nearer its end."""
        return max(self.place.step / self.total, min(1.0, self.place.seconds / (60 * self.minutes)))

    def _step(self, loss_of: Callable[[Judge, Batch], Tensor], batch: Batch) -> float:
        warm = min(200, self.total // 6 + 1)
        groups = [group for optimiser in self.optimisers for group in optimiser.param_groups]
        for group, rate in zip(groups, self.rates, strict=True):
            group["lr"] = rate * min(1.0, (self.place.step + 1) / warm) * max(0.03, 1 - self._progress())
        loss = loss_of(self.judge, batch)
        value = loss.item()
        if not math.isfinite(value):
            raise ConfigError(f"training diverged at step {self.place.step}: the loss is {value}", "lower learning_rate, and start in a new work folder")
        self.judge.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.judge.network.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
        self.averaged.update_parameters(self.judge.network)
        self.place.losses += value
        self.place.batch += 1
        self.place.step += 1
        return value

    def _batches(self) -> Iterator[Batch]:
        """Yield the batches of this epoch that are still to be trained on; their order depends on the seed and the epoch alone."""
        order = batch_order(self.windows, self.settings.batch_windows, self.settings.seed, self.place.epoch)
        for chosen in order[self.place.batch :]:
            yield padded([self.windows[index] for index in chosen], self.judge.network.pad)

    def _measured(self, figures: dict[str, float]) -> None:
        place = self.place
        row = {"epoch": place.epoch + 1, "loss": place.losses / max(1, place.batch), "seconds": place.seconds, **figures}
        place.history.append(row)
        place.stale += 1
        if figures["mean"] > place.best:
            place.best, place.stale = figures["mean"], 0
            self.kept = {name: value.detach().cpu().clone() for name, value in self.steady.state_dict().items()}
        place.epoch, place.batch, place.losses = place.epoch + 1, 0, 0.0
        self.report(row)

    def _save(self) -> None:
        if self.checkpoint is None:
            return
        state = {
            "job": self.job,
            "place": asdict(self.place),
            "judge": self.judge.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "kept": self.kept,
            "random": torch.get_rng_state(),
            "cuda": torch.cuda.get_rng_state_all() if self.device.type == "cuda" else [],
        }
        with replacing(self.checkpoint) as place:
            torch.save(state, place)

    def _resume(self) -> None:
        if self.checkpoint is None or not self.checkpoint.exists():
            return
        try:
            saved = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        except Exception as error:  # torch raises several kinds for a file that is not a checkpoint
            raise InputError(f"{self.checkpoint} is not a checkpoint that can be read", "remove it: training starts again") from error
        if saved["job"] != self.job:
            raise ConfigError(f"{self.checkpoint} belongs to another job: its settings, data or start differ", "remove it, or give another `work` folder")
        self.place = Place(**saved["place"])
        self.judge.load_state_dict(saved["judge"])
        self.averaged.load_state_dict(saved["averaged"])
        for optimiser, state in zip(self.optimisers, saved["optimisers"], strict=True):
            optimiser.load_state_dict(state)
        self.kept = {name: value.cpu() for name, value in saved["kept"].items()}
        torch.set_rng_state(saved["random"].cpu())
        if self.device.type == "cuda":
            torch.cuda.set_rng_state_all([state.cpu() for state in saved["cuda"]])


def batch_order(windows: Sequence[Window], size: int, seed: int, epoch: int) -> list[np.ndarray]:
    """Return the window indices of every batch of an epoch: windows of about equal length together, batches in random order."""
    random = np.random.default_rng([seed, epoch])
    order = random.permutation(len(windows))
    lengths = np.asarray([len(window.ids) for window in windows])
    batches: list[np.ndarray] = []
    for start in range(0, len(order), size * 20):
        pool = order[start : start + size * 20]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        batches.extend(pool[first : first + size] for first in range(0, len(pool), size))
    return [batches[place] for place in random.permutation(len(batches))]


def job_of(settings: LoopSettings, layout: Layout, start: Start, windows: Sequence[Window], *arrays: np.ndarray | None) -> str:
    """Return a fingerprint of all that decides the result of a training."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(json.dumps([settings.model_dump(exclude={"checkpoint_minutes"}), asdict(layout)], sort_keys=True).encode())
    digest.update(json.dumps([window.ids for window in windows]).encode())
    weights = [value.detach().cpu().numpy() for _, value in sorted(start.network.state_dict().items())]
    for array in (*weights, start.wide, start.idf, *arrays):
        digest.update(b"none" if array is None else f"{array.shape} {array.dtype}".encode())
        if array is not None:
            digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def _optimisers(judge: Judge, settings: LoopSettings) -> list[torch.optim.Optimizer]:
    """Return AdamW for the network, each layer slower than the one above by `layer_decay`, the heads twice as fast, and SparseAdam for the wide branch."""
    depths = {name: _depth(name) for name, _ in judge.network.encoder.named_parameters()}
    top = 1 + max((depth for depth in depths.values() if depth is not None), default=0)
    groups: dict[int, list[nn.Parameter]] = {}
    for name, parameter in judge.network.encoder.named_parameters():
        depth = depths[name]
        groups.setdefault(top if depth is None else depth, []).append(parameter)
    dense = [{"params": groups[depth], "lr": settings.learning_rate * settings.layer_decay ** (top - depth)} for depth in sorted(groups)]
    heads = [parameter for name, parameter in judge.network.named_parameters() if not name.startswith("encoder.")]
    dense.append({"params": heads, "lr": settings.learning_rate * 2})
    return [
        torch.optim.AdamW(dense, betas=(0.9, 0.98), weight_decay=0.02),
        torch.optim.SparseAdam(list(judge.wide.parameters()), lr=settings.wide_learning_rate),
    ]


def _depth(name: str) -> int | None:
    """Return how far a parameter of an encoder is from the ground: 0 for embeddings, 1 for the first layer; None for what lies above all layers."""
    if found := re.search(r"(?:^|\.)(?:layers?|h|blocks?)\.(\d+)\.", name):
        return 1 + int(found[1])
    return 0 if "embedding" in name else None
