"""Label packs: labels without the texts, for texts that may be read by whoever has them but not passed on."""

import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from vocpipe.errors import InputError
from vocpipe.files import replacing
from vocpipe.taxonomy import Taxonomy
from vocpipe.training.corpus import text_key
from vocpipe.training.segments import Segment, Verbatim, labels_of, segment_of

_MISSING = 0.01
"""Share of the texts of a pack that may be missing from the data."""

_log = logging.getLogger("vocpipe")


@dataclass(frozen=True)
class Labelled:
    """Hold the labels of one text of a file: the file relative to the data folder, and (start, end, segment), characters of the text."""

    file: str
    text: str
    segments: Sequence[tuple[int, int, Segment]]


def write_pack(path: Path, texts: Iterable[Labelled], origin: str = "") -> int:
    """Write the labels of texts, not the texts, to a JSONL file, sorted by key, and return how many there are; `origin` says who labelled them.

    Raises `InputError` when a segment is outside its text or a text comes twice.
    """
    records: dict[str, dict[str, Any]] = {}
    for given in texts:
        key = text_key(given.text)
        if key in records:
            raise InputError(f"two texts of the pack have the key {key}", "give each text once, whatever its capitals, spaces and punctuation")
        if wrong := [(start, end) for start, end, _ in given.segments if not 0 <= start < end <= len(given.text)]:
            raise InputError(f"the segment {wrong[0]} lies outside the text of {len(given.text)} characters with the key {key}", "count from 0, end excluded")
        segments = [{"start": start, "end": end, **labels_of(segment)} for start, end, segment in given.segments]
        records[key] = {"key": key, "file": given.file, "length": len(given.text), **({"origin": origin} if origin else {}), "segments": segments}
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(records[key], ensure_ascii=False) + "\n" for key in sorted(records))
    return len(records)


def read_pack(path: Path, data: Path, taxonomy: Taxonomy) -> list[Verbatim]:
    """Return the verbatims of a label pack, in its order, with their texts, which are searched in the files below `data` that it names.

    A text is found by its key and length; those that are not found are counted in a warning. Raises `InputError` for a mistake in the pack, for a
    file that is not there, and when more than 1 % of the texts are missing.
    """
    records = list(_records(path))
    wanted: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for _, record in records:
        wanted[record["file"]].add((record["key"], record["length"]))
    texts = {file: _texts(data / file, keys, path) for file, keys in wanted.items()}
    found = []
    for number, record in records:
        text = texts[record["file"]].get((record["key"], record["length"]))
        if text is not None:
            found.append(_verbatim(record, text, taxonomy, f"{path}, line {number}"))
    missing = len(records) - len(found)
    if missing > _MISSING * len(records):
        hint = f"give the data that the pack was made from: {', '.join(sorted(wanted))}"
        raise InputError(f"{path}: {missing} of {len(records)} texts are not in the files below {data}", hint)
    if missing:
        _log.warning("%s: %d of %d texts are not in the files below %s", path, missing, len(records), data)
    return found


def _records(path: Path) -> Iterable[tuple[int, dict[str, Any]]]:
    if not path.is_file():
        raise InputError(f"no label pack at {path}", "check the path")
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line)
                missing = [name for name in ("key", "file", "length", "segments") if name not in record]
            except (ValueError, TypeError) as error:
                raise InputError(f"{path}, line {number}: not a line of a label pack: {error}", "see docs/annotated-format.md") from error
            if missing:
                raise InputError(f"{path}, line {number}: {', '.join(missing)} missing", "see docs/annotated-format.md for the format of packs")
            yield number, record


def _texts(place: Path, wanted: set[tuple[str, int]], pack: Path) -> dict[tuple[str, int], str]:
    """Return the wanted texts of a file by key and length."""
    try:
        texts = pq.read_table(place, columns=["text"])["text"].to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{pack} needs {place}, which cannot be read: {error}", "give the data folder that the pack was made from") from error
    lengths = {length for _, length in wanted}
    named = ((text_key(text), text) for text in texts if text and len(text) in lengths)
    return {(key, len(text)): text for key, text in named if (key, len(text)) in wanted}


def _verbatim(record: dict[str, Any], text: str, taxonomy: Taxonomy, where: str) -> Verbatim:
    try:
        segments = tuple(segment_of(text[segment["start"] : segment["end"]], segment, taxonomy) for segment in record["segments"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{where}: {error}", "see docs/annotated-format.md for the codes") from error
    return Verbatim(f"L-{record['key'][:12]}", Path(record["file"]).stem, text, segments)
