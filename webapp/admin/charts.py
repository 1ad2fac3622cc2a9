"""The numbers that the SVG of a chart is made of: bars in a box of 600 × 100, whatever its size on the screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from webapp.jobs.statistics import Slot
from webapp.models.progress import counted

WIDTH, HEIGHT = 600, 100
GAP = 0.25  # of a column
LEAST = 2.0  # height of what is there at all


@dataclass(frozen=True)
class Value:
    look: str  # class of the bar
    height: float  # in the chart's own unit; below the line when it is negative


@dataclass(frozen=True)
class Column:
    words: str
    values: tuple[Value, ...]  # drawn in front of each other, the first at the back


@dataclass(frozen=True)
class Bar:
    look: str
    words: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Chart:
    name: str
    title: str
    description: str
    top: str  # what the highest bar stands for
    line: float  # y of the zero line
    bars: list[Bar]


@dataclass(frozen=True)
class Span:
    """How far back charts look, and how long one column is."""

    name: str
    words: str
    slot_words: str
    slot: timedelta
    number: int
    clock: str  # strftime of a column's begin

    @property
    def length(self) -> timedelta:
        return self.slot * self.number


SPANS = {
    span.name: span
    for span in (
        Span("hour", "last hour", "minute", timedelta(minutes=1), 60, "%H:%M"),
        Span("day", "last 24 hours", "hour", timedelta(hours=1), 24, "%a %H:%M"),
    )
}


def throughput(name: str, slots: Sequence[Slot], span: Span) -> Chart:
    """Succeeded above the line, failed below it."""
    columns = [
        Column(
            f"{slot.start:{span.clock}} UTC: {slot.succeeded:,} succeeded, {slot.failed:,} failed",
            (Value("chart-done", slot.succeeded), Value("chart-failed", -slot.failed)),
        )
        for slot in slots
    ]
    succeeded, failed = sum(slot.succeeded for slot in slots), sum(slot.failed for slot in slots)
    most = max((slot.succeeded for slot in slots), default=0)
    words = f"{counted(succeeded, 'job', 'jobs')} succeeded and {failed:,} failed in the {span.words}"
    words += f"; at most {most:,} succeeded in one {span.slot_words}." if most else "."
    return draw(f"{name}-throughput", f"Done per {span.slot_words}", words, f"{most:,}", columns)


def waiting(name: str, slots: Sequence[Slot], span: Span) -> Chart:
    """The longest wait, and the average in front of it."""
    columns = [
        Column(
            f"{slot.start:{span.clock}} UTC: {seconds(slot.average)} on average, {seconds(slot.longest)} at most",
            (Value("chart-longest", slot.longest), Value("chart-average", slot.average)),
        )
        for slot in slots
    ]
    waits = sum(slot.waits for slot in slots)
    longest = max((slot.longest for slot in slots), default=0)
    average = sum(slot.waited for slot in slots) / waits if waits else 0
    words = f"Jobs that ended in the {span.words} had waited {seconds(average)} on average, {seconds(longest)} at most."
    return draw(
        f"{name}-waiting",
        "Waited for a worker",
        words if waits else f"Nothing is known of the {span.words}.",
        seconds(longest) if waits else "",
        columns,
    )


def draw(name: str, title: str, words: str, top: str, columns: Sequence[Column]) -> Chart:
    highest = most(columns, lambda value: value.height)
    deepest = most(columns, lambda value: -value.height)
    unit = HEIGHT / ((highest + deepest) or 1)
    line = min(highest * unit, HEIGHT - LEAST) if deepest else HEIGHT
    step = WIDTH / max(len(columns), 1)
    bars = []
    for place, column in enumerate(columns):
        for value in column.values:
            if value.height:
                height = max(abs(value.height) * unit, LEAST)
                y = line - height if value.height > 0 else line
                x = place * step + step * GAP / 2
                bars.append(Bar(value.look, column.words, *rounded(x, max(y, 0), step * (1 - GAP), height)))
    return Chart(name, title, words, top, round(line, 2), bars)


def most(columns: Sequence[Column], of: Callable[[Value], float]) -> float:
    return max((of(value) for column in columns for value in column.values), default=0) or 0


def rounded(*numbers: float) -> tuple[float, ...]:
    return tuple(round(number, 2) for number in numbers)


def seconds(length: float) -> str:
    """A time as short as can be: "40 ms", "3.2 s", "12 min", "3.5 h", "2.5 d"."""
    if length < 1:
        return f"{length * 1000:.0f} ms"
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if length >= 2 * size:
            return f"{length / size:.1f}".removesuffix(".0") + f" {unit}"
    return f"{length:.1f}".removesuffix(".0") + " s"
