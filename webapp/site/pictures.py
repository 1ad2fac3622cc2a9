"""Media as a visitor sees them: by their renditions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple, Self, cast

from sqlalchemy import ColumnElement, String, Table, func, select
from sqlalchemy import cast as as_type

from webapp.models.media import Media, Rendition
from webapp.models.page import FILMSTRIP, GRID

MEDIA, RENDITIONS = (
    cast(Table, model.__table__) for model in (Media, Rendition)
)  # rows of them take a tenth of the time
ROW_HEIGHT = 20  # rem; as high as static/css/site.css may make a row of pictures
RATIOS = (40, 300)  # percent; what is narrower or wider than these is cropped in a row
SHARP_ENOUGH = 1.5  # times as wide as its box: the steps of the files make up for it, and phones load half as much
Length = tuple[float, str]  # with its unit


class Sized(NamedTuple):
    """One rendition of a picture."""

    name: str
    width: int
    height: int

    @property
    def format(self) -> str:
        return self.name.rpartition(".")[2]


def _all_renditions() -> ColumnElement[str]:
    """Of one media, as one word each: "42-320-0f3a….webp:320:240"."""
    numbers = (as_type(column, String) for column in (RENDITIONS.c.width, RENDITIONS.c.height))
    one = RENDITIONS.c.name.concat(":").concat(next(numbers)).concat(":").concat(next(numbers))
    of_media = RENDITIONS.c.media_id == MEDIA.c.id
    return select(func.aggregate_strings(one, " ")).where(of_media).correlate(MEDIA).scalar_subquery()


COLUMNS = (
    MEDIA.c.id,
    MEDIA.c.alt,
    MEDIA.c.caption,
    MEDIA.c.credit,
    MEDIA.c.colour,
    MEDIA.c.focal_x,
    MEDIA.c.focal_y,
    _all_renditions().label("renditions"),
)
SHOWN = (MEDIA.c.deleted_at.is_(None), MEDIA.c.is_ready)


@dataclass(frozen=True)
class Files:
    """The renditions of a picture, by what _all_renditions() says of them."""

    words: str

    @cached_property
    def by_format(self) -> dict[str, list[Sized]]:
        """Narrowest first."""
        found = defaultdict(list)
        for word in self.words.split(" "):
            name, width, height = word.split(":")
            found[name.rpartition(".")[2]].append(Sized(name, int(width), int(height)))
        for renditions in found.values():
            renditions.sort(key=lambda rendition: rendition.width)
        return found

    @property
    def webp(self) -> list[Sized]:
        return self.by_format.get("webp", [])

    @property
    def jpeg(self) -> list[Sized]:
        return self.by_format.get("jpeg", [])

    @property
    def everywhere(self) -> list[Sized]:
        """In the format that every browser can show, as far as there is one."""
        return self.jpeg or self.webp

    @property
    def largest(self) -> Sized:
        return self.everywhere[-1]

    @property
    def medium(self) -> Sized:
        """Large enough to fill half a screen; for those who don't read srcset."""
        return self.everywhere[len(self.everywhere) // 2]

    @cached_property
    def sources(self) -> list[tuple[str, list[Sized]]]:
        """What browsers may choose from before `everywhere`, the smallest files first.

        AVIF comes later than the rest, and only with all its sizes does it spare a large screen a small picture.
        """
        avif = self.by_format.get("avif", [])
        complete = [each.width for each in avif] == [each.width for each in self.everywhere]
        found = [("avif", avif if complete else []), ("webp", self.webp if self.jpeg else [])]
        return [(f"image/{name}", renditions) for name, renditions in found if renditions]

    @cached_property
    def shape(self) -> float:
        """Width to height."""
        return self.largest.width / self.largest.height

    @cached_property
    def ratio(self) -> int:
        """The same in percent, in the steps for which the style sheet has a class."""
        return max(RATIOS[0], min(RATIOS[1], 5 * round(20 * self.shape)))

    @staticmethod
    def srcset(renditions: Iterable[Sized], url: str) -> str:
        """`url` stands before the name of each. In Python, because a template would look at each part for itself."""
        return ", ".join(f"{url}{each.name} {each.width}w" for each in renditions)


files_of = lru_cache(1024)(Files)  # some 5 MB; to take 700 renditions apart at each visit was a sixth of a page's time


@dataclass(frozen=True)
class Picture:
    """One media that can be shown, by COLUMNS."""

    id: int
    alt: str
    caption: str
    credit: str
    colour: str
    focal_x: int
    focal_y: int
    files: Files

    @classmethod
    def of(cls, row: Iterable[Any]) -> Self | None:
        """From a row whose last columns are COLUMNS; None without renditions, whatever its media says."""
        *facts, renditions = tuple(row)[-len(COLUMNS) :]
        files = files_of(renditions) if renditions else None
        return cls(*(*facts, files)) if files and files.everywhere else None

    def sizes(self, style: str) -> str:
        """In a gallery of this style, as static/css/site.css lays it out."""
        if style == GRID:
            return self.covering(1, (31, "vw"), (15, "rem"))
        shape = self.files.ratio / 100
        height, phone = (24, 20) if style == FILMSTRIP else (ROW_HEIGHT, 9)
        return self.covering(shape, (min(phone * shape, 23), "rem"), (height * shape, "rem"))

    def covering(self, box: float, phone: Length, desk: Length, up_to: str = "40rem") -> str:
        """For the attribute `sizes`, in a box of this width to height that is as wide as `phone` up to there.

        Of a wider picture the ends are cut off, so its file must be wider than the box. "auto" is the width that the
        box really has, for browsers that know it by the time they load a lazy picture; it is left out where such a
        file would be too low.
        """
        wider = max(self.files.shape / box, 1)
        sizes = f"(max-width: {up_to}) {phone[0] * wider:.0f}{phone[1]}, {desk[0] * wider:.0f}{desk[1]}"
        return sizes if wider > SHARP_ENOUGH else f"auto, {sizes}"
