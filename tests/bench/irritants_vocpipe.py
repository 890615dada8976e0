"""vocpipe's grouping, called as a run calls it: rows in, an irritant or none for each opinion out."""

import datetime as dt
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pyarrow as pa

from tests.bench.irritants_data import Opinions
from tests.bench.irritants_measures import numbered
from vocpipe.irritants.assign import assign
from vocpipe.irritants.candidates import READS, Candidates, collect
from vocpipe.irritants.catalogue import Catalogue, Phrases
from vocpipe.irritants.growth import grow
from vocpipe.irritants.settings import IrritantSettings
from vocpipe.irritants.starter import read_starter, starter_catalogue
from vocpipe.ml.model import VocModel, problem_phrases
from vocpipe.ml.store import resolve
from vocpipe.schema import arrow_schema
from vocpipe.taxonomy import load_taxonomy

MODEL = "voc-fr-small"
SETTINGS = IrritantSettings()
_BATCH, _DAY = "2026-01", dt.date(2026, 1, 15)
"""All opinions are of one month: the annotated ones come from many, of which most would be too small to show anything."""


def group(files: Sequence[Opinions], seed: int | None, groups: int) -> np.ndarray:
    """Return the irritant of each opinion of a batch that comes as these files, in an empty workspace."""
    settings = _seeded(seed)
    candidates = collect(batch for file in files for batch in rows_of(file).to_batches())
    return _irritants(files, candidates, _grown(candidates, Catalogue(), settings), settings)


def group_in_sequence(batches: Sequence[Opinions], seed: int | None, groups: int) -> np.ndarray:
    """Return the irritants after batches that came one after the other: the catalogue grows, then all are assigned to what it has become."""
    settings, catalogue = _seeded(seed), Catalogue()
    for batch in batches:
        catalogue = _grown(collect(rows_of(batch)), catalogue, settings)
    return _irritants(batches, collect(rows for batch in batches for rows in rows_of(batch).to_batches()), catalogue, settings)


def names(opinions: Opinions) -> list[str | None]:
    """Return the name of the irritant of each opinion, null for the residual."""
    candidates = collect(rows_of(opinions))
    catalogue = _grown(candidates, Catalogue(), SETTINGS)
    assigned = assign(candidates, catalogue, SETTINGS)
    label = {irritant.irritant_id: irritant.label for irritant in catalogue.irritants}
    of = dict(zip(assigned["verbatim_id"].to_pylist(), assigned["irritant_id"].to_pylist(), strict=True))
    return [label.get(of[name] or "") for name in opinions.ids]


def rows_of(opinions: Opinions) -> pa.Table:
    """Return rows as the stages leave them, one verbatim for each opinion."""
    count, width = opinions.vectors.shape
    each = pa.array(np.arange(count + 1, dtype=np.int32))
    schema = arrow_schema(READS)

    def listed(values: pa.Array, name: str) -> pa.Array:
        return pa.ListArray.from_arrays(each, values.cast(schema.field(name).type.value_type))

    vectors = pa.ListArray.from_arrays(pa.array(np.arange(0, width * count + 1, width, dtype=np.int32)), pa.array(opinions.vectors.ravel()))
    columns = {
        "verbatim_id": pa.array(opinions.ids, pa.string()),
        "date": pa.array([_DAY] * count, pa.date32()),
        "text": pa.array(opinions.texts, pa.string()),
        "reject": pa.nulls(count),
        "opinion_start": listed(pa.array(np.zeros(count, dtype=np.int32)), "opinion_start"),
        "opinion_end": listed(pa.array([len(text) for text in opinions.texts]), "opinion_end"),
        "opinion_sentiment": listed(pa.array(np.full(count, -1, dtype=np.int8)), "opinion_sentiment"),
        "opinion_irritant": listed(pa.array(np.ones(count, dtype=bool)), "opinion_irritant"),
        "opinion_step": listed(pa.nulls(count), "opinion_step"),
        "opinion_theme": listed(pa.array(opinions.themes, pa.string()), "opinion_theme"),
        "opinion_vector": pa.ListArray.from_arrays(each, vectors),
    }
    return pa.table({field.name: columns[field.name].cast(field.type) for field in schema})


def _seeded(seed: int | None) -> IrritantSettings:
    return SETTINGS if seed is None else SETTINGS.model_copy(update={"seed": seed})


@lru_cache(maxsize=1)
def _knowledge() -> tuple[Catalogue, Phrases, dict[str, str]]:
    """Return what every workspace starts from: the starter catalogue, the model's problem phrases, the names of the themes."""
    found = problem_phrases(resolve(MODEL))
    phrases = Phrases(found.labels, found.vectors, found.counts, found.themes)
    entries = read_starter(SETTINGS.starter) if SETTINGS.starter else ()
    return starter_catalogue(entries, phrases, _encode, SETTINGS), phrases, {theme.code: theme.fr for theme in load_taxonomy().themes}


def _encode(sentences: Sequence[str]) -> np.ndarray:
    vectors: np.ndarray = VocModel.load(resolve(MODEL), threads=2).predict_pieces([[sentence] for sentence in sentences]).vector
    return vectors


def _grown(candidates: Candidates, known: Catalogue, settings: IrritantSettings) -> Catalogue:
    starter, phrases, labels = _knowledge()
    return known.merge(grow(_BATCH, candidates, known, starter, phrases, settings, labels))


def _irritants(files: Sequence[Opinions], candidates: Candidates, catalogue: Catalogue, settings: IrritantSettings) -> np.ndarray:
    assigned = assign(candidates, catalogue, settings)
    of = dict(zip(assigned["verbatim_id"].to_pylist(), assigned["irritant_id"].to_pylist(), strict=True))
    return numbered([of[name] for file in files for name in file.ids])
