"""Check a list of stages, load it, apply it to batches. Everything that all stages have in common is here."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from vocpipe.errors import ConfigError, VocpipeError, nearest
from vocpipe.schema import CANONICAL, COLUMNS, Column
from vocpipe.stages.base import Context, Run, Stage

Apply: TypeAlias = Callable[[pa.RecordBatch], pa.RecordBatch]

REJECT = "reject"
BROKEN = 20
"""When as many rows, or more, all fail, the stage is at fault and not the rows: the run stops."""

_log = logging.getLogger("vocpipe")


def mistakes(stages: Sequence[Stage], given: Iterable[str] = CANONICAL) -> list[tuple[int, str]]:
    """Return what is wrong with a list of stages that is fed those columns, each with the position of the stage."""
    found: list[tuple[int, str]] = []
    owners = {**dict.fromkeys(given, "the source"), REJECT: "the pipeline"}
    for position, stage in enumerate(stages):
        messages = [*_mistakes_in_reads(stage, owners, stages), *(message for column in stage.added() for message in _mistakes_in_adds(stage, column, owners))]
        found += [(position, message) for message in messages]
        owners = {**dict.fromkeys(map(_name, stage.added()), stage.name), **owners}
    return found


def _mistakes_in_reads(stage: Stage, owners: Mapping[str, str], stages: Sequence[Stage]) -> Iterator[str]:
    for name in stage.reads:
        if name not in owners:
            adders = [other.name for other in stages if name in map(_name, other.added())]
            advice = f"put {adders[0]} before it" if adders else nearest(name, owners)
            yield f"{stage.name} reads {name!r}, which no earlier stage adds; {advice}"


def _mistakes_in_adds(stage: Stage, column: str | Column, owners: Mapping[str, str]) -> Iterator[str]:
    name = _name(column)
    if isinstance(column, str) and name not in COLUMNS:
        yield f"{stage.name} adds {name!r}, which is not described; describe it with vocpipe.schema.Column"
    if isinstance(column, Column) and name in COLUMNS:
        yield f"{stage.name} describes {name!r}, which vocpipe describes already; name it only, or choose another name"
    if name in owners and name != REJECT:
        yield f"{stage.name} adds {name!r}, which {owners[name]} adds already; remove one of the two"


def _name(column: str | Column) -> str:
    return column if isinstance(column, str) else column.name


def check(stages: Sequence[Stage], given: Iterable[str] = CANONICAL) -> None:
    """Raise `ConfigError` when a stage reads what nobody adds, adds what is there already, or adds an unknown column."""
    found = mistakes(stages, given)
    if found:
        listed = "\n".join(f"  - stage {position + 1}: {message}" for position, message in found)
        raise ConfigError(f"the stages do not fit together:\n{listed}", "correct the list of stages")


def load(stages: Sequence[Stage], context: Context, given: Iterable[str] = CANONICAL) -> Apply:
    """Check and load the stages; return the function that appends their columns, and `reject`, to a batch.

    The function keeps every row in its place. A row that a stage rejects, or cannot process (`failed:<stage>`), is shown to no later stage: it has
    no opinion, and null in the later columns.
    """
    check(stages, given)
    loaded = [(stage, _loaded(stage, context)) for stage in stages]

    def apply(batch: pa.RecordBatch) -> pa.RecordBatch:
        batch = batch.append_column(COLUMNS[REJECT].field, pa.nulls(batch.num_rows, pa.string()))
        for stage, run in loaded:
            batch = _append(batch, stage, run)
        return batch

    return apply


def _loaded(stage: Stage, context: Context) -> Run:
    try:
        return stage.load(context)
    except VocpipeError:
        raise
    except Exception as error:
        raise ConfigError(f"stage {stage.name} cannot be loaded: {type(error).__name__}: {error}", f"correct {_home(stage)}") from error


def _append(batch: pa.RecordBatch, stage: Stage, run: Run) -> pa.RecordBatch:
    """Return the batch with the columns of one stage."""
    shown = np.flatnonzero(batch[REJECT].is_null())
    pieces, errors = _attempt(stage, run, batch if len(shown) == batch.num_rows else batch.take(pa.array(shown)))
    failed = np.array([error is not None for error in errors], dtype=bool)
    if len(failed) >= BROKEN and failed.all():
        error = errors[0]
        raise ConfigError(
            f"stage {stage.name} fails on every row: {type(error).__name__}: {error}", f"correct {_home(stage)}, then run the same command again"
        ) from error
    passed = shown[~failed]
    reject = batch[REJECT].to_pylist()
    for position in shown[failed]:
        reject[position] = f"failed:{stage.name}"
    for column in stage.new_columns():
        values = [piece[column.name] for piece in pieces]
        if column.name != REJECT:
            batch = batch.append_column(column.field, _scatter(values, passed, batch.num_rows, column.type))
            continue
        for position, reason in zip(passed, (reason for piece in values for reason in piece.to_pylist()), strict=True):
            reject[position] = reason
    return _without_opinions(batch, pa.array(reject, pa.string()))


def _attempt(stage: Stage, run: Run, batch: pa.RecordBatch) -> tuple[list[dict[str, pa.Array]], list[Exception | None]]:
    """Return the columns of the rows that the stage can process, in pieces, and for each row the error that it raises alone."""
    if not batch.num_rows:
        return [], []
    try:
        columns = run(batch)
    except VocpipeError:
        raise
    except Exception as error:
        if batch.num_rows == 1:
            place = batch["verbatim_id"][0].as_py() if "verbatim_id" in batch.schema.names else "?"
            _log.warning("stage %s cannot process verbatim %s: %s", stage.name, place, type(error).__name__)
            return [], [error]
        half = batch.num_rows // 2
        first, second = _attempt(stage, run, batch.slice(0, half)), _attempt(stage, run, batch.slice(half))
        return first[0] + second[0], first[1] + second[1]
    return [_checked(stage, columns, batch)], [None] * batch.num_rows


def _checked(stage: Stage, returned: object, batch: pa.RecordBatch) -> dict[str, pa.Array]:
    """Return what a stage returned as Arrow arrays, or raise `ConfigError` when it is not what the stage declares."""
    declared = {column.name: column for column in stage.new_columns()}
    if not isinstance(returned, dict) or returned.keys() != declared.keys():
        names = sorted(map(str, returned)) if isinstance(returned, dict) else type(returned).__name__
        raise _broken(stage, f"returns {names} where it declares {sorted(declared)}")
    arrays = {name: _array(stage, column, returned[name], batch.num_rows) for name, column in declared.items()}
    lists = {name: array for name, array in arrays.items() if _is_per_opinion(declared[name].field)}
    if lists:
        expected = batch["opinion_start"] if "opinion_start" in batch.schema.names else next(iter(lists.values()))
        for name, array in lists.items():
            if not pc.list_value_length(array).equals(pc.list_value_length(expected)):
                raise _broken(stage, f"returns {name!r} with another number of values than there are opinions")
    return arrays


def _array(stage: Stage, column: Column, values: object, rows: int) -> pa.Array:
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    try:
        array = values.cast(column.type) if isinstance(values, pa.Array) else pa.array(values, column.type)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise _broken(stage, f"returns {column.name!r} with values that are not {column.type}") from error
    if len(array) != rows:
        raise _broken(stage, f"returns {len(array)} values of {column.name!r} for {rows} rows")
    if array.null_count and (not column.null or pa.types.is_list(column.type)):
        raise _broken(stage, f"returns null in {column.name!r}, which is never null")
    return array


def _broken(stage: Stage, message: str) -> ConfigError:
    return ConfigError(f"stage {stage.name} breaks its contract: it {message}", f"correct {_home(stage)}")


def _home(stage: Stage) -> str:
    return f"{type(stage).__module__}:{type(stage).__qualname__}"


def _is_per_opinion(field: pa.Field) -> bool:
    return bool(field.name.startswith("opinion_") and pa.types.is_list(field.type))


def _scatter(pieces: list[pa.Array], positions: "np.ndarray", rows: int, kind: pa.DataType) -> pa.Array:
    """Return the values put at those positions, among as many rows; the others are null, or empty lists."""
    if len(pieces) == 1 and len(positions) == rows:
        return pieces[0]
    values = pa.concat_arrays([*pieces, pa.array([[] if pa.types.is_list(kind) else None], kind)])
    indices = np.full(rows, len(values) - 1)
    indices[positions] = np.arange(len(positions))
    return values.take(pa.array(indices))


def _without_opinions(batch: pa.RecordBatch, reject: pa.Array) -> pa.RecordBatch:
    """Return the batch with those reasons of rejection, and no opinion left in the rejected rows."""
    kept = np.flatnonzero(reject.is_null())
    for position, field in enumerate(batch.schema):
        if field.name == REJECT:
            batch = batch.set_column(position, field, reject)
        elif _is_per_opinion(field) and len(kept) < batch.num_rows:
            batch = batch.set_column(position, field, _scatter([batch.column(position).take(pa.array(kept))], kept, batch.num_rows, field.type))
    return batch
