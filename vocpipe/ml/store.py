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

PROMOTED = "promoted.json"


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
    calibration: dict[str, tuple[tuple[float, float], ...]] = {}
    network: dict[str, Any] = {}
    marks: dict[str, Any] = {}
    splits: dict[str, Any] = {}

    @property
    def fingerprint(self) -> str:
        """Return a hash of what decides the predictions: files, labels, thresholds, calibration, cleaning.

        What a card does not hold does not count, so that cards written before a field was there keep their fingerprint.
        """
        content = self.model_dump(include={"name", "version", "cleaning", "emotions", "steps", "themes", "flags", "thresholds", "files"})
        content |= {name: value for name in ("calibration", "network", "marks") if (value := getattr(self, name))}
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


class Promotion(BaseModel):
    """Say which version of a model is the one to use: `models/<name>/promoted.json`.

    `figures` are those of the day on the pinned data, `against` the version that was promoted before, `regressions` the heads on which it was better,
    `reason` why these were accepted; `before` holds the earlier promotions, latest first, without their figures.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    version: str
    date: str
    against: str | None = None
    reason: str | None = None
    regressions: tuple[str, ...] = ()
    data: dict[str, str] = {}
    figures: dict[str, Any] = {}
    before: tuple[dict[str, Any], ...] = ()


def store_folder(folder: Path | None = None) -> Path:
    """Return the folder of models: the one given, or the one that comes with vocpipe."""
    return folder if folder is not None else resources.root() / "models"


def resolve(name: str, folder: Path | None = None, *, pinned: bool = False) -> Path:
    """Return the folder of `name@version`; a path of a model's folder is returned as it is.

    A name alone stands for its promoted version, unless `pinned`: what must give the same tomorrow (a run's configuration) names its version.
    Raises `ModelError` with the nearest model there is.
    """
    if Path(name, "card.json").is_file():
        return Path(name)
    title, _, version = name.partition("@")
    store = store_folder(folder)
    known = [f"{path.parent.name}@{path.name}" for path in _folders(store)]
    if not version:
        version = _promoted_version(title, known, store, pinned)
    if f"{title}@{version}" not in known:
        raise ModelError(f"no model {name!r} in {store}", nearest(name, known) if known else "the store is empty: give `models:` in the configuration")
    return store / title / version


def _promoted_version(title: str, known: list[str], store: Path, pinned: bool) -> str:
    versions = [entry for entry in known if entry.partition("@")[0] == title]
    if not versions:
        raise ModelError(f"no model {title!r} in {store}", nearest(title, {entry.partition("@")[0] for entry in known}))
    if not pinned and (promotion := promotion_of(title, store)):
        if f"{title}@{promotion.version}" not in versions:
            raise ModelError(f"the promoted version {title}@{promotion.version} is not in {store}", f"bring it back, or name one: {', '.join(versions)}")
        return promotion.version
    raise ModelError(f"model {title!r} names no version" + ("" if pinned else ", and none is promoted"), f"pin a version: {', '.join(versions)}")


def promotion_of(name: str, folder: Path | None = None) -> Promotion | None:
    """Return which version of a model is promoted, None when none is; raise `ModelError` when the file is broken."""
    place = store_folder(folder) / name / PROMOTED
    try:
        return Promotion.model_validate_json(place.read_bytes())
    except FileNotFoundError:
        return None
    except ValidationError as error:
        raise ModelError(f"{place} does not say which version is promoted", "restore the file, or remove it and promote a version again") from error


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
    return [(path, load_card(path)) for path in _folders(store_folder(folder))]


def _folders(store: Path) -> list[Path]:
    """Return the folders of models; hidden ones are still being written."""
    return [place.parent for place in sorted(store.glob("*/*/card.json")) if not any(part.startswith(".") for part in place.relative_to(store).parts)]
