"""Models with random weights, large enough to have int8 matrices and to disagree about texts."""

import csv
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn

from vocpipe.french.segmentation import segment
from vocpipe.ml.heads import VECTOR_SIZE, Layout
from vocpipe.ml.network import Encoder, HubEncoder, Shape, VocNetwork
from vocpipe.ml.tokens import OURS
from vocpipe.ml.wide import BUCKETS
from vocpipe.resources import PACKAGE
from vocpipe.taxonomy import load_taxonomy
from vocpipe.training.export import write_model
from vocpipe.training.graph import int8
from vocpipe.training.tokenizer import train_tokenizer

VOCABULARY = 400
LAYOUT = Layout(*(getattr(load_taxonomy(), name) for name in ("emotion_codes", "step_codes", "theme_codes", "flag_codes")))
ABOUT = {"description": "essai", "licence": "none", "training": {}}


@cache
def sample_pieces() -> list[list[str]]:
    """The opinions of the sample's texts, grouped by verbatim."""
    months = [path.read_text(encoding="utf8", errors="replace").splitlines()[1:] for path in sorted((PACKAGE / "sample").glob("*.csv"))]
    texts = [max(row, key=len) for month in months for row in csv.reader(month, delimiter=";")]
    return [[text[start:end] for start, end in segment(text)] for text in texts]


@cache
def tokenizer() -> Tokenizer:
    return train_tokenizer((piece for row in sample_pieces() for piece in row), VOCABULARY)


def our_encoder() -> Encoder:
    return Encoder(Shape(vocabulary=VOCABULARY, width=64, layers=2, heads=2, inner=96, dropout=0.0))


def hub_encoder() -> HubEncoder:
    from transformers import AutoModel, BertConfig

    config = BertConfig(vocab_size=VOCABULARY, hidden_size=64, num_hidden_layers=2, num_attention_heads=2, intermediate_size=96, pad_token_id=0)
    return HubEncoder(AutoModel.from_config(config, attn_implementation="sdpa"))


def trained(encoder: nn.Module | None = None) -> Any:
    """What training gives: weights are random, large enough that opinions get different labels, and such that int8 holds them."""
    torch.manual_seed(0)
    network = VocNetwork(encoder or our_encoder(), LAYOUT.size, VECTOR_SIZE, dropout=0.0)
    for parameter in network.parameters():
        if parameter.ndim == 2:
            nn.init.normal_(parameter, std=0.15)
            parameter.data = torch.from_numpy(_rounded(parameter.detach().numpy(), 0))
        else:
            parameter.data += 0.05 * torch.randn_like(parameter)
    wide = _rounded(np.random.default_rng(0).normal(size=(BUCKETS, LAYOUT.size)).astype(np.float32), 1)
    thresholds = {name: [0.5] * (LAYOUT.slices[name].stop - LAYOUT.slices[name].start) for name in ("emotions", "strong", "flags", "irritant")}
    return SimpleNamespace(network=network, wide=wide, idf=np.ones(BUCKETS, np.float32), thresholds=thresholds, calibration={"theme": [(0.8, 0.0)]}, history=[])


def _rounded(weights: np.ndarray, axis: int) -> np.ndarray:
    values, scales = int8(weights, axis)
    return values * (scales[:, None] if axis == 0 else scales)


def write_small(target: Path, encoder: nn.Module | None = None, **options: Any) -> Path:
    """Write a small model as a version of the store and return its folder."""
    write_model(trained(encoder), tokenizer(), ([], np.zeros((0, VECTOR_SIZE), np.float32)), target, load_taxonomy(), ABOUT, marks=OURS, **options)
    return target


def write_classifier(folder: Path, labels: list[str], **config: Any) -> Path:
    """Save a classifier of transformers with random weights, its tokenizer beside it, and return the folder."""
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    torch.manual_seed(0)
    sizes = {"vocab_size": VOCABULARY, "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 64}
    named = {"id2label": dict(enumerate(labels)), "label2id": {label: place for place, label in enumerate(labels)}}
    model = BertForSequenceClassification(BertConfig(**sizes, **named, pad_token_id=0, max_position_embeddings=80, initializer_range=0.5, **config))
    model.save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer(), pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]").save_pretrained(folder)
    return folder
