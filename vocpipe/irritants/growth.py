"""Let a catalogue grow by a batch: known problems of the starter catalogue that the batch is full of, then groups found among what fits nothing."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from vocpipe.irritants.candidates import Candidates
from vocpipe.irritants.catalogue import Catalogue, Irritant, Phrases
from vocpipe.irritants.discovery import Group, discover, same, spread
from vocpipe.irritants.evidence import choose
from vocpipe.irritants.fit import fit
from vocpipe.irritants.naming import Namer, Naming, theme_label
from vocpipe.irritants.scores import Bools, Floats, Ints, on_grid, score_matrix
from vocpipe.irritants.settings import IrritantSettings

_SPREAD_OF_KNOWN = 0.9
_DEVIATIONS = 2.0


def grow(
    batch: str,
    candidates: Candidates,
    known: Catalogue,
    starter: Catalogue,
    phrases: Phrases,
    settings: IrritantSettings,
    theme_labels: Mapping[str, str] | None = None,
    taken: Iterable[str] = (),
    prefix: str = "IRR",
    search: bool = True,
) -> Catalogue:
    """Return the irritants that a batch brings: adopted from the starter catalogue, and discovered.

    A starter irritant is adopted when, in one month, enough opinions fit it best of all the starter irritants: this does not depend on what is
    known, so batches adopt the same ones in any order. Opinions that no known or adopted irritant takes are searched for new ones; a group that is
    nearly a known irritant is not new, and its opinions stay residual: to take them would widen what the irritant means from month to month.

    `theme_labels` gives the French name of each theme; `taken` lists ids that are in use beside those known. Without `search`, nothing is discovered.
    """
    adopted = _adopted(batch, candidates, known, starter, settings)
    standing = known.merge(adopted)
    groups = _new_groups(candidates, standing, settings) if search else []
    names = Catalogue((*standing.irritants, *starter.irritants)).labels
    found = _named(batch, groups, candidates, names, phrases, settings, theme_labels or {}, standing.next_number((*taken, *starter.ids)), prefix)
    return adopted.merge(Catalogue(tuple(found)))


def _adopted(batch: str, candidates: Candidates, known: Catalogue, starter: Catalogue, settings: IrritantSettings) -> Catalogue:
    months = np.array([month or batch for month in candidates.months], dtype=object)
    belongs = fit(candidates, starter, settings).irritants
    of_month = Counter(months.tolist())
    met = Counter(zip(belongs.tolist(), months.tolist(), strict=True))
    enough = {row for (row, month), count in met.items() if row >= 0 and count >= max(settings.take_up, settings.min_share * of_month[month])}
    already = set(known.ids)
    new = [row for row in sorted(enough) if starter.ids[row] not in already]
    return Catalogue(tuple(_settled(batch, starter.irritants[row], np.flatnonzero(belongs == row), candidates, settings) for row in new))


def _settled(batch: str, irritant: Irritant, members: Ints, candidates: Candidates, settings: IrritantSettings) -> Irritant:
    """Return a starter irritant with what the batch shows of it."""
    step = _most_frequent(candidates.steps[row] for row in members)
    width = spread(candidates.vectors[members], candidates.theme_codes[members], settings)
    return replace(irritant, step=step, size=len(members), spread=width, quote=_quote(candidates, members, irritant.centroid), first_batch=batch)


def _new_groups(candidates: Candidates, known: Catalogue, settings: IrritantSettings) -> list[tuple[Group, Ints]]:
    """Return the groups to add, each with its members as rows of the candidates."""
    residual = np.flatnonzero((fit(candidates, known, settings).irritants < 0) & candidates.usable)
    found = discover(candidates.vectors[residual], candidates.theme_codes[residual], _limit(known, settings), settings)
    repeated: Bools = same(found, known.centroids, known.profiles(candidates.codes).themes, settings)
    return [(group, residual[group.members]) for group, again in zip(found, repeated, strict=True) if not again]


def _limit(known: Catalogue, settings: IrritantSettings) -> float | None:
    """Return the spread that a new irritant may have, by that of the known ones."""
    if not len(known):
        return None
    spreads = np.array([irritant.spread for irritant in known.irritants])
    return settings.looseness * float(np.quantile(spreads, _SPREAD_OF_KNOWN, method="higher"))


def _named(
    batch: str,
    groups: list[tuple[Group, Ints]],
    candidates: Candidates,
    names: Iterable[str],
    phrases: Phrases,
    settings: IrritantSettings,
    labels: Mapping[str, str],
    first: int,
    prefix: str,
) -> list[Irritant]:
    if not groups:
        return []
    lines = candidates.lines
    namer = Namer(phrases, settings.phrase_score, candidates.vectors[candidates.usable], lines, names)
    new = []
    for number, (group, members) in enumerate(groups, first):
        name = f"{prefix}-{number:04d}"
        theme = candidates.themes[group.theme] if group.theme >= 0 else None
        central = most_central(candidates.vectors, members, group.centroid)
        told = Naming(candidates.vectors[central], [lines[row] for row in members], group.centroid, theme, theme_label(theme, labels))
        label, terms = namer.name(told, name)
        step = _most_frequent(candidates.steps[row] for row in members)
        irritant = Irritant(
            name, label, theme, step, group.centroid, 0.0, group.spread, len(members), terms, _quote(candidates, members, group.centroid), batch
        )
        new.append(replace(irritant, threshold=_threshold(irritant, members, candidates, settings)))
    return new


def _threshold(irritant: Irritant, members: Ints, candidates: Candidates, settings: IrritantSettings) -> float:
    """Return the score that opinions must reach: two deviations under the members' mean, so that a tight group stays tight."""
    found = score_matrix(candidates.profiles.take(members), Catalogue((irritant,)).profiles(candidates.codes), settings)
    return float(on_grid(max(settings.min_score, float(found.mean() - _DEVIATIONS * found.std()))))


def _quote(candidates: Candidates, members: Ints, centroid: Floats) -> str:
    """Return the most central opinion among those that read well."""
    ranked = most_central(candidates.vectors, members, centroid).tolist()
    return candidates.lines[choose(ranked, candidates.lines, candidates.verbatim_ids.to_pylist(), 1)[0]]


def most_central(vectors: Floats, members: Ints, centroid: Floats) -> Ints:
    """Return members (rows of vectors), the closest to the centroid first."""
    cosine = vectors[members].astype(np.float64) @ centroid.astype(np.float64)
    return members[np.argsort(-cosine, kind="stable")]


def _most_frequent(values: Iterable[str | None]) -> str | None:
    counts = Counter(value for value in values if value is not None)
    return min(counts, key=lambda value: (-counts[value], value), default=None)
