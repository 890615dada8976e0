"""What a stage is: settings, the columns it reads and adds, and how it loads."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypeAlias

import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from vocpipe.ml import store
from vocpipe.schema import COLUMNS, Column
from vocpipe.taxonomy import Taxonomy

Columns: TypeAlias = dict[str, Sequence[Any] | pa.Array]
Run: TypeAlias = Callable[[pa.RecordBatch], Columns]


@dataclass(frozen=True)
class Context:
    """Hold what stages need to load: the taxonomy, the folder of models (null: the one that comes with vocpipe), threads per process."""

    taxonomy: Taxonomy
    models: Path | None = None
    threads: int = 1


class Stage(BaseModel):
    """Add columns to every row of a batch. The fields of a subclass are its settings in YAML.

    `reads` names columns of the batch. `adds` names columns of `vocpipe.schema.COLUMNS`; a stage outside vocpipe describes its own with `Column`.
    Adding `reject` is how a stage turns rows away: the pipeline keeps the first reason, and shows a rejected row to no later stage.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reads: ClassVar[tuple[str, ...]] = ()
    adds: ClassVar[tuple[str | Column, ...]] = ()

    @abstractmethod
    def load(self, context: Context) -> Run:
        """Return the function that computes the new columns, and only them, one value per row; it lives in one process and may hold models.

        When the function raises, the pipeline runs it again on fewer rows and rejects those that cannot be done. A `VocpipeError` stops the run.
        """

    @property
    def name(self) -> str:
        """Return the name of the stage in messages and reasons of rejection."""
        return type(self).__name__.lower()

    @property
    def models(self) -> tuple[str, ...]:
        """Return the models that the stage loads, as `name@version`: they are verified before a run and are part of its fingerprint."""
        return ()

    @property
    def hub_models(self) -> tuple[str, ...]:
        """Return the models of the Hugging Face hub that the stage loads, as `hf:ORG/NAME`."""
        return ()

    def verify(self, context: Context) -> None:
        """Check, without loading them, that the models of the stage are there and fit it; raise `ModelError` when they do not."""
        for name in self.models:
            store.verify(store.resolve(name, context.models))

    def fingerprint_settings(self) -> dict[str, Any]:
        """Return, ready for JSON, the settings that can change a row."""
        return self.model_dump(mode="json")

    def added(self) -> tuple[str | Column, ...]:
        """Return those of `adds` that the stage adds with its settings."""
        return self.adds

    def new_columns(self) -> tuple[Column, ...]:
        """Return the description of each column that the stage adds."""
        return tuple(COLUMNS[column] if isinstance(column, str) else column for column in self.added())
