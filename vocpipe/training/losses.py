"""What training minimises: the annotators' labels, a teacher's soft answers, and the direction of the opinion vector."""

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from vocpipe.ml.heads import Layout

CLASS_WEIGHTS = {"sentiment": 1.5, "step": 1.0, "theme": 1.0}
LABEL_WEIGHTS = {"emotions": 6.0, "strong": 2.0, "flags": 4.0, "irritant": 0.7}
VECTOR_WEIGHT = 1.5


def label_loss(
    logits: Tensor, goals: Mapping[str, Tensor], layout: Layout, rarity: Mapping[str, Tensor], smoothing: float, weights: Tensor | None = None
) -> Tensor:
    """Return the loss against labels, one number: class goals below 0 and label goals that are NaN were not judged and do not count.

    `rarity` says per label head how much more a positive weighs, `weights` how much each opinion counts.
    """
    total = logits.new_zeros(())
    for head, share in CLASS_WEIGHTS.items():
        goal = goals[head]
        each = F.cross_entropy(logits[:, layout.slices[head]], goal.clamp(min=0), label_smoothing=smoothing, reduction="none")
        total = total + share * _mean(each, goal >= 0, weights)
    for head, share in LABEL_WEIGHTS.items():
        goal = goals[head]
        each = F.binary_cross_entropy_with_logits(logits[:, layout.slices[head]], goal.nan_to_num(0.0), pos_weight=rarity[head], reduction="none")
        total = total + share * _mean(each, ~torch.isnan(goal), weights)
    return total


def soft_loss(logits: Tensor, taught: Tensor, layout: Layout, temperature: float, weights: Tensor | None = None) -> Tensor:
    """Return the loss against a teacher's logits, one number; what the teacher does not say (NaN) does not count.

    Classes: Kullback-Leibler divergence at the temperature, times its square (Hinton et al. 2015, arXiv:1503.02531). Labels: cross-entropy.
    """
    total = logits.new_zeros(())
    for head, share in CLASS_WEIGHTS.items():
        ours, theirs = logits[:, layout.slices[head]] / temperature, taught[:, layout.slices[head]] / temperature
        said = ~torch.isnan(theirs).any(1)
        each = F.kl_div(F.log_softmax(ours, 1), F.log_softmax(theirs.nan_to_num(0.0), 1), log_target=True, reduction="none").sum(1) * temperature**2
        total = total + share * _mean(each, said, weights)
    for head, share in LABEL_WEIGHTS.items():
        theirs = taught[:, layout.slices[head]]
        each = F.binary_cross_entropy_with_logits(logits[:, layout.slices[head]], torch.sigmoid(theirs.nan_to_num(0.0)), reduction="none")
        total = total + share * _mean(each, ~torch.isnan(theirs), weights)
    return total


def vector_loss(vectors: Tensor, goal: Tensor) -> Tensor:
    """Return how far the unit vectors point from where they should: one minus the mean cosine."""
    away: Tensor = VECTOR_WEIGHT * (1 - (vectors.float() * goal).sum(1)).mean()
    return away


def _mean(each: Tensor, counts: Tensor, weights: Tensor | None) -> Tensor:
    """Return the mean of what counts, opinions weighted; 0 when nothing counts."""
    shares = counts.to(each.dtype)
    if weights is not None:
        shares = shares * (weights if each.ndim == 1 else weights[:, None])
    mean: Tensor = (each * shares).sum() / shares.sum().clamp(min=1e-6)
    return mean
