"""Load and save encoders with their tokenizer: folders that pretraining wrote, and encoders of transformers, from a folder or from the hub."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import nn

from vocpipe.errors import ModelError
from vocpipe.files import replacing, write_json
from vocpipe.ml.network import Encoder, HubEncoder, build, describe
from vocpipe.ml.tokens import OURS, WINDOW, Pieces

AnyEncoder = Encoder | HubEncoder


def load_encoder(name: str | Path) -> tuple[AnyEncoder, Tokenizer, Pieces]:
    """Return an encoder, its tokenizer and its special pieces, from a folder or a hub id such as `almanach/camembert-base`.

    Only safetensors weights are read, and no code that comes with them is run. Raises `ModelError` when there is no such encoder,
    when its tokenizer or its weights have no safe form, or when the hub cannot be reached.
    """
    folder = Path(name)
    if _is_ours(folder):
        return _ours(folder)
    if not folder.is_dir() and (folder.is_absolute() or str(name).startswith(".") or str(name).count("/") > 1):
        raise ModelError(f"no encoder at {name}", "give the folder of an encoder, or a hub id as ORGANISATION/NAME")
    return _from_transformers(str(name))


def save_encoder(encoder: AnyEncoder, tokenizer: Tokenizer, folder: Path, marks: Pieces = OURS) -> None:
    """Write an encoder folder: `config.json`, `model.safetensors`, `tokenizer.json`; each file appears whole, the configuration last."""
    weights = {key: value.detach().cpu().contiguous() for key, value in encoder.state_dict().items()}
    with replacing(folder / "model.safetensors") as place:
        save_file(weights, place)
    with replacing(folder / "tokenizer.json") as place:
        tokenizer.save(str(place), pretty=False)
    write_json({**describe(encoder), "marks": asdict(marks)}, folder / "config.json")


def _is_ours(folder: Path) -> bool:
    try:
        return "kind" in json.loads((folder / "config.json").read_bytes())
    except (OSError, ValueError):
        return False


def _ours(folder: Path) -> tuple[AnyEncoder, Tokenizer, Pieces]:
    description = json.loads((folder / "config.json").read_bytes())
    encoder = build(description)
    try:
        encoder.load_state_dict(load_file(folder / "model.safetensors"))
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # tokenizers raises plain Exception for a missing file
        raise ModelError(f"{folder} is not a whole encoder: {str(error).splitlines()[0]}", "pretrain it again, or restore its files") from error
    marks = Pieces(**description["marks"]) if "marks" in description else OURS
    return encoder, tokenizer, marks


def _from_transformers(name: str) -> tuple[AnyEncoder, Tokenizer, Pieces]:
    try:
        from transformers import AutoModel, AutoTokenizer
    except ImportError as error:
        raise ModelError(f"{name} needs transformers, which is not installed", "in vocpipe's checkout: make full (or pip install '.[train]')") from error
    reader = _local_first(name, AutoTokenizer)
    tokenizer = getattr(reader, "backend_tokenizer", None)
    if not isinstance(tokenizer, Tokenizer):
        raise ModelError(f"the tokenizer of {name} has no fast form", "choose an encoder whose repository holds a tokenizer.json")
    model = _local_first(name, AutoModel, use_safetensors=True, attn_implementation="sdpa")
    tokenizer.no_truncation()
    tokenizer.no_padding()
    marks = _marks(name, reader, _longest(model))
    model.config.pad_token_id = marks.pad
    return HubEncoder(model.float()), tokenizer, marks


def _local_first(name: str, kind: Any, **options: Any) -> Any:
    """Read from the folder or from the cache of earlier downloads, then from the hub, so that a second run needs no network."""
    try:
        return kind.from_pretrained(name, local_files_only=True, trust_remote_code=False, **options)
    except (OSError, ValueError) as error:
        if Path(name).is_dir():
            hint = "it needs config.json, tokenizer.json and model.safetensors"
            raise ModelError(f"{name} holds no encoder that can be read: {_first_line(error)}", hint) from error
    try:
        return kind.from_pretrained(name, trust_remote_code=False, **options)
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{name} cannot be had: {_first_line(error)}",
            "check the name; with no network, download it elsewhere (hf download NAME --local-dir FOLDER) and give the folder; weights must be safetensors",
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


def _marks(name: str, reader: Any, longest: int) -> Pieces:
    begin = reader.cls_token_id if reader.cls_token_id is not None else reader.bos_token_id
    end = reader.sep_token_id if reader.sep_token_id is not None else reader.eos_token_id
    found = {"pad": reader.pad_token_id, "unk": reader.unk_token_id, "begin": begin, "end": end}
    if found["unk"] is None:
        found["unk"] = reader.mask_token_id  # byte-level tokenizers know every character: this stands for an empty opinion only
    missing = [key for key, value in found.items() if value is None]
    if missing:
        raise ModelError(f"the tokenizer of {name} has no special piece for: {', '.join(missing)}", "choose an encoder trained to fill in masked pieces")
    return Pieces(found["pad"], found["unk"], found["begin"], found["end"], None, min(WINDOW, longest))


def _longest(model: nn.Module) -> int:
    """Return how many tokens an encoder has positions for; RoBERTa and its kin number them after the padding piece."""
    for title, module in model.named_modules():
        if title.endswith("position_embeddings") and isinstance(module, nn.Embedding):
            return module.num_embeddings - (0 if module.padding_idx is None else module.padding_idx + 1)
    return int(getattr(model.config, "max_position_embeddings", WINDOW))
