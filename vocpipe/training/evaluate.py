"""Measure a model on annotated verbatims, beside another model or the TF-IDF floor."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from vocpipe.errors import ConfigError, InputError, ModelError
from vocpipe.ml.heads import Layout, Predictions
from vocpipe.ml.model import VocModel
from vocpipe.ml.store import load_card
from vocpipe.taxonomy import Taxonomy, load_taxonomy
from vocpipe.training.annotated import read_annotated
from vocpipe.training.compare import differences, intervals, resamples, tally, values
from vocpipe.training.details import details_of
from vocpipe.training.measures import Heads, heads_of, measures, targets_of
from vocpipe.training.segments import Verbatim
from vocpipe.training.splits import Part, Split, split_by_verbatim

FLOOR = "tfidf"
Group = Literal["source", "length", "step"]
GROUPS: tuple[Group, ...] = ("source", "length", "step")
_LENGTHS = ((5, "1–5 words"), (10, "6–10 words"), (20, "11–20 words"), (40, "21–40 words"))
_LONGER = "over 40 words"


@dataclass(frozen=True)
class _Exam:
    """Hold what is asked: verbatims, what their annotators said, and which verbatim each segment is of."""

    verbatims: list[Verbatim]
    targets: dict[str, np.ndarray]
    owner: np.ndarray
    layout: Layout
    taxonomy: Taxonomy

    def heads(self, found: Predictions) -> Heads:
        return heads_of(found, self.targets, self.layout, self.taxonomy)

    def measures(self, found: Predictions) -> dict[str, Any]:
        return measures(found, self.targets, self.layout, self.taxonomy)


def evaluate(
    model: Path | str,
    data: Path | str,
    *,
    split: Part = "all",
    against: Path | str | None = None,
    by: Sequence[Group] = (),
    details: bool = False,
    taxonomy: Taxonomy | None = None,
    threads: int = 2,
) -> dict[str, Any]:
    """Return what a model says of the annotated segments, in the context of their verbatim, against their labels; ready for JSON.

    `model` and `against` are folders of models, or "tfidf". `split` keeps the verbatims of one split (`vocpipe.training.splits.part_of`): a model
    trained on this file has seen all but `test`. The answer holds `heads` (`vocpipe.training.measures.measures`) and `summary`: per head `value`, the
    95 % interval `low` … `high`, and with `against` its `against` and `difference`. `by` adds the summary of every group; `details` what a report
    shows, which quotes segments.
    """
    codes = taxonomy or load_taxonomy()
    everything = read_annotated(data, codes)
    held_out = _held_out_source([model, *([against] if against else [])])
    places = _places(everything, split, held_out)
    exam = _exam([verbatim for verbatim in everything if split in ("all", places[verbatim.id])], split, codes)
    judge = _Judge(everything, places, split, threads)
    name, found = judge(model, exam)
    other_name, other = judge(against, exam) if against else (None, None)
    heads, other_heads = exam.heads(found), exam.heads(other) if other else None
    result: dict[str, Any] = {
        "model": name,
        **({"against": other_name} if other else {}),
        "data": Path(data).name,
        "split": split,
        "n": len(found),
        "verbatims": len(exam.verbatims),
        "notes": _notes(split, held_out, model, against),
        "summary": _summary(heads, other_heads, exam.owner),
        "heads": exam.measures(found),
    }
    if other:
        result["heads_against"] = exam.measures(other)
    if by:
        result["by"] = {group: _by_group(group, exam, heads, other_heads) for group in by}
    if details:
        result["details"] = details_of(heads, exam.verbatims)
    return result


def layout_of(taxonomy: Taxonomy) -> Layout:
    """Return the order of the labels that a taxonomy gives."""
    return Layout(taxonomy.emotion_codes, taxonomy.step_codes, taxonomy.theme_codes, taxonomy.flag_codes)


def _places(verbatims: list[Verbatim], split: Part, held_out: str | None) -> dict[str, Split]:
    """Return the split of every verbatim; a file that does not hold the held-out source is split without it."""
    if split == "out_of_domain" and held_out is None:
        raise ConfigError("no source was held out of this model's training", "measure on --split test, or set `held_out_source` when you train")
    if split != "out_of_domain" and held_out not in {verbatim.source for verbatim in verbatims}:
        held_out = None
    return split_by_verbatim(verbatims, held_out_source=held_out)


def _exam(verbatims: list[Verbatim], split: Part, taxonomy: Taxonomy) -> _Exam:
    sizes = [len(verbatim.segments) for verbatim in verbatims]
    if not sum(sizes):
        raise InputError(f"no annotated segment is in the split {split!r}", "give more annotated verbatims, or another --split")
    layout = layout_of(taxonomy)
    kept = [verbatim for verbatim in verbatims if verbatim.segments]
    return _Exam(kept, targets_of(kept, layout), np.repeat(np.arange(len(kept)), [len(verbatim.segments) for verbatim in kept]), layout, taxonomy)


@dataclass(frozen=True)
class _Judge:
    """Ask a model, or the floor trained on the rest of the file."""

    everything: list[Verbatim]
    places: dict[str, Split]
    split: Part
    threads: int

    def __call__(self, model: Path | str, exam: _Exam) -> tuple[str, Predictions]:
        if model == FLOOR:
            return FLOOR, self._floor(exam)
        loaded = VocModel.load(Path(model), threads=self.threads)
        name = f"{loaded.card.name}@{loaded.card.version}"
        if loaded.layout != exam.layout:
            raise ModelError(f"{name} has other labels than the taxonomy", "evaluate with the taxonomy of the model's card")
        return name, loaded.predict_pieces([[segment.text for segment in verbatim.segments] for verbatim in exam.verbatims])

    def _floor(self, exam: _Exam) -> Predictions:
        from vocpipe.training.baseline import TfidfFloor

        if self.split not in ("test", "out_of_domain"):
            raise ConfigError("the floor learns from the train and dev splits of the file: it can be measured on test only", "add --split test")
        train = [verbatim for verbatim in self.everything if self.places[verbatim.id] in ("train", "dev")]
        return TfidfFloor(train, targets_of(train, exam.layout), exam.layout, self.threads).predict(exam.verbatims)


def _held_out_source(models: Sequence[Path | str]) -> str | None:
    """Return the source that the first of these models was trained without."""
    for model in models:
        if model != FLOOR and (source := load_card(Path(model)).splits.get("held_out_source")):
            return str(source)
    return None


def _notes(split: Part, held_out: str | None, model: Path | str, against: Path | str | None) -> list[str]:
    notes = []
    if split in ("all", "train", "dev"):
        notes.append("a model that was trained on this file has seen these verbatims, or was chosen on them: its figures are those of --split test")
    if against not in (None, FLOOR) and model != FLOOR and _held_out_source([model]) != _held_out_source([str(against)]):
        notes.append("the two models were trained without different sources: one may have learned from verbatims that are measured here")
    if held_out and split != "out_of_domain":
        notes.append(f"the source {held_out} was held out of training: measure on it with --split out_of_domain")
    return notes


def _summary(heads: Heads, other: Heads | None, owner: np.ndarray) -> dict[str, Any]:
    """Return the figures of the summary with intervals; `owner` is the index of each segment's verbatim."""
    _, owner = np.unique(owner, return_inverse=True)
    ours = tally(heads, owner)
    weights = resamples(ours.counts.shape[0])
    figures = {name: {**figure, "n": int(heads[name].judged.sum())} for name, figure in intervals(ours, weights).items()}
    if other:
        theirs = tally(other, owner)
        before = values(theirs)
        for name, difference in differences(ours, theirs, weights).items():
            figures[name] |= {"against": round(before[name], 4), "difference": difference}
    return figures


def _by_group(group: Group, exam: _Exam, heads: Heads, other: Heads | None) -> list[dict[str, Any]]:
    """Return the summary of every group of segments; by step, the step's own kappa says nothing and is left out."""
    names = np.asarray(_group_names(group, exam.verbatims), dtype=object)
    rows = []
    for name in _in_order(group, set(names), exam.taxonomy):
        some = np.nonzero(names == name)[0]
        mine = {head: answers.rows(some) for head, answers in heads.items()}
        theirs = {head: answers.rows(some) for head, answers in other.items()} if other else None
        summary = _summary(mine, theirs, exam.owner[some])
        if group == "step":
            summary.pop("step", None)
        rows.append({"group": name, "n": len(some), "verbatims": len(np.unique(exam.owner[some])), "summary": summary})
    return rows


def _group_names(group: Group, verbatims: Sequence[Verbatim]) -> list[str]:
    """Return the group of every segment; segments whose step was not judged are in none."""
    pairs = [(verbatim, segment) for verbatim in verbatims for segment in verbatim.segments]
    if group == "source":
        return [verbatim.source for verbatim, _ in pairs]
    if group == "step":
        return [segment.step or "" for _, segment in pairs]
    return [next((name for most, name in _LENGTHS if len(segment.text.split()) <= most), _LONGER) for _, segment in pairs]


def _in_order(group: Group, names: set[str], taxonomy: Taxonomy) -> list[str]:
    known = {"source": sorted(names - {""}), "step": taxonomy.step_codes, "length": [*(name for _, name in _LENGTHS), _LONGER]}
    return [name for name in known[group] if name in names]
