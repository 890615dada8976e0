"""Give each opinion of a batch its irritant: the known ones first, then the new ones found among what they leave."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from vocpipe.irritants.candidates import Candidates, collect
from vocpipe.irritants.catalogue import PREFIX, Catalogue, Irritant, Phrases
from vocpipe.irritants.discovery import Group, Limits, discover, same
from vocpipe.irritants.evidence import choose
from vocpipe.irritants.naming import Namer, Naming, theme_label
from vocpipe.irritants.scores import Bools, Doubles, Floats, Ints, scores
from vocpipe.irritants.settings import IrritantSettings

ASSIGNMENT_SCHEMA = pa.schema(
    [
        pa.field("verbatim_id", pa.string(), nullable=False),
        pa.field("opinion", pa.int32(), nullable=False),
        pa.field("irritant_id", pa.string()),
        pa.field("score", pa.float32()),
        pa.field("margin", pa.float32()),
        pa.field("evidence_rank", pa.int32()),
    ]
)
_SPREAD_OF_KNOWN = 0.9


@dataclass(frozen=True)
class IrritantReport:
    """Count what happened to the candidates of a batch; ids are sorted.

    `candidates` = `assigned` + `residual`; `without_vector` of the residual could not be compared. `discovered` irritants are `new`;
    `matched` are known and met in the batch; `absent` are known and not met.
    """

    candidates: int
    assigned: int
    residual: int
    without_vector: int
    discovered: int
    matched: tuple[str, ...]
    new: tuple[str, ...]
    absent: tuple[str, ...]


@dataclass(frozen=True)
class BatchIrritants:
    """Hold the irritants of a batch.

    `assignments`: one row per candidate, sorted by verbatim_id and opinion (its place in the verbatim's lists); irritant_id is null for
    the residual; score is the best over all irritants, null without any; margin is how far it is above the second best irritant, null
    with fewer than two; evidence_rank is 1 (most central) … for the quotes kept. `discovered`: new irritants, in the catalogue's format.
    """

    assignments: pa.Table
    discovered: pa.Table
    report: IrritantReport


@dataclass(frozen=True)
class _Fit:
    """For each candidate: row of its irritant in the catalogue or -1, best score, margin (nan where there is none)."""

    irritants: Ints
    scores: Doubles
    margins: Doubles


def assign_batch(
    batch: str,
    rows: pa.Table | Iterable[pa.RecordBatch],
    known: Catalogue,
    phrases: Phrases,
    settings: IrritantSettings,
    theme_labels: Mapping[str, str] | None = None,
    exclude: Collection[str] = (),
) -> BatchIrritants:
    """Assign a batch's negative opinions to known irritants and discover new ones among the others.

    An opinion belongs to the irritant where it scores best among those whose threshold it reaches; else it is residual. This depends on
    the opinion and the catalogue alone. Opinions that no known irritant takes are searched for new ones; a group that is nearly a known
    irritant is not new, and its opinions stay residual: to take them would widen what the irritant means from month to month. At the end
    all the opinions are assigned again by the same rule to known and new irritants together, so an opinion closer to a new one goes
    there, as it will in the next batches.

    `theme_labels` gives the French name of each theme; `exclude` lists verbatims to leave out, such as duplicates.
    Raises `ModelError` when vectors do not have the length of the known centroids.
    """
    candidates = collect(rows, exclude, known.dimension)
    groups = _new_groups(candidates, known, settings)
    new = _named(batch, groups, candidates, known, phrases, settings, theme_labels or {})
    catalogue = Catalogue((*known.irritants, *new))
    fit = _fit(candidates, catalogue, settings)
    ranks, quotes = _evidence(candidates, fit, settings)
    new = [replace(irritant, quote=quotes.get(len(known) + row, irritant.quote)) for row, irritant in enumerate(new)]
    return BatchIrritants(_assignments(candidates, fit, ranks, catalogue), Catalogue(tuple(new)).to_table(), _report(candidates, fit, known, catalogue))


def _fit(candidates: Candidates, catalogue: Catalogue, settings: IrritantSettings) -> _Fit:
    count = len(candidates)
    best, top, margin = np.full(count, -1), np.full(count, np.nan), np.full(count, np.nan)
    if not len(catalogue) or not count:
        return _Fit(best, top, margin)
    thresholds, themes = catalogue.thresholds, catalogue.theme_codes(candidates.codes)
    for first, chunk in scores(candidates.vectors, candidates.theme_codes, catalogue.centroids, themes, settings.theme_weight):
        part = slice(first, first + len(chunk))
        reached = np.where(chunk >= thresholds, chunk, -np.inf)
        chosen = reached.argmax(axis=1)
        here = np.take_along_axis(chunk, chosen[:, None], axis=1)[:, 0]
        belongs = np.isfinite(reached.max(axis=1))
        best[part] = np.where(belongs, chosen, -1)
        top[part] = np.where(belongs, here, chunk.max(axis=1))
        if chunk.shape[1] > 1:
            others = chunk.copy()
            np.put_along_axis(others, np.where(belongs, chosen, chunk.argmax(axis=1))[:, None], -np.inf, axis=1)
            margin[part] = top[part] - others.max(axis=1)
    unusable = ~candidates.usable
    best[unusable], top[unusable], margin[unusable] = -1, np.nan, np.nan
    return _Fit(best, top, margin)


def _new_groups(candidates: Candidates, known: Catalogue, settings: IrritantSettings) -> list[tuple[Group, Ints]]:
    """Return the groups to add, each with its members as rows of the candidates."""
    residual = np.flatnonzero((_fit(candidates, known, settings).irritants < 0) & candidates.usable)
    found = discover(candidates.vectors[residual], candidates.theme_codes[residual], _limits(known, settings), settings)
    repeated: Bools = same(found, known.centroids, known.theme_codes(candidates.codes), settings)
    return [(group, residual[group.members]) for group, again in zip(found, repeated, strict=True) if not again]


def _limits(known: Catalogue, settings: IrritantSettings) -> Limits | None:
    if not len(known):
        return None
    spreads = np.array([irritant.spread for irritant in known.irritants])
    return Limits(float(known.thresholds.min()), settings.looseness * float(np.quantile(spreads, _SPREAD_OF_KNOWN, method="higher")))


def _named(
    batch: str,
    groups: list[tuple[Group, Ints]],
    candidates: Candidates,
    known: Catalogue,
    phrases: Phrases,
    settings: IrritantSettings,
    labels: Mapping[str, str],
) -> list[Irritant]:
    if not groups:
        return []
    namer = Namer(phrases, settings.phrase_score, candidates.vectors[candidates.usable], candidates.texts, known.labels)
    new = []
    for number, (group, members) in enumerate(groups, known.next_number()):
        name = f"{PREFIX}{number:04d}"
        theme = candidates.themes[group.theme] if group.theme >= 0 else None
        central = _most_central(candidates.vectors, members, group.centroid)
        texts = [candidates.texts[row] for row in members]
        told = Naming(candidates.vectors[central], texts, group.centroid, theme, theme_label(theme, labels))
        label, terms = namer.name(told, name)
        step = _most_frequent(candidates.steps[row] for row in members)
        quote = candidates.texts[central[0]]
        new.append(Irritant(name, label, theme, step, group.centroid, group.threshold, group.spread, len(members), terms, quote, batch))
    return new


def _most_central(vectors: Floats, members: Ints, centroid: Floats) -> Ints:
    cosine = vectors[members].astype(np.float64) @ centroid.astype(np.float64)
    return members[np.argsort(-cosine, kind="stable")]


def _most_frequent(values: Iterable[str | None]) -> str | None:
    counts = Counter(value for value in values if value is not None)
    return min(counts, key=lambda value: (-counts[value], value), default=None)


def _evidence(candidates: Candidates, fit: _Fit, settings: IrritantSettings) -> tuple[Ints, dict[int, str]]:
    """Return the evidence rank of each candidate (0 for none), and for each irritant met the text of its first quote."""
    ranks, quotes = np.zeros(len(candidates), dtype=np.int64), {}
    verbatims = candidates.verbatim_ids.to_pylist()
    for irritant in np.unique(fit.irritants[fit.irritants >= 0]):
        members = np.flatnonzero(fit.irritants == irritant)
        ranked = members[np.argsort(-fit.scores[members], kind="stable")].tolist()
        chosen = choose(ranked, candidates.texts, verbatims, max(settings.evidence, 1))
        quotes[int(irritant)] = candidates.texts[chosen[0]]
        ranks[chosen[: settings.evidence]] = np.arange(1, len(chosen[: settings.evidence]) + 1)
    return ranks, quotes


def _assignments(candidates: Candidates, fit: _Fit, ranks: Ints, catalogue: Catalogue) -> pa.Table:
    ids = pa.array(catalogue.ids, pa.string())
    return pa.table(
        [
            candidates.verbatim_ids,
            candidates.opinions,
            ids.take(pa.array(fit.irritants, mask=fit.irritants < 0)),
            pa.array(fit.scores.astype(np.float32), mask=np.isnan(fit.scores)),
            pa.array(fit.margins.astype(np.float32), mask=np.isnan(fit.margins)),
            pa.array(ranks.astype(np.int32), mask=ranks == 0),
        ],
        schema=ASSIGNMENT_SCHEMA,
    )


def _report(candidates: Candidates, fit: _Fit, known: Catalogue, catalogue: Catalogue) -> IrritantReport:
    met = {catalogue.ids[row] for row in np.unique(fit.irritants[fit.irritants >= 0])}
    assigned = int((fit.irritants >= 0).sum())
    return IrritantReport(
        candidates=len(candidates),
        assigned=assigned,
        residual=len(candidates) - assigned,
        without_vector=int((~candidates.usable).sum()),
        discovered=len(catalogue) - len(known),
        matched=tuple(sorted(met & set(known.ids))),
        new=catalogue.ids[len(known) :],
        absent=tuple(sorted(set(known.ids) - met)),
    )
