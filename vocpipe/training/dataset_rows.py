"""Read rows through the `datasets` library: from the Hub, or from a folder, without network."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from vocpipe.errors import InputError, nearest

PREFIX = "datasets:"
_DEFAULT_SPLIT = "train"


def dataset_rows(name: str) -> tuple[list[str], Iterator[tuple[str, Mapping[str, Any]]]]:
    """Return the columns and the rows of `datasets:ORG/NAME[:SPLIT]` or `datasets:./folder[:SPLIT]`, each row with its place ("row 12").

    Without a split: `train`, or the only one. A folder holds data files, or what `save_to_disk` wrote.
    Raises `InputError` when the library, the network, the dataset or the split is missing.
    """
    place, _, split = name.removeprefix(PREFIX).partition(":")
    loaded = _loaded(place, name)
    if isinstance(loaded, Mapping):
        chosen = split or (_DEFAULT_SPLIT if _DEFAULT_SPLIT in loaded or len(loaded) > 1 else next(iter(loaded)))
        if chosen not in loaded:
            raise InputError(f"{name} has no split {chosen!r}", f"write {PREFIX}{place}:SPLIT; {nearest(chosen, loaded)}")
        loaded = loaded[chosen]
    elif split:
        raise InputError(f"{name}: the folder holds one dataset without splits", f"write {PREFIX}{place}")
    return list(loaded.column_names), ((f"row {number}", row) for number, row in enumerate(loaded, 1))


def _loaded(place: str, name: str) -> Any:
    try:
        import datasets
    except ImportError as error:
        hint = "in vocpipe's checkout: make full (or pip install '.[train]'), or give a .jsonl, .parquet or .csv file"
        raise InputError(f"{name}: the library `datasets` is not installed", hint) from error
    if place.startswith((".", "/", "~")) and not Path(place).expanduser().is_dir():
        raise InputError(f"{name}: no such folder: {place}", "give a folder that exists, or ORG/NAME of a dataset on the Hub")
    folder = Path(place).expanduser()
    saved = any((folder / file).is_file() for file in ("state.json", "dataset_dict.json"))
    try:
        return datasets.load_from_disk(str(folder)) if saved else datasets.load_dataset(str(folder) if folder.is_dir() else place)
    except Exception as error:  # whatever the library, the network and the data raise
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        hint = "check the name; without network, give a folder (datasets:./folder) or a file"
        raise InputError(f"{name} cannot be read: {reason}", hint) from error
