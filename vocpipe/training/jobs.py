"""The three training jobs, each from one YAML file: pretrain an encoder, distil teachers into a student, fine-tune into a model."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from vocpipe import resources
from vocpipe.errors import InputError, ModelError
from vocpipe.files import read_json, write_json
from vocpipe.ml.heads import Layout
from vocpipe.ml.model import VocModel, problem_phrases
from vocpipe.ml.store import load_card, resolve
from vocpipe.taxonomy import Taxonomy, load_taxonomy
from vocpipe.training import phrases
from vocpipe.training.card import write_card
from vocpipe.training.checklist import read_cases, run_checklist
from vocpipe.training.corpus import Document
from vocpipe.training.decision import decision_of
from vocpipe.training.distil import distil
from vocpipe.training.encoders import save_encoder
from vocpipe.training.evaluate import FLOOR, evaluate, layout_of
from vocpipe.training.examples import Examples, SoftTargets, examples, windows_from
from vocpipe.training.export import write_model
from vocpipe.training.finetune import Trained, finetune
from vocpipe.training.forms import DistilForm, FinetuneForm, HeldOut, PretrainForm, load_form
from vocpipe.training.judge import Judge, device_of, opinion_vectors, run
from vocpipe.training.labelled import LabelledData, read_labelled
from vocpipe.training.meaning import Meaning, fit_meaning
from vocpipe.training.prepare import CorpusPart, TeacherConfig, prepare, read_corpus
from vocpipe.training.pretrain import pretrain
from vocpipe.training.progress import Display
from vocpipe.training.segments import Verbatim
from vocpipe.training.soft import ask, kept_features, load_teacher, mean_of, read_targets
from vocpipe.training.start import Begun, load_start, save_start
from vocpipe.training.teacher import Teacher

CHECKED = 1000
"""Opinions of dev from which on the written model is compared with the trained one; on fewer, one label is already too great a share."""


def pretrain_job(path: str | Path) -> Path:
    """Pretrain the encoder that a configuration describes and return its folder; an interrupted run goes on from its last checkpoint.

    Raises `ConfigError` for a mistake in the configuration and `InputError` for data that are not there.
    """
    form = load_form(path, PretrainForm)
    _use_threads(form.more.threads)
    documents = _documents(form.data, form.corpus, form.held_out, load_taxonomy(), form.work)
    prepared = prepare(documents, form.work, form.vocabulary, _sentence_teacher(form.teacher))
    with Display("pretraining") as report:
        encoder = pretrain(prepared, form.settings(), form.work, minutes=form.minutes, report=report)
    folder = form.work / "encoder"
    save_encoder(encoder.cpu(), prepared.tokenizer, folder)
    progress = {name: round(value, 4) for name, value in read_json(form.work / "pretrain.json").items()}
    story = {**read_json(form.work / "corpus.json"), "files": [part.files for part in form.corpus], **progress}
    write_json({"pretraining": story, "cost": _cost({}, progress["seconds"])}, folder / "training.json")
    return folder


def distil_job(path: str | Path) -> Path:
    """Train the student that a configuration describes and return its folder, from which fine-tuning can start; interrupted, it goes on where it was.

    Raises `ConfigError`, `InputError` and `ModelError` for mistakes in the configuration, data and teachers.
    """
    form = load_form(path, DistilForm)
    _use_threads(form.more.threads)
    taxonomy = load_taxonomy()
    layout, settings = layout_of(taxonomy), form.settings()
    begun = load_start(form.start, layout, settings.dropout, settings.seed, form.more.models)
    pieces = [document.pieces for document in _documents(form.data, form.corpus, form.held_out, taxonomy, form.work)]
    soft = _soft_targets(form, pieces, layout)
    counts = kept_features(pieces, form.work)
    windows = windows_from(pieces, begun.tokenizer, begun.marks)
    with Display("distilling") as report:
        student = distil(begun.start, windows, counts, soft, layout, settings, form.work, report, form.minutes)
    folder = form.work / "student"
    save_start(student, begun.tokenizer, begun.marks, layout, folder, has_vectors=soft.vectors is not None)
    told = {"teachers": [*form.teachers, *([form.targets.name] if form.targets else [])], "opinions": len(soft.logits), **settings.model_dump()}
    story = _story(form.start, begun)
    write_json({**story, "distillation": told, "cost": _cost(story, report.seconds)}, folder / "training.json")
    return folder


def finetune_job(path: str | Path, models: Path | None = None) -> Path:
    """Fine-tune the model that a configuration describes, measure it, and return its folder; an interrupted run goes on from its last checkpoint.

    The folder is `models`/name/version: that given, or that of the configuration, or that which comes with vocpipe.

    Raises `ConfigError`, `InputError` and `ModelError` for mistakes in the configuration, data and start, before anything is trained.
    """
    form = load_form(path, FinetuneForm)
    target = (models or form.more.models or resources.root() / "models") / form.name / form.version
    if target.exists():
        raise ModelError(f"{target} exists, and versions never change", "give the next version in the training configuration")
    _use_threads(form.more.threads)
    taxonomy = load_taxonomy()
    layout, settings = layout_of(taxonomy), form.settings()
    cases = read_cases(form.more.checklist, taxonomy) if form.more.checklist else []
    data = read_labelled(form.data, taxonomy, form.held_out_source)
    begun = load_start(form.start, layout, settings.dropout, settings.seed, form.more.models)
    train, dev = _examples(form, data, begun, layout)
    earlier = decision_of(load_card(begun.model)) if begun.model else None
    with Display("fine-tuning") as report:
        trained = finetune(begun.start, train, dev, layout, settings, earlier=earlier, work=form.work, report=report, minutes=form.more.minutes)
    about = {**form.about.model_dump(), "training": _told(form, data, begun, trained), "splits": {"held_out_source": form.held_out_source, **data.counts}}
    sample = [[segment.text for segment in verbatim.segments] for verbatim in data.dev] if len(dev) >= CHECKED else []
    write_model(trained, begun.tokenizer, _phrases(data, begun, trained, train), target, taxonomy, about, marks=begun.marks, sample=sample)
    checklist = run_checklist(VocModel.load(target), cases)["kinds"] if cases else None
    if data.counts.get("test"):
        _measure(target, str(form.data[0].file), form.held_out_source, taxonomy, checklist)
    return target


def _documents(data: Path, corpus: Sequence[CorpusPart], held_out: HeldOut | None, taxonomy: Taxonomy, work: Path) -> list[Document]:
    annotated, source = (held_out.annotated, held_out.source) if held_out else (None, None)
    documents = read_corpus(data, corpus, annotated, taxonomy, held_out_source=source, cache=work)
    if not documents:
        raise InputError(f"the corpus in {data} holds no text", "correct `corpus` in the training configuration")
    return documents


def _soft_targets(form: DistilForm, pieces: Sequence[Sequence[str]], layout: Layout) -> SoftTargets:
    answers = []
    if form.targets is not None:
        answers.append(read_targets(form.targets, sum(map(len, pieces)), layout))
    for name in form.teachers:
        teacher = load_teacher(resolve(name, form.more.models), layout, torch.get_num_threads())
        with Display(f"asking {teacher.card.name}@{teacher.card.version}") as report:
            answers.append(ask(teacher, teacher.card.fingerprint, pieces, form.work / "soft", report))
    return mean_of(answers)


def _examples(form: FinetuneForm, data: LabelledData, begun: Begun, layout: Layout) -> tuple[Examples, Examples]:
    """Return the train and dev examples.

    Opinion vectors learn to lie where a sentence teacher puts them, or to stay where the start has them; else where words and characters put them.
    """
    meaning = _meaning(form, data.train, begun)
    train = examples(data.train, begun.tokenizer, layout, meaning, begun.marks, data.weights)
    dev = examples(data.dev, begun.tokenizer, layout, meaning, begun.marks)
    if begun.start.wide is None or begun.start.idf is None:
        return train, dev
    judge = Judge.of(begun.start.network, begun.start.wide, begun.start.idf).to(device_of("auto"))
    logits, vectors = run(judge, train.windows, train.wide)
    judge.cpu()
    if begun.model and form.more.keep:
        train = replace(train, soft=SoftTargets(logits))
    return (train if meaning else replace(train, meaning=vectors)), dev


def _meaning(form: FinetuneForm, train: Sequence[Verbatim], begun: Begun) -> Meaning | None:
    teacher = _sentence_teacher(form.more.teacher)
    if teacher is None and begun.has_vectors:
        return None
    return fit_meaning([segment.irritant or segment.text for verbatim in train for segment in verbatim.segments], teacher)


def _phrases(data: LabelledData, begun: Begun, trained: Trained, train: Examples) -> tuple[list[dict[str, Any]], np.ndarray]:
    vectors = opinion_vectors(trained.network.to(device_of("auto")), train.windows)
    trained.network.cpu()
    found = phrases.problem_phrases(data.train, vectors)
    return phrases.with_earlier(found, problem_phrases(begun.model)) if begun.model else found


def _measure(target: Path, data: str, held_out_source: str | None, taxonomy: Taxonomy, checklist: dict[str, Any] | None) -> None:
    figures = evaluate(target, data, split="test", against=FLOOR, taxonomy=taxonomy, threads=torch.get_num_threads())
    floor = {**{name: figures[name] for name in ("data", "split", "n", "verbatims")}, "model": FLOOR, "heads": figures["heads_against"]}
    outside = evaluate(target, data, split="out_of_domain", taxonomy=taxonomy) if held_out_source else None
    write_card(target, figures, floor, out_of_domain=outside, checklist=checklist)


def _told(form: FinetuneForm, data: LabelledData, begun: Begun, trained: Trained) -> dict[str, Any]:
    """Return what the card says of how the model was made, from the first step on."""
    story = _story(form.start, begun)
    best = max(trained.history, key=lambda row: row["mean"])
    tuning = {**form.settings().model_dump(exclude={"device", "checkpoint_minutes"}), "best_epoch": best["epoch"], "verbatims": len(data.train)}
    cost = _cost(story, trained.history[-1]["seconds"])
    return {**story, "start": form.start, "finetuning": tuning, "annotated": data.counts["sources"], "cost": cost}


def _story(start: str, begun: Begun) -> dict[str, Any]:
    """Return what was done before: as the folder that training starts from tells it, or the card of the model."""
    place = Path(start) / "training.json"
    story = load_card(begun.model).training if begun.model else read_json(place) if place.is_file() else {}
    return {name: value for name, value in story.items() if name in ("pretraining", "distillation", "cost")}


def _cost(before: dict[str, Any], seconds: float) -> dict[str, Any]:
    """Return minutes of work of a processor and of a GPU, those before included."""
    spent = before.get("cost", {})
    gpu = {"gpu_minutes": round(spent.get("gpu_minutes", 0) + (seconds / 60 if torch.cuda.is_available() else 0), 1)}
    return {"minutes": round(spent.get("minutes", 0) + seconds / 60, 1), "cores": torch.get_num_threads(), **(gpu if gpu["gpu_minutes"] else {})}


def _sentence_teacher(config: TeacherConfig | None) -> Teacher | None:
    return Teacher(config.path, config.sha256, torch.get_num_threads()) if config else None


def _use_threads(threads: int | None) -> None:
    if threads is not None:
        torch.set_num_threads(threads)
