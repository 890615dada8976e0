"""What training starts from: a network with its wide branch, new around an encoder, or as an earlier training left it."""

import copy
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file as load_arrays
from safetensors.numpy import save_file as save_arrays
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from vocpipe.errors import ModelError
from vocpipe.files import read_json, replacing, write_json
from vocpipe.ml.heads import VECTOR_SIZE, Layout
from vocpipe.ml.network import VocNetwork, build, describe
from vocpipe.ml.store import load_card, resolve
from vocpipe.ml.tokens import OURS, Pieces
from vocpipe.training.encoders import AnyEncoder, load_encoder


@dataclass(frozen=True)
class Start:
    """Hold a network and, or null, the weights of its wide branch (`BUCKETS` × logits) and the idf that they were learned with."""

    network: VocNetwork
    wide: np.ndarray | None = None
    idf: np.ndarray | None = None


@dataclass(frozen=True)
class Begun:
    """Hold a start with its tokenizer and special pieces.

    `model` is the folder of the model that it comes from, when it comes from one; `has_vectors` tells whether its opinion vectors mean something.
    """

    start: Start
    tokenizer: Tokenizer
    marks: Pieces
    model: Path | None = None
    has_vectors: bool = False


def new_start(encoder: AnyEncoder, layout: Layout, dropout: float, seed: int) -> Start:
    """Return a network with new heads around a copy of an encoder; the same seed makes the same heads."""
    torch.manual_seed(seed)
    return Start(VocNetwork(copy.deepcopy(encoder), layout.size, VECTOR_SIZE, dropout))


def load_start(name: str, layout: Layout, dropout: float, seed: int, models: Path | None = None) -> Begun:
    """Return what a name stands for: a model (`name@version` or its folder), a folder that distillation wrote, an encoder folder, or a hub id.

    Raises `ModelError` when there is no such thing, or when its labels are not those of the layout.
    """
    folder = Path(name)
    if "@" in name or (folder / "card.json").is_file():
        return _from_model(resolve(name, models), layout)
    if (folder / "start.json").is_file():
        return _from_start(folder, layout)
    encoder, tokenizer, marks = load_encoder(name)
    return Begun(new_start(encoder, layout, dropout, seed), tokenizer, marks)


def save_start(start: Start, tokenizer: Tokenizer, marks: Pieces, layout: Layout, folder: Path, *, has_vectors: bool) -> None:
    """Write a folder that `load_start` reads: `network.safetensors`, `wide.safetensors`, `tokenizer.json`, and `start.json` last.

    `has_vectors` tells whether its opinion vectors were trained.
    """
    weights = {name: value.detach().cpu().contiguous() for name, value in start.network.state_dict().items()}
    with replacing(folder / "network.safetensors") as place:
        save_file(weights, place)
    wide = {name: value for name, value in (("weights", start.wide), ("idf", start.idf)) if value is not None}
    with replacing(folder / "wide.safetensors") as place:
        save_arrays(wide, place)
    with replacing(folder / "tokenizer.json") as place:
        tokenizer.save(str(place), pretty=False)
    about = {"encoder": describe(start.network.encoder), "marks": asdict(marks), "layout": asdict(layout), "has_vectors": has_vectors}
    write_json(about, folder / "start.json")


def _from_model(folder: Path, layout: Layout) -> Begun:
    from vocpipe.ml.torch_backend import load_network

    card = load_card(folder)
    _same_labels(f"{card.name}@{card.version}", Layout(card.emotions, card.steps, card.themes, card.flags), layout)
    network, wide, idf = load_network(folder)
    marks = Pieces(**card.marks) if card.marks else OURS
    return Begun(Start(network, wide, idf), Tokenizer.from_file(str(folder / "tokenizer.json")), marks, folder, has_vectors=True)


def _from_start(folder: Path, layout: Layout) -> Begun:
    about = read_json(folder / "start.json")
    _same_labels(str(folder), Layout(**{name: tuple(codes) for name, codes in about["layout"].items()}), layout)
    network = VocNetwork(build(about["encoder"]), layout.size, VECTOR_SIZE, 0.0)
    network.load_state_dict(load_file(folder / "network.safetensors"))
    wide = load_arrays(folder / "wide.safetensors")
    start = Start(network, wide.get("weights"), wide.get("idf"))
    return Begun(start, Tokenizer.from_file(str(folder / "tokenizer.json")), Pieces(**about["marks"]), has_vectors=about["has_vectors"])


def _same_labels(name: str, found: Layout, layout: Layout) -> None:
    if found != layout:
        raise ModelError(f"{name} has other labels than the taxonomy", "start from an encoder, or train with the taxonomy of the model's card")
