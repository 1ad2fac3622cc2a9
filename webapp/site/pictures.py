"""Media as a visitor sees them: by their renditions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from webapp.database import db
from webapp.models.media import Media, Rendition

WEBP, JPEG = "image/webp", "image/jpeg"
ROW_HEIGHT = 20  # rem; as high as static/css/site.css may make a row of pictures
RATIOS = (40, 300)  # percent; what is narrower or wider than these is cropped in a row


@dataclass(frozen=True)
class Picture:
    """One media that can be shown, with its renditions, narrowest first."""

    media: Media
    webp: list[Rendition]
    jpeg: list[Rendition]

    @property
    def largest(self) -> Rendition:
        return (self.jpeg or self.webp)[-1]

    @property
    def medium(self) -> Rendition:
        """Large enough to fill half a screen; for those who don't read srcset."""
        renditions = self.jpeg or self.webp
        return renditions[len(renditions) // 2]

    @property
    def ratio(self) -> int:
        """Width to height in percent, in the steps for which the style sheet has a class."""
        exact = 100 * self.largest.width / self.largest.height
        return max(RATIOS[0], min(RATIOS[1], 5 * round(exact / 5)))

    @property
    def sizes(self) -> str:
        return f"(max-width: 40rem) 94vw, {ROW_HEIGHT * self.ratio / 100:.0f}rem"


def with_renditions(many: Iterable[Media]) -> dict[int, Picture]:
    """By media id; without those that have none, whatever their row says."""
    media = {each.id: each for each in many}
    by_type: dict[tuple[int, str], list[Rendition]] = defaultdict(list)
    for rendition in db.session.scalars(
        select(Rendition).where(Rendition.media_id.in_(media)).order_by(Rendition.width)
    ):
        by_type[rendition.media_id, rendition.mime_type].append(rendition)
    pictures = {i: Picture(m, by_type[i, WEBP], by_type[i, JPEG]) for i, m in media.items()}
    return {i: picture for i, picture in pictures.items() if picture.webp or picture.jpeg}
