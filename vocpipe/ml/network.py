"""The network in torch: an encoder over a whole verbatim, and heads over its opinions. Used to train, to export, and on a GPU."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vocpipe.errors import ModelError
from vocpipe.ml.tokens import PAD


@dataclass(frozen=True)
class Shape:
    """Size the encoder: vocabulary, width, layers, heads, feed-forward width."""

    vocabulary: int = 16_000
    width: int = 256
    layers: int = 4
    heads: int = 4
    inner: int = 1024
    dropout: float = 0.1


def rotary(length: int, size: int) -> tuple[Tensor, Tensor]:
    """Return cosines and sines of rotary positions (Su et al. 2021, arXiv:2104.09864), each length × size."""
    rates = 1.0 / 10_000 ** (torch.arange(0, size, 2).float() / size)
    angles = torch.outer(torch.arange(length).float(), rates)
    angles = torch.cat([angles, angles], dim=-1)
    return angles.cos(), angles.sin()


def rotate(states: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Turn queries or keys (batch × heads × tokens × size) by their positions."""
    left, right = states.chunk(2, dim=-1)
    return states * cosines + torch.cat([-right, left], dim=-1) * sines


class Layer(nn.Module):
    """One pre-norm transformer layer."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.dropout = shape.dropout
        self.attention_norm = nn.LayerNorm(shape.width)
        self.qkv = nn.Linear(shape.width, 3 * shape.width)
        self.out = nn.Linear(shape.width, shape.width)
        self.inner_norm = nn.LayerNorm(shape.width)
        self.up = nn.Linear(shape.width, shape.inner)
        self.down = nn.Linear(shape.inner, shape.width)

    def forward(self, states: Tensor, mask: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
        """Return the states (batch × tokens × width) after attention and feed-forward."""
        batch, length, width = states.shape
        qkv = self.qkv(self.attention_norm(states)).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4).unbind(0)
        query, key = rotate(query, cosines, sines), rotate(key, cosines, sines)
        drop = self.dropout if self.training else 0.0
        mixed = F.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=drop)
        mixed = self.out(mixed.transpose(1, 2).reshape(batch, length, width))
        states = states + F.dropout(mixed, drop, self.training)
        inner = self.down(F.gelu(self.up(self.inner_norm(states)), approximate="tanh"))
        return states + F.dropout(inner, drop, self.training)


class Encoder(nn.Module):
    """Turn token ids (batch × tokens) into states (batch × tokens × width)."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.width = shape.width
        self.pad = PAD
        self.embedding = nn.Embedding(shape.vocabulary, shape.width, padding_idx=PAD)
        self.embedding_norm = nn.LayerNorm(shape.width)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.width)
        cosines, sines = rotary(512, shape.width // shape.heads)
        self.cosines: Tensor
        self.sines: Tensor
        self.register_buffer("cosines", cosines, persistent=False)
        self.register_buffer("sines", sines, persistent=False)
        self.apply(_initialise)

    def forward(self, ids: Tensor) -> Tensor:
        """Return the states of every token; padding is neither read nor meaningful."""
        length = ids.shape[1]
        mask = (ids != PAD)[:, None, None, :]
        states = F.dropout(self.embedding_norm(self.embedding(ids)), self.shape.dropout, self.training)
        cosines, sines = self.cosines[:length].to(states.dtype), self.sines[:length].to(states.dtype)
        for layer in self.layers:
            states = layer(states, mask, cosines, sines)
        normed: Tensor = self.norm(states)
        return normed


class HubEncoder(nn.Module):
    """Wrap an encoder of transformers, any that `AutoModel` knows, as one of ours: token ids (batch × tokens) into states."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        if getattr(model, "pooler", None) is not None:
            model.pooler = None  # type: ignore[assignment]  # its weights would be stored and never read
        self.model = model
        self.width = int(model.config.hidden_size)  # type: ignore[union-attr, arg-type]
        self.pad = int(model.config.pad_token_id)  # type: ignore[union-attr, arg-type]

    def forward(self, ids: Tensor) -> Tensor:
        """Return the last layer's states of every token; padding is neither read nor meaningful."""
        states: Tensor = self.model(input_ids=ids, attention_mask=(ids != self.pad).long()).last_hidden_state
        return states


def describe(encoder: nn.Module) -> dict[str, Any]:
    """Return what `build` needs to make an encoder of the same form, ready for JSON; weights are not part of it."""
    if isinstance(encoder, HubEncoder):
        config = json.loads(encoder.model.config.to_json_string(use_diff=False))  # type: ignore[union-attr, operator]
        return {"kind": "hub", "config": config}
    if isinstance(encoder, Encoder):
        return {"kind": "vocpipe", **asdict(encoder.shape)}
    raise TypeError(f"{type(encoder).__name__} is no encoder that can be described")


def build(description: Mapping[str, Any]) -> Encoder | HubEncoder:
    """Return an encoder of the form that `describe` gave, with random weights.

    Raises `ModelError` when the description is of no known kind, or needs transformers, which is not installed.
    """
    if description.get("kind") == "vocpipe":
        return Encoder(Shape(**{name: value for name, value in description.items() if name in Shape.__dataclass_fields__}))
    if description.get("kind") != "hub":
        raise ModelError(f"an encoder of kind {description.get('kind')!r} is unknown", "known: vocpipe, hub; use the vocpipe that wrote it, or a later one")
    try:
        from transformers import AutoConfig, AutoModel
    except ImportError as error:
        raise ModelError("this encoder needs transformers, which is not installed", "in vocpipe's checkout: make full (or pip install '.[train]')") from error
    settings = dict(description["config"])
    config = AutoConfig.for_model(settings.pop("model_type"), **settings)
    return HubEncoder(AutoModel.from_config(config, attn_implementation="sdpa"))  # type: ignore[no-untyped-call]


def _initialise(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=0.02)
        nn.init.zeros_(module.bias)
    elif isinstance(module, nn.Embedding):
        nn.init.normal_(module.weight, std=0.02)


def opinion_means(states: Tensor, rows: Tensor, starts: Tensor, ends: Tensor) -> Tensor:
    """Return the mean state of each opinion's tokens, opinions × width, through running sums: no token is copied."""
    batch, length, width = states.shape
    sums = F.pad(states.float().cumsum(1), (0, 0, 1, 0)).reshape(batch * (length + 1), width)
    total = sums.index_select(0, rows * (length + 1) + ends) - sums.index_select(0, rows * (length + 1) + starts)
    return total / (ends - starts).clamp(min=1)[:, None]


def window_means(states: Tensor, ids: Tensor, pad: int = PAD) -> Tensor:
    """Return the mean state of each window's tokens, windows × width."""
    weights = (ids != pad).float()
    return torch.einsum("btw,bt->bw", states.float(), weights) / weights.sum(1, keepdim=True).clamp(min=1)


QUERIES = 4
"""Learned questions that an opinion's tokens answer, beside their plain mean."""


class VocNetwork(nn.Module):
    """Judge opinions: encoder states, pooled per opinion and beside their window, into the logits of all heads and a unit vector."""

    def __init__(self, encoder: nn.Module, logits: int, vector: int, dropout: float) -> None:
        """Make a network around an encoder: a module with `width`, `pad`, and states (batch × tokens × width) from ids (batch × tokens)."""
        super().__init__()
        self.encoder = encoder
        self.pad = int(encoder.pad)  # type: ignore[arg-type]
        width = int(encoder.width)  # type: ignore[arg-type]
        self.dropout = nn.Dropout(dropout)
        self.questions = nn.Linear(width, QUERIES)
        self.hidden = nn.Linear((QUERIES + 2) * width, 2 * width)
        self.heads = nn.Linear(2 * width, logits)
        self.vector = nn.Linear(2 * width, vector)
        for layer in (self.questions, self.hidden, self.heads, self.vector):
            _initialise(layer)

    def forward(self, ids: Tensor, rows: Tensor, starts: Tensor, ends: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (opinions × logits) and unit vectors (opinions × vector).

        `ids` is windows × tokens; opinion i is the tokens `starts[i]` … `ends[i]` of window `rows[i]`.
        """
        states = self.encoder(ids)
        weights = torch.exp(5 * torch.tanh(self.questions(states).float() / 5))
        answers = (states.float().unsqueeze(2) * weights.unsqueeze(3)).flatten(2)
        asked = opinion_means(answers, rows, starts, ends)
        shares = opinion_means(weights, rows, starts, ends).clamp(min=1e-4)
        width = states.shape[2]
        asked = asked / shares.repeat_interleave(width, dim=1)
        around = window_means(states, ids, self.pad).index_select(0, rows)
        pooled = torch.cat([opinion_means(states, rows, starts, ends), asked, around], dim=1)
        hidden = F.gelu(self.hidden(self.dropout(pooled)), approximate="tanh")
        return self.heads(self.dropout(hidden)), F.normalize(self.vector(hidden).float(), dim=1)
