"""Read any export as canonical batches: files in, redacted rows and a report out."""

from vocpipe.sources.config import SourceConfig, load_source
from vocpipe.sources.cursor import cursor_range
from vocpipe.sources.identity import content_hash
from vocpipe.sources.ingest import Ingestion, ingest
from vocpipe.sources.inputs import expand
from vocpipe.sources.report import FileReport, IngestReport

__all__ = ["FileReport", "IngestReport", "Ingestion", "SourceConfig", "content_hash", "cursor_range", "expand", "ingest", "load_source"]
