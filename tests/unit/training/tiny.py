"""Encoders, tokenizers and labelled data small enough to train in a second."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from vocpipe.ml.heads import VECTOR_SIZE, Layout
from vocpipe.ml.network import Encoder, Shape
from vocpipe.ml.wide import wide_features
from vocpipe.training.examples import Examples, SoftTargets, examples, windows_from
from vocpipe.training.segments import Segment, Verbatim
from vocpipe.training.settings import DistilSettings
from vocpipe.training.tokenizer import train_tokenizer

LAYOUT = Layout(("colere", "joie"), ("achat", "livraison"), ("produit", "livraison"), ("effort", "reco"))
BAD = ["livraison en retard", "colis perdu", "conseiller injoignable", "prix en hausse", "table cassée"]
GOOD = ["accueil charmant", "livraison rapide", "bonne qualité", "prix correct", "vendeur aimable"]
WHEN = ["hier", "lundi", "encore une fois", "en mars", "au magasin", "cette semaine"]


def verbatims() -> list[Verbatim]:
    return [_verbatim(number, *parts) for number, parts in enumerate(itertools.product(BAD, GOOD, WHEN))]


def _verbatim(number: int, bad: str, good: str, when: str) -> Verbatim:
    negative = Segment(f"{bad} {when}.", -1, {"colere": 1}, "livraison", "livraison", ("effort",), bad)
    positive = Segment(f"{good} {when}.", 1, {"joie": 2}, "achat", "produit", ("reco",), None)
    return Verbatim(f"V{number}", "essai", f"{negative.text} {positive.text}", (negative, positive))


def tokenizer() -> Tokenizer:
    return train_tokenizer((verbatim.text for verbatim in verbatims()), 150)


def encoder(seed: int = 0, layers: int = 2) -> Encoder:
    torch.manual_seed(seed)
    return Encoder(Shape(vocabulary=150, width=32, layers=layers, heads=2, inner=64, dropout=0.0))


def meaning(texts: Any) -> np.ndarray:
    vectors = np.zeros((len(texts), VECTOR_SIZE), np.float32)
    for row, text in enumerate(texts):
        vectors[row, sum(text.encode()) % VECTOR_SIZE] = 1.0
    return vectors


def labelled(**changes: Any) -> tuple[Examples, Examples]:
    everything, reader = verbatims(), tokenizer()
    train = examples([verbatim for place, verbatim in enumerate(everything) if place % 4], reader, LAYOUT, meaning, **changes)
    return train, examples(everything[::4], reader, LAYOUT, meaning)


def unlabelled() -> tuple[list[Any], Any, SoftTargets]:
    """Return windows, wide counts, and the answers of a teacher that hears good and bad words."""
    pieces = [[segment.text for segment in verbatim.segments] for verbatim in verbatims()]
    flat = [piece for texts in pieces for piece in texts]
    logits = np.zeros((len(flat), LAYOUT.size), np.float16)
    for row, piece in enumerate(flat):
        good = any(piece.startswith(words) for words in GOOD)
        logits[row, LAYOUT.slices["sentiment"]] = [0, 0, 0, 4, 0, 0] if good else [0, 4, 0, 0, 0, 0]
        logits[row, LAYOUT.slices["step"]] = [3, 0] if good else [0, 3]
        logits[row, LAYOUT.slices["irritant"]] = -3 if good else 3
    return windows_from(pieces, tokenizer()), wide_features(pieces, 2), SoftTargets(logits, meaning(flat))


def hub_folder(folder: Path, kind: str = "camembert") -> Path:
    """Write a folder of transformers: a tiny encoder with random weights and a tokenizer trained here."""
    import transformers

    words = Tokenizer(models.WordPiece(unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    words.train_from_iterator(
        (verbatim.text for verbatim in verbatims()), trainers.WordPieceTrainer(vocab_size=150, special_tokens=special, show_progress=False)
    )
    names = {
        "bos_token": "<s>",
        "cls_token": "<s>",
        "pad_token": "<pad>",
        "eos_token": "</s>",
        "sep_token": "</s>",
        "unk_token": "<unk>",
        "mask_token": "<mask>",
    }
    transformers.PreTrainedTokenizerFast(tokenizer_object=words, **names).save_pretrained(folder)
    torch.manual_seed(0)
    sizes: dict[str, Any] = {"vocab_size": 150, "pad_token_id": 1, "max_position_embeddings": 66}
    if kind == "distilbert":
        config: Any = transformers.DistilBertConfig(dim=32, n_layers=2, n_heads=2, hidden_dim=64, **sizes)
    elif kind == "modernbert":
        ends = {"bos_token_id": 0, "cls_token_id": 0, "eos_token_id": 2, "sep_token_id": 2}
        config = transformers.ModernBertConfig(
            hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64, local_attention=8, **ends, **sizes
        )
    else:
        config = transformers.CamembertConfig(hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64, type_vocab_size=1, **sizes)
    transformers.AutoModel.from_config(config).save_pretrained(folder)
    return folder


ONE_EPOCH = DistilSettings(epochs=1, batch_windows=32, device="cpu")
