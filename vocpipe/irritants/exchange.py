"""Share irritants between workspaces and companies, as YAML that a person can read and write."""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator

from vocpipe import files
from vocpipe.errors import ConfigError, ModelError, nearest
from vocpipe.irritants.candidates import Kind
from vocpipe.irritants.catalogue import IMPORTED, Catalogue, Irritant
from vocpipe.irritants.edits import Standing
from vocpipe.irritants.packing import pack_bytes, unpack_bytes
from vocpipe.irritants.scores import Floats, unit
from vocpipe.yaml_reader import YamlReader

FORMAT = 1
PREFIXES: dict[Kind, str] = {"irritant": "IRR-", "enchantment": "ENC-"}
Embed: TypeAlias = Callable[[Sequence[str]], Floats]
"""Give each sentence its vector, n × d, with the model of the workspace."""

_HEAD = """\
# Irritants (IRR) and enchantments (ENC) of a workspace. Bring them into another one with: vocpipe irritants import FILE
# `centroid` is the meaning for the model named here; with another model, the meaning comes from `examples` (sentences that say the problem) and `phrases`.
"""
_KEYS = ("format", "model", "irritants")


class Entry(BaseModel):
    """Describe one irritant of a file: a name, and its meaning as a centroid, as examples, or both."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^(IRR|ENC)-\d{4,}$", description="identifier; another one is given when it is taken by another irritant")
    label: str = Field(min_length=2, max_length=120, description="name, in French")
    label_en: str | None = Field(default=None, max_length=120, description="name, in English")
    theme: str | None = Field(default=None, description="code of a theme")
    step: str | None = Field(default=None, description="code of the step where it is most met")
    terms: tuple[str, ...] = Field(default=(), description="words that set it apart")
    phrases: tuple[str, ...] = Field(default=(), description="short ways to name it")
    examples: tuple[str, ...] = Field(default=(), description="sentences that say it, invented or rewritten")
    quotes: tuple[str, ...] = Field(default=(), description="what customers wrote; never read")
    threshold: float | None = Field(default=None, ge=-1, le=1, description="score from which an opinion belongs to it")
    spread: float | None = Field(default=None, ge=0, le=2, description="1 minus the mean score between two of its opinions")
    centroid: str | None = Field(default=None, description="its direction: int8 values in base64")

    @field_validator("centroid")
    @classmethod
    def _is_vector(cls, text: str | None) -> str | None:
        if text is not None and not unpack_bytes(text).any():
            raise ValueError("is no vector: int8 values in base64 are expected")
        return text


def export_yaml(
    catalogue: Catalogue, standing: Standing, path: Path, model: str, *, quotes: Mapping[str, Sequence[str]] | None = None, more: Sequence[Irritant] = ()
) -> int:
    """Write the irritants that hold opinions, under the names that people gave them; return how many.

    `model` is the name@version whose vectors the centroids are. `more` are irritants beside the catalogue, such as the children of splits; `quotes` are
    the customers' words to add, by id, none by default.
    """
    told = quotes or {}
    living = [each for each in (*catalogue.irritants, *more) if each.irritant_id not in standing.gone]
    blocks = [yaml.safe_dump([_block(each, standing, told)], allow_unicode=True, sort_keys=False, width=150) for each in living]
    head = yaml.safe_dump({"format": FORMAT, "model": model}, sort_keys=False)
    with files.replacing(path) as temporary:
        temporary.write_text(f"{_HEAD}{head}irritants:\n" + "\n".join(blocks) if blocks else f"{_HEAD}{head}irritants: []\n", encoding="utf-8")
    return len(living)


def read_yaml(path: Path, dimension: int | None, model: str, themes: Collection[str], embed: Embed, threshold: float, spread: float) -> list[dict[str, Any]]:
    """Return the entries of a file, in the form that an edit keeps: each with its centroid for `model`, threshold and spread.

    A centroid of another model or another length than `dimension` is of no use: the entry is made again from its examples and phrases, by `embed`, with the
    `threshold` and `spread` given. Raises `ConfigError` with every mistake of the file, `ModelError` naming the entries that have no examples then.
    """
    reader = YamlReader(path)
    tree = reader.mapping((), reader.tree, _KEYS)
    if tree.get("format") != FORMAT:
        reader.mistake(("format",), f"{FORMAT} is expected, not {tree.get('format')!r}")
    listed = tree.get("irritants")
    entries = []
    for place, value in enumerate(listed if isinstance(listed, list) else []):
        entry = reader.model(("irritants", place), value, Entry)
        if entry and entry.theme is not None and entry.theme not in themes:
            reader.mistake(("irritants", place, "theme"), f"no theme is called {entry.theme!r}; {nearest(entry.theme, themes)}")
        entries += [entry] if entry else []
    if not isinstance(listed, list):
        reader.mistake(("irritants",), "a list of irritants is expected")
    _check_ids(entries, reader)
    reader.finish()
    same = tree.get("model") == model
    usable = [same and _fits(entry, dimension) for entry in entries]
    lost = [f"{entry.id} ({entry.label})" for entry, used in zip(entries, usable, strict=True) if not used and not entry.examples and not entry.phrases]
    if lost:
        raise ModelError(
            f"{path} was made with {tree.get('model') or 'no model'}, the workspace with {model}: these have no examples to find their meaning again: "
            + ", ".join(lost[:8])
            + (f" and {len(lost) - 8} more" if len(lost) > 8 else ""),
            "give each of them `examples` (5 to 10 sentences that say it), or take it out of the file",
        )
    return [_settled(entry) if used else _rebuilt(entry, embed, threshold, spread) for entry, used in zip(entries, usable, strict=True)]


def with_imported(catalogue: Catalogue, standing: Standing, kind: Kind = "irritant") -> Catalogue:
    """Return a catalogue with the irritants of one kind that people brought from elsewhere; one that the workspace knows by itself stays as it is."""
    known = set(catalogue.ids)
    new = [entry for name, entry in standing.imported.items() if name.startswith(PREFIXES[kind]) and name not in known]
    return catalogue.merge(Catalogue(tuple(_irritant(entry) for entry in new)))


def _block(irritant: Irritant, standing: Standing, quotes: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    name = irritant.irritant_id
    told = {
        "id": name,
        "label": standing.labels.get(name, irritant.label),
        "label_en": standing.labels_en.get(name, irritant.label_en),
        "theme": irritant.theme,
        "step": irritant.step,
        "terms": list(irritant.terms),
        "phrases": list(standing.imported.get(name, {}).get("phrases", ())),
        "examples": list(standing.imported.get(name, {}).get("examples", ())),
        "quotes": list(quotes.get(name, ())),
        "threshold": round(irritant.threshold, 5),
        "spread": round(irritant.spread, 5),
        "centroid": pack_bytes(irritant.centroid),
    }
    return {key: value for key, value in told.items() if value not in (None, [])}


def _check_ids(entries: Sequence[Entry], reader: YamlReader) -> None:
    for place, entry in enumerate(entries):
        if entry.id in {other.id for other in entries[:place]}:
            reader.mistake(("irritants", place, "id"), f"{entry.id} is given twice")


def _fits(entry: Entry, dimension: int | None) -> bool:
    return entry.centroid is not None and dimension in (None, len(unpack_bytes(entry.centroid)))


def _settled(entry: Entry) -> dict[str, Any]:
    return {key: value for key, value in entry.model_dump(mode="json", exclude={"quotes"}).items() if value not in (None, [])}


def _rebuilt(entry: Entry, embed: Embed, threshold: float, spread: float) -> dict[str, Any]:
    centroid = unit(embed((*entry.phrases, *entry.examples)).sum(axis=0, dtype=np.float64))
    if not centroid.any():
        raise ConfigError(f"the examples of {entry.id} ({entry.label}) say nothing", "give whole sentences that a customer could write")
    return _settled(entry) | {"centroid": pack_bytes(centroid), "threshold": threshold, "spread": spread}


def _irritant(entry: Mapping[str, Any]) -> Irritant:
    return Irritant(
        irritant_id=entry["id"],
        label=entry["label"],
        theme=entry.get("theme"),
        step=entry.get("step"),
        centroid=unpack_bytes(entry["centroid"]),
        threshold=float(entry["threshold"]),
        spread=float(entry["spread"]),
        size=0,
        terms=tuple(entry.get("terms", ())),
        quote="",
        first_batch=entry.get("first_batch", ""),
        label_en=entry.get("label_en"),
        origin=IMPORTED,
    )
