"""Split annotated verbatims into what trains, what chooses and what measures, the same way every time."""

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal

from vocpipe.errors import ConfigError, InputError, nearest
from vocpipe.training.corpus import text_key
from vocpipe.training.near import near_groups
from vocpipe.training.segments import Verbatim

Split = Literal["train", "dev", "test", "out_of_domain"]
Part = Literal["all", "train", "dev", "test", "out_of_domain"]

_STRICTEST_LAST: tuple[Split, ...] = ("train", "dev", "test")


def split_by_verbatim(verbatims: Sequence[Verbatim], *, test: float = 0.15, dev: float = 0.10, held_out_source: str | None = None) -> dict[str, Split]:
    """Return the split of each verbatim id, stratified by source; all of `held_out_source` is out of domain.

    A verbatim's place depends on a hash of its text alone, so new labels do not move old verbatims far. Texts that nearly repeat one another stand
    together, in the strictest of their places (test, then dev, then train); those that nearly repeat one that is out of domain, in test.
    Raises `ConfigError` for a source that is not there.
    """
    sources = {verbatim.source for verbatim in verbatims}
    if held_out_source is not None and held_out_source not in sources:
        raise ConfigError(f"no verbatim comes from the source {held_out_source!r}", f"set `held_out_source`: {nearest(held_out_source, sources)}")
    places = _by_source(verbatims, test, dev)
    for members in _groups(verbatims):
        outside = any(verbatim.source == held_out_source for verbatim in members)
        strictest = "test" if outside else max((places[verbatim.id] for verbatim in members), key=_STRICTEST_LAST.index)
        places.update({verbatim.id: strictest for verbatim in members})
    places.update({verbatim.id: "out_of_domain" for verbatim in verbatims if verbatim.source == held_out_source})
    return places


def split_by_time(verbatims: Sequence[Verbatim], *, test: float = 0.15, dev: float = 0.10) -> dict[str, Split]:
    """Return the split of each verbatim id by date: the last days, at most that share of the dated verbatims, are test; those before them dev.

    All verbatims of a day stand together. Undated ones train. Texts that nearly repeat one another stand where the earliest of them does: what was
    already said in the past does not measure the future. Raises `InputError` when the dates leave no day for test.
    """
    days = sorted(verbatim.date for verbatim in verbatims if verbatim.date)
    test_from, dev_from = _first_day(days, test), _first_day(days, test + dev)
    if test_from is None:
        raise InputError(f"the verbatims cannot be split by time: {len(days)} have a date", "give verbatims of many days, or split them by verbatim")
    places: dict[str, Split] = {}
    for members in _groups(verbatims):
        day = min(verbatim.date or dt.date.min for verbatim in members)
        place: Split = "test" if day >= test_from else "dev" if dev_from and day >= dev_from else "train"
        places.update({verbatim.id: place for verbatim in members})
    return places


def part_of(verbatims: Sequence[Verbatim], split: Part, held_out_source: str | None = None) -> list[Verbatim]:
    """Return the verbatims of a split of `split_by_verbatim`, or all, in their order."""
    if split == "all":
        return list(verbatims)
    places = split_by_verbatim(verbatims, held_out_source=held_out_source)
    return [verbatim for verbatim in verbatims if places[verbatim.id] == split]


def _by_source(verbatims: Sequence[Verbatim], test: float, dev: float) -> dict[str, Split]:
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


def _groups(verbatims: Sequence[Verbatim]) -> list[list[Verbatim]]:
    groups: dict[int, list[Verbatim]] = defaultdict(list)
    for verbatim, group in zip(verbatims, near_groups(tuple(verbatim.text for verbatim in verbatims)), strict=True):
        groups[group].append(verbatim)
    return list(groups.values())


def _first_day(days: Sequence[dt.date], share: float) -> dt.date | None:
    """Return the first day from which on at most that share of the days given lies; None when there is no such day."""
    first = len(days) - int(share * len(days) + 1e-9)
    while 0 < first < len(days) and days[first] == days[first - 1]:
        first += 1
    return days[first] if first < len(days) else None
