"""Which pictures an address asks for, how they are sorted and shown. What makes no sense in it is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from flask import request

from webapp.admin import asked
from webapp.imaging import MIME_TYPES
from webapp.models.belonging import SHAPES
from webapp.models.library import SORTS, Wanted

TYPES = {mime_type.removeprefix("image/"): mime_type for mime_type in MIME_TYPES}
FLAGS = {"no_alt": "No alt text yet", "unused": "In no gallery", "failed": "Something failed or was stopped"}
VIEWS = ("grid", "list")
MORE = ("type", "shape", "from", "to", "by", *FLAGS)  # those that are asked for less often


@dataclass(frozen=True)
class Chip:
    """A filter that is set, in words, and the address without it."""

    words: str
    without: dict[str, str]


@dataclass(frozen=True)
class LibraryFilter:
    named: dict[str, str]  # those that are set, as in the address
    sort: str
    view: str
    trash: bool

    @classmethod
    def asked(cls) -> LibraryFilter:
        sort, view = request.args.get("sort", ""), request.args.get("view", "")
        return cls(
            named={name: value for name, value in _typed().items() if value},
            sort=sort if sort in SORTS else next(iter(SORTS)),
            view=view if view in VIEWS else VIEWS[0],
            trash=request.args.get("trash") == "1",
        )

    @property
    def way(self) -> dict[str, str]:
        """How they are shown, for an address without filters."""
        found = {"trash": "1"} if self.trash else {}
        found |= {"sort": self.sort} if self.sort != next(iter(SORTS)) else {}
        return found | ({"view": self.view} if self.view != VIEWS[0] else {})

    @property
    def address(self) -> dict[str, str]:
        """For url_for."""
        return self.named | self.way

    @property
    def wants_more(self) -> bool:
        return any(name in self.named for name in MORE)

    @property
    def wanted(self) -> Wanted:
        since, until = self.named.get("from"), self.named.get("to")
        return Wanted(
            words=self.named.get("q", ""),
            tag=self.named.get("tag", ""),
            mime_type=TYPES.get(self.named.get("type", ""), ""),
            shape=self.named.get("shape", ""),
            since=_midnight(date.fromisoformat(since)) if since else None,
            before=_end_of(date.fromisoformat(until)) if until else None,
            by=int(self.named["by"]) if "by" in self.named else None,
            trash=self.trash,
            **{flag: flag in self.named for flag in FLAGS},
        )

    def chips(self, names: Mapping[int, str]) -> list[Chip]:
        """`names` are of people, by id."""
        address = self.address
        return [
            Chip(_words(name, value, names), {key: kept for key, kept in address.items() if key != name})
            for name, value in self.named.items()
        ]


def _typed() -> dict[str, str]:
    """As far as it can be meant."""
    since, until, by = asked.day_in_address("from"), asked.day_in_address("to"), asked.id_in_address("by")
    kind, shape = asked.search("type"), asked.search("shape")
    return {
        "q": asked.search("q"),
        "tag": asked.search("tag").lower(),
        "type": kind if kind in TYPES else "",
        "shape": shape if shape in SHAPES else "",
        "from": since.isoformat() if since else "",
        "to": until.isoformat() if until else "",
        "by": str(by) if by is not None else "",
        **{flag: "1" if request.args.get(flag) == "1" else "" for flag in FLAGS},
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _end_of(day: date) -> datetime | None:
    """None for the last day that there is: nothing is later."""
    return _midnight(day + timedelta(days=1)) if day < date.max else None


def _words(name: str, value: str, names: Mapping[int, str]) -> str:
    if name in FLAGS:
        return FLAGS[name]
    if name in ("from", "to"):
        day = date.fromisoformat(value)
        return f"{'Since' if name == 'from' else 'Until'} {day.day} {day:%b} {day.year}"
    if name == "by":
        return f"By {names.get(int(value), 'somebody else')}"
    return {"q": f"“{value}”", "tag": f"Tag: {value}", "type": value.upper(), "shape": value.capitalize()}[name]
