"""What the queries read: rows, assignments, catalogue, taxonomy and settings, as views of one DuckDB connection."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from vocpipe import schema
from vocpipe.corrections import MARKS
from vocpipe.duplicates import DUPLICATES
from vocpipe.errors import ConfigError, WorkspaceError, nearest
from vocpipe.feeds.contract import EMOTIONS, FLAGS
from vocpipe.feeds.promise import Promise
from vocpipe.feeds.settings import FeedSettings
from vocpipe.taxonomy import Label, Taxonomy

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NOT_READ = ("redactions", "language_p", "opinion_emotion_p", "opinion_flag_p", "opinion_vector")
ROWS = schema.arrow_schema(name for name in schema.COLUMNS if name not in _NOT_READ)
ASSIGNMENTS = pa.schema(
    {
        "verbatim_id": pa.string(),
        "opinion": pa.int32(),
        "irritant_id": pa.string(),
        "score": pa.float32(),
        "margin": pa.float32(),
        "evidence_rank": pa.int32(),
        "evidence_start": pa.int32(),
        "evidence_end": pa.int32(),
        "nearest_id": pa.string(),
        "edit": pa.int32(),
    }
)
"""One row per opinion that names a problem, or that praises: `opinion` is its position in the list columns, a null `irritant_id` is the residual."""
CATALOGUE = pa.schema(
    {
        "kind": pa.string(),
        "irritant_id": pa.string(),
        "label": pa.string(),
        "label_en": pa.string(),
        "theme": pa.string(),
        "step": pa.string(),
        "quote": pa.string(),
        "terms": pa.list_(pa.string()),
        "first_batch": pa.string(),
        "origin": pa.string(),
        "state": pa.string(),
        "merged_into": pa.string(),
        "split_from": pa.string(),
        "resolved_since": pa.string(),
        "edited": pa.bool_(),
    }
)
"""One row per known irritant or enchantment (`kind`); theme and step are the main ones at discovery, quote is the most typical opinion."""
_KINDS = {"irritants": ("irritant", "irritant_id"), "enchantments": ("enchantment", "enchantment_id")}


@dataclass(frozen=True)
class BatchFiles:
    """Name the Parquet files of one batch: row shards, in their order, the irritants given to their opinions, the enchantments given to them, the
    duplicates among the rows, and the opinions that people corrected, null when there are none.

    `facts` is the report of the batch's ingestion, of which `read`, `quarantined` and `redactions` (counts by kind) are used, with `models`: the
    name@version of the models that judged its opinions. What it does not hold is null in the feed.
    """

    name: str
    rows: tuple[Path, ...]
    assignments: Path
    enchantments: Path
    duplicates: Path
    corrections: Path | None = None
    facts: Mapping[str, Any] | None = None


def register(
    connection: "DuckDBPyConnection", batches: Sequence[BatchFiles], catalogue: pa.Table, taxonomy: Taxonomy, settings: FeedSettings, count_copies: bool
) -> None:
    """Make the views `batches`, `rows`, `assignments` (to irritants), `praises` (to enchantments), `duplicates`, `corrected`, `irritants`,
    `enchantments`, `promises`, `taxonomy_*` and `settings`.

    Raises `ConfigError` when the taxonomy or the scheme does not fit, `WorkspaceError` when a file or the catalogue do not.
    """
    check_taxonomy(taxonomy, settings.scheme)
    ordered = sorted(batches, key=lambda batch: batch.name)
    tables = {
        "batches": _batches(ordered),
        "catalogue": _conform(catalogue, CATALOGUE),
        "promises": _promises(settings.promise),
        "taxonomy_emotions": _emotions(taxonomy, settings.scheme),
        "taxonomy_steps": _steps(taxonomy),
        "taxonomy_themes": _labels("theme", taxonomy.themes),
        "settings": _settings(settings, count_copies),
        "no_rows": ROWS.empty_table(),
        "no_assignments": ASSIGNMENTS.empty_table(),
        "no_duplicates": DUPLICATES.empty_table(),
        "no_corrections": MARKS.empty_table(),
    }
    for name, table in tables.items():
        connection.register(name, table)
    corrections = [(batch.name, batch.corrections) for batch in ordered if batch.corrections]
    views = {
        "rows": _rows_query(ordered),
        "duplicates": _stacked("no_duplicates", DUPLICATES, [(batch.name, batch.duplicates) for batch in ordered]),
        "corrected": _stacked("no_corrections", MARKS, corrections),
        "assignments": _assignments_query([(batch.name, batch.assignments) for batch in ordered]),
        "praises": _assignments_query([(batch.name, batch.enchantments) for batch in ordered]),
        **{name: f"SELECT * RENAME (irritant_id AS {key}) FROM catalogue WHERE kind = '{kind}'" for name, (kind, key) in _KINDS.items()},
    }
    for name, query in views.items():
        connection.execute(f"CREATE TEMP VIEW {name} AS {query}")
    _check_assignments(connection)


def check_taxonomy(taxonomy: Taxonomy, scheme: str) -> None:
    """Raise `ConfigError` when the feed, whose columns name emotions and flags, cannot hold this taxonomy and scheme."""
    if scheme not in taxonomy.schemes:
        raise ConfigError(f"no such emotion scheme: {scheme!r}", nearest(scheme, taxonomy.schemes))
    for what, given, needed in (
        ("emotions", taxonomy.emotion_codes, EMOTIONS),
        ("flags", taxonomy.flag_codes, FLAGS),
        ("schemes", tuple(taxonomy.schemes), ("ekman", "cx")),
    ):
        if sorted(given) != sorted(needed):
            raise ConfigError(f"the feed has columns for the {what} {', '.join(needed)}; the taxonomy has {', '.join(given)}", "use the taxonomy that ships")


def _batches(batches: Sequence[BatchFiles]) -> pa.Table:
    told = [batch.facts or {} for batch in batches]
    redacted = [sum(facts["redactions"].values()) if "redactions" in facts else None for facts in told]
    return pa.table(
        {
            "batch": pa.array([batch.name for batch in batches], pa.string()),
            "read": pa.array([facts.get("read") for facts in told], pa.int64()),
            "quarantined": pa.array([facts.get("quarantined") for facts in told], pa.int64()),
            "redacted": pa.array(redacted, pa.int64()),
            "model_version": pa.array([", ".join(facts.get("models", ())) or None for facts in told], pa.string()),
        }
    )


def _rows_query(batches: Iterable[BatchFiles]) -> str:
    names = ", ".join(ROWS.names)
    parts = [f"SELECT '' AS batch, 0::UBIGINT AS shard, 0::BIGINT AS place, {names} FROM no_rows"]
    for batch in batches:
        for path in batch.rows:
            _check_file(path, ROWS, batch.name)
        if batch.rows:
            files = ", ".join(map(literal, batch.rows))
            parts.append(f"SELECT {literal(batch.name)}, file_index, file_row_number, {names} FROM read_parquet([{files}])")
    return " UNION ALL ".join(parts)


def _assignments_query(files: Iterable[tuple[str, Path]]) -> str:
    """Return the query of all assignments; a verbatim that its batch holds twice may be assigned twice, and counts once."""
    key = "batch, verbatim_id, opinion"
    all_of_them = _stacked("no_assignments", ASSIGNMENTS, files)
    return f"SELECT DISTINCT ON ({key}) * FROM ({all_of_them}) ORDER BY {key}, irritant_id, score DESC, margin DESC, evidence_rank"


def _stacked(empty: str, schema: pa.Schema, files: Iterable[tuple[str, Path]]) -> str:
    """Return the query of the rows of one file per batch, with the batch; raise `WorkspaceError` when a file does not have those columns."""
    names = ", ".join(schema.names)
    parts = [f"SELECT '' AS batch, {names} FROM {empty}"]
    for batch, path in files:
        _check_file(path, schema, batch)
        parts.append(f"SELECT {literal(batch)}, {names} FROM read_parquet({literal(path)})")
    return " UNION ALL ".join(parts)


def literal(value: str | Path) -> str:
    """Return a text or a path as an SQL literal."""
    return "'" + str(value).replace("'", "''") + "'"


def _check_file(path: Path, expected: pa.Schema, batch: str) -> None:
    try:
        found = pq.read_schema(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise WorkspaceError(f"batch {batch}: {path} cannot be read", "run the batch again") from error
    wrong = [field.name for field in expected if field.name not in found.names or found.field(field.name).type != field.type]
    if wrong:
        raise WorkspaceError(f"batch {batch}: {path} lacks these columns, or has them with another type: {', '.join(wrong)}", "run the batch again")


def _conform(table: pa.Table, expected: pa.Schema) -> pa.Table:
    missing = [name for name in expected.names if name not in table.column_names]
    if missing:
        raise WorkspaceError(f"the catalogue lacks these columns: {', '.join(missing)}", "run the last batch again")
    return table.select(expected.names).cast(expected)


def _check_assignments(connection: "DuckDBPyConnection") -> None:
    for view, known in (("assignments", "irritants"), ("praises", "enchantments")):
        key = _KINDS[known][1]
        unknown = connection.execute(
            f"SELECT DISTINCT irritant_id FROM {view} ANTI JOIN {known} ON {known}.{key} = {view}.irritant_id WHERE irritant_id IS NOT NULL ORDER BY 1"
        )
        names = [name for (name,) in unknown.fetchall()]
        if names:
            raise WorkspaceError(f"opinions are assigned to {known} that the catalogue lacks: {', '.join(names[:5])}", "run the last batch again")


def _settings(settings: FeedSettings, count_copies: bool) -> pa.Table:
    """Return the settings that queries read, in one row."""
    alerts = {f"alert_{name}": [value] for name, value in settings.alerts.model_dump().items()}
    return pa.table({"count_copies": [count_copies], "trends_q": [settings.trends.q], **alerts})


def _promises(promises: Sequence[Promise]) -> pa.Table:
    return pa.table(
        {
            "promise": pa.array([promise.code for promise in promises], pa.string()),
            "position": pa.array(range(len(promises)), pa.int32()),
            "label_fr": pa.array([promise.fr for promise in promises], pa.string()),
            "step": pa.array([promise.step for promise in promises], pa.string()),
            "themes": pa.array([list(promise.themes) for promise in promises], pa.list_(pa.string())),
            "target": pa.array([promise.target for promise in promises], pa.float64()),
        }
    )


def _labels(code: str, labels: Sequence[Label]) -> pa.Table:
    return pa.table(
        {
            code: [label.code for label in labels],
            "position": pa.array(range(len(labels)), pa.int32()),
            "label_fr": [label.fr for label in labels],
            "label_en": [label.en for label in labels],
            "definition": [label.definition for label in labels],
        }
    )


def _emotions(taxonomy: Taxonomy, scheme: str) -> pa.Table:
    table = _labels("emotion", taxonomy.emotions)
    for name, rollup in taxonomy.schemes.items():
        by_code = {label.code: label for label in rollup.labels}
        groups = [by_code[rollup.of[code]] for code in taxonomy.emotion_codes]
        table = table.append_column(name, pa.array([group.code for group in groups]))
        table = table.append_column(f"{name}_fr", pa.array([group.fr for group in groups]))
        table = table.append_column(f"{name}_en", pa.array([group.en for group in groups]))
    return table.append_column("emotion_group", table[scheme])


def _steps(taxonomy: Taxonomy) -> pa.Table:
    phases = {phase.code: phase for phase in taxonomy.phases}
    on = [phases.get(step.phase or "") for step in taxonomy.steps]
    table = _labels("step", taxonomy.steps)
    table = table.append_column("phase", pa.array([phase and phase.code for phase in on], pa.string()))
    table = table.append_column("phase_fr", pa.array([phase and phase.fr for phase in on], pa.string()))
    return table.append_column("phase_en", pa.array([phase and phase.en for phase in on], pa.string()))
