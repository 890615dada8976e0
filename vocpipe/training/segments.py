"""What annotators say of a verbatim, checked against the taxonomy: the form that every file of labels is brought to."""

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vocpipe.errors import nearest
from vocpipe.sources.values import to_date, to_string
from vocpipe.taxonomy import Taxonomy

HEADS = ("sentiment", "emotions", "step", "theme", "flags", "irritant")
"""What a segment is judged on."""

_NONE = ("", "-")
# Longer than any code: where columns have slipped, an error must not quote a customer.
_LONGEST_CODE = 30
_WITH_INTENSITY = re.compile(r"([^\W\d]+)\s*[:=]?\s*(\d*)")


@dataclass(frozen=True)
class Segment:
    """Hold one annotated segment; `sentiment`, `theme` and `irritant` are None when there is none, `emotions` give an intensity of 1 or 2.

    `judged` names the `HEADS` that somebody judged. The others hold None or nothing, which says nothing about the segment: no model may be
    trained on them or measured against them. `step` is None only when it was not judged.
    """

    text: str
    sentiment: int | None
    emotions: dict[str, int]
    step: str | None
    theme: str | None
    flags: tuple[str, ...]
    irritant: str | None
    judged: frozenset[str] = frozenset(HEADS)


@dataclass(frozen=True)
class Verbatim:
    """Hold one annotated verbatim with its segments in reading order."""

    id: str
    source: str
    text: str
    segments: tuple[Segment, ...]
    date: dt.date | None = None
    company: str | None = None


def segment_of(text: str, labels: Mapping[str, Any], taxonomy: Taxonomy) -> Segment:
    """Return a segment with its labels checked; a head that `labels` does not hold, or that its list `judged` leaves out, is not judged.

    Raises `ValueError` with the nearest valid code.
    """
    named = labels.get("judged")
    judged = {head for head in (_items(named) if named is not None else HEADS) if _known(head, HEADS, "head") in labels}
    if _is_none(labels.get("step")):
        judged.discard("step")
    told = {head: labels[head] for head in judged}
    return Segment(
        text,
        _sentiment(told.get("sentiment")),
        _emotions(told.get("emotions"), taxonomy.emotion_codes),
        _code(told.get("step"), taxonomy.step_codes, "step"),
        _code(told.get("theme"), taxonomy.theme_codes, "theme"),
        tuple(_known(code, taxonomy.flag_codes, "flag") for code in _items(told.get("flags"))),
        None if _is_none(told.get("irritant")) else to_string(told["irritant"]),
        frozenset(judged),
    )


def labels_of(segment: Segment) -> dict[str, Any]:
    """Return the labels of a segment as JSON values that `segment_of` reads; heads that were not judged are left out."""
    values = {name: getattr(segment, name) for name in HEADS if name in segment.judged}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def day_of(value: object) -> dt.date | None:
    """Return the day that a value tells, day before month; None when there is none. Raises `ValueError` when it is no day."""
    day, problem = to_date(value, True)
    if problem:
        raise ValueError(f"date {_shown(value)}: {problem}; write it as 2026-03-31")
    return day


def _is_none(value: object) -> bool:
    return to_string(value).strip() in _NONE


def _sentiment(value: object) -> int | None:
    text = to_string(value).strip()
    if text in (*_NONE, "n", "null"):
        return None
    if isinstance(value, bool) or not re.fullmatch(r"[+-]?[0-2](\.0+)?", text):
        raise ValueError(f"sentiment {_shown(text)} is not null or -2…2")
    return int(float(text))


def _code(value: object, codes: Sequence[str], kind: str) -> str | None:
    return None if _is_none(value) else _known(to_string(value).strip(), codes, kind)


def _known(code: str, codes: Sequence[str], kind: str) -> str:
    if code not in codes:
        raise ValueError(f"unknown {kind} {_shown(code)}: {nearest(code, codes)}")
    return code


def _shown(value: object) -> str:
    text = to_string(value)
    return repr(text) if len(text) <= _LONGEST_CODE else f"(a text of {len(text)} characters)"


def _items(value: object) -> list[str]:
    """Return the codes of a list, of a JSON list, or of a text that separates them by commas, semicolons or bars."""
    if isinstance(value, str):
        value = json.loads(value) if value.lstrip().startswith("[") else re.split(r"[,;|]", value)
    if value is None:
        return []
    if not isinstance(value, list | tuple):
        raise ValueError(f"{_shown(value)} is not a list of codes")
    return [code for code in (to_string(item).strip() for item in value) if code not in _NONE]


def _emotions(value: object, codes: Sequence[str]) -> dict[str, int]:
    """Return the intensity of each emotion, from {code: intensity}, a list of {code, intensity} or of pairs, JSON of these, or "colere:2, peur1"."""
    if isinstance(value, str):
        value = json.loads(value) if value.lstrip().startswith(("{", "[")) else [_written_emotion(item) for item in _items(value)]
    if isinstance(value, Mapping):
        value = [(code, intensity) for code, intensity in value.items() if intensity is not None]
    if not isinstance(value, list | tuple | None):
        raise ValueError(f"emotions {_shown(value)} are not codes with their intensity")
    pairs = [_pair(item) for item in value or ()]
    for code, intensity in pairs:
        _known(code, codes, "emotion")
        if intensity not in (1, 2):
            raise ValueError(f"intensity {_shown(intensity)} of {code} is not 1 or 2")
    return {code: int(intensity) for code, intensity in pairs}


def _pair(item: Any) -> tuple[str, Any]:
    if isinstance(item, Mapping):
        return str(item["code"]), item["intensity"]
    if isinstance(item, str):
        return _written_emotion(item)
    code, intensity = item
    return str(code), intensity


def _written_emotion(text: str) -> tuple[str, int]:
    match = _WITH_INTENSITY.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{_shown(text)} is not an emotion with its intensity, such as colere:2")
    return match[1], int(match[2] or 1)
