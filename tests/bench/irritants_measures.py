"""How alike two groupings are, and how near a grouping is to what annotators wrote. A grouping is one number by opinion; -1 is the residual."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

import numpy as np
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, homogeneity_completeness_v_measure

RESIDUAL = -1


def rand_index(one: np.ndarray, other: np.ndarray) -> float:
    """Return the adjusted Rand index of two groupings of the same opinions: 1 is the same, 0 is chance. The residual counts as one more group."""
    return float(adjusted_rand_score(one, other))


def bcubed(found: Sequence[Hashable], told: Sequence[Hashable]) -> tuple[float, float, float]:
    """Return B-cubed precision, recall and F1 (Bagga and Baldwin 1998; Amigó et al. 2009): averaged over opinions, not over groups."""
    of_found, of_told, of_both = Counter(found), Counter(told), Counter(zip(found, told, strict=True))
    precision = sum(count * count / of_found[group] for (group, _), count in of_both.items()) / len(found)
    recall = sum(count * count / of_told[phrase] for (_, phrase), count in of_both.items()) / len(found)
    return precision, recall, 2 * precision * recall / (precision + recall)


def agreement(found: np.ndarray, told: Sequence[Hashable]) -> dict[str, float]:
    """Return how near groups are to the annotators': V-measure with its parts, adjusted mutual information (which more groups do not flatter), B-cubed."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(told))}
    codes = np.array([numbers[name] for name in told])
    homogeneity, completeness, v_measure = homogeneity_completeness_v_measure(codes, found)
    precision, recall, f1 = bcubed(found.tolist(), codes.tolist())
    return {
        "v_measure": float(v_measure),
        "homogeneity": float(homogeneity),
        "completeness": float(completeness),
        "adjusted_mutual_information": float(adjusted_mutual_info_score(codes, found)),
        "bcubed_precision": precision,
        "bcubed_recall": recall,
        "bcubed_f1": f1,
    }


def quality(found: np.ndarray, told: Sequence[Hashable]) -> dict[str, Any]:
    """Return the agreement over all opinions, the residual as one group, and over those that have a group."""
    kept = np.flatnonzero(found != RESIDUAL).tolist()
    result: dict[str, Any] = {"all": {"n": len(found), **agreement(found, told)}}
    result["assigned"] = {"n": len(kept), **(agreement(found[kept], [told[row] for row in kept]) if len(kept) else {})}
    return result


def spread(values: Iterable[float]) -> dict[str, Any]:
    """Return how many values there are, their mean and the worst."""
    listed = list(values)
    return {"n": len(listed), "mean": float(np.mean(listed)), "least": min(listed)}


def numbered(names: Sequence[str | None]) -> np.ndarray:
    """Return a number for each name, by order of name; -1 for none."""
    numbers = {name: number for number, name in enumerate(sorted({name for name in names if name is not None}))}
    return np.array([RESIDUAL if name is None else numbers[name] for name in names], dtype=np.int64)
