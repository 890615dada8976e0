"""Settings of the training of the heads: fine-tuning and distillation. What a YAML file does not name keeps these values."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class LoopSettings(BaseModel):
    """Set up the training loop that fine-tuning and distillation share; rates are those at the peak, epochs are passes over the data."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    epochs: int = Field(default=6, ge=1)
    learning_rate: float = Field(default=4e-4, gt=0)
    layer_decay: float = Field(default=1.0, gt=0, le=1)
    """Each layer of the encoder learns this much slower than the one above it."""
    patience: int | None = Field(default=None, ge=1)
    """Stop after this many epochs without a better one; null: go through all of them."""
    seed: int = 0
    device: Literal["auto", "cpu", "cuda"] = "auto"
    batch_windows: int = Field(default=48, ge=1)
    wide_learning_rate: float = Field(default=0.02, gt=0)
    dropout: float = Field(default=0.2, ge=0, lt=1)
    wide_dropout: float = Field(default=0.3, ge=0, lt=1)
    """Share of opinions whose wide branch is silent in a step, so that the encoder learns to do without it."""
    average: float = Field(default=0.998, ge=0, lt=1)
    """Weight of the past in the averaged weights, which are those that are kept."""
    checkpoint_minutes: float = Field(default=5.0, ge=0)


class FinetuneSettings(LoopSettings):
    """Set up the training on annotated verbatims."""

    label_smoothing: float = Field(default=0.05, ge=0, lt=1)
    soft_weight: float = Field(default=1.0, ge=0)
    """Weight of the soft targets beside the annotators' labels, where the examples have any."""
    temperature: float = Field(default=1.0, gt=0)


class DistilSettings(LoopSettings):
    """Set up the training on a teacher's soft answers."""

    epochs: int = Field(default=2, ge=1)
    learning_rate: float = Field(default=1e-3, gt=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    temperature: float = Field(default=1.5, gt=0)
