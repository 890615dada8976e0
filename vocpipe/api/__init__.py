"""Serve the feed over HTTP, for reading: tables, quotes, explanations and the page."""

from vocpipe.api.app import create_app
from vocpipe.api.settings import ApiSettings

__all__ = ["ApiSettings", "create_app"]
