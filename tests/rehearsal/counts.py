"""What was asked of the site, how it answered, and what of that a site may do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.support.http import Answer

BROKEN = 0  # instead of a status: the connection ended before the whole answer was there
HANGS_AFTER = 120.0  # seconds; some starts of everything on a busy machine, and far from for ever
# What may be answered apart from 503, which is another question.
EXPECTED = {
    "upload": {201, 200},
    "announce": {201},
    "complete": {202},
    "change words": {200},
    "change page": {200, 409},  # somebody who got no answer does not know which version it is
    "hide": {200, 404},  # not yet hung there
    "page": {200},
    "picture": {200},
    "library": {200},
}
NEEDS_S3 = {"upload", "picture"}


@dataclass(frozen=True)
class Asked:
    kind: str
    started: float
    ended: float
    answer: Answer | None

    @property
    def status(self) -> int:
        return self.answer.status if self.answer else BROKEN

    @property
    def seconds(self) -> float:
        return self.ended - self.started

    def was_during(self, spans: Iterable[tuple[float, float]]) -> bool:
        return any(self.started <= end and begin <= self.ended for begin, end in spans)

    def told(self) -> str:
        said = str(self.answer.body)[:500] if self.answer else "the connection broke"
        return f"{self.kind} from {self.started:.2f} to {self.ended:.2f}: {self.status or ''} {said}"

    def says_when_to_try_again(self) -> bool:
        """A 503 in words, and for programs a Retry-After."""
        if self.answer is None:
            return False
        body = self.answer.body
        words = body.get("error", "") if isinstance(body, dict) else body
        return "again" in words and self.answer.headers.get("Retry-After", "").isdecimal()


def what_may_not_be(
    asked: Sequence[Asked], s3_away: Sequence[tuple[float, float]], web_killed: Sequence[tuple[float, float]]
) -> list[Asked]:
    """Any other status than expected; a 503 without need or words; a connection that broke although nobody died."""
    return [one for one in asked if not _may_be(one, s3_away, web_killed)]


def _may_be(one: Asked, s3_away: Sequence[tuple[float, float]], web_killed: Sequence[tuple[float, float]]) -> bool:
    if one.seconds > HANGS_AFTER:
        return False
    if one.status == BROKEN:
        return one.was_during(web_killed)
    if one.status == 503:
        return one.kind in NEEDS_S3 and one.was_during(s3_away) and one.says_when_to_try_again()
    return one.status in EXPECTED[one.kind]


def table(asked: Sequence[Asked]) -> list[str]:
    """A line for each kind: how many, with which status, and how long it took."""
    lines = [f"{'asked for':14} {'times':>6}  {'p50 ms':>7} {'p95 ms':>7} {'max ms':>7}  statuses"]
    for kind in sorted({one.kind for one in asked}):
        own = [one for one in asked if one.kind == kind]
        times = sorted(1000 * one.seconds for one in own)
        statuses = Counter(one.status for one in own)
        said = ", ".join(f"{count} × {status or 'broken'}" for status, count in sorted(statuses.items()))
        p50, p95 = times[len(times) // 2], times[len(times) * 95 // 100]
        lines.append(f"{kind:14} {len(own):6}  {p50:7.0f} {p95:7.0f} {times[-1]:7.0f}  {said}")
    return lines
