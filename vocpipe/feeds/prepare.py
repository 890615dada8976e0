"""What queries read besides tables and inputs: common counts, and the statistics that SQL does not do."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from vocpipe.feeds.ratios import Z95
from vocpipe.feeds.settings import FeedSettings
from vocpipe.feeds.wording import MACROS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LEAST_RATINGS = 10
"""Ratings under which their spread is not known well enough for an interval of their mean."""


def query(name: str) -> str:
    """Return the text of a query of this folder."""
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")


def prepare(connection: "DuckDBPyConnection", table: str, settings: FeedSettings) -> None:
    """Make what the query of a table reads and earlier ones did not: see `_BEFORE`."""
    for step in _BEFORE.get(table, ()):
        step(connection, settings)


def _marks(connection: "DuckDBPyConnection", _: FeedSettings) -> None:
    connection.execute(f"CREATE TEMP TABLE row_marks AS {query('row_marks')}")


def _macros(connection: "DuckDBPyConnection", settings: FeedSettings) -> None:
    for macro in (settings.severity.macro(), *MACROS):
        connection.execute(macro)


def _trends(connection: "DuckDBPyConnection", settings: FeedSettings) -> None:
    """Make `met_counts`, and `trends` from it; irritants and enchantments are corrected for chance apart."""
    from vocpipe.feeds.trends import trends

    connection.execute(f"CREATE TEMP TABLE met_counts AS {query('met_counts')}")
    select = "SELECT month, irritant_id, verbatims, analysed FROM met_counts WHERE kind = $kind ORDER BY month, irritant_id"
    counts = [connection.sql(select, params={"kind": kind}).to_arrow_table() for kind in ("irritant", "enchantment")]
    found = [trends(of_kind, settings.trends) for of_kind in counts]
    connection.register("trends", pa.concat_tables(found))


def _candidates(connection: "DuckDBPyConnection", _: FeedSettings) -> None:
    connection.execute(f"CREATE TEMP VIEW candidates AS {query('candidates')}")


def _places(connection: "DuckDBPyConnection", _: FeedSettings) -> None:
    connection.execute(f"CREATE TEMP VIEW places AS {query('places')}")
    connection.execute(f"CREATE TEMP TABLE place_months AS {query('place_months')}")


def _impacts(connection: "DuckDBPyConnection", settings: FeedSettings) -> None:
    from vocpipe.feeds.impact import impacts

    verbatims = connection.sql(
        "SELECT verbatim_id, month, stars::DOUBLE AS stars, nps::DOUBLE AS nps, csat::DOUBLE AS csat, ces::DOUBLE AS ces FROM fact_verbatim "
        "WHERE analysed AND coalesce(stars, nps, csat, ces) IS NOT NULL ORDER BY verbatim_id"
    ).to_arrow_table()
    met = connection.sql(
        "SELECT DISTINCT verbatim_id, irritant_id, 'irritant' AS kind FROM fact_opinion WHERE NOT is_duplicate AND irritant_id IS NOT NULL UNION ALL "
        "SELECT DISTINCT verbatim_id, enchantment_id, 'enchantment' FROM fact_opinion WHERE NOT is_duplicate AND enchantment_id IS NOT NULL "
        "ORDER BY verbatim_id, irritant_id"
    ).to_arrow_table()
    connection.register("impacts", impacts(verbatims, met, settings.impact))


def _kpis(connection: "DuckDBPyConnection", _: FeedSettings) -> None:
    """Make `kpi_sums`, and `quantiles`: for each number of ratings from two on, how many standard errors make a 95 % interval.

    Student's (`t95`) is null under `LEAST_RATINGS`.
    """
    import numpy as np
    from scipy import special

    connection.execute(f"CREATE TEMP TABLE kpi_sums AS {query('kpi_sums')}")
    counts = connection.sql("SELECT DISTINCT n FROM kpi_sums WHERE n > 1 ORDER BY n").to_arrow_table()["n"]
    numbers = counts.to_numpy()
    t95 = pa.array(np.where(numbers >= LEAST_RATINGS, special.stdtrit(numbers - 1.0, 0.975), np.nan), from_pandas=True)
    connection.register("quantiles", pa.table({"n": counts, "t95": t95, "z95": pa.array([Z95] * len(counts), pa.float64())}))


_BEFORE: dict[str, tuple[Callable[["DuckDBPyConnection", FeedSettings], None], ...]] = {
    "fact_verbatim": (_macros, _marks),
    "agg_irritant_month": (_trends,),
    "agg_step_month": (_places,),
    "agg_residual_month": (_candidates,),
    "irritant_impact": (_impacts,),
    "agg_kpi_month": (_kpis,),
}
"""What is made just before a table, by its name."""
