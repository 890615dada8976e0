"""Run a model's network with torch: the backend of a GPU, on the very weights that ONNX Runtime reads."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from safetensors.numpy import load_file
from torch import Tensor, nn

from vocpipe.errors import ModelError
from vocpipe.ml.heads import VECTOR_SIZE, Layout
from vocpipe.ml.network import VocNetwork, build
from vocpipe.ml.onnx_backend import WEIGHTS, Answer
from vocpipe.ml.store import load_card, verify
from vocpipe.ml.tokens import Batch, Window, padded
from vocpipe.ml.wide import wide_weights

Item = TypeVar("Item")
Result = TypeVar("Result")

SCALE = ".scale"
"""Ends the name of the scales of an int8 weight, one per row."""


@dataclass
class Budget:
    """Bound the tokens of a batch, padding counted; halved for good when the GPU runs out of memory."""

    tokens: int

    @classmethod
    def of(cls, device: str) -> "Budget":
        """Return a budget that keeps the device busy."""
        return cls(65_536 if device == "cuda" else 2048)


class TorchBackend:
    """Give the logits and vectors of windows; on a GPU the encoder works in bfloat16 and everything after it in float32."""

    def __init__(self, network: VocNetwork, device: str, budget: Budget | None = None) -> None:
        self.block = 8192 if device == "cuda" else 512
        self.budget = budget or Budget.of(device)
        self._device = torch.device(device)
        self._pad = network.pad
        self._network = network.to(self._device).eval()

    @classmethod
    def load(cls, folder: Path, device: str) -> "TorchBackend":
        """Load the network of a model's folder, which is taken as verified."""
        network = _network(folder)
        if device == "cuda":
            network.encoder = InBfloat16(network.encoder, device)
        return cls(network, device)

    def start(self, windows: Sequence[Window]) -> Iterator[Answer]:
        """Return the answers of windows, batch by batch, shortest first. A GPU goes on working on them until they are read."""
        answers = list(in_batches(windows, lambda window: len(window.ids), self.budget, self._run))
        return ((opinions, logits.float().cpu().numpy(), vectors.float().cpu().numpy()) for opinions, logits, vectors in answers)

    def _run(self, windows: Sequence[Window]) -> tuple[np.ndarray, Tensor, Tensor]:
        batch: Batch = padded(windows, self._pad)
        given = [to_device(part, self._device) for part in (batch.ids, batch.rows, batch.starts, batch.ends)]
        with torch.inference_mode():
            logits, vectors = self._network(*given)
        return batch.opinions, logits, vectors


class InBfloat16(nn.Module):
    """Run an encoder in bfloat16 and give its states in float32. Weights and sums between layers stay float32: only products are rounded."""

    def __init__(self, encoder: nn.Module, device: str) -> None:
        super().__init__()
        self.encoder = encoder
        self.device_type = device

    def forward(self, ids: Tensor) -> Tensor:
        with torch.autocast(self.device_type, dtype=torch.bfloat16):
            states: Tensor = self.encoder(ids)
        return states.float()


def to_device(part: np.ndarray, device: torch.device) -> Tensor:
    """Return an array as a tensor of the device; the copy to a GPU goes on while the next batch is made."""
    tensor = torch.from_numpy(part)
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor


def in_batches(items: Sequence[Item], length: Callable[[Item], int], budget: Budget, work: Callable[[Sequence[Item]], Result]) -> Iterator[Result]:
    """Yield what `work` gives for batches of items, sorted by length so that little is spent on padding.

    When the GPU runs out of memory the budget becomes half of what the batch held, and the work goes on from there.
    Raises `ModelError` when not even one item fits.
    """
    waiting = sorted(items, key=length)
    while waiting:
        size = _fitting([length(item) for item in waiting], budget.tokens)
        result = _attempt(work, waiting[:size])
        if result is not None:
            waiting = waiting[size:]
            yield result
        elif size == 1:
            raise ModelError(
                f"the GPU has not enough memory for one text of {length(waiting[0])} tokens",
                "end what else uses the GPU, or set device: cpu in the configuration",
            )
        else:
            torch.cuda.empty_cache()
            budget.tokens = size * length(waiting[size - 1]) // 2


def _fitting(lengths: Sequence[int], budget: int) -> int:
    """Return how many of the first items, whose lengths grow, make a batch."""
    size = 1
    while size < len(lengths) and lengths[size] * (size + 1) <= budget:
        size += 1
    return size


def _attempt(work: Callable[[Sequence[Item]], Result], items: Sequence[Item]) -> Result | None:
    """Return what `work` gives, or null when memory ran out; on the way out, what it had put on the GPU is let go."""
    try:
        return work(items)
    except torch.OutOfMemoryError:
        return None


def load_network(folder: Path) -> tuple[VocNetwork, np.ndarray, np.ndarray]:
    """Return the network of a model of the store, its wide weights (`BUCKETS` × logits) and its idf, to train on from there.

    Raises `ModelError` when a file differs from the card, or when the model holds its weights inside its graph.
    """
    verify(folder)
    return _network(folder), *wide_weights(folder)


def _network(folder: Path) -> VocNetwork:
    card = load_card(folder)
    layout = Layout(card.emotions, card.steps, card.themes, card.flags)
    network = VocNetwork(build(card.network), layout.size, VECTOR_SIZE, dropout=0.0)
    stored = load_file(folder / WEIGHTS)
    floats = {name: stored[name] * stored[name + SCALE][:, None] if name + SCALE in stored else stored[name] for name in stored if not name.endswith(SCALE)}
    try:
        network.load_state_dict({name: torch.from_numpy(values) for name, values in floats.items()})
    except RuntimeError as error:
        raise ModelError(
            f"the weights of {card.name}@{card.version} are not those of the network on its card",
            "use the vocpipe that the model was made with, or a later one",
        ) from error
    return network
