"""Measure a model on annotated verbatims, beside the TF-IDF floor."""

from pathlib import Path
from typing import Any, Literal

from vocpipe.errors import ModelError
from vocpipe.ml.heads import Layout
from vocpipe.ml.model import VocModel
from vocpipe.taxonomy import Taxonomy, load_taxonomy
from vocpipe.training.annotated import Split, Verbatim, read_annotated, split_by_verbatim
from vocpipe.training.measures import measures, targets_of

Part = Literal["all", "train", "dev", "test"]


def evaluate(model: Path, data: Path, *, split: Part = "all", taxonomy: Taxonomy | None = None, threads: int = 2) -> dict[str, Any]:
    """Return `{"model", "n", "split", "heads"}`: what the model says of the annotated segments, in the context of their verbatim, against their labels.

    `split` keeps the verbatims of one split of `vocpipe.training.annotated.split_by_verbatim`: a model trained on this file has seen all but `test`.
    """
    codes = taxonomy or load_taxonomy()
    verbatims = part_of(read_annotated(data, codes), split)
    loaded = VocModel.load(model, threads=threads)
    layout = layout_of(codes)
    if loaded.layout != layout:
        raise ModelError(f"{loaded.card.name}@{loaded.card.version} has other labels than the taxonomy", "evaluate with the taxonomy of the model's card")
    found = loaded.predict_pieces([[segment.text for segment in verbatim.segments] for verbatim in verbatims])
    heads = measures(found, targets_of(verbatims, layout), layout, codes)
    return {"model": f"{loaded.card.name}@{loaded.card.version}", "n": len(found), "split": split, "heads": heads}


def evaluate_floor(data: Path, *, taxonomy: Taxonomy | None = None) -> dict[str, Any]:
    """Return the same for TF-IDF and logistic regression, trained on the `train` and `dev` splits of the file and measured on its `test` split."""
    from vocpipe.training.baseline import TfidfFloor

    codes = taxonomy or load_taxonomy()
    layout = layout_of(codes)
    verbatims = read_annotated(data, codes)
    train, test = part_of(verbatims, "train") + part_of(verbatims, "dev"), part_of(verbatims, "test")
    found = TfidfFloor(train, targets_of(train, layout), layout).predict(test)
    return {"model": "tfidf", "n": len(found), "split": "test", "heads": measures(found, targets_of(test, layout), layout, codes)}


def part_of(verbatims: list[Verbatim], split: Part) -> list[Verbatim]:
    """Return the verbatims of a split, or all."""
    if split == "all":
        return verbatims
    places: dict[str, Split] = split_by_verbatim(verbatims)
    return [verbatim for verbatim in verbatims if places[verbatim.id] == split]


def layout_of(taxonomy: Taxonomy) -> Layout:
    """Return the order of the labels that a taxonomy gives."""
    return Layout(taxonomy.emotion_codes, taxonomy.step_codes, taxonomy.theme_codes, taxonomy.flag_codes)
