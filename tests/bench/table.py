"""What a benchmark found: one row, in seconds or per second, against something measured in the same run."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

HEADINGS = ("what", "ours", "against", "ratio", "bar", "")


SECONDS = "s"
PER_SECOND = "/s"
PER_MINUTE = "/min"
MEGABYTES = "MB"


@dataclass(frozen=True)
class Row:
    what: str
    ours: float  # the median, in `unit`
    against: float  # the same, in the same run
    against_what: str
    max_ratio: float | None = None
    min_ratio: float | None = None
    at_most: float | None = None  # in `unit`
    unit: str = SECONDS

    @property
    def ratio(self) -> float:
        return self.ours / self.against

    @property
    def bar(self) -> str:
        if self.max_ratio is not None:
            return f"ratio ≤ {self.max_ratio:.3g}"
        if self.min_ratio is not None:
            return f"ratio ≥ {self.min_ratio:g}"
        return f"≤ {self.at_most:g} {self.unit}" if self.at_most is not None else "none"

    @property
    def holds(self) -> bool:
        return (
            (self.max_ratio is None or self.ratio <= self.max_ratio)
            and (self.min_ratio is None or self.ratio >= self.min_ratio)
            and (self.at_most is None or self.ours <= self.at_most)
        )

    def cells(self) -> tuple[str, ...]:
        against = f"{words(self.against, self.unit)} ({self.against_what})"
        return (
            self.what,
            words(self.ours, self.unit),
            against,
            f"{self.ratio:.2f}",
            self.bar,
            "" if self.bar == "none" else ("holds" if self.holds else "MISSED"),
        )


def words(value: float, unit: str) -> str:
    if unit != SECONDS:
        return f"{value:.0f} {unit}"
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"


def print_table(rows: list[Row]) -> None:
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def write_json(rows: list[Row], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    found = [asdict(row) | {"ratio": row.ratio, "holds": row.holds} for row in rows]
    path.write_text(json.dumps(found, indent=2) + "\n")
