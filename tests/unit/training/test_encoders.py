"""Encoders of ours and of transformers: loaded, described, saved, and refused when they are not safe or not there."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

import torch

from tests.unit.training import tiny
from vocpipe.errors import ModelError
from vocpipe.ml.heads import VECTOR_SIZE
from vocpipe.ml.network import HubEncoder, VocNetwork, build, describe
from vocpipe.ml.tokens import OURS, opinion_tokens, padded, windows_of
from vocpipe.training.distil import distil
from vocpipe.training.encoders import load_encoder, save_encoder
from vocpipe.training.judge import Judge
from vocpipe.training.loop import _optimisers
from vocpipe.training.settings import LoopSettings
from vocpipe.training.start import load_start, new_start, save_start

KINDS = ["camembert", "distilbert", "modernbert"]


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)


def states_of(encoder: torch.nn.Module, ids: np.ndarray) -> torch.Tensor:
    with torch.no_grad():
        return encoder.eval()(torch.from_numpy(ids))


@pytest.mark.parametrize("kind", KINDS)
def test_a_hub_encoder_is_read_and_padding_does_not_matter(kind: str, tmp_path: Path) -> None:
    encoder, tokenizer, marks = load_encoder(tiny.hub_folder(tmp_path, kind))
    assert isinstance(encoder, HubEncoder)
    assert (encoder.width, encoder.pad) == (32, 1)
    assert (marks.pad, marks.cls, marks.sep, marks.unk, marks.shout) == (1, 0, 2, 3, None)
    assert marks.window == {"camembert": 64, "distilbert": 66, "modernbert": 66}[kind]
    tokens = opinion_tokens(tokenizer, ["colis perdu hier", "prix correct", "table cassée"], 2, marks)
    windows = [*windows_of(tokens[:2], 0, marks), *windows_of(tokens[2:], 2, marks)]
    together, alone = padded(windows, marks.pad), padded(windows[1:], marks.pad)
    length = alone.ids.shape[1]
    assert torch.allclose(states_of(encoder, together.ids)[1, :length], states_of(encoder, alone.ids)[0], atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_a_description_rebuilds_an_encoder(kind: str, tmp_path: Path) -> None:
    encoder, tokenizer, marks = load_encoder(tiny.hub_folder(tmp_path / "hub", kind))
    described = json.loads(json.dumps(describe(encoder)))
    assert described["kind"] == "hub"
    again = build(described)
    again.load_state_dict(encoder.state_dict())
    ids = np.asarray([[0, 7, 8, 9, 2]])
    assert torch.allclose(states_of(again, ids), states_of(encoder, ids), atol=1e-6)
    save_encoder(encoder, tokenizer, tmp_path / "saved", marks)
    loaded, reader, kept = load_encoder(tmp_path / "saved")
    assert kept == marks
    assert reader.to_str() == tokenizer.to_str()
    assert torch.allclose(states_of(loaded, ids), states_of(encoder, ids), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_layers_of_hub_encoders_are_found(kind: str, tmp_path: Path) -> None:
    encoder, _, _ = load_encoder(tiny.hub_folder(tmp_path, kind))
    judge = Judge.of(VocNetwork(encoder, 3, VECTOR_SIZE, 0.0), None, np.ones(4))
    groups = _optimisers(judge, LoopSettings(layer_decay=0.5, learning_rate=1.0))[0].param_groups
    assert {group["lr"] for group in groups} >= {0.125, 0.25, 0.5, 2.0}


def test_ours_goes_round_and_its_names_stay(tmp_path: Path) -> None:
    encoder = tiny.encoder()
    save_encoder(encoder, tiny.tokenizer(), tmp_path)
    loaded, _, marks = load_encoder(tmp_path)
    assert marks == OURS
    assert describe(loaded) == {"kind": "vocpipe", "vocabulary": 150, "width": 32, "layers": 2, "heads": 2, "inner": 64, "dropout": 0.0}
    assert all(torch.equal(loaded.state_dict()[name], value) for name, value in encoder.state_dict().items())
    names = set(VocNetwork(loaded, 3, VECTOR_SIZE, 0.1).state_dict())
    assert {"encoder.embedding.weight", "encoder.layers.1.qkv.weight", "encoder.norm.bias", "questions.weight", "hidden.bias", "heads.weight"} <= names
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="not a whole encoder"):
        load_encoder(tmp_path)


def test_a_start_goes_round(tmp_path: Path) -> None:
    windows, counts, soft = tiny.unlabelled()
    student = distil(tiny.encoder(), windows, counts, soft, tiny.LAYOUT, tiny.ONE_EPOCH)
    save_start(student, tiny.tokenizer(), OURS, tiny.LAYOUT, tmp_path, has_vectors=True)
    begun = load_start(str(tmp_path), tiny.LAYOUT, 0.2, 0)
    assert np.array_equal(begun.start.wide, student.wide)
    assert np.array_equal(begun.start.idf, student.idf)
    assert all(torch.equal(begun.start.network.state_dict()[name], value) for name, value in student.network.state_dict().items())
    other = tiny.Layout(("colere",), ("achat",), ("produit",), ("effort",))
    with pytest.raises(ModelError, match="other labels"):
        load_start(str(tmp_path), other, 0.2, 0)


def test_the_same_seed_makes_the_same_heads() -> None:
    one, same, other = (new_start(tiny.encoder(), tiny.LAYOUT, 0.1, seed).network.heads.weight for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_what_cannot_be_had_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no encoder at"):
        load_encoder(tmp_path / "nowhere")
    with pytest.raises(ModelError, match="cannot be had") as caught:
        load_encoder("nobody/no-such-encoder")
    assert "network" in caught.value.hint
    folder = tiny.hub_folder(tmp_path / "hub")
    torch.save({}, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="holds no encoder"):
        load_encoder(folder)
    with pytest.raises(ModelError, match="unknown"):
        build({"kind": "other"})
