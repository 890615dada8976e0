"""Tables for dashboards, rebuilt from rows and irritants."""

from vocpipe.feeds.builder import FeedReport, build
from vocpipe.feeds.inputs import BatchFiles
from vocpipe.feeds.read import TopIrritant, feed_months, open_feed, top_irritants
from vocpipe.feeds.severity import SeverityWeights

__all__ = ["BatchFiles", "FeedReport", "SeverityWeights", "TopIrritant", "build", "feed_months", "open_feed", "top_irritants"]
