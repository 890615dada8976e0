"""The irritants that a workspace knows, and the problem phrases that a model knows."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from vocpipe.errors import WorkspaceError
from vocpipe.irritants.scores import Floats, Ints, on_grid, unit

PREFIX = "IRR-"

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
    ]
)


@dataclass(frozen=True)
class Irritant:
    """Hold one irritant.

    `theme` and `step` are the most frequent of its members when it was found; `centroid` is their mean direction (d, unit);
    an opinion belongs when its score reaches `threshold`; `spread` is 1 minus the members' mean score; `size` their number;
    `terms` their distinctive words; `quote` the most central of them.
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

    def theme_codes(self, codes: dict[str, int]) -> Ints:
        """Return the theme of each irritant as a code; -1 when it has none or the code is not listed."""
        return np.array([codes.get(irritant.theme or "", -1) for irritant in self.irritants], dtype=np.int64)

    def next_number(self) -> int:
        """Return the number of the next irritant: one more than the highest ever given."""
        return 1 + max((int(name.removeprefix(PREFIX)) for name in self.ids), default=0)

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


def _irritant(row: dict[str, object]) -> Irritant:
    centroid, terms = np.asarray(row["centroid"], dtype=np.float32), row["terms"]
    settled = np.array_equal(on_grid(centroid), centroid)
    return Irritant(**{**row, "centroid": centroid if settled else unit(centroid), "terms": tuple(terms)})  # type: ignore[arg-type]


def _ordered(irritants: Iterable[Irritant]) -> tuple[Irritant, ...]:
    return tuple(sorted(irritants, key=lambda irritant: int(irritant.irritant_id.removeprefix(PREFIX))))
