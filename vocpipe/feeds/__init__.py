"""Tables for dashboards, rebuilt from rows and the catalogue of irritants and enchantments."""

from vocpipe.feeds.builder import FeedReport, build
from vocpipe.feeds.inputs import BatchFiles
from vocpipe.feeds.promise import Promise, load_promises
from vocpipe.feeds.read import TopIrritant, feed_months, open_feed, top_irritants
from vocpipe.feeds.settings import FeedSettings
from vocpipe.feeds.severity import SeverityWeights

__all__ = [
    "BatchFiles",
    "FeedReport",
    "FeedSettings",
    "Promise",
    "SeverityWeights",
    "TopIrritant",
    "build",
    "feed_months",
    "load_promises",
    "open_feed",
    "top_irritants",
]
