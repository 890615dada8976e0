"""The network and the wide branch together, as they are trained."""

from collections.abc import Sequence

import numpy as np
import torch
from scipy import sparse
from torch import Tensor, nn

from vocpipe.errors import ConfigError
from vocpipe.ml.heads import VECTOR_SIZE
from vocpipe.ml.network import Encoder, VocNetwork
from vocpipe.ml.tokens import Batch, Window, batches_of
from vocpipe.ml.wide import BUCKETS, weigh


class Judge(nn.Module):
    """Add the wide branch's logits to the network's. Its weights are updated sparsely: a batch holds a small part of the buckets."""

    def __init__(self, network: VocNetwork, wide: nn.EmbeddingBag, idf: np.ndarray) -> None:
        super().__init__()
        self.network = network
        self.wide = wide
        self.idf = idf

    @classmethod
    def of(cls, network: VocNetwork, wide: np.ndarray | None, idf: np.ndarray) -> "Judge":
        """Return a judge around a network; `wide` is `BUCKETS` × logits, null stands for zeros."""
        bag = nn.EmbeddingBag(BUCKETS, network.heads.out_features, mode="sum", sparse=True)
        bag.weight.data = torch.zeros_like(bag.weight) if wide is None else torch.from_numpy(wide.astype(np.float32))
        return cls(network, bag, idf)

    def forward(self, batch: Batch, counts: sparse.csr_matrix, keep_wide: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return logits and vectors of the batch's opinions, whose wide counts are given; `keep_wide` (opinions × 1) silences the wide branch where 0."""
        device = self.wide.weight.device
        ids, rows, starts, ends = (torch.from_numpy(part).to(device) for part in (batch.ids, batch.rows, batch.starts, batch.ends))
        logits, vectors = self.network(ids, rows, starts, ends)
        features = weigh(counts, self.idf)
        buckets, offsets = torch.from_numpy(features.indices.astype(np.int64)), torch.from_numpy(features.indptr[:-1].astype(np.int64))
        wide = self.wide(buckets.to(device), offsets.to(device), per_sample_weights=torch.from_numpy(features.data).to(device))
        return logits.float() + (wide if keep_wide is None else wide * keep_wide), vectors


def device_of(name: str) -> torch.device:
    """Return the device to train on: `auto` takes CUDA when it is there. Raises `ConfigError` when CUDA is asked for and absent."""
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("device is cuda, but torch sees no CUDA device", "say `device: auto`, or install a torch built for CUDA and its driver")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def run(judge: Judge, windows: Sequence[Window], counts: sparse.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    """Return logits and vectors of every opinion, in order, without dropout."""
    judge.eval()
    logits = np.zeros((counts.shape[0], judge.wide.embedding_dim), np.float32)
    vectors = np.zeros((counts.shape[0], VECTOR_SIZE), np.float32)
    with torch.no_grad():
        for batch in batches_of(windows, 4096, judge.network.pad):
            some, directions = judge(batch, counts[batch.opinions])
            logits[batch.opinions], vectors[batch.opinions] = some.float().cpu().numpy(), directions.float().cpu().numpy()
    return logits, vectors


def opinion_vectors(network: VocNetwork, windows: Sequence[Window]) -> np.ndarray:
    """Return the vector of every opinion of the windows, n × `VECTOR_SIZE`, unit length."""
    network.eval()
    device = next(network.parameters()).device
    vectors = np.zeros((sum(len(window.opinions) for window in windows), VECTOR_SIZE), np.float32)
    with torch.no_grad():
        for batch in batches_of(windows, 4096, network.pad):
            _, found = network(*(torch.from_numpy(part).to(device) for part in (batch.ids, batch.rows, batch.starts, batch.ends)))
            vectors[batch.opinions] = found.float().cpu().numpy()
    return vectors


def set_dropout(network: VocNetwork, share: float) -> None:
    """Set how much of the heads' input is dropped, half as much inside the layers of our encoders; those of the hub keep their own."""
    network.dropout.p = share
    if isinstance(network.encoder, Encoder):
        for layer in network.encoder.layers:
            layer.dropout = share / 2  # type: ignore[assignment]
