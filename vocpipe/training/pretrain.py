"""Pretrain the encoder: fill in masked pieces, say what a sentence teacher says of each opinion, guess the stars."""

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from vocpipe.errors import ConfigError
from vocpipe.files import replacing, write_json
from vocpipe.ml.network import Encoder, Shape, opinion_means, window_means
from vocpipe.ml.tokens import MASK, SPECIAL_TOKENS, Batch, padded
from vocpipe.training.prepare import CorpusPart, Prepared
from vocpipe.training.vectors import piece_vectors


class PretrainConfig(BaseModel):
    """Settings of pretraining; `epochs` are passes over the corpus."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    corpus: tuple[CorpusPart, ...]
    vocabulary: int = 16_000
    width: int = 256
    layers: int = 4
    epochs: float = 3
    batch_tokens: int = 8192
    learning_rate: float = 1e-3
    masked: float = 0.15
    seed: int = 0

    @property
    def shape(self) -> Shape:
        """Return the encoder's size."""
        return Shape(self.vocabulary, self.width, self.layers, max(1, self.width // 64), 4 * self.width, dropout=0.0)


class Pretrainer(nn.Module):
    """Hold the encoder and the three heads that only pretraining uses."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.encoder = Encoder(shape)
        self.transform = nn.Sequential(nn.Linear(shape.width, shape.width), nn.GELU(), nn.LayerNorm(shape.width))
        self.bias = nn.Parameter(torch.zeros(shape.vocabulary))
        self.meaning = nn.Linear(shape.width, 512)
        self.stars = nn.Linear(shape.width, 5)

    def forward(self, ids: Tensor, labels: Tensor, batch: Batch, teacher: Tensor | None, stars: Tensor) -> dict[str, Tensor]:
        """Return the loss of each task; `labels` are the pieces under the mask, -1 elsewhere; stars are 0 where unknown."""
        states = self.encoder(ids)
        losses = {}
        hidden_places = (labels.flatten() >= 0).nonzero().squeeze(1)
        if len(hidden_places):
            hidden = self.transform(states.flatten(0, 1).index_select(0, hidden_places))
            logits = F.linear(hidden, self.encoder.embedding.weight, self.bias)
            losses["masked"] = F.cross_entropy(logits.float(), labels.flatten()[hidden_places])
        if teacher is not None:
            rows, starts, ends = (torch.from_numpy(part).to(ids.device) for part in (batch.rows, batch.starts, batch.ends))
            pooled = opinion_means(states, rows, starts, ends)
            losses["meaning"] = 1 - F.cosine_similarity(self.meaning(pooled).float(), teacher, dim=-1).mean()
        known = (stars > 0).nonzero().squeeze(1)
        if len(known):
            whole = window_means(states, ids).index_select(0, known)
            losses["stars"] = F.cross_entropy(self.stars(whole).float(), stars[known] - 1)
        return losses


WEIGHTS = {"masked": 1.0, "meaning": 6.0, "stars": 0.3}


def mask_pieces(ids: np.ndarray, share: float, vocabulary: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return ids with pieces hidden, and the labels. One window in two keeps all its pieces, so that the other tasks see whole text."""
    special = ids < len(SPECIAL_TOKENS)
    chosen = (random.random(ids.shape) < 2 * share) & ~special & (np.arange(len(ids)) % 2 == 0)[:, None]
    fate = random.random(ids.shape)
    shown = np.where(fate < 0.8, MASK, np.where(fate < 0.9, random.integers(len(SPECIAL_TOKENS), vocabulary, ids.shape), ids))
    return np.where(chosen, shown, ids), np.where(chosen, ids, -1)


def epoch_batches(prepared: Prepared, budget: int, seed: int, epoch: int) -> Iterator[np.ndarray]:
    """Yield the window indices of each batch of one epoch: shuffled, then sorted by length inside pools so that padding stays small."""
    random = np.random.default_rng([seed, epoch])
    lengths = np.asarray([len(window.ids) for window in prepared.windows])
    order = random.permutation(len(lengths))
    batches: list[np.ndarray] = []
    for start in range(0, len(order), 20_000):
        pool = order[start : start + 20_000]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        first = 0
        for last in range(1, len(pool) + 1):
            if last == len(pool) or (last - first + 1) * lengths[pool[last]] > budget:
                batches.append(random.permutation(pool[first:last]))
                first = last
    for index in random.permutation(len(batches)):
        yield batches[index]


def pretrain(
    prepared: Prepared, config: PretrainConfig, folder: Path, *, minutes: float = math.inf, report: Callable[[dict[str, float]], None] = lambda row: None
) -> Encoder:
    """Train the encoder for `config.epochs`, or until `minutes` have passed, and return it.

    A checkpoint is kept in `folder` every few minutes and at the end: the same call goes on from there. The learning rate follows the
    progress (steps or time, whichever is nearer its end), so that a run that is short of time still ends well.
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(config.seed)
    model = Pretrainer(config.shape)
    checkpoint = folder / "pretrain.pt"
    state = {"step": 0, "seconds": 0.0, "tokens": 0}
    if not checkpoint.exists():
        vectors = piece_vectors([window.ids for window in prepared.windows], config.vocabulary, config.width, seed=config.seed)
        model.encoder.embedding.weight.data.copy_(torch.from_numpy(vectors) * 0.05)
    model.to(device)
    optimiser = torch.optim.AdamW(_groups(model), lr=config.learning_rate, betas=(0.9, 0.98), eps=1e-6)
    if checkpoint.exists():
        saved = torch.load(checkpoint, map_location=device, weights_only=True)
        try:
            model.load_state_dict(saved["model"])
        except RuntimeError as error:
            raise ConfigError(f"{checkpoint} belongs to an encoder of another size", "remove it, or give another `work` folder") from error
        optimiser.load_state_dict(saved["optimiser"])
        state = saved["state"]
    lengths = sum(1 for _ in epoch_batches(prepared, config.batch_tokens, config.seed, 0))
    total = math.ceil(lengths * config.epochs)
    began, before, saved_at = time.monotonic(), state["seconds"], time.monotonic()
    smooth: dict[str, float] = {}
    model.train()
    for step, chosen in _steps(prepared, config, int(state["step"]), total):
        seconds = before + time.monotonic() - began
        progress = max(step / total, seconds / (60 * minutes))
        if progress >= 1:
            break
        rate = config.learning_rate * min(1.0, (step + 1) / 400) * max(0.02, 1 - max(0.0, progress - 0.3) / 0.7)
        losses, count = _step(model, prepared, config, chosen, np.random.default_rng([config.seed, 1, step]), device)
        loss = torch.stack([WEIGHTS[name] * value for name, value in losses.items()]).sum()
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        state = {"step": step + 1, "seconds": seconds, "tokens": int(state["tokens"]) + count}
        for name, value in losses.items():
            smooth[name] = 0.98 * smooth.get(name, value.item()) + 0.02 * value.item()
        if step % 10 == 0:
            done = max((step + 1) / total, progress)
            left = seconds * (1 / done - 1)
            report({"step": step, "of": total, "progress": done, "tokens": state["tokens"], "seconds": seconds, "left": left, **smooth})
        if time.monotonic() - saved_at > 240:
            _save(checkpoint, model, optimiser, state)
            saved_at = time.monotonic()
    _save(checkpoint, model, optimiser, state)
    write_json({**state, **smooth}, folder / "pretrain.json")
    return model.encoder


def _steps(prepared: Prepared, config: PretrainConfig, done: int, total: int) -> Iterator[tuple[int, np.ndarray]]:
    step = 0
    for epoch in range(math.ceil(config.epochs) + 1):
        for chosen in epoch_batches(prepared, config.batch_tokens, config.seed, epoch):
            if step >= total:
                return
            if step >= done:
                yield step, chosen
            step += 1


def _step(
    model: Pretrainer, prepared: Prepared, config: PretrainConfig, chosen: np.ndarray, random: np.random.Generator, device: str
) -> tuple[dict[str, Tensor], int]:
    batch = padded([prepared.windows[index] for index in chosen])
    shown, labels = mask_pieces(batch.ids, config.masked, config.vocabulary, random)
    teacher = torch.from_numpy(prepared.teacher[batch.opinions].astype(np.float32)).to(device) if prepared.teacher is not None else None
    stars = torch.from_numpy(prepared.stars[chosen].astype(np.int64)).to(device)
    with torch.autocast(device, dtype=torch.bfloat16):
        losses = model(torch.from_numpy(shown).to(device), torch.from_numpy(labels).to(device), batch, teacher, stars)
    return losses, int((batch.ids != 0).sum())


def _groups(model: nn.Module) -> list[dict[str, object]]:
    matrices = [parameter for parameter in model.parameters() if parameter.ndim > 1]
    others = [parameter for parameter in model.parameters() if parameter.ndim <= 1]
    return [{"params": matrices, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]


def _save(checkpoint: Path, model: nn.Module, optimiser: torch.optim.Optimizer, state: dict[str, float]) -> None:
    with replacing(checkpoint) as place:
        torch.save({"model": model.state_dict(), "optimiser": optimiser.state_dict(), "state": state}, place)
