"""What holds where there is a GPU: the same labels as the processor's, and work that goes on when memory runs out."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch

from tests.small_models import sample_pieces, write_classifier, write_small
from vocpipe.ml.model import VocModel
from vocpipe.ml.torch_backend import Budget, TorchBackend
from vocpipe.stages.base import Context
from vocpipe.stages.classify import Classify
from vocpipe.taxonomy import load_taxonomy
from vocpipe.training.export import changed_labels

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA: torch sees no GPU")]

TOLERANCE = 0.02
"""Greatest difference of a probability between bfloat16 on a GPU and float32 on a processor."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small(tmp_path_factory.mktemp("models") / "small" / "1")


def test_a_gpu_is_taken_by_itself_and_says_the_same(folder: Path) -> None:
    on_gpu, on_cpu = VocModel.load(folder), VocModel.load(folder, device="cpu")
    assert isinstance(on_gpu.backend, TorchBackend)
    found, expected = (model.predict_pieces(sample_pieces()) for model in (on_gpu, on_cpu))
    changed = changed_labels(found, expected)
    assert sum(changed.values()) / len(changed) <= 0.005, changed
    for name in ("sentiment_p", "emotion_p", "step_p", "theme_p", "flag_p", "irritant_p", "vector"):
        assert np.abs(getattr(found, name) - getattr(expected, name)).max() < TOLERANCE, name


def test_a_full_gpu_halves_the_budget_and_goes_on(folder: Path) -> None:
    model = VocModel.load(folder, device="cuda")
    pieces = [["Très déçue de la livraison, encore en retard."] * 8] * 4000
    expected = model.predict_pieces(pieces[:4])
    assert isinstance(model.backend, TorchBackend)
    crowded = replace(model, backend=TorchBackend(model.backend._network, "cuda", Budget(2**30)))
    total = torch.cuda.mem_get_info()[1]
    torch.cuda.set_per_process_memory_fraction((torch.cuda.memory_reserved() + 2**28) / total)
    try:
        found = crowded.predict_pieces(pieces)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    assert crowded.backend.budget.tokens < 2**30  # type: ignore[attr-defined]
    assert np.array_equal(found.theme[: len(expected)], expected.theme)


def test_a_classifier_of_the_hub_runs_there(tmp_path: Path) -> None:
    folder = write_classifier(tmp_path / "classifier", ["bad", "good"])
    texts = [row[0] for row in sample_pieces() if row]
    batch = pa.record_batch({"text": texts, "opinion_start": [[0]] * len(texts), "opinion_end": [[len(text)] for text in texts]})
    stages = [Classify(model=f"hf:{folder}", heads={"sentiment": {"bad": -2, "good": 2}}, device=device) for device in ("cuda", "cpu")]
    on_gpu, on_cpu = (pa.record_batch(dict(stage.load(Context(load_taxonomy()))(batch)))["opinion_sentiment_p"] for stage in stages)
    assert np.abs(on_gpu.flatten().to_numpy() - on_cpu.flatten().to_numpy()).max() < 0.05
