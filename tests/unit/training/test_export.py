from pathlib import Path

import numpy as np
import onnx
import pytest
from safetensors.numpy import load_file
from torch import nn

from tests.small_models import hub_encoder, our_encoder, sample_pieces, trained, write_small
from vocpipe.errors import ModelError
from vocpipe.ml.onnx_backend import GRAPH, WEIGHTS
from vocpipe.ml.store import load_card, verify
from vocpipe.training import graph
from vocpipe.training.graph import LARGE, export_onnx


@pytest.mark.parametrize("encoder", [our_encoder, hub_encoder])
def test_weights_lie_once_under_the_names_of_torch(encoder: type[nn.Module], tmp_path: Path) -> None:
    network = trained(encoder()).network
    export_onnx(network, tmp_path)
    stored, state = load_file(tmp_path / WEIGHTS), network.state_dict()
    matrices = {name for name, values in state.items() if values.ndim == 2 and values.numel() >= LARGE}
    assert {name for name, values in stored.items() if values.dtype == np.int8} == matrices
    assert set(stored) == set(state) | {f"{name}.scale" for name in matrices}
    for name in matrices:
        assert stored[f"{name}.scale"].shape == stored[name].shape[:1]

    model = onnx.load(tmp_path / GRAPH, load_external_data=False)
    inside = [tensor for tensor in model.graph.initializer if tensor.data_location != onnx.TensorProto.EXTERNAL]
    assert all(np.prod(tensor.dims) < LARGE for tensor in inside)
    outside = {tensor.name: {entry.key: entry.value for entry in tensor.external_data} for tensor in model.graph.initializer if tensor not in inside}
    assert {entry["location"] for entry in outside.values()} == {WEIGHTS}
    assert {name.removesuffix(".int8") for name in outside} == set(stored)
    raw = (tmp_path / WEIGHTS).read_bytes()
    first = int(outside["heads.weight.int8"]["offset"])
    assert raw[first : first + stored["heads.weight"].size] == stored["heads.weight"].tobytes()


def test_an_export_is_the_same_each_time(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()
        export_onnx(trained().network, folder)
    for name in (GRAPH, WEIGHTS):
        assert folders[0].joinpath(name).read_bytes() == folders[1].joinpath(name).read_bytes()


def test_a_model_is_written_whole_with_its_card(tmp_path: Path) -> None:
    folder = write_small(tmp_path / "small" / "1", sample=sample_pieces()[:60])
    card = verify(folder)
    assert card.network["kind"] == "vocpipe"
    assert card.marks["window"] == 256
    assert card.calibration["theme"] == ((0.8, 0.0),)
    assert load_card(folder).fingerprint == card.fingerprint
    with pytest.raises(ModelError, match="versions never change"):
        write_small(folder)


def test_a_model_that_says_something_else_once_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    exact = graph.int8

    def coarse(weights: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
        values, scales = exact(weights, axis)
        return values // 32, scales * 32

    monkeypatch.setattr(graph, "int8", coarse)
    with pytest.raises(ModelError, match=r"says something else on \d+ opinions: sentiment \d"):
        write_small(tmp_path / "small" / "1", sample=sample_pieces()[:60])
    assert list((tmp_path / "small").iterdir()) == []
