"""Read a starter catalogue: irritants that are known before anything is read, from the phrases of annotators, from examples, or from another company."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from vocpipe.french.lemmas import content_lemmas
from vocpipe.irritants.catalogue import STARTER, Catalogue, Irritant, Phrases
from vocpipe.irritants.scores import Floats, Words, on_grid, unit
from vocpipe.irritants.settings import IrritantSettings
from vocpipe.resources import config_path
from vocpipe.yaml_reader import YamlReader

Encode = Callable[[Sequence[str]], Floats]
"""Returns the opinion vectors (n × d) of sentences."""


class StarterIrritant(BaseModel):
    """Describe one irritant or enchantment.

    What places it in the model's space is `phrases` that the model knows, and `examples`, sentences in customers' manner. `words` are lemmas that tell it,
    the most telling first; without any, those of the examples serve.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern=r"^(IRR|ENC)-0\d{3}$")]
    label: Annotated[str, Field(min_length=3, max_length=60)]
    label_en: str | None = None
    theme: str | None = None
    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


def read_starter(name: str | Path) -> tuple[StarterIrritant, ...]:
    """Return the irritants of a YAML file, given as a path or as a name in `configs/irritants`. Raises `ConfigError` with every mistake and its line."""
    reader = YamlReader(config_path("irritants", name))
    tree = reader.mapping((), reader.tree, ("version", "catalogue"))
    items: list[Any] = tree.get("catalogue") or []
    found = [reader.model(("catalogue", place), item, StarterIrritant) for place, item in enumerate(items)]
    for field in ("id", "label"):
        seen: dict[str, int] = {}
        for place, item in enumerate(found):
            if item and seen.setdefault(getattr(item, field), place) != place:
                reader.mistake(("catalogue", place, field), f"is that of another: {getattr(item, field)}")
    reader.finish()
    return tuple(item for item in found if item)


def starter_catalogue(entries: Sequence[StarterIrritant], phrases: Phrases, encode: Encode, settings: IrritantSettings) -> Catalogue:
    """Return entries as irritants of the model's space; one with nothing that the model can place is left out.

    The centroid is the mean of the phrases' vectors, weighted by their uses, and of the examples'. The threshold is `settings.min_score`, higher for an
    irritant whose phrases or examples lie close together: its fringe is narrow.
    """
    rows = {label: row for row, label in enumerate(phrases.labels)}
    known = unit(phrases.vectors) if len(phrases.labels) else phrases.vectors
    sentences = [sentence for entry in entries for sentence in entry.examples]
    told = dict(zip(sentences, unit(encode(sentences)), strict=True)) if sentences else {}
    words = _words(entries)
    found = []
    for entry in entries:
        own = [rows[phrase] for phrase in entry.phrases if phrase in rows]
        vectors = [*known[own], *(told[sentence] for sentence in entry.examples)]
        weights = [*phrases.counts[own], *(1 for _ in entry.examples)]
        if vectors:
            found.append(_irritant(entry, words[entry.id], np.stack(vectors), np.asarray(weights, dtype=np.float64), settings))
    return Catalogue(tuple(sorted(found, key=lambda irritant: irritant.number)))


def _words(entries: Sequence[StarterIrritant]) -> dict[str, Words]:
    """Return the words of each entry; without any, those of its examples: the ones that several hold, and few other entries."""
    held = {entry.id: Counter(word for example in entry.examples for word in content_lemmas(example)) for entry in entries}
    entries_with = Counter(word for words in held.values() for word in words)
    return {entry.id: entry.words or tuple(sorted(held[entry.id], key=lambda word: (-held[entry.id][word] / entries_with[word], word))) for entry in entries}


def _irritant(entry: StarterIrritant, words: Words, vectors: Floats, weights: Floats, settings: IrritantSettings) -> Irritant:
    centroid = unit((vectors.astype(np.float64) * weights[:, None]).sum(axis=0))
    cohesion = float((vectors.astype(np.float64) @ centroid.astype(np.float64) * weights).sum() / weights.sum())
    threshold = float(on_grid(max(settings.min_score, settings.min_score * (0.5 + 0.5 * cohesion / _USUAL))))
    return Irritant(entry.id, entry.label, entry.theme, None, centroid, threshold, 1 - cohesion, 0, words, "", "", entry.label_en, STARTER)


_USUAL = 0.75
