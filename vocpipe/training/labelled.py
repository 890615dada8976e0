"""Gather the labelled data of a training: annotated files and label packs, with the held-out verbatims and their copies kept out of it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vocpipe.errors import InputError
from vocpipe.taxonomy import Taxonomy
from vocpipe.training.annotated import read_annotated
from vocpipe.training.forms import DataPart
from vocpipe.training.labels import read_pack
from vocpipe.training.near import near_groups
from vocpipe.training.segments import Verbatim
from vocpipe.training.splits import split_by_verbatim


@dataclass(frozen=True)
class LabelledData:
    """Hold the verbatims to train on with the weight of each, those that choose the epoch, and how many the model never sees."""

    train: list[Verbatim]
    weights: list[float]
    dev: list[Verbatim]
    counts: dict[str, Any]


def read_labelled(parts: Sequence[DataPart], taxonomy: Taxonomy, held_out_source: str | None) -> LabelledData:
    """Read the parts: the first is split, the others train, without their verbatims that nearly repeat a held-out one of the first.

    Raises `InputError` when nothing is left to train on or to choose with.
    """
    first = read_annotated(str(parts[0].file), taxonomy)
    places = split_by_verbatim(first, held_out_source=held_out_source)
    held = [verbatim for verbatim in first if places[verbatim.id] != "train"]
    train = [verbatim for verbatim in first if places[verbatim.id] == "train"]
    dev = [verbatim for verbatim in first if places[verbatim.id] == "dev"]
    weights = [parts[0].weight] * len(train)
    for part in parts[1:]:
        more = _without_copies(_read(part, taxonomy, held_out_source), held)
        train += more
        weights += [part.weight] * len(more)
    if not train or not dev:
        raise InputError(f"{parts[0].file}: {len(train)} verbatims train and {len(dev)} choose the epoch", "give more verbatims: 10 % of them choose")
    counts = {"train": len(train), **{str(place): count for place, count in sorted(Counter(places.values()).items()) if place != "train"}}
    return LabelledData(train, weights, dev, {**counts, "sources": dict(sorted(Counter(verbatim.source for verbatim in train).items()))})


def _read(part: DataPart, taxonomy: Taxonomy, held_out_source: str | None) -> list[Verbatim]:
    found = read_pack(part.pack, part.texts, taxonomy) if part.pack and part.texts else read_annotated(str(part.file), taxonomy)
    return [verbatim for verbatim in found if held_out_source is None or verbatim.source != held_out_source]


def _without_copies(verbatims: list[Verbatim], held: Sequence[Verbatim]) -> list[Verbatim]:
    groups = near_groups(tuple(verbatim.text for verbatim in (*held, *verbatims)))
    seen = set(groups[: len(held)])
    return [verbatim for verbatim, group in zip(verbatims, groups[len(held) :], strict=True) if group not in seen]
