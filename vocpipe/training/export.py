"""Write a trained network as a model of the store: ONNX with int8 weights, wide weights, tokenizer, problem phrases, card."""

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors.numpy import save_file
from tokenizers import Tokenizer

from vocpipe.errors import ModelError
from vocpipe.french.cleaning import CLEANING_VERSION
from vocpipe.ml.heads import Layout
from vocpipe.ml.network import VocNetwork
from vocpipe.ml.store import Card, sha256_of
from vocpipe.ml.tokens import padded, windows_of
from vocpipe.taxonomy import Taxonomy
from vocpipe.training.finetune import Trained

if TYPE_CHECKING:
    import onnx

AXES = {"ids": {0: "windows", 1: "tokens"}, "rows": {0: "opinions"}, "starts": {0: "opinions"}, "ends": {0: "opinions"}}


def export_onnx(network: VocNetwork, place: Path) -> None:
    """Write the network as an ONNX graph whose weights are int8, one scale per output channel or piece.

    ONNX Runtime turns them back into floats once, when it loads the graph. Activations stay float32: quantising them at run time
    (`quantize_dynamic`) is faster, but there one verbatim's scale depends on its neighbours in the batch, and so would its labels.
    """
    import onnx

    batch = padded([window for size in (9, 5) for window in windows_of([list(range(6, 6 + size)), [7, 8, 9]])])
    arguments = tuple(torch.from_numpy(part) for part in (batch.ids, batch.rows, batch.starts, batch.ends))
    with tempfile.TemporaryDirectory() as scratch:
        raw = Path(scratch, "raw.onnx")
        torch.onnx.export(
            network.eval(),
            arguments,
            str(raw),
            input_names=list(AXES),
            output_names=["logits", "vectors"],
            dynamic_axes=AXES,
            opset_version=18,
            dynamo=False,
        )
        model = onnx.load(raw)
    _weights_as_int8(model)
    onnx.checker.check_model(model)
    onnx.save(model, str(place))


def _weights_as_int8(model: "onnx.ModelProto") -> None:
    """Replace every large weight matrix by int8 values, scales and a `DequantizeLinear` node."""
    from onnx import helper, numpy_helper

    graph = model.graph
    readers = {name: node for node in graph.node for name in node.input}
    for tensor in list(graph.initializer):
        weights = numpy_helper.to_array(tensor)
        reader = readers.get(tensor.name)
        if weights.dtype != np.float32 or weights.ndim != 2 or weights.size < 4096 or reader is None:
            continue
        axis = 1 if reader.op_type == "MatMul" else 0  # MatMul holds inputs × outputs; Gemm (transposed) and Gather hold a row per output or piece
        values, scales = int8(weights, axis)
        graph.initializer.remove(tensor)
        graph.initializer.extend([numpy_helper.from_array(values, f"{tensor.name}_int8"), numpy_helper.from_array(scales, f"{tensor.name}_scale")])
        node = helper.make_node("DequantizeLinear", [f"{tensor.name}_int8", f"{tensor.name}_scale"], [tensor.name], axis=axis)
        graph.node.insert(0, node)


def int8(weights: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights as int8 and one scale per index of `axis`: values × scales is about the weights."""
    scales = np.maximum(np.abs(weights).max(1 - axis) / 127, 1e-12).astype(np.float32)
    spread = scales[None, :] if axis == 1 else scales[:, None]
    return np.round(weights / spread).astype(np.int8), scales


def write_model(
    trained: Trained, tokenizer: Tokenizer, phrases: tuple[Sequence[dict[str, Any]], np.ndarray], target: Path, taxonomy: Taxonomy, about: dict[str, Any]
) -> Card:
    """Write the model into `target`, a new folder `models/<name>/<version>`, and return its card; the folder appears whole or not at all.

    `phrases` are entries {label, theme, count} with their unit vectors. Raises `ModelError` when the version exists: versions never change.
    """
    if target.exists():
        raise ModelError(f"{target} exists, and versions never change", "give the next version in the training configuration")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        export_onnx(trained.network, partial / "model.onnx")
        values, scales = int8(trained.wide, 1)
        save_file({"weights": values, "scales": scales[None, :], "idf": trained.idf.astype(np.float16)}, partial / "wide.safetensors")
        tokenizer.save(str(partial / "tokenizer.json"), pretty=False)
        entries, vectors = phrases
        (partial / "phrases.json").write_text(json.dumps(list(entries), ensure_ascii=False, indent=0), encoding="utf8")
        save_file({"vectors": vectors.astype(np.float16)}, partial / "phrases.safetensors")
        card = _card(target, taxonomy, trained, about, {file.name: sha256_of(file) for file in sorted(partial.iterdir())})
        (partial / "card.json").write_text(card.model_dump_json(indent=1), encoding="utf8")
        partial.chmod(0o755)
        for file in partial.iterdir():
            file.chmod(0o644)
        os.replace(partial, target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return card


def _card(target: Path, taxonomy: Taxonomy, trained: Trained, about: dict[str, Any], files: dict[str, str]) -> Card:
    layout = Layout(taxonomy.emotion_codes, taxonomy.step_codes, taxonomy.theme_codes, taxonomy.flag_codes)
    return Card(
        name=target.parent.name,
        version=target.name,
        description=about["description"],
        licence=about["licence"],
        taxonomy=taxonomy.version,
        cleaning=CLEANING_VERSION,
        emotions=layout.emotions,
        steps=layout.steps,
        themes=layout.themes,
        flags=layout.flags,
        thresholds={name: tuple(values) for name, values in trained.thresholds.items()},
        training=about["training"],
        metrics={},
        files=files,
    )
