"""Windows and batches keep every opinion, whatever the lengths."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vocpipe.ml.tokens import CLS, SEP, WINDOW, Pieces, batches_of, padded, shouts, windows_of

OPINIONS = st.lists(st.lists(st.integers(6, 99), min_size=1, max_size=WINDOW - 3), min_size=1, max_size=12)


@given(OPINIONS, st.integers(0, 50))
def test_every_opinion_is_in_one_window_whole(tokens: list[list[int]], first: int) -> None:
    windows = list(windows_of(tokens, first))
    assert [opinion for window in windows for opinion in window.opinions] == list(range(first, first + len(tokens)))
    for window in windows:
        assert window.ids[0] == CLS
        assert window.ids[-1] == SEP
        assert len(window.ids) <= WINDOW
        for opinion, start, end in zip(window.opinions, window.starts, window.ends, strict=True):
            assert window.ids[start:end] == tokens[opinion - first]


@given(st.lists(OPINIONS, min_size=1, max_size=20))
def test_batches_hold_every_window_once(verbatims: list[list[list[int]]]) -> None:
    windows = []
    first = 0
    for tokens in verbatims:
        windows.extend(windows_of(tokens, first))
        first += len(tokens)
    batches = list(batches_of(windows, 512))
    assert sorted(np.concatenate([batch.opinions for batch in batches])) == list(range(first))
    flat = [tokens for part in verbatims for tokens in part]
    for batch in batches:
        for opinion, row, start, end in zip(batch.opinions, batch.rows, batch.starts, batch.ends, strict=True):
            assert list(batch.ids[row, start:end]) == flat[opinion]


def test_shouting_needs_capitals_and_length() -> None:
    assert shouts("C'EST UNE HONTE")
    assert not shouts("C'est une honte")
    assert not shouts("SAV")


@given(st.lists(st.lists(st.integers(6, 99), max_size=7), min_size=1, max_size=12))
def test_windows_are_written_with_the_pieces_of_their_tokenizer(tokens: list[list[int]]) -> None:
    marks = Pieces(pad=1, unk=3, cls=0, sep=2, shout=None, window=10)
    windows = list(windows_of(tokens, 0, marks))
    assert all(window.ids[0] == 0 and window.ids[-1] == 2 and len(window.ids) <= 10 for window in windows)
    spoken = [window.ids[start:end] for window in windows for start, end in zip(window.starts, window.ends, strict=True)]
    assert spoken == [ids or [3] for ids in tokens]
    batch = padded(windows, marks.pad)
    assert ((batch.ids == 1).sum(1) == [batch.ids.shape[1] - len(window.ids) for window in windows]).all()
