"""The model store: immutable folders `models/<name>/<version>/`, each with a card that holds the sha256 of every file."""

import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from vocpipe import resources
from vocpipe.errors import ModelError, nearest

SAFE_SUFFIXES = frozenset({".safetensors", ".onnx", ".json", ".md"})
"""Formats that cannot run code when they are read; anything else in a model's folder is refused."""


class Card(BaseModel):
    """Say what a model is: its labels in order, what it was trained on, how good it is, and what its files must be."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    version: str
    description: str
    licence: str
    taxonomy: str
    cleaning: int
    emotions: tuple[str, ...]
    steps: tuple[str, ...]
    themes: tuple[str, ...]
    flags: tuple[str, ...]
    thresholds: dict[str, tuple[float, ...]]
    training: dict[str, Any]
    metrics: dict[str, Any]
    files: dict[str, str]

    @property
    def fingerprint(self) -> str:
        """Return a hash of what decides the predictions: files, labels, thresholds, cleaning."""
        content = self.model_dump(include={"name", "version", "cleaning", "emotions", "steps", "themes", "flags", "thresholds", "files"})
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def store_folder(folder: Path | None = None) -> Path:
    """Return the folder of models: the one given, or the one that comes with vocpipe."""
    return folder if folder is not None else resources.root() / "models"


def resolve(name: str, folder: Path | None = None) -> Path:
    """Return the folder of `name@version`; a path of a model's folder is returned as it is.

    Raises `ModelError` with the nearest model there is.
    """
    if Path(name, "card.json").is_file():
        return Path(name)
    title, _, version = name.partition("@")
    store = store_folder(folder)
    known = sorted(f"{path.parent.parent.name}@{path.parent.name}" for path in store.glob("*/*/card.json"))
    if not version:
        versions = [entry for entry in known if entry.partition("@")[0] == title]
        hint = f"pin a version: {', '.join(versions)}" if versions else nearest(title, {entry.partition("@")[0] for entry in known})
        raise ModelError(f"model {name!r} names no version", hint)
    path = store / title / version
    if f"{title}@{version}" not in known:
        raise ModelError(f"no model {name!r} in {store}", nearest(name, known) if known else "the store is empty: give `models:` in the configuration")
    return path


def load_card(path: Path) -> Card:
    """Read the card of a model's folder; raise `ModelError` when it is missing or broken."""
    place = path / "card.json"
    try:
        return Card.model_validate_json(place.read_bytes())
    except OSError as error:
        raise ModelError(f"{path} holds no card.json", "give the folder of a model, models/<name>/<version>") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise ModelError(
            f"{place} is not a model card: {'.'.join(map(str, first['loc']))}: {first['msg']}", "restore the file, or train the model again"
        ) from error


def verify(path: Path) -> Card:
    """Check every file of a model against its card, and that no other file lies beside them; return the card.

    Raises `ModelError` that names the first file that differs, is missing or is not of a safe format.
    """
    card = load_card(path)
    present = {file.name for file in path.iterdir() if file.name not in ("card.json", "README.md")}
    for name in sorted(present - set(card.files)):
        raise ModelError(f"{path / name} is not on the model's card", "remove it: only verified files are loaded")
    for name, expected in card.files.items():
        file = path / name
        if file.suffix not in SAFE_SUFFIXES or Path(name).name != name:
            raise ModelError(f"{file} is not of a safe format", f"models hold only {', '.join(sorted(SAFE_SUFFIXES))}")
        if not file.is_file():
            raise ModelError(f"{file} is missing", "restore it from the release, or train the model again")
        found = sha256_of(file)
        if found != expected:
            raise ModelError(
                f"{file} differs from its card: sha256 {found[:12]}, expected {expected[:12]}", "restore the file, or train the model again; it was not loaded"
            )
    return card


def sha256_of(file: Path) -> str:
    """Return the sha256 of a file, in hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def list_models(folder: Path | None = None) -> list[tuple[Path, Card]]:
    """Return every model of the store with its card, by name and version."""
    return [(place.parent, load_card(place.parent)) for place in sorted(store_folder(folder).glob("*/*/card.json"))]
