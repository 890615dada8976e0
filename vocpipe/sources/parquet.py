"""Read Parquet batch by batch; struct fields are named by dotted path."""

from collections import Counter
from collections.abc import Iterator

import pyarrow as pa

from vocpipe.errors import InputError
from vocpipe.sources.inputs import Input
from vocpipe.sources.nested import flatten, keys_of
from vocpipe.sources.rows import BadRow, Row

_BATCH_ROWS = 2_000


class ParquetReader:
    """Read a Parquet file."""

    format = "parquet"
    encoding = ""
    delimiter = ""

    def __init__(self, given: Input) -> None:
        self._given = given
        self.name = given.name
        self.bytes = given.facts.size
        self.sha256 = given.facts.sha256
        self.headers = list(dict.fromkeys([*self._columns(), *keys_of(self.rows(Counter()))]))

    def _columns(self) -> list[str]:
        with self._open() as file:
            empty = file.schema_arrow.empty_table()
        while any(pa.types.is_struct(field.type) for field in empty.schema):
            empty = empty.flatten()
        return [str(field.name) for field in empty.schema if not _is_list_of_structs(field.type)]

    def rows(self, problems: Counter[str]) -> Iterator[Row | BadRow]:
        """Yield the rows; `number` counts them from 1."""
        number = 0
        with self._open() as file:
            for batch in self._batches(file):
                for record in batch.to_pylist():
                    number += 1
                    yield Row(number, flatten(record))

    def _open(self) -> "pa.parquet.ParquetFile":
        import pyarrow.parquet as pq

        try:
            return pq.ParquetFile(self._given.path or self._given.open_seekable())
        except (pa.ArrowException, OSError) as error:
            raise self._damaged(error) from error

    def _batches(self, file: "pa.parquet.ParquetFile") -> Iterator[pa.RecordBatch]:
        try:
            yield from file.iter_batches(batch_size=_BATCH_ROWS)
        except (pa.ArrowException, OSError) as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> InputError:
        return InputError(f"{self.name} cannot be read as Parquet: {error}", "the file may have been cut while it was copied: copy it again")


def _is_list_of_structs(kind: pa.DataType) -> bool:
    return bool((pa.types.is_list(kind) or pa.types.is_large_list(kind)) and pa.types.is_struct(kind.value_type))
