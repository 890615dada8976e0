"""Split a trained network into an ONNX graph and one file of weights, which ONNX Runtime and torch both read."""

import json
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from safetensors.numpy import save_file

from vocpipe.errors import ModelError
from vocpipe.ml.network import VocNetwork
from vocpipe.ml.onnx_backend import GRAPH, WEIGHTS
from vocpipe.ml.tokens import padded, windows_of
from vocpipe.ml.torch_backend import SCALE

if TYPE_CHECKING:
    import onnx

AXES = {"ids": {0: "windows", 1: "tokens"}, "rows": {0: "opinions"}, "starts": {0: "opinions"}, "ends": {0: "opinions"}}
LARGE = 4096
"""Values from which a matrix is stored as int8."""


def export_onnx(network: VocNetwork, folder: Path) -> None:
    """Write `model.onnx`, a graph without weights, and `network.safetensors`, which holds them under the names and in the layout of torch.

    Large matrices are int8, one scale per output channel or piece; the graph turns them back into floats. Activations stay float32: quantising
    them at run time (`quantize_dynamic`) is faster, but there one verbatim's scale depends on its neighbours in the batch, and so would its labels.
    """
    import onnx

    weights = {name: tensor.detach().cpu().numpy() for name, tensor in network.state_dict().items()}
    save_file(_stored(weights), folder / WEIGHTS)
    model = _traced(network)
    _read_from_file(model, weights, folder / WEIGHTS)
    onnx.save(model, str(folder / GRAPH))
    onnx.checker.check_model(str(folder / GRAPH))


def int8(weights: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights as int8 and one scale per index of `axis`: values × scales is about the weights."""
    scales = np.maximum(np.abs(weights).max(1 - axis) / 127, 1e-12).astype(np.float32)
    spread = scales[None, :] if axis == 1 else scales[:, None]
    return np.round(weights / spread).astype(np.int8), scales


def _stored(weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the weights as the file holds them: a matrix of torch has a row per output channel or piece, so a scale belongs to a row."""
    stored: dict[str, np.ndarray] = {}
    for name, values in weights.items():
        if values.dtype == np.float32 and values.ndim == 2 and values.size >= LARGE:
            stored[name], stored[name + SCALE] = int8(values, 0)
        else:
            stored[name] = np.ascontiguousarray(values)
    return stored


def _traced(network: VocNetwork) -> "onnx.ModelProto":
    """Return the network's graph, weights inside."""
    import onnx

    batch = padded([window for size in (9, 5) for window in windows_of([list(range(6, 6 + size)), [7, 8, 9]])], network.pad)
    arguments = tuple(torch.from_numpy(part) for part in (batch.ids, batch.rows, batch.starts, batch.ends))
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter tells its own future, and that shapes are traced, which the check of labels covers
        raw = str(Path(scratch, "raw.onnx"))
        torch.onnx.export(
            network.cpu().eval(),
            arguments,
            raw,
            input_names=list(AXES),
            output_names=["logits", "vectors"],
            dynamic_axes=AXES,
            opset_version=20,
            dynamo=False,
        )
        return onnx.load(raw)


def _read_from_file(model: "onnx.ModelProto", weights: dict[str, np.ndarray], file: Path) -> None:
    """Let the graph read its weights from the file. The exporter renames and transposes some: they are found by their values."""
    from onnx import helper, numpy_helper

    graph, places, known = model.graph, _places(file), _by_content(weights)
    kept: list[onnx.TensorProto] = []
    read: dict[str, list[onnx.TensorProto]] = {}
    nodes: dict[str, onnx.NodeProto] = {}
    for tensor in graph.initializer:
        name, transposed = known.get(_content(numpy_helper.to_array(tensor)), ("", False))
        if not name:
            kept.append(tensor)
            continue
        if name not in read and name + SCALE in places:
            read[name] = [_reference(places[name], file, f"{name}.int8"), _reference(places[name + SCALE], file, name + SCALE)]
            nodes[name] = helper.make_node("DequantizeLinear", [f"{name}.int8", name + SCALE], [name], axis=0)
        elif name not in read:
            read[name] = [_reference(places[name], file, name)]
        wanted = f"{name}.transposed" if transposed else name
        if transposed:
            nodes[wanted] = helper.make_node("Transpose", [name], [wanted], perm=[1, 0])
        _rename(graph, tensor.name, wanted)
    del graph.initializer[:]
    graph.initializer.extend([*kept, *(part for parts in read.values() for part in parts)])
    operations = [*nodes.values(), *graph.node]
    del graph.node[:]
    graph.node.extend(operations)


def _rename(graph: "onnx.GraphProto", old: str, new: str) -> None:
    """Let every node of the graph read a value under another name."""
    for node in graph.node:
        for place, name in enumerate(node.input):
            if name == old:
                node.input[place] = new


def _by_content(weights: dict[str, np.ndarray]) -> dict[tuple[str, tuple[int, ...], bytes], tuple[str, bool]]:
    """Return which weight has some values, and whether it has them transposed."""
    known: dict[tuple[str, tuple[int, ...], bytes], tuple[str, bool]] = {}
    for name, values in weights.items():
        known.setdefault(_content(values), (name, False))
    for name, values in weights.items():
        if values.ndim == 2:
            known.setdefault(_content(values.T), (name, True))
    return known


def _content(values: np.ndarray) -> tuple[str, tuple[int, ...], bytes]:
    return values.dtype.str, values.shape, values.tobytes()


class _Place(NamedTuple):
    """Tell where a tensor lies in a safetensors file: bytes `first` and `length` of values of that kind and shape."""

    kind: str
    shape: list[int]
    first: int
    length: int


_BYTES = {"BOOL": 1, "I8": 1, "F32": 4, "I64": 8}


def _places(file: Path) -> dict[str, _Place]:
    """Return the place of each tensor of a safetensors file, whose form is told at https://huggingface.co/docs/safetensors/index#format.

    Raises `ModelError` when a tensor does not lie where its values can be read without a copy.
    """
    with file.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        header = json.loads(stream.read(size))
    places = {}
    for name, entry in header.items():
        first, last = (8 + size + offset for offset in entry["data_offsets"])
        if first % _BYTES[entry["dtype"]]:
            raise ModelError(f"{name} starts at byte {first} of {file.name}, where {entry['dtype']} values cannot be read", "install a later safetensors")
        places[name] = _Place(entry["dtype"], entry["shape"], first, last - first)
    return places


def _reference(place: _Place, file: Path, name: str) -> "onnx.TensorProto":
    """Return a tensor that ONNX reads from the file of weights."""
    from onnx import TensorProto

    kinds = {"BOOL": TensorProto.BOOL, "I8": TensorProto.INT8, "F32": TensorProto.FLOAT, "I64": TensorProto.INT64}
    tensor = TensorProto(name=name, data_type=kinds[place.kind], dims=place.shape, data_location=TensorProto.EXTERNAL)
    for key, value in (("location", file.name), ("offset", str(place.first)), ("length", str(place.length))):
        entry = tensor.external_data.add()
        entry.key, entry.value = key, value
    return tensor
