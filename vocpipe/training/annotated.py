"""Read annotated verbatims and split them by verbatim, the same way every time."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from vocpipe.errors import InputError, nearest
from vocpipe.taxonomy import Taxonomy
from vocpipe.training.corpus import text_key

Split = Literal["train", "dev", "test"]


@dataclass(frozen=True)
class Segment:
    """Hold one annotated segment; `sentiment` and `theme` are None when the customer expresses none."""

    text: str
    sentiment: int | None
    emotions: dict[str, int]
    step: str
    theme: str | None
    flags: tuple[str, ...]
    irritant: str | None


@dataclass(frozen=True)
class Verbatim:
    """Hold one annotated verbatim with its segments in reading order."""

    id: str
    source: str
    text: str
    segments: tuple[Segment, ...]


def read_annotated(path: Path, taxonomy: Taxonomy) -> list[Verbatim]:
    """Read a JSONL file in the annotated format; raise `InputError` with the line and the nearest valid code."""
    verbatims = []
    with path.open(encoding="utf8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                verbatims.append(_verbatim(json.loads(line), taxonomy))
            except (ValueError, KeyError, TypeError) as error:
                raise InputError(f"{path}, line {number}: not an annotated verbatim: {error}", "see docs/annotated-format.md for the format") from error
    if not verbatims:
        raise InputError(f"{path} holds no verbatim", "give a JSONL file with one annotated verbatim per line")
    return verbatims


def _verbatim(record: dict[str, Any], taxonomy: Taxonomy) -> Verbatim:
    segments = tuple(_segment(segment, taxonomy) for segment in record["segments"])
    return Verbatim(str(record["id"]), str(record.get("source") or "unknown"), str(record["text"]), segments)


def _segment(record: dict[str, Any], taxonomy: Taxonomy) -> Segment:
    _known(record["step"], taxonomy.step_codes, "step")
    if record["theme"] is not None:
        _known(record["theme"], taxonomy.theme_codes, "theme")
    for code in record["emotions"]:
        _known(code, taxonomy.emotion_codes, "emotion")
    for code in record["flags"]:
        _known(code, taxonomy.flag_codes, "flag")
    if record["sentiment"] not in (None, -2, -1, 0, 1, 2):
        raise ValueError(f"sentiment {record['sentiment']!r} is not null or -2…2")
    return Segment(
        str(record["text"]),
        record["sentiment"],
        {code: int(intensity) for code, intensity in record["emotions"].items()},
        record["step"],
        record["theme"],
        tuple(record["flags"]),
        record.get("irritant"),
    )


def _known(code: str, codes: Sequence[str], kind: str) -> None:
    if code not in codes:
        raise ValueError(f"unknown {kind} {code!r}: {nearest(code, codes)}")


def split_by_verbatim(verbatims: Sequence[Verbatim], *, test: float = 0.15, dev: float = 0.10) -> dict[str, Split]:
    """Return the split of each verbatim id, stratified by source.

    A verbatim's place depends on a hash of its text alone, so equal texts never straddle a split and new labels do not move old ones far.
    """
    by_source: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for verbatim in verbatims:
        by_source[verbatim.source][text_key(verbatim.text)].append(verbatim.id)
    places: dict[str, Split] = {}
    for source, keys in by_source.items():
        ordered = sorted(keys, key=lambda key: hashlib.blake2b(f"{source}/{key}".encode(), digest_size=8).digest())
        for rank, key in enumerate(ordered):
            share = rank / len(ordered)
            place: Split = "test" if share < test else "dev" if share < test + dev else "train"
            places.update(dict.fromkeys(keys[key], place))
    return places
