"""The irritants that a workspace knows, and the problem phrases that a model knows."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from vocpipe.errors import WorkspaceError
from vocpipe.irritants.scores import Floats, Profiles, on_grid, unit

PREFIX = "IRR-"
FIRST_FOUND = 1001
"""Number of the first irritant that a workspace finds by itself; lower ones are those of starter catalogues, the same for everybody."""

CATALOGUE_SCHEMA = pa.schema(
    [
        pa.field("irritant_id", pa.string(), nullable=False),
        pa.field("label", pa.string(), nullable=False),
        pa.field("theme", pa.string()),
        pa.field("step", pa.string()),
        pa.field("centroid", pa.list_(pa.float32()), nullable=False),
        pa.field("threshold", pa.float32(), nullable=False),
        pa.field("spread", pa.float32(), nullable=False),
        pa.field("size", pa.int32(), nullable=False),
        pa.field("terms", pa.list_(pa.string()), nullable=False),
        pa.field("quote", pa.string(), nullable=False),
        pa.field("first_batch", pa.string(), nullable=False),
        pa.field("label_en", pa.string()),
        pa.field("origin", pa.string(), nullable=False),
    ]
)

STARTER, DISCOVERED, SPLIT, IMPORTED = "starter", "discovered", "split", "imported"
"""Where an irritant comes from."""


@dataclass(frozen=True)
class Irritant:
    """Hold one irritant.

    `theme` and `step` are the most frequent of its members when it was found; `centroid` is their mean direction (d, unit);
    an opinion belongs when its score reaches `threshold`; `spread` is 1 minus the members' mean score; `size` their number;
    `terms` the lemmas that tell it, the most telling first; `quote` the most central of them; `origin` where it comes from.
    Enchantments, the positive mirror, have the same form.
    """

    irritant_id: str
    label: str
    theme: str | None
    step: str | None
    centroid: Floats
    threshold: float
    spread: float
    size: int
    terms: tuple[str, ...]
    quote: str
    first_batch: str
    label_en: str | None = None
    origin: str = DISCOVERED

    @property
    def number(self) -> int:
        """Return the number in the identifier."""
        return number_of(self.irritant_id)


@dataclass(frozen=True)
class Phrases:
    """Hold the canonical problem phrases of a model: French labels, unit vectors (n × d), uses in training, themes. May be empty."""

    labels: tuple[str, ...]
    vectors: np.ndarray
    counts: np.ndarray
    themes: tuple[str | None, ...]

    @classmethod
    def none(cls) -> "Phrases":
        """Return no phrases."""
        return cls((), np.zeros((0, 0), dtype=np.float32), np.zeros(0, dtype=np.int64), ())


@dataclass(frozen=True)
class Catalogue:
    """Hold known irritants, in the order of their ids."""

    irritants: tuple[Irritant, ...] = ()

    def __len__(self) -> int:
        return len(self.irritants)

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the identifiers."""
        return tuple(irritant.irritant_id for irritant in self.irritants)

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the labels."""
        return tuple(irritant.label for irritant in self.irritants)

    @property
    def dimension(self) -> int | None:
        """Return the length of the centroids; null when nothing is known yet."""
        return len(self.irritants[0].centroid) if self.irritants else None

    @property
    def centroids(self) -> Floats:
        """Return the centroids, k × d."""
        return np.stack([irritant.centroid for irritant in self.irritants]) if self.irritants else np.zeros((0, 0), dtype=np.float32)

    @property
    def thresholds(self) -> Floats:
        """Return the score that an opinion must reach, by irritant."""
        return np.array([irritant.threshold for irritant in self.irritants], dtype=np.float32)

    def profiles(self, codes: dict[str, int]) -> Profiles:
        """Return what scores compare; a theme that has no code among `codes` is none."""
        themes = np.array([codes.get(irritant.theme or "", -1) for irritant in self.irritants], dtype=np.int64)
        return Profiles(self.centroids, themes, [irritant.terms for irritant in self.irritants])

    def next_number(self, taken: Iterable[str] = ()) -> int:
        """Return the number of the next irritant that the workspace finds: one more than the highest ever given, `taken` ids included."""
        return 1 + max((FIRST_FOUND - 1, *map(number_of, (*self.ids, *taken))))

    def merge(self, discovered: "pa.Table | Catalogue") -> "Catalogue":
        """Return this catalogue with the discovered irritants added; `WorkspaceError` when an id is taken or the vectors differ in length."""
        new = discovered if isinstance(discovered, Catalogue) else Catalogue.from_table(discovered)
        taken = set(self.ids) & set(new.ids)
        if taken:
            raise WorkspaceError(f"irritant {min(taken)} is already in the catalogue", "run the batches of a workspace one after the other")
        if self.dimension and new.dimension and self.dimension != new.dimension:
            raise WorkspaceError(
                f"the catalogue has vectors of {self.dimension} values, the new irritants {new.dimension}",
                "use the model that made the workspace, or a new workspace",
            )
        return Catalogue(_ordered((*self.irritants, *new.irritants)))

    def to_table(self) -> pa.Table:
        """Return the catalogue as a table, one row per irritant."""
        return pa.Table.from_pylist([vars(irritant) for irritant in self.irritants], schema=CATALOGUE_SCHEMA)

    @classmethod
    def from_table(cls, table: pa.Table) -> "Catalogue":
        """Read a catalogue from a table that `to_table` made."""
        return cls(_ordered(_irritant(row) for row in table.to_pylist()))

    @property
    def fingerprint(self) -> str:
        """Return a hash of all that decides where opinions go, and of what names it."""
        said = ((each.irritant_id, each.label, each.theme, each.threshold, each.terms, each.centroid.tobytes().hex()) for each in self.irritants)
        return hashlib.sha256(json.dumps(list(said), ensure_ascii=False).encode()).hexdigest()


def _irritant(row: dict[str, object]) -> Irritant:
    centroid, terms = np.asarray(row["centroid"], dtype=np.float32), row["terms"]
    settled = np.array_equal(on_grid(centroid), centroid)
    return Irritant(**{**row, "centroid": centroid if settled else unit(centroid), "terms": tuple(terms)})  # type: ignore[arg-type]


def _ordered(irritants: Iterable[Irritant]) -> tuple[Irritant, ...]:
    return tuple(sorted(irritants, key=lambda irritant: irritant.number))


def number_of(irritant_id: str) -> int:
    """Return the number in an identifier such as IRR-0012."""
    return int(irritant_id.rpartition("-")[2])
