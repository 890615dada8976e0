import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save_file

from tests.small_models import sample_pieces, trained, write_small
from vocpipe.errors import ModelError
from vocpipe.ml import devices
from vocpipe.ml.model import VocModel
from vocpipe.ml.onnx_backend import WEIGHTS
from vocpipe.ml.store import load_card, sha256_of
from vocpipe.ml.torch_backend import Budget, InBfloat16, TorchBackend, in_batches, load_network


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small(tmp_path_factory.mktemp("models") / "small" / "1")


class Crowded(torch.nn.Module):
    """Run out of memory, as a GPU does, on more than so many tokens at once."""

    def __init__(self, network: Any, tokens: int) -> None:
        super().__init__()
        self.network, self.pad, self.tokens, self.refused = network, network.pad, tokens, 0

    def forward(self, ids: Any, *places: Any) -> Any:
        if ids.numel() > self.tokens:
            self.refused += 1
            raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return self.network(ids, *places)


def test_out_of_memory_halves_the_budget_and_goes_on(folder: Path) -> None:
    pieces = sample_pieces()[:150]
    model = VocModel.load(folder, device="torch-cpu")
    crowded = Crowded(load_network(folder)[0], 600)
    backend = TorchBackend(crowded, "cpu", Budget(8000))  # type: ignore[arg-type]
    logits, vectors = replace(model, backend=backend).logits(pieces)
    expected, directions = model.logits(pieces)
    assert np.abs(logits - expected).max() < 1e-4
    assert np.abs(vectors - directions).max() < 1e-4
    assert 0 < crowded.refused < 6
    assert 300 <= backend.budget.tokens <= 600


def test_a_text_that_never_fits_is_told(folder: Path) -> None:
    model = VocModel.load(folder, device="torch-cpu")
    backend = TorchBackend(Crowded(load_network(folder)[0], 3), "cpu")  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="not enough memory for one text of") as caught:
        replace(model, backend=backend).logits([["Un texte assez long pour ne pas tenir."]])
    assert "device: cpu" in caught.value.hint


def test_batches_hold_every_item_once_sorted_and_within_the_budget() -> None:
    lengths = np.random.default_rng(0).integers(1, 90, 400).tolist()
    batches = list(in_batches(lengths, lambda length: length, Budget(500), list))
    assert [length for batch in batches for length in batch] == sorted(lengths)
    assert all(len(batch) * max(batch) <= 500 for batch in batches)
    assert len(batches) < 60


def test_an_encoder_in_bfloat16_says_nearly_the_same(folder: Path) -> None:
    model, (network, *_) = VocModel.load(folder, device="torch-cpu"), load_network(folder)
    network.encoder = InBfloat16(network.encoder, "cpu")
    assert network.encoder(torch.tensor([[2, 7, 8, 3]])).dtype == torch.float32
    pieces = sample_pieces()[:150]
    found, expected = replace(model, backend=TorchBackend(network, "cpu")).predict_pieces(pieces), model.predict_pieces(pieces)
    for name in ("sentiment_p", "emotion_p", "step_p", "theme_p", "flag_p", "irritant_p"):
        assert 0 < np.abs(getattr(found, name) - getattr(expected, name)).max() < 0.05, name


def test_training_can_go_on_from_a_model(folder: Path) -> None:
    network, wide, idf = load_network(folder)
    before = trained()
    for name, values in before.network.state_dict().items():
        assert torch.allclose(network.state_dict()[name], values, atol=1e-5), name
    assert all(parameter.requires_grad and parameter.dtype == torch.float32 for parameter in network.parameters())
    assert wide.dtype == idf.dtype == np.float32
    assert np.abs(wide - before.wide).max() < 1e-5


def test_weights_of_another_network_are_told(folder: Path, tmp_path: Path) -> None:
    model = VocModel.load(folder)
    broken = tmp_path / "small" / "1"
    shutil.copytree(folder, broken)
    weights = load_file(broken / WEIGHTS)
    del weights["heads.bias"]
    save_file(weights, broken / WEIGHTS)
    card = model.card.model_copy(update={"files": {**model.card.files, WEIGHTS: sha256_of(broken / WEIGHTS)}})
    (broken / "card.json").write_text(card.model_dump_json(), encoding="utf8")
    with pytest.raises(ModelError, match="not those of the network on its card"):
        load_network(broken)


def test_devices_that_cannot_be_had_are_told(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = Path(shutil.copytree(folder, tmp_path / "old"))
    (old / WEIGHTS).unlink()
    card = load_card(old)
    (old / "card.json").write_text(card.model_copy(update={"files": {name: value for name, value in card.files.items() if name != WEIGHTS}}).model_dump_json())
    with pytest.raises(ModelError, match="holds its weights inside its graph"):
        VocModel.load(old, device="torch-cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ModelError, match="torch sees no GPU"):
        VocModel.load(folder, device="cuda")
    assert not devices.has_cuda()
    monkeypatch.setattr(devices, "find_spec", lambda name: None)
    for device in ("cuda", "torch-cpu"):
        with pytest.raises(ModelError, match="needs torch, which is not installed") as caught:
            VocModel.load(folder, device=device)  # type: ignore[arg-type]
        assert "pip install '.[gpu]'" in caught.value.hint
    assert len(VocModel.load(folder).predict_pieces([["Très bien."]])) == 1
