"""Choose the opinions whose labels teach most: where the model hesitates, what is typical, what is rare, what a person and the model see otherwise."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from vocpipe.corrections import Correction, answer
from vocpipe.review.pool import Pool
from vocpipe.sources.identity import normalise
from vocpipe.taxonomy import Taxonomy

MIX = {"suspect": 0.10, "rare": 0.20, "diverse": 0.30, "uncertain": 0.40}
"""Share of each way to choose, in the order they choose; what one cannot fill goes to those after it, and at last to the uncertain."""

_TOO_NEAR = 0.95  # cosine: nearly the same opinion told again teaches little
_SURE = 0.85
_RARE = 0.01  # a label said of less than 1 % of the opinions
_HINT_OF_RARE = 0.05  # probability below which a rare label is no more than noise
_CLUSTERED = 20_000
_HEADS = {"sentiment": "le sentiment", "emotions": "l'émotion", "step": "l'étape", "theme": "le thème", "flags": "le signal", "irritant": "l'irritant"}


Judged: TypeAlias = Mapping[int, Mapping[str, Correction]]
"""What people said of opinions, by their place in the pool and by head."""


@dataclass(frozen=True)
class Pick:
    """Name an opinion by its place in the pool, the way it was chosen, and why, in French."""

    place: int
    way: str
    reason: str


def select(pool: Pool, taxonomy: Taxonomy, judged: Judged, count: int, seed: int = 0) -> list[Pick]:
    """Return at most `count` opinions by the shares of `MIX`, mixed, the best of each way first; the same pool, judgements and seed give the same ones.

    What people judged already is left out, but for what the model is sure of and they deny. Near-duplicates of a chosen opinion are passed over.
    """
    left = np.asarray([place for place in range(len(pool)) if place not in judged], dtype=np.int64)
    doubt, head = uncertainty(pool, taxonomy)
    picker = _Picker(pool)
    ways = {
        "suspect": lambda wanted: _suspects(pool, judged),
        "rare": lambda wanted: _rare(pool, taxonomy, left),
        "diverse": lambda wanted: _typical(pool, left, wanted, seed),
        "uncertain": lambda wanted: _hesitant(pool, left, doubt, head),
    }
    chosen: list[list[Pick]] = []
    open_share, open_places = 1.0, count
    for way, share in MIX.items():
        wanted = round(open_places * share / open_share)
        chosen.append(picker.take(way, ways[way](wanted), wanted))
        open_share, open_places = open_share - share, open_places - len(chosen[-1])
    ranked = sorted(((rank + 0.5) / len(picks), order, pick) for order, picks in enumerate(chosen) for rank, pick in enumerate(picks))
    return [pick for _, _, pick in ranked]


def uncertainty(pool: Pool, taxonomy: Taxonomy) -> tuple[np.ndarray, np.ndarray]:
    """Return how much the model hesitates on each opinion, 0 … 1, the mean over its heads, and the index of the head where it does most.

    One label of several: what the first lacks of certainty, over the most it can lack. Labels that stand alone: the entropy, in bits, of the least sure.
    """
    codes = {"sentiment": 4, "step": len(taxonomy.steps), "theme": len(taxonomy.themes) + 1}
    doubts = []
    for head in _HEADS:
        found = pool.probabilities(head)
        if head in codes:
            doubts.append((1 - found) / (1 - 1 / codes[head]) if found.ndim == 1 else np.full(len(pool), np.nan))
        else:
            doubts.append(_highest(_entropy(found if found.ndim == 2 else found[:, None])))
    table = np.nan_to_num(np.stack(doubts, axis=1), nan=-1.0)
    known = table >= 0
    mean = np.where(known, table, 0).sum(1) / np.maximum(known.sum(1), 1)
    return mean, table.argmax(1)


class _Picker:
    """Keep what was chosen, and refuse what nearly repeats it."""

    def __init__(self, pool: Pool) -> None:
        self._vectors = pool.vectors
        texts, starts, ends = (pool.strings(name) for name in ("text", "opinion_start", "opinion_end"))
        self._words = [normalise(text[start:end]) for text, start, end in zip(texts, starts, ends, strict=True)]
        self._told: set[str] = set()
        self._chosen: list[int] = []

    def take(self, way: str, offers: Iterable[tuple[int, str]], wanted: int) -> list[Pick]:
        """Return the first `wanted` of the opinions on offer that are new."""
        found: list[Pick] = []
        if wanted > 0:
            for place, reason in offers:
                if self._is_new(place):
                    self._told.add(self._words[place])
                    self._chosen.append(place)
                    found.append(Pick(place, way, reason))
                    if len(found) == wanted:
                        break
        return found

    def _is_new(self, place: int) -> bool:
        if not self._words[place] or self._words[place] in self._told:
            return False
        return not self._chosen or float((self._vectors[self._chosen] @ self._vectors[place]).max()) < _TOO_NEAR


def _hesitant(pool: Pool, left: np.ndarray, doubt: np.ndarray, head: np.ndarray) -> Iterator[tuple[int, str]]:
    """Offer the opinions, the least sure first."""
    names = list(_HEADS.values())
    for place in left[np.argsort(-doubt[left], kind="stable")].tolist():
        yield place, f"le modèle hésite, surtout sur {names[head[place]]} (doute {doubt[place]:.0%})".replace("%", " %")


def _typical(pool: Pool, left: np.ndarray, wanted: int, seed: int) -> Iterator[tuple[int, str]]:
    """Offer the most central opinion of each of `wanted` groups (k-means), the largest group first."""
    from sklearn.cluster import KMeans

    usable = left[pool.vectors[left].any(axis=1)]
    if len(usable) > _CLUSTERED:
        usable = np.sort(np.random.default_rng(seed).choice(usable, _CLUSTERED, replace=False))
    groups = min(wanted, len(usable))
    if groups < 2:
        return
    vectors = pool.vectors[usable]
    found = KMeans(groups, n_init=1, random_state=seed).fit(vectors)
    nearness = -np.linalg.norm(vectors - found.cluster_centers_[found.labels_], axis=1)
    sizes = np.bincount(found.labels_, minlength=groups)
    for group in np.argsort(-sizes, kind="stable"):
        members = np.flatnonzero(found.labels_ == group)
        for place in usable[members[np.argsort(-nearness[members], kind="stable")]][:1].tolist():
            yield place, f"exemple type d'un groupe de {sizes[group]} opinions proches"


def _rare(pool: Pool, taxonomy: Taxonomy, left: np.ndarray) -> Iterator[tuple[int, str]]:
    """Offer opinions of each rare label in turn, the rarest label first, the likeliest opinion first."""
    rare = sorted((found for found in _labels(pool, taxonomy, left) if found[1] < max(1, _RARE * len(left))), key=lambda found: found[1])
    turns = [(f"étiquette rare : {name} (prédite {count} fois)", iter(order)) for name, count, order in rare]
    while turns:
        going = []
        for reason, order in turns:
            place = next(order, None)
            if place is not None:
                yield place, reason
                going.append((reason, order))
        turns = going


def _labels(pool: Pool, taxonomy: Taxonomy, left: np.ndarray) -> Iterator[tuple[str, int, list[int]]]:
    """Yield the French name of each label, how many of the opinions left it was said of, and the opinions that may have it, the likeliest first."""
    for head, labels in (("emotions", taxonomy.emotions), ("flags", taxonomy.flags)):
        said, chances = pool.strings(f"opinion_{head}"), pool.probabilities(head)
        for column, label in enumerate(labels):
            if chances.shape[1] == len(labels):
                likely = left[np.argsort(-np.nan_to_num(chances[left, column]), kind="stable")]
                order = [place for place in likely.tolist() if chances[place, column] >= _HINT_OF_RARE]
            else:
                order = [place for place in left.tolist() if label.code in (said[place] or ())]
            yield label.fr, sum(label.code in (said[place] or ()) for place in left.tolist()), order
    for head, codes in (("step", taxonomy.steps), ("theme", taxonomy.themes)):
        said, chances = pool.strings(f"opinion_{head}"), pool.probabilities(head)
        for code in codes:
            those = [place for place in left.tolist() if said[place] == code.code]
            yield code.fr, len(those), sorted(those, key=lambda place: (-float(np.nan_to_num(chances[place]).max(initial=0)), place))


def _suspects(pool: Pool, judged: Judged) -> Iterator[tuple[int, str]]:
    """Offer what people judged and the model is sure to know better, the surest first: one of the two is wrong."""
    found = []
    chances = {head: pool.probabilities(head) for head in ("sentiment", "step", "theme", "irritant")}
    for place, row in zip(judged, pool.records(list(judged)), strict=True):
        lists = {name: [value] for name, value in row.items()}
        for head, said in judged[place].items():
            if head in chances and said.changes(answer(lists, 0, head)):
                sure = float(np.nan_to_num(chances[head][place]).max(initial=0))
                sure = max(sure, 1 - sure) if head == "irritant" else sure
                model = answer(lists, 0, head)
                found.append((-sure, place, head, "oui" if model is True else "non" if model is False else "aucun" if model is None else str(model)))
    for sure, place, head, model in sorted(found):
        if -sure >= _SURE:
            yield place, f"à revoir : sur {_HEADS[head]}, le modèle dit {model}, sûr à {-sure:.0%}".replace("%", " %")


def _entropy(chances: np.ndarray) -> np.ndarray:
    clipped = np.clip(chances, 1e-6, 1 - 1e-6)
    bits: np.ndarray = -(clipped * np.log2(clipped) + (1 - clipped) * np.log2(1 - clipped))
    return bits


def _highest(table: np.ndarray) -> np.ndarray:
    """Return the highest value of each row, NaN where there is none."""
    highest: np.ndarray = np.nan_to_num(table, nan=-1.0).max(axis=1, initial=-1.0)
    return np.where(highest < 0, np.nan, highest)
