"""Measure how well opinions are cut where annotators cut.

    python -m tests.golden.segmentation_report [FILE [SPLIT]]

FILE is a JSONL file of annotated verbatims, SPLIT train, dev or test (the default; rules are tuned on train only). A cut is placed by the letters and
digits that stand before it. Annotators cut only at white space; the second line leaves out the cuts where the text has none ("rapide.Je recommande").
"""

import sys
from bisect import bisect_left
from collections.abc import Callable, Iterable
from pathlib import Path

from vocpipe.french.segmentation import segment
from vocpipe.taxonomy import load_taxonomy
from vocpipe.training.annotated import Verbatim, read_annotated, split_by_verbatim

DEFAULT = Path("../shared/data/annotated/verbatims.jsonl")


def letters(text: str) -> int:
    """Return the number of letters and digits of a text."""
    return sum(character.isalnum() for character in text)


def annotated_cuts(verbatim: Verbatim) -> set[int]:
    """Return the cuts of the annotators, as counts of the letters before."""
    sizes = [letters(piece.text) for piece in verbatim.segments]
    return {sum(sizes[:place]) for place in range(1, len(sizes))} - {0, sum(sizes)}


def found_cuts(text: str) -> set[int]:
    """Return the cuts of `segment`, as counts of the letters before."""
    return {letters(text[:end]) for _, end in segment(text)[:-1]} - {0, letters(text)}


def spaced(text: str, cuts: Iterable[int]) -> set[int]:
    """Return the cuts that have white space before the next letter, after the marks."""
    places = [place for place, character in enumerate(text) if character.isalnum()]
    return {cut for cut in cuts if text[places[cut] - 1].isspace() or text[places[cut] - 2 : places[cut] - 1].isspace()}


def window_differences(text: str, annotated: set[int], found: set[int]) -> tuple[int, int]:
    """Return windows that hold another number of cuts, and all windows (WindowDiff: Pevzner and Hearst, 2002), a window being half a mean segment."""
    total, left, right = letters(text), sorted(annotated), sorted(found)
    size = max(2, round(total / (len(annotated) + 1) / 2))

    def held(cuts: list[int], start: int) -> int:
        return bisect_left(cuts, start + size) - bisect_left(cuts, start)

    starts = range(1, total - size)
    return sum(held(left, start) != held(right, start) for start in starts), len(starts)


def report(verbatims: list[Verbatim], keep: Callable[[str, set[int]], set[int]]) -> str:
    """Return precision, recall and F1 of the cuts, WindowDiff, and opinions per text."""
    hits = misses = extra = differing = windows = 0
    for verbatim in verbatims:
        annotated, found = (keep(verbatim.text, cuts) for cuts in (annotated_cuts(verbatim), found_cuts(verbatim.text)))
        hits, misses, extra = hits + len(annotated & found), misses + len(annotated - found), extra + len(found - annotated)
        differ, all_windows = window_differences(verbatim.text, annotated, found)
        differing, windows = differing + differ, windows + all_windows
    precision, recall = hits / max(hits + extra, 1), hits / max(hits + misses, 1)
    size = len(verbatims)
    return (
        f"precision {precision:.3f}  recall {recall:.3f}  F1 {2 * precision * recall / max(precision + recall, 1e-9):.3f}  "
        f"WindowDiff {differing / max(windows, 1):.3f}  opinions per text {1 + (hits + extra) / size:.2f} (annotators {1 + (hits + misses) / size:.2f})"
    )


def main() -> None:
    """Print the measures of one split."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    split = sys.argv[2] if len(sys.argv) > 2 else "test"
    verbatims = read_annotated(path, load_taxonomy())
    places = split_by_verbatim(verbatims)
    chosen = [verbatim for verbatim in verbatims if places[verbatim.id] == split]
    print(f"{len(chosen)} verbatims of {split}")
    print("every cut          ", report(chosen, lambda _, cuts: cuts))
    print("cuts at white space", report(chosen, spaced))


if __name__ == "__main__":
    main()
