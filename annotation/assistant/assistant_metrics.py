"""The assistant's metrics for Prometheus: how often it is asked, how fast it answers, what it could not answer."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from annotation.assistant.connection_limits import waiting

CONTENT_TYPE = CONTENT_TYPE_LATEST

ENDPOINTS = ("health", "versions", "setup", "webhook", "predict", "metrics")
"""What callers with a password ask for; anything else counts as "other", and who has none as "stranger"."""

_PREFIX = "belebele_assistant"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.5)


class AssistantMetrics:
    """The metrics of one assistant.

    Args:
        is_trained: whether there is a shortcut meter by now.
    """

    def __init__(self, is_trained: Callable[[], bool]) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # when each began is of no use, and doubles the page
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            f"{_PREFIX}_requests", "Requests, by what was asked for.", ["endpoint", "code"], registry=registry
        )
        self.answers = Histogram(
            f"{_PREFIX}_answer_duration_seconds", "How long answers to authors took.", buckets=_BUCKETS,
            registry=registry,
        )  # fmt: skip
        self.late = Counter(
            f"{_PREFIX}_late_answers", "Answers that authors did not get in time.", registry=registry
        )
        self.failed = Counter(f"{_PREFIX}_failed_answers", "Answers that an error prevented.", registry=registry)
        trained = Gauge(
            f"{_PREFIX}_meter_is_trained", "Whether the shortcut meter has a model.", registry=registry
        )
        trained.set_function(lambda: float(is_trained()))
        connections = Gauge(
            f"{_PREFIX}_waiting_connections", "Connections that have not sent a request yet.", registry=registry
        )
        connections.set_function(waiting)
        ProcessCollector(registry=self._registry)

    def request(self, endpoint: str, status: int) -> None:
        """Count a request that was answered."""
        known = endpoint if endpoint in (*ENDPOINTS, "stranger") else "other"
        self._requests.labels(endpoint=known, code=f"{status // 100}xx").inc()

    def page(self) -> bytes:
        """Return all metrics as Prometheus reads them."""
        return generate_latest(self._registry)
