"""Bring the feed where people use it: files for spreadsheets and notebooks, a DuckDB file, a PostgreSQL database; and check what is there."""

from vocpipe.feeds.sinks.folder import FORMATS, Exported, export
from vocpipe.feeds.sinks.push import Pushed, push
from vocpipe.feeds.sinks.roles import apply_roles, role_script
from vocpipe.feeds.sinks.verify import Difference, Verification, verify

__all__ = ["FORMATS", "Difference", "Exported", "Pushed", "Verification", "apply_roles", "export", "push", "role_script", "verify"]
