"""Fine-tuning and distillation: they learn, and a killed run ends with the very weights of an unbroken one."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from tests.unit.training import tiny
from vocpipe.errors import ConfigError, InputError
from vocpipe.ml.heads import decode
from vocpipe.training import distil as distillation
from vocpipe.training import finetune as finetuning
from vocpipe.training import loop
from vocpipe.training.distil import distil
from vocpipe.training.examples import SoftTargets
from vocpipe.training.finetune import finetune
from vocpipe.training.judge import Judge, run
from vocpipe.training.losses import label_loss, soft_loss
from vocpipe.training.settings import DistilSettings, FinetuneSettings
from vocpipe.training.start import Start, new_start

FAST = {"learning_rate": 3e-3, "batch_windows": 8, "average": 0.9, "device": "cpu"}
EVERY_STEP = {**FAST, "checkpoint_minutes": 0.0}


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class KilledError(Exception):
    pass


def killed_at(step: int, inner: Callable[..., Any]) -> Callable[..., Any]:
    calls = iter(range(10**6))

    def loss(*arguments: Any) -> Any:
        if next(calls) == step:
            raise KilledError
        return inner(*arguments)

    return loss


def start(seed: int = 0) -> Start:
    return new_start(tiny.encoder(), tiny.LAYOUT, 0.1, seed)


def same(one: Any, other: Any) -> bool:
    weights = zip(one.network.state_dict().items(), other.network.state_dict().items(), strict=True)
    return np.array_equal(one.wide, other.wide) and all(name == title and torch.equal(a, b) for (name, a), (title, b) in weights)


def test_finetuning_learns(tmp_path: Path) -> None:
    train, dev = tiny.labelled()
    rows: list[dict[str, Any]] = []
    trained = finetune(start(), train, dev, tiny.LAYOUT, FinetuneSettings(epochs=3, **FAST), report=rows.append)
    assert [row["epoch"] for row in rows if "epoch" in row] == [1, 2, 3]
    assert max(row["mean"] for row in trained.history) > 0.95
    logits, vectors = run(Judge.of(trained.network, trained.wide, trained.idf), dev.windows, dev.wide)
    found = decode(logits, vectors, tiny.LAYOUT, trained.thresholds, trained.calibration)
    assert (found.polarity == np.where(dev.targets["sentiment"] == 1, 0, 2)).mean() > 0.95


@pytest.mark.parametrize("steps", [3, 20])
def test_a_killed_finetuning_ends_as_an_unbroken_one(steps: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train, dev = tiny.labelled()
    settings = FinetuneSettings(epochs=2, layer_decay=0.8, **FAST)
    whole = finetune(start(), train, dev, tiny.LAYOUT, settings)
    loss = finetuning._loss
    monkeypatch.setattr(finetuning, "_loss", killed_at(steps, loss))
    with pytest.raises(KilledError):
        finetune(start(), train, dev, tiny.LAYOUT, settings.model_copy(update={"checkpoint_minutes": 0.0}), work=tmp_path)
    monkeypatch.setattr(finetuning, "_loss", loss)
    torch.manual_seed(99)
    again = finetune(start(), train, dev, tiny.LAYOUT, settings, work=tmp_path)
    assert same(whole, again)
    assert (whole.thresholds, whole.calibration) == (again.thresholds, again.calibration)
    monkeypatch.setattr(finetuning, "_loss", killed_at(0, loss))
    assert same(whole, finetune(start(), train, dev, tiny.LAYOUT, settings, work=tmp_path)), "a finished training is not done again"


def test_a_checkpoint_minutes_old_loses_no_exactness(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    train, dev = tiny.labelled()
    settings = FinetuneSettings(epochs=2, **FAST)
    whole = finetune(start(), train, dev, tiny.LAYOUT, settings)
    loss = finetuning._loss
    monkeypatch.setattr(finetuning, "_loss", killed_at(len(loop.batch_order(train.windows, 8, 0, 0)) + 5, loss))
    with pytest.raises(KilledError):
        finetune(start(), train, dev, tiny.LAYOUT, settings, work=tmp_path)
    monkeypatch.setattr(finetuning, "_loss", loss)
    assert same(whole, finetune(start(), train, dev, tiny.LAYOUT, settings, work=tmp_path))


def test_a_killed_distillation_ends_as_an_unbroken_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    windows, counts, soft = tiny.unlabelled()
    settings = DistilSettings(epochs=1, **EVERY_STEP)
    whole = distil(tiny.encoder(), windows, counts, soft, tiny.LAYOUT, settings)
    loss = distillation._loss
    monkeypatch.setattr(distillation, "_loss", killed_at(7, loss))
    with pytest.raises(KilledError):
        distil(tiny.encoder(), windows, counts, soft, tiny.LAYOUT, settings, tmp_path)
    monkeypatch.setattr(distillation, "_loss", loss)
    assert same(whole, distil(tiny.encoder(), windows, counts, soft, tiny.LAYOUT, settings, tmp_path))


def test_a_student_learns_from_its_teacher_and_is_a_start() -> None:
    windows, counts, soft = tiny.unlabelled()
    rows: list[dict[str, Any]] = []
    student = distil(tiny.encoder(), windows, counts, soft, tiny.LAYOUT, DistilSettings(epochs=4, **FAST), report=rows.append)
    assert rows[-1]["agreement_sentiment"] > 0.9
    train, dev = tiny.labelled()
    short = FinetuneSettings(epochs=1, **{**FAST, "learning_rate": 1e-4, "wide_learning_rate": 1e-4})
    taught, untaught = (finetune(begin, train, dev, tiny.LAYOUT, short).history[0]["polarity"] for begin in (student, start()))
    assert taught > untaught + 0.3


def test_time_ends_a_distillation_well() -> None:
    windows, counts, soft = tiny.unlabelled()
    rows: list[dict[str, Any]] = []
    distil(tiny.encoder(), windows, counts, soft, tiny.LAYOUT, DistilSettings(epochs=500, **FAST), None, rows.append, minutes=1 / 60)
    assert rows[-1]["seconds"] < 10
    assert rows[-1]["epoch"] < 500


def test_a_checkpoint_of_another_job_is_refused(tmp_path: Path) -> None:
    train, dev = tiny.labelled()
    settings = FinetuneSettings(epochs=1, **FAST)
    finetune(start(), train, dev, tiny.LAYOUT, settings, work=tmp_path)
    changed = replace(train, targets={**train.targets, "step": 1 - train.targets["step"]})
    other = [(start(), train, settings.model_copy(update={"seed": 1})), (start(), changed, settings), (start(seed=5), train, settings)]
    for begin, data, wanted in other:
        with pytest.raises(ConfigError, match="another job"):
            finetune(begin, data, dev, tiny.LAYOUT, wanted, work=tmp_path)
    (tmp_path / "checkpoint.pt").write_bytes(b"not a checkpoint")
    with pytest.raises(InputError, match="not a checkpoint"):
        finetune(start(), train, dev, tiny.LAYOUT, settings, work=tmp_path)


def test_patience_stops_before_the_last_epoch() -> None:
    train, dev = tiny.labelled()
    slow = {**FAST, "learning_rate": 1e-9, "wide_learning_rate": 1e-9}
    assert len(finetune(start(), train, dev, tiny.LAYOUT, FinetuneSettings(epochs=9, patience=2, **slow)).history) == 3


def test_what_nobody_judged_does_not_count() -> None:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(6, tiny.LAYOUT.size, generator=generator)
    goals = {"sentiment": torch.tensor([0, 1, 2, 3, 4, 5]), "step": torch.tensor([0, 1] * 3), "theme": torch.tensor([0, 1, 2] * 2)}
    goals |= {head: torch.ones(6, size) for head, size in (("emotions", 2), ("strong", 2), ("flags", 2), ("irritant", 1))}
    rarity = {head: torch.ones(goals[head].shape[1]) for head in ("emotions", "strong", "flags", "irritant")}
    half = {name: goal[:3] for name, goal in goals.items()}
    masked = {name: torch.cat([goal[:3], torch.full_like(goal[3:], -1 if goal.ndim == 1 else float("nan"))]) for name, goal in goals.items()}
    wanted = label_loss(logits[:3], half, tiny.LAYOUT, rarity, 0.05)
    assert torch.allclose(label_loss(logits, masked, tiny.LAYOUT, rarity, 0.05), wanted)
    assert torch.allclose(label_loss(logits, goals, tiny.LAYOUT, rarity, 0.05, torch.tensor([1.0, 1, 1, 0, 0, 0])), wanted)
    nothing = {name: torch.full_like(goal, -1 if goal.ndim == 1 else float("nan")) for name, goal in goals.items()}
    assert label_loss(logits, nothing, tiny.LAYOUT, rarity, 0.05) == 0
    taught = torch.cat([logits[:3] + 1.0, torch.full_like(logits[3:], float("nan"))])
    assert torch.allclose(soft_loss(logits, taught, tiny.LAYOUT, 2.0), soft_loss(logits[:3], taught[:3], tiny.LAYOUT, 2.0))


def test_a_partly_judged_set_trains_the_heads_it_judges() -> None:
    train, dev = tiny.labelled(weights=[2.0] * 112)
    step = np.full_like(train.targets["step"], -1)
    emotions = np.full_like(train.targets["emotions"], np.nan)
    partly = replace(train, targets={**train.targets, "step": step, "emotions": emotions})
    trained = finetune(start(), partly, dev, tiny.LAYOUT, FinetuneSettings(epochs=4, **FAST))
    assert trained.history[-1]["polarity"] > 0.9
    assert all(np.isfinite(weights.numpy()).all() for weights in trained.network.state_dict().values())
    soft = SoftTargets(np.where(np.arange(tiny.LAYOUT.size) == tiny.LAYOUT.slices["step"].start, 4.0, -4.0) * np.ones((len(train), 1)))
    led = finetune(start(), replace(partly, soft=soft), dev, tiny.LAYOUT, FinetuneSettings(epochs=2, **FAST))
    logits, _ = run(Judge.of(led.network, led.wide, led.idf), dev.windows, dev.wide)
    assert (logits[:, tiny.LAYOUT.slices["step"]].argmax(1) == 0).all()


def test_upper_layers_learn_faster() -> None:
    judge = Judge.of(start().network, None, np.ones(4))
    settings = FinetuneSettings(layer_decay=0.5, learning_rate=1.0)
    rates = {id(parameter): group["lr"] for group in loop._optimisers(judge, settings)[0].param_groups for parameter in group["params"]}
    named = {name: rates[id(parameter)] for name, parameter in judge.network.named_parameters()}
    assert named["encoder.embedding.weight"] == named["encoder.embedding_norm.weight"] == 0.125
    assert named["encoder.layers.0.qkv.weight"] == 0.25
    assert named["encoder.layers.1.qkv.weight"] == 0.5
    assert named["encoder.norm.weight"] == 1.0
    assert named["heads.weight"] == 2.0


def test_soft_targets_of_another_corpus_are_refused() -> None:
    windows, counts, soft = tiny.unlabelled()
    with pytest.raises(InputError, match="do not fit"):
        distil(tiny.encoder(), windows, counts, SoftTargets(soft.logits[:-1]), tiny.LAYOUT, DistilSettings())
    with pytest.raises(InputError, match="logits"):
        distil(tiny.encoder(), windows, counts, SoftTargets(soft.logits[:, 1:]), tiny.LAYOUT, DistilSettings())
