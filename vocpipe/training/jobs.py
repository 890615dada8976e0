"""Train a model from one YAML file: prepare, pretrain, fine-tune, export, measure, write the card."""

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pydantic import BaseModel, ConfigDict
from rich.console import Console
from tokenizers import Tokenizer

from vocpipe import resources
from vocpipe.errors import InputError
from vocpipe.ml.network import Encoder
from vocpipe.taxonomy import Taxonomy, load_taxonomy
from vocpipe.training.annotated import Verbatim, read_annotated
from vocpipe.training.card import write_card
from vocpipe.training.evaluate import evaluate, evaluate_floor, layout_of, part_of
from vocpipe.training.export import write_model
from vocpipe.training.finetune import FinetuneConfig, examples, finetune, opinion_vectors
from vocpipe.training.meaning import fit_meaning
from vocpipe.training.prepare import TeacherConfig, prepare, read_corpus
from vocpipe.training.pretrain import PretrainConfig, pretrain
from vocpipe.training.teacher import Teacher
from vocpipe.yaml_reader import YamlReader

PHRASE_LENGTH = 44
"""Characters of a problem phrase at most: longer ones quote a customer more than they name a problem."""


class TrainConfig(BaseModel):
    """Say what to train, from what, and where to put it. Paths are relative to the folder that the command runs in."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    version: str
    description: str
    licence: str
    data: Path
    annotated: str
    work: Path
    models: Path | None = None
    pretrain: PretrainConfig
    pretrain_minutes: float = 60
    teacher: TeacherConfig | None = None
    finetune: FinetuneConfig = FinetuneConfig()
    threads: int = 2


def load_train_config(path: str | Path) -> TrainConfig:
    """Read a training configuration given as a path, or as the name of one in `configs/train`; raise `ConfigError` with every mistake."""
    reader = YamlReader(resources.config_path("train", path))
    config = reader.model((), reader.tree, TrainConfig)
    reader.finish()
    assert config is not None
    return config


def train(path: str | Path) -> Path:
    """Train the model that a configuration describes and return its folder; an interrupted run goes on from its last checkpoint.

    Raises `ConfigError` for a mistake in the configuration and `InputError` for data that are not there.
    """
    config = load_train_config(path)
    annotated = config.data / config.annotated
    if not annotated.is_file():
        raise InputError(f"no annotated data at {annotated}", "set `data` and `annotated` in the training configuration")
    torch.set_num_threads(config.threads)
    taxonomy = load_taxonomy()
    console = Console(stderr=True)
    teacher = Teacher(config.teacher.path, config.teacher.sha256, config.threads) if config.teacher else None
    tokenizer, encoder = _pretrained(config, teacher, annotated, taxonomy, console)

    verbatims = read_annotated(annotated, taxonomy)
    meaning = fit_meaning([segment.irritant or segment.text for verbatim in part_of(verbatims, "train") for segment in verbatim.segments], teacher)
    layout = layout_of(taxonomy)
    train_part, dev_part = (examples(part_of(verbatims, split), tokenizer, layout, meaning) for split in ("train", "dev"))
    console.print(f"fine-tuning on {len(train_part)} segments, {len(dev_part)} to choose the epoch")
    trained = finetune(encoder, train_part, dev_part, layout, config.finetune, lambda row: console.print(_line(row)))

    target = (config.models or resources.root() / "models") / config.name / config.version
    about = {"description": config.description, "licence": config.licence, "training": _provenance(config, verbatims)}
    phrases = problem_phrases(part_of(verbatims, "train"), opinion_vectors(trained.network, train_part))
    write_model(trained, tokenizer, phrases, target, taxonomy, about)
    figures, floor = evaluate(target, annotated, split="test", taxonomy=taxonomy), evaluate_floor(annotated, taxonomy=taxonomy)
    write_card(target, figures, floor)
    return target


def _pretrained(config: TrainConfig, teacher: Teacher | None, annotated: Path, taxonomy: Taxonomy, console: Console) -> tuple[Tokenizer, Encoder]:
    """Return the tokenizer and the encoder; a finished pretraining in the work folder is taken as it is."""
    done = config.work / "encoder.pt"
    if not done.exists():
        console.print("reading the corpus")
        documents = read_corpus(config.data, config.pretrain.corpus, annotated, taxonomy)
        prepared = prepare(documents, config.work, config.pretrain.vocabulary, teacher)
        encoder = pretrain(prepared, config.pretrain, config.work, minutes=config.pretrain_minutes, report=lambda row: console.print(_line(row)))
        partial = done.with_suffix(".tmp")
        torch.save(encoder.cpu().state_dict(), partial)
        os.replace(partial, done)
    encoder = Encoder(config.pretrain.shape)
    encoder.load_state_dict(torch.load(done, weights_only=True))
    return Tokenizer.from_file(str(config.work / "tokenizer.json")), encoder


def problem_phrases(verbatims: Sequence[Verbatim], vectors: np.ndarray) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Return the problem phrases that annotators used at least twice, most used first, with their theme and the mean vector of their opinions."""
    segments = [segment for verbatim in verbatims for segment in verbatim.segments]
    places: dict[str, list[int]] = {}
    for place, segment in enumerate(segments):
        if segment.irritant and len(segment.irritant) <= PHRASE_LENGTH:
            places.setdefault(segment.irritant, []).append(place)
    chosen = sorted((phrase for phrase in places if len(places[phrase]) >= 2), key=lambda phrase: (-len(places[phrase]), phrase))
    themes = {phrase: Counter(segments[place].theme for place in places[phrase]) for phrase in chosen}
    entries = [{"label": phrase, "theme": max(themes[phrase].items(), key=_more)[0], "count": len(places[phrase])} for phrase in chosen]
    means = np.stack([vectors[places[phrase]].mean(0) for phrase in chosen]) if chosen else np.zeros((0, vectors.shape[1]), np.float32)
    return entries, means / np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)


def _more(item: tuple[str | None, int]) -> tuple[int, str]:
    return item[1], str(item[0])


def _provenance(config: TrainConfig, verbatims: Sequence[Verbatim]) -> dict[str, Any]:
    corpus = json.loads((config.work / "corpus.json").read_text())
    progress = json.loads((config.work / "pretrain.json").read_text())
    return {
        "pretraining": {**corpus, "files": [part.files for part in config.pretrain.corpus], **{name: round(value, 4) for name, value in progress.items()}},
        "finetuning": {"verbatims": len(part_of(list(verbatims), "train")), **config.finetune.model_dump()},
        "encoder": {"layers": config.pretrain.layers, "width": config.pretrain.width, "vocabulary": config.pretrain.vocabulary},
        "annotated": Counter(verbatim.source for verbatim in verbatims),
    }


def _line(row: dict[str, Any]) -> str:
    return "  ".join(f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}" for name, value in row.items())
