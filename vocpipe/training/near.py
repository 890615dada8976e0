"""Find texts that nearly repeat one another, so that none of them helps to judge its own copy."""

import re
from collections.abc import Sequence
from functools import lru_cache

from vocpipe.duplicates import DuplicateSettings
from vocpipe.sources.identity import normalise
from vocpipe.training.corpus import opening_key, text_key

NEAR = float(DuplicateSettings().near)
"""Share of common word triples (Jaccard) from which two texts are one: what a workspace counts as copies."""

# Fewer words differ by one where they tell of different things: "commande 12", "commande 13".
_FEWEST_WORDS = 15
# Bands of the signatures, and rows of a band: one pair in 20,000 at the threshold is missed; those found are compared exactly.
_BANDS, _ROWS = 25, 5
_WORD = re.compile(r"\w+")


@lru_cache(maxsize=4)
def near_groups(texts: tuple[str, ...]) -> tuple[int, ...]:
    """Return the group of each text: texts that are equal but for capitals, spaces and punctuation, or nearly equal, share a number.

    Nearly equal: from `NEAR` on, for texts of 15 words or more, found by MinHash (Broder 1997); or the same first 60 characters, as where one
    copy was cut. Being copies of a third text makes two texts a group. The groups do not depend on the order of the texts.
    """
    above = list(range(len(texts)))
    for key in (text_key, opening_key):
        first: dict[str, int] = {}
        for place, text in enumerate(texts):
            if name := key(text):
                _join(above, first.setdefault(name, place), place)
    for one, other in _near_pairs(texts):
        _join(above, one, other)
    return tuple(_top(above, place) for place in range(len(texts)))


def _near_pairs(texts: Sequence[str]) -> list[tuple[int, int]]:
    from datasketch import MinHash, MinHashLSH

    triples = {place: found for place, text in enumerate(texts) if (found := word_triples(text))}
    index = MinHashLSH(num_perm=_BANDS * _ROWS, params=(_BANDS, _ROWS))
    pairs = []
    sketches = MinHash.generator(([triple.encode() for triple in sorted(found)] for found in triples.values()), num_perm=_BANDS * _ROWS, seed=1)
    for place, sketch in zip(triples, sketches, strict=True):
        pairs += [(other, place) for other in index.query(sketch) if similarity(triples[other], triples[place]) >= NEAR]
        index.insert(place, sketch)
    return pairs


def word_triples(text: str) -> frozenset[str]:
    """Return the triples of words that stand together in a text; none for a text of fewer than 15 words."""
    words = _WORD.findall(normalise(text))
    return frozenset(" ".join(words[place : place + 3]) for place in range(len(words) - 2)) if len(words) >= _FEWEST_WORDS else frozenset()


def similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """Return the share of triples that two sets have in common (Jaccard), 0 … 1."""
    return len(one & other) / max(1, len(one | other))


def _top(above: list[int], place: int) -> int:
    while above[place] != place:
        above[place] = above[above[place]]
        place = above[place]
    return place


def _join(above: list[int], one: int, other: int) -> None:
    one, other = _top(above, one), _top(above, other)
    above[max(one, other)] = min(one, other)
