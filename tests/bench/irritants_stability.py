"""Whether a system gives the same groups again: in another order, with another seed, without a tenth, in four parts."""

from typing import Any

import numpy as np

from tests.bench.irritants_data import Opinions
from tests.bench.irritants_measures import rand_index, spread
from tests.bench.irritants_systems import System

PARTS = 4
_SEED = 0


def stability(system: System, opinions: Opinions, reference: np.ndarray, groups: int, times: int) -> dict[str, Any]:
    """Return the adjusted Rand indices against the reference, which is of all the opinions in their order with seed 0.

    Four files are parts of one batch, in another order; four batches come one after the other, each grouped before the next is known.
    """
    places = _parts(len(opinions))
    parts, same = [opinions.take(rows) for rows in places], reference[np.concatenate(places)]
    return {
        "orders": spread(_on_rows(system, opinions, reference, groups, order) for order in _orders(len(opinions), times)),
        "seeds": spread(rand_index(reference, system.group([opinions], seed, groups)) for seed in range(1, times + 1)),
        "without_a_tenth": spread(_on_rows(system, opinions, reference, groups, rows) for rows in _without_a_tenth(len(opinions), times)),
        "four_files": spread([rand_index(same, system.group(parts, _SEED, groups))]),
        "four_batches": spread([rand_index(same, system.group_in_sequence(parts, _SEED, groups))]),
    }


def _orders(count: int, times: int) -> list[np.ndarray]:
    return [np.random.default_rng(number).permutation(count) for number in range(1, times + 1)]


def _without_a_tenth(count: int, times: int) -> list[np.ndarray]:
    """Return the rows that are left when one tenth after the other is taken away."""
    tenth = np.random.default_rng(_SEED).permutation(count) % 10
    return [np.flatnonzero(tenth != number % 10) for number in range(times)]


def _on_rows(system: System, opinions: Opinions, reference: np.ndarray, groups: int, rows: np.ndarray) -> float:
    return rand_index(reference[rows], system.group([opinions.take(rows)], _SEED, groups))


def _parts(count: int) -> list[np.ndarray]:
    """Return the rows of four parts, drawn by chance."""
    return np.array_split(np.random.default_rng(_SEED).permutation(count), PARTS)
