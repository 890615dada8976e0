"""Turn verbatims and their opinions into token windows, and windows into batches; shared by training and by every backend."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from tokenizers import Tokenizer

from vocpipe.french.cleaning import clean

PAD, UNK, CLS, SEP, MASK, SHOUT = range(6)
SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[SHOUT]")

WINDOW = 256
"""Tokens of a window at most: a longer verbatim is read in several windows, cut between opinions."""


@dataclass(frozen=True)
class Pieces:
    """Number the special pieces of a tokenizer, and the tokens of a window at most; `shout` is null when no piece marks capitals."""

    pad: int
    unk: int
    cls: int
    sep: int
    shout: int | None
    window: int


OURS = Pieces(PAD, UNK, CLS, SEP, SHOUT, WINDOW)
"""The special pieces of the tokenizers that vocpipe trains."""

SHOUTING = 0.6
"""Share of capitals among an opinion's letters above which it gets the [SHOUT] token."""


@dataclass(frozen=True)
class Window:
    """Hold the tokens of neighbouring opinions of one verbatim, and where each opinion starts and ends in them."""

    ids: list[int]
    starts: list[int]
    ends: list[int]
    opinions: list[int]
    """Index of each opinion in the flat list of opinions that the caller gave."""


@dataclass(frozen=True)
class Batch:
    """Hold padded windows: `ids` (windows × tokens), and per opinion its window `row`, `start`, `end` and flat index `opinions`."""

    ids: np.ndarray
    rows: np.ndarray
    starts: np.ndarray
    ends: np.ndarray
    opinions: np.ndarray


def shouts(text: str) -> bool:
    """Tell whether a text is written in capitals, and long enough for that to mean something."""
    letters = [character for character in text if character.isalpha()]
    return len(letters) >= 8 and sum(character.isupper() for character in letters) >= SHOUTING * len(letters)


def opinion_tokens(tokenizer: Tokenizer, pieces: Sequence[str], cleaning: int, marks: Pieces = OURS) -> list[list[int]]:
    """Return the token ids of each opinion text, cleaned by that version, at most a window's worth each."""
    cleaned = [clean(piece, cleaning) for piece in pieces]
    encodings = tokenizer.encode_batch_fast(cleaned, add_special_tokens=False)
    longest = marks.window - 3
    if marks.shout is None:
        return [encoding.ids[:longest] for encoding in encodings]
    return [([marks.shout] if shouts(text) else []) + encoding.ids[:longest] for text, encoding in zip(cleaned, encodings, strict=True)]


def windows_of(tokens: Sequence[Sequence[int]], first: int = 0, marks: Pieces = OURS) -> Iterator[Window]:
    """Yield the windows of one verbatim, whose opinions have the flat indices `first`, `first + 1`, …

    A window reads `[CLS] opinion [SEP] opinion [SEP] …`: each opinion is judged beside its neighbours.
    """
    window = Window([marks.cls], [], [], [])
    for index, found in enumerate(tokens, first):
        ids = found or [marks.unk]
        if window.opinions and len(window.ids) + len(ids) + 1 > marks.window:
            yield window
            window = Window([marks.cls], [], [], [])
        window.starts.append(len(window.ids))
        window.ids.extend(ids)
        window.ends.append(len(window.ids))
        window.ids.append(marks.sep)
        window.opinions.append(index)
    if window.opinions:
        yield window


def batches_of(windows: Sequence[Window], budget: int = 2048, pad: int = PAD) -> Iterator[Batch]:
    """Yield padded batches of about `budget` tokens, sorted by length so that little is spent on padding."""
    order = sorted(range(len(windows)), key=lambda index: (len(windows[index].ids), index))
    chosen: list[Window] = []
    for index in order:
        if chosen and len(windows[index].ids) * (len(chosen) + 1) > budget:
            yield padded(chosen, pad)
            chosen = []
        chosen.append(windows[index])
    if chosen:
        yield padded(chosen, pad)


def padded(windows: Sequence[Window], pad: int = PAD) -> Batch:
    """Return the windows as one batch."""
    ids = np.full((len(windows), max(len(window.ids) for window in windows)), pad, dtype=np.int64)
    for row, window in enumerate(windows):
        ids[row, : len(window.ids)] = window.ids
    return Batch(
        ids,
        np.concatenate([np.full(len(window.opinions), row, dtype=np.int64) for row, window in enumerate(windows)]),
        np.concatenate([np.asarray(window.starts, dtype=np.int64) for window in windows]),
        np.concatenate([np.asarray(window.ends, dtype=np.int64) for window in windows]),
        np.concatenate([np.asarray(window.opinions, dtype=np.int64) for window in windows]),
    )
