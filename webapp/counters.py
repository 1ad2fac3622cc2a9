"""What one web process counts of itself; each has its own, so whoever scrapes asks each and adds them up."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

COUNTERS = CollectorRegistry()
METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}

_requests = Histogram(
    "gallerist_request_seconds",
    "How long requests took, and so how many there were, by method and status.",
    ["method", "status"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10),
    registry=COUNTERS,
)
_storage_errors = Counter(
    "gallerist_storage_errors", "Requests for which files could not be kept or read.", registry=COUNTERS
)


def count_request(method: str, status: int, seconds: float) -> None:
    known = method if method in METHODS else "other"  # anybody may send any word
    _requests.labels(known, str(status)).observe(seconds)


def count_storage_error() -> None:
    _storage_errors.inc()
