"""The tables of the feed: every column, its type, what it means and what null means. Dashboards stand on it."""

from vocpipe.feeds import contract_aggregates as aggregates
from vocpipe.feeds import contract_dimensions as dimensions
from vocpipe.feeds import contract_facts as facts
from vocpipe.feeds import contract_findings as findings
from vocpipe.feeds.contract_columns import EMOTIONS, FLAGS, FeedTable

__all__ = ["EMOTIONS", "FLAGS", "SCHEMA_VERSION", "TABLES", "FeedTable"]

SCHEMA_VERSION = "1.5"

TABLES: dict[str, FeedTable] = {
    table.name: table
    for table in (
        facts.FACT_VERBATIM,
        facts.FACT_OPINION,
        aggregates.AGG_IRRITANT_MONTH,
        dimensions.DIM_IRRITANT,
        aggregates.AGG_ENCHANTMENT_MONTH,
        dimensions.DIM_ENCHANTMENT,
        dimensions.DIM_STEP,
        dimensions.DIM_THEME,
        dimensions.DIM_EMOTION,
        aggregates.AGG_STEP_EMOTION_MONTH,
        aggregates.AGG_STEP_MONTH,
        aggregates.AGG_PHASE_MONTH,
        aggregates.AGG_THEME_MONTH,
        aggregates.AGG_RESIDUAL_MONTH,
        aggregates.DATA_QUALITY,
        findings.IRRITANT_MOVEMENTS,
        findings.IRRITANT_IMPACT,
        findings.PROMISE_GAP,
        findings.ALERTS,
        dimensions.DIM_DATE,
        dimensions.DIM_COMPANY,
        aggregates.AGG_KPI_MONTH,
    )
}
"""Every table, in the order to build them: a query reads only tables before it."""
