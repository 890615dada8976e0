"""Find classifiers of the Hugging Face hub, and check the maps from their labels to ours; `hub_classifier` runs them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from vocpipe.errors import ModelError, nearest
from vocpipe.ml.store import sha256_of

PREFIX = "hf:"
CHOICES = ("sentiment", "step", "theme")
RAISED = ("emotions", "flags")
HEADS = (*CHOICES, *RAISED)
"""Heads that a classifier of the hub can give."""
LabelMap: TypeAlias = Mapping[str, int | str | None]
"""What each label of the classifier stands for: a sentiment, or a code of the taxonomy; null for no opinion, no theme, or nothing to raise."""

_FILES = ("*.json", "*.safetensors", "*.txt", "*.model")


def is_hub(model: str) -> bool:
    """Tell whether a model is written as one of the hub, `hf:ORG/NAME`, `hf:ORG/NAME@REVISION` or `hf:FOLDER`."""
    return model.startswith(PREFIX)


def find(model: str) -> Path:
    """Return the folder of a classifier: the local one that is named, else what the cache holds, else what is downloaded now.

    Raises `ModelError` when it cannot be had, when its weights are not safetensors, or when it is no classifier.
    """
    title = model.removeprefix(PREFIX)
    folder = Path(title).expanduser()
    if not folder.is_dir():
        if title.startswith((".", "/", "~", "\\")) or title.count("/") > 1:
            raise ModelError(f"no folder {title}, which {model} names", "give the folder of a model saved by transformers, or hf:ORG/NAME")
        try:
            folder = _snapshot(model, local=True)
        except ModelError:
            folder = _snapshot(model, local=False)
    _check_files(model, folder)
    return folder


def fingerprint(model: str) -> str:
    """Return what tells this classifier from any other: the revision on the hub, or a hash of the files of a local folder."""
    folder = find(model)
    if not Path(model.removeprefix(PREFIX)).expanduser().is_dir():
        return folder.name
    files = sorted({path for pattern in _FILES for path in folder.glob(pattern)})
    return hashlib.sha256(json.dumps([(path.name, sha256_of(path)) for path in files]).encode()).hexdigest()


def labels(model: str) -> tuple[str, ...]:
    """Return the labels of a classifier, in the order of its outputs."""
    config = json.loads((find(model) / "config.json").read_text(encoding="utf8"))
    named = config.get("id2label") or {str(place): f"LABEL_{place}" for place in range(config.get("num_labels", 2))}
    return tuple(named[place] for place in sorted(named, key=int))


def check_maps(model: str, maps: Mapping[str, LabelMap], codes: Mapping[str, Sequence[str]]) -> None:
    """Raise `ModelError`, with every mistake, unless the maps name labels of the classifier and, of ours, those of `codes`, given by head.

    Heads that choose one label (sentiment, step, theme) must tell what every label of the classifier stands for.
    """
    known = labels(model)
    wrong = [f"{head}: {model} has no label {label!r}; {nearest(label, known)}" for head, named in maps.items() for label in named if label not in known]
    wrong += [f"{head}: the label {label!r} is not in the map" for head in CHOICES if head in maps for label in known if label not in maps[head]]
    for head, named in maps.items():
        if head != "sentiment":
            wrong += [f"{head}: no code {code!r}; {nearest(str(code), codes[head])}" for code in named.values() if code is not None and code not in codes[head]]
        if head == "step":
            wrong += [f"step: {label!r} is null, and every opinion has a step" for label, code in named.items() if code is None]
    if len(known) < 2:
        wrong.append(f"{model} gives one number and no label: it cannot give a head")
    if wrong:
        listed = "\n".join(f"  - {message}" for message in wrong)
        raise ModelError(f"the heads do not fit {model}:\n{listed}", f"its labels are {', '.join(map(repr, known))}")


def _snapshot(model: str, local: bool) -> Path:
    """Return the folder of the cache that holds a classifier, filled from the hub unless `local`. Raises `ModelError` when it cannot be had whole."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError

    repository, _, revision = model.removeprefix(PREFIX).partition("@")
    try:
        folder = Path(snapshot_download(repository, revision=revision or None, local_files_only=local, allow_patterns=list(_FILES), ignore_patterns="*/*"))
    except RevisionNotFoundError as error:
        raise ModelError(f"{repository} has no revision {revision!r} on the hub", "give a branch, a tag or a commit that its page shows") from error
    except RepositoryNotFoundError as error:
        raise ModelError(f"the hub has no model {repository}, or it needs a login", "look for typing mistakes; for a private model: hf auth login") from error
    except HFValidationError as error:
        raise ModelError(f"{model} is not how a model of the hub is written", "write hf:ORG/NAME, hf:ORG/NAME@REVISION or hf:./folder") from error
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise ModelError(
            f"{model} is not in the cache, and the hub cannot be reached: {type(error).__name__}",
            f"once, with network: hf download {repository}; or copy the model here and write hf:./folder",
        ) from error
    if local:
        _check_files(model, folder)  # a download that was cut short is gone on with
    return folder


def _has_weights(folder: Path) -> bool:
    """Tell whether every file of weights is there: one, or those that an index lists."""
    index = folder / "model.safetensors.index.json"
    parts = set(json.loads(index.read_text(encoding="utf8"))["weight_map"].values()) if index.is_file() else {"model.safetensors"}
    return all((folder / part).is_file() for part in parts)


def _check_files(model: str, folder: Path) -> None:
    if not (folder / "config.json").is_file():
        raise ModelError(f"{folder}, which {model} names, holds no config.json", "give the folder of a model saved by transformers")
    if not _has_weights(folder):
        raise ModelError(
            f"{model} has no weights in safetensors, or not all of them; files of other formats can run code when they are read, and are not loaded",
            "choose a revision, or a model, that has model.safetensors; or load it with transformers, save it with save_pretrained, and write hf:./folder",
        )
    made_for = json.loads((folder / "config.json").read_text(encoding="utf8")).get("architectures") or ["ForSequenceClassification"]
    if not any(name.endswith("ForSequenceClassification") for name in made_for):
        raise ModelError(f"{model} is no text classifier but {', '.join(made_for)}", "choose a model of the hub's task Text Classification")
