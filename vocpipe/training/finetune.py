"""Train the heads, and the encoder with them, on annotated verbatims."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict
from scipy import sparse
from tokenizers import Tokenizer
from torch import Tensor, nn

from vocpipe.french.cleaning import CLEANING_VERSION, clean
from vocpipe.ml.heads import VECTOR_SIZE, Layout, decode
from vocpipe.ml.network import Encoder, VocNetwork
from vocpipe.ml.tokens import Batch, Window, batches_of, opinion_tokens, padded, windows_of
from vocpipe.ml.wide import BUCKETS, weigh, wide_features
from vocpipe.training.annotated import Verbatim
from vocpipe.training.meaning import Meaning
from vocpipe.training.measures import measures, summary, targets_of


class FinetuneConfig(BaseModel):
    """Settings of the training of the heads."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    epochs: int = 6
    batch_windows: int = 48
    learning_rate: float = 4e-4
    wide_learning_rate: float = 0.02
    dropout: float = 0.2
    wide_dropout: float = 0.3
    label_smoothing: float = 0.05
    average: float = 0.998
    seed: int = 0


@dataclass(frozen=True)
class Examples:
    """Hold annotated verbatims ready for training: windows, wide features, and a target per opinion and head (-1: not judged)."""

    windows: list[Window]
    wide: sparse.csr_matrix
    targets: dict[str, np.ndarray]
    meaning: np.ndarray

    def rarity(self, head: str) -> Tensor:
        """Return how much more a positive of each label weighs: the square root of negatives over positives, 1 to 5, so that rare labels are heard."""
        positives = self.targets[head].sum(0)
        return torch.from_numpy(np.sqrt((len(self) - positives) / np.maximum(positives, 1)).clip(1, 5).astype(np.float32))

    def __len__(self) -> int:
        return self.wide.shape[0]  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Trained:
    """Hold a trained network with its wide weights, idf, thresholds and how training went."""

    network: VocNetwork
    wide: np.ndarray
    idf: np.ndarray
    thresholds: dict[str, list[float]]
    history: list[dict[str, Any]]


def examples(verbatims: Sequence[Verbatim], tokenizer: Tokenizer, layout: Layout, meaning: Meaning) -> Examples:
    """Return the verbatims as training examples; `meaning` gives the target vector of a text (n × `VECTOR_SIZE`)."""
    pieces = [[segment.text for segment in verbatim.segments] for verbatim in verbatims]
    windows: list[Window] = []
    first = 0
    for texts in pieces:
        windows.extend(windows_of(opinion_tokens(tokenizer, texts, CLEANING_VERSION), first))
        first += len(texts)
    segments = [segment for verbatim in verbatims for segment in verbatim.segments]
    vectors = meaning([segment.irritant or clean(segment.text) for segment in segments])
    return Examples(windows, wide_features(pieces, CLEANING_VERSION), targets_of(verbatims, layout), vectors)


class Judge(nn.Module):
    """Add the wide branch's logits to the network's. Its weights are updated sparsely: a batch holds a small part of the buckets."""

    def __init__(self, network: nn.Module, wide: nn.EmbeddingBag) -> None:
        super().__init__()
        self.network = network
        self.wide = wide

    def forward(self, batch: Batch, features: sparse.csr_matrix, keep_wide: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return logits and vectors of the batch's opinions; `keep_wide` (opinions × 1) silences the wide branch where it is 0."""
        ids, rows, starts, ends = (torch.from_numpy(part) for part in (batch.ids, batch.rows, batch.starts, batch.ends))
        logits, vectors = self.network(ids, rows, starts, ends)
        buckets, offsets = torch.from_numpy(features.indices.astype(np.int64)), torch.from_numpy(features.indptr[:-1].astype(np.int64))
        wide = self.wide(buckets, offsets, per_sample_weights=torch.from_numpy(features.data))
        return logits.float() + (wide if keep_wide is None else wide * keep_wide), vectors


def finetune(
    encoder: Encoder,
    train: Examples,
    dev: Examples,
    layout: Layout,
    config: FinetuneConfig,
    report: Callable[[dict[str, Any]], None],
    start: tuple[dict[str, Tensor], Tensor] | None = None,
) -> Trained:
    """Train all heads together and return the epoch that did best on `dev`, by averaged weights.

    `start` goes on from the weights of a network and of its wide branch (`BUCKETS` × logits) instead of from the encoder alone.
    """
    torch.manual_seed(config.seed)
    random = np.random.default_rng(config.seed)
    idf = inverse_frequencies(train.wide)
    train_wide, dev_wide = weigh(train.wide, idf), weigh(dev.wide, idf)
    network = VocNetwork(encoder.shape, layout.size, VECTOR_SIZE)
    network.encoder.load_state_dict(encoder.state_dict())
    _set_dropout(network, config.dropout)
    wide = nn.EmbeddingBag(BUCKETS, layout.size, mode="sum", sparse=True)
    nn.init.zeros_(wide.weight)
    if start is not None:
        network.load_state_dict(start[0])
        wide.weight.data.copy_(start[1])
    judge = Judge(network, wide)
    averaged = torch.optim.swa_utils.AveragedModel(network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(config.average))  # type: ignore[no-untyped-call]
    steady = Judge(averaged.module, wide)
    optimisers = _optimisers(judge, config)
    groups = [(group, group["lr"]) for optimiser in optimisers for group in optimiser.param_groups]
    total = config.epochs * (len(train.windows) // config.batch_windows + 1)
    step, best, history = 0, -1.0, []
    kept: dict[str, Tensor] = {}
    for epoch in range(config.epochs):
        began, losses = time.monotonic(), []
        judge.train()
        for batch in _shuffled(train.windows, config.batch_windows, random):
            for group, rate in groups:
                group["lr"] = rate * min(1.0, (step + 1) / 200) * max(0.03, 1 - step / total)
            loss = _loss(judge, batch, train, train_wide, layout, config)
            judge.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            for optimiser in optimisers:
                optimiser.step()
            averaged.update_parameters(network)
            losses.append(loss.item())
            step += 1
        logits, vectors = run(steady, dev.windows, dev_wide)
        thresholds = choose_thresholds(logits, dev.targets, layout)
        score = summary(measures(decode(logits, vectors, layout, thresholds), dev.targets, layout))
        mean = float(np.mean(list(score.values())))
        history.append({"epoch": epoch + 1, "loss": float(np.mean(losses)), "seconds": time.monotonic() - began, "mean": mean, **score})
        report(history[-1])
        if mean > best:
            best, kept = mean, {name: value.clone() for name, value in steady.state_dict().items()}
    judge.load_state_dict(kept)
    logits, _ = run(judge, dev.windows, dev_wide)
    return Trained(network, wide.weight.detach().numpy(), idf, choose_thresholds(logits, dev.targets, layout), history)


def _loss(judge: Judge, batch: Batch, data: Examples, wide: sparse.csr_matrix, layout: Layout, config: FinetuneConfig) -> Tensor:
    keep = (torch.rand(len(batch.opinions), 1) >= config.wide_dropout).float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        logits, vectors = judge(batch, wide[batch.opinions], keep)
    logits = logits.float()
    places = layout.slices
    goal = {name: torch.from_numpy(target[batch.opinions]) for name, target in data.targets.items()}
    loss = 1.5 * F.cross_entropy(logits[:, places["sentiment"]], goal["sentiment"], label_smoothing=config.label_smoothing)
    loss = loss + F.cross_entropy(logits[:, places["step"]], goal["step"], label_smoothing=config.label_smoothing)
    loss = loss + F.cross_entropy(logits[:, places["theme"]], goal["theme"], label_smoothing=config.label_smoothing)
    for name, weight in (("emotions", 6.0), ("strong", 2.0), ("flags", 4.0), ("irritant", 0.7)):
        loss = loss + weight * F.binary_cross_entropy_with_logits(logits[:, places[name]], goal[name], pos_weight=data.rarity(name))
    target = torch.from_numpy(data.meaning[batch.opinions])
    apart: Tensor = 1.5 * (1 - (vectors.float() * target).sum(1)).mean()
    return loss + apart


def run(judge: Judge, windows: Sequence[Window], wide: sparse.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    """Return logits and vectors of every opinion, in order, without dropout."""
    judge.eval()
    logits: np.ndarray | None = None
    vectors: np.ndarray | None = None
    with torch.no_grad():
        for batch in batches_of(windows, 4096):
            some, directions = judge(batch, wide[batch.opinions])
            if logits is None or vectors is None:
                logits, vectors = np.zeros((wide.shape[0], some.shape[1]), np.float32), np.zeros((wide.shape[0], directions.shape[1]), np.float32)
            logits[batch.opinions], vectors[batch.opinions] = some.float().numpy(), directions.float().numpy()
    assert logits is not None
    assert vectors is not None
    return logits, vectors


def opinion_vectors(network: VocNetwork, data: Examples) -> np.ndarray:
    """Return the vector of every opinion of the examples, n × `VECTOR_SIZE`, unit length."""
    network.eval()
    vectors = np.zeros((len(data), VECTOR_SIZE), np.float32)
    with torch.no_grad():
        for batch in batches_of(data.windows, 4096):
            _, found = network(*(torch.from_numpy(part) for part in (batch.ids, batch.rows, batch.starts, batch.ends)))
            vectors[batch.opinions] = found.numpy()
    return vectors


def choose_thresholds(logits: np.ndarray, targets: dict[str, np.ndarray], layout: Layout) -> dict[str, list[float]]:
    """Return per label the probability threshold that gives the best F1; labels with fewer than 10 positives keep 0.5."""
    chosen: dict[str, list[float]] = {}
    for name in ("emotions", "strong", "flags", "irritant"):
        probabilities = 1 / (1 + np.exp(-logits[:, layout.slices[name]]))
        chosen[name] = [_best_threshold(probabilities[:, label], targets[name][:, label] > 0) for label in range(probabilities.shape[1])]
    return chosen


def _best_threshold(probabilities: np.ndarray, truth: np.ndarray) -> float:
    if truth.sum() < 10:
        return 0.5
    grid = np.arange(0.1, 0.75, 0.025)
    scores = [2 * (truth & (probabilities >= cut)).sum() / (truth.sum() + (probabilities >= cut).sum()) for cut in grid]
    smooth = np.convolve(np.pad(scores, 2, mode="edge"), np.ones(5) / 5, mode="valid")
    return round(float(grid[int(smooth.argmax())]), 3)


def inverse_frequencies(counts: sparse.csr_matrix) -> np.ndarray:
    """Return the smoothed inverse document frequency of every bucket, 0 for buckets seen in fewer than two opinions."""
    frequency = np.bincount(counts.indices, minlength=BUCKETS)
    idf = np.log((1 + counts.shape[0]) / (1 + frequency)) + 1
    return np.where(frequency >= 2, idf, 0.0).astype(np.float32)


def _shuffled(windows: Sequence[Window], size: int, random: np.random.Generator) -> list[Batch]:
    """Return batches of windows of about equal length, in random order."""
    order = random.permutation(len(windows))
    lengths = np.asarray([len(window.ids) for window in windows])
    batches: list[np.ndarray] = []
    for start in range(0, len(order), size * 20):
        pool = order[start : start + size * 20]
        pool = pool[np.argsort(lengths[pool], kind="stable")]
        batches.extend(pool[first : first + size] for first in range(0, len(pool), size))
    return [padded([windows[index] for index in batches[place]]) for place in random.permutation(len(batches))]


def _optimisers(judge: Judge, config: FinetuneConfig) -> list[torch.optim.Optimizer]:
    encoder: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, parameter in judge.network.named_parameters():
        (encoder if name.startswith("encoder.") else others).append(parameter)
    dense = [{"params": encoder, "lr": config.learning_rate}, {"params": others, "lr": config.learning_rate * 2}]
    return [
        torch.optim.AdamW(dense, betas=(0.9, 0.98), weight_decay=0.02),
        torch.optim.SparseAdam(list(judge.wide.parameters()), lr=config.wide_learning_rate),
    ]


def _set_dropout(network: VocNetwork, share: float) -> None:
    network.dropout.p = share
    for layer in network.encoder.layers:
        layer.dropout = share / 2  # type: ignore[assignment]
