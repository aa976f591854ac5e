"""What a server counts, in the form that Prometheus reads.

Counts of requests are plain numbers in a table, made into samples when they are asked for: a request
costs one look-up. What is true at the moment (jobs by stage, queue age) is read from the ledger then.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

if TYPE_CHECKING:
    from mutoscope.jobs.job import Change, Job

DURATIONS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
RENDERS = (1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0, 1800.0)
CONTENT = "text/plain; version=0.0.4; charset=utf-8"


class Source(Protocol):
    """Something that gives samples when they are asked for."""

    def collect(self) -> Iterable[Metric]: ...


class _Requests:
    """Requests by method, route and status: how many, and how long they took."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, str, int], list[float]] = {}

    def collect(self) -> Iterator[Metric]:
        family = HistogramMetricFamily(
            "mutoscope_http_request_seconds",
            "Time to the end of the answer, by route and status.",
            labels=("method", "route", "status"),
        )
        for (method, route, status), row in self.seen.items():
            total, buckets = 0.0, []
            for bound, count in zip((*map(str, DURATIONS), "+Inf"), row, strict=False):
                total += count
                buckets.append((bound, total))
            family.add_metric((method, route, str(status)), buckets, sum_value=row[-1])
        yield family


class _Bytes:
    def __init__(self) -> None:
        self.received = self.sent = 0

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(
            "mutoscope_http_bytes", "Bytes of bodies, in and out.", labels=("direction",)
        )
        family.add_metric(("in",), self.received)
        family.add_metric(("out",), self.sent)
        yield family


class Metrics:
    """A registry of its own. `request` is for the event loop; the rest may be called from threads."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests, self.bytes = _Requests(), _Bytes()
        self.registry.register(self._requests)
        self.registry.register(self.bytes)

        def counter(name: str, about: str, *labels: str) -> Counter:
            return Counter(f"mutoscope_{name}", about, labels, registry=self.registry)

        self._refused = counter("refused_requests", "Requests that were refused.", "reason")
        self._ended = counter("jobs_ended", "Jobs that ended.", "object", "engine", "status")
        self._webhooks = counter("webhook_attempts", "Webhook deliveries tried.", "outcome")
        self._unknown = counter("unknown_status", "Words of an engine not known here.", "engine")
        self._render = Histogram(
            "mutoscope_render_seconds",
            "Time an engine spent on a film.",
            ("engine",),
            registry=self.registry,
            buckets=RENDERS,
        )

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """An answered request. `route` is the template, so that ids make no new rows."""
        row = self._requests.seen.get((method, route, status))
        if row is None:
            row = self._requests.seen[(method, route, status)] = [0.0] * (len(DURATIONS) + 2)
        row[bisect_left(DURATIONS, seconds)] += 1
        row[-1] += seconds

    def refused(self, reason: str) -> None:
        """A request that was refused; `reason` is the error's code."""
        self._refused.labels(reason).inc()

    def job(self, job: Job, change: Change) -> None:
        """A job that ended: how, and how long its engine took where it made a film."""
        self._ended.labels(job.object, job.engine, change.status or "").inc()
        if change.result is not None:
            took = change.result.took
            spent = sum(seconds for part, seconds in took.items() if part != "total")
            self._render.labels(job.engine).observe(spent or took.get("total", 0.0))

    def webhook(self, outcome: str) -> None:
        """One attempt to deliver: delivered, retried or failed."""
        self._webhooks.labels(outcome).inc()

    def unknown_status(self, engine: str) -> None:
        """A status word of an engine elsewhere that no table has: it counted as still running."""
        self._unknown.labels(engine).inc()

    def add(self, source: Source) -> None:
        """Another source of samples, read at every scrape."""
        self.registry.register(source)

    def text(self, now: Iterable[Metric] = ()) -> bytes:
        """All of it in Prometheus' text form, with the families in `now` beside what is counted here."""
        extra = CollectorRegistry()
        families = list(now)
        extra.register(_Given(families))
        return generate_latest(self.registry) + (generate_latest(extra) if families else b"")


class _Given:
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        yield from self._families


def gauge(name: str, about: str, labels: tuple[str, ...] = ()) -> GaugeMetricFamily:
    """A family of what is true now, to fill and hand to `Metrics.text`."""
    return GaugeMetricFamily(f"mutoscope_{name}", about, labels=labels)
