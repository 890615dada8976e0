"""Run a model's graph with ONNX Runtime: the backend of a processor, which needs no torch."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from vocpipe.ml.tokens import Window, batches_of

GRAPH = "model.onnx"
WEIGHTS = "network.safetensors"
"""The weights that the graph reads and that torch reads too; models made before hold them inside their graph."""

Answer: TypeAlias = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Flat indices of a batch's opinions, their logits (opinions × heads) and their unit vectors."""


class OnnxBackend:
    """Give the logits and vectors of windows on `threads` cores."""

    block = 512
    """Verbatims read at once: enough to sort by length, little to hold."""

    def __init__(self, folder: Path, pad: int, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Weights become floats once, at load. Otherwise products of int8 weights also round the activations, so the answer would depend on the
        # processor and would not be torch's; it is no faster for these sizes.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        self._session = onnxruntime.InferenceSession(str(folder / GRAPH), options, providers=["CPUExecutionProvider"])
        self._pad = pad

    def start(self, windows: Sequence[Window]) -> Iterator[Answer]:
        """Yield the answers of windows, batch by batch, shortest first."""
        for batch in batches_of(windows, pad=self._pad):
            feed = {"ids": batch.ids, "rows": batch.rows, "starts": batch.starts, "ends": batch.ends}
            logits, vectors = self._session.run(["logits", "vectors"], feed)
            yield batch.opinions, logits, vectors
