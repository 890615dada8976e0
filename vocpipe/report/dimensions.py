"""What the figures of the page are cut by: months, companies, steps, themes, emotions, irritants, enchantments."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vocpipe.errors import WorkspaceError
from vocpipe.report import queries

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_MONTHS = 36
_KEYS = {
    "steps": ("code", "fr", "en", "phase", "phase_fr", "phase_en"),
    "themes": ("code", "fr", "en"),
    "emotions": ("code", "fr", "en", "group", "group_fr", "group_en"),
    "irritants": ("id", "fr", "en", "theme", "step", "origin", "first_seen", "resolved_since", "status"),
    "enchantments": ("id", "fr", "en", "theme", "step", "origin", "first_seen", "resolved_since", "status"),
}


@dataclass(frozen=True)
class Dimensions:
    """Hold the codes and labels of every dimension.

    `all_months` are those of the feed, `months` those that the page shows, `detail` those whose opinions it holds one by one; each ends with the last.
    """

    all_months: tuple[str, ...]
    months: tuple[str, ...]
    verbatims: tuple[int, ...]
    detail: tuple[str, ...]
    companies: tuple[str, ...]
    labels: dict[str, list[dict[str, Any]]]

    def codes(self, name: str) -> list[str]:
        """Return the codes of one dimension, in its order."""
        return [str(row.get("code") or row["id"]) for row in self.labels[name]]


def read_dimensions(connection: "DuckDBPyConnection", scheme: str, most_opinions: int, most_months: int = MOST_MONTHS) -> Dimensions:
    """Return the dimensions.

    `months` are the last ones; `detail` is the last month, and those before it as long as they hold no more than so many opinions together.

    Raises `WorkspaceError` when the feed holds no verbatim to show.
    """
    months = connection.execute(queries.MONTHS).fetchall()
    if not months:
        raise WorkspaceError("the feed holds no verbatim to report on", "run a batch first: vocpipe run")
    texts = {name: getattr(queries, name.upper()).format(scheme=scheme) for name in _KEYS}
    labels = {name: [dict(zip(_KEYS[name], row, strict=True)) for row in connection.execute(text).fetchall()] for name, text in texts.items()}
    names = tuple(name for name, _ in months)
    shown = names[-most_months:]
    verbatims = tuple(count for _, count in months)[-most_months:]
    companies = tuple(company for (company,) in connection.execute(queries.COMPANIES).fetchall())
    return Dimensions(names, shown, verbatims, _detail(connection, shown, most_opinions), companies, labels)


def _detail(connection: "DuckDBPyConnection", months: tuple[str, ...], most: int) -> tuple[str, ...]:
    counts = dict(connection.execute(queries.OPINIONS_BY_MONTH).fetchall())
    first, held = len(months) - 1, counts.get(months[-1], 0)
    while first and held + counts.get(months[first - 1], 0) <= most:
        first -= 1
        held += counts.get(months[first], 0)
    return months[first:]
