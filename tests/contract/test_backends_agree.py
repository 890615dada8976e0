"""ONNX Runtime and torch read the same weights and say the same."""

from pathlib import Path

import numpy as np
import pytest

from tests.small_models import hub_encoder, our_encoder, sample_pieces, write_small
from vocpipe.ml.model import VocModel
from vocpipe.ml.onnx_backend import WEIGHTS
from vocpipe.ml.store import list_models
from vocpipe.training.export import changed_labels

TOLERANCE = 1e-4
"""Greatest difference of a probability between the backends, both in float32."""
PROBABILITIES = ("sentiment_p", "emotion_p", "step_p", "theme_p", "flag_p", "irritant_p", "vector")
SHIPPED = [f"{card.name}@{card.version}" for path, card in list_models() if (path / WEIGHTS).is_file()]


@pytest.fixture(scope="module", params=["ours", "hub", *SHIPPED])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if request.param in SHIPPED:
        return next(path for path, card in list_models() if f"{card.name}@{card.version}" == request.param)
    return write_small(tmp_path_factory.mktemp("models") / "small" / "1", {"ours": our_encoder, "hub": hub_encoder}[request.param]())


def test_same_labels_and_probabilities(folder: Path) -> None:
    pieces = sample_pieces()[::3]
    on_onnx, on_torch = (VocModel.load(folder, device=device).predict_pieces(pieces) for device in ("cpu", "torch-cpu"))
    assert len(np.unique(on_onnx.theme)) > 1
    assert max(changed_labels(on_onnx, on_torch).values()) <= 0.005
    for name in PROBABILITIES:
        assert np.abs(getattr(on_onnx, name) - getattr(on_torch, name)).max() < TOLERANCE, name


def test_company_does_not_matter_on_torch(folder: Path) -> None:
    model = VocModel.load(folder, device="torch-cpu")
    pieces = sample_pieces()[:12]
    together = model.predict_pieces(pieces)
    alone = [model.predict_pieces([row]) for row in pieces]
    for name in PROBABILITIES:
        assert np.abs(np.concatenate([getattr(found, name) for found in alone]) - getattr(together, name)).max() < TOLERANCE, name
