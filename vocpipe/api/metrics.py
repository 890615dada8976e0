"""What is counted for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

MEDIA = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """Count requests and their time by path and status, rows sent, answers kept, and the feeds seen."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.requests = Counter("vocpipe_requests", "Requests answered.", ("path", "status"), registry=self._registry)
        self.seconds = Histogram("vocpipe_request_seconds", "Seconds to answer a request.", ("path",), buckets=_SECONDS, registry=self._registry)
        self.rows = Counter("vocpipe_rows", "Rows sent, by table.", ("table",), registry=self._registry)
        self.kept = Counter("vocpipe_kept_answers", "Answers given again from memory.", registry=self._registry)
        self.snapshots = Counter("vocpipe_feeds_opened", "Feeds opened since the start: one more each time that it is rebuilt.", registry=self._registry)
        self.built = Gauge("vocpipe_feed_built_timestamp_seconds", "When the feed that is served was built.", registry=self._registry)

    def text(self) -> bytes:
        """Return everything in the text format of Prometheus."""
        return generate_latest(self._registry)
