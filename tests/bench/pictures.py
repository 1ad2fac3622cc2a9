"""Renditions against the shortest Pillow script that makes the same files."""

from __future__ import annotations

import statistics
import time
from io import BytesIO

from PIL import Image, ImageChops

from tests.bench.cases import NewDatabase, running, send
from tests.bench.table import PER_MINUTE, Row
from tests.bench.timing import timed
from tests.support.pictures import saved
from webapp.imaging.renditions import JPEG_OPTIONS, SIZES, WEBP_OPTIONS, make_renditions

TWELVE_MEGAPIXELS = (4000, 3000)
SHARPS_SIZES = (1600, 900, 300)
SHARP, PILLOW_WITHOUT_DRAFT = 0.193, 0.700  # seconds on the machine where the peer was measured
PICTURES = 16


def photo(number: int = 0) -> bytes:
    """With soft shapes and some grain, as a camera's."""
    soft = Image.effect_noise((40, 30), 90).resize(TWELVE_MEGAPIXELS, Image.Resampling.BICUBIC)
    grain = Image.effect_noise(TWELVE_MEGAPIXELS, 12)
    bands = [ImageChops.blend(ImageChops.offset(soft, 300 * band + number), grain, 0.15) for band in range(3)]
    return saved(Image.merge("RGB", bands), quality=90)


def renditions_of_a_photo(_: NewDatabase) -> list[Row]:
    data = photo()
    taken = [(timed(lambda: _ours(data)), timed(lambda: _bare(data))) for _ in range(9)]
    ours, bare = (statistics.median(column) for column in zip(*taken[1:], strict=True))
    return [Row("renditions of a 12-megapixel JPEG", ours, bare, "bare Pillow", max_ratio=1.1)]


def _ours(data: bytes) -> None:
    assert len(list(make_renditions(BytesIO(data), "photo.jpg"))) == 2 * len(SIZES)


def _bare(data: bytes) -> None:
    """Decoded once, already smaller; each size from the one before."""
    image = Image.open(BytesIO(data))
    image.draft(None, (SIZES[-1], SIZES[-1] * 3 // 4))
    for width in reversed(SIZES):
        image = image.resize((width, width * 3 // 4), Image.Resampling.BICUBIC, reducing_gap=3.0)
        image.save(BytesIO(), "WEBP", **WEBP_OPTIONS)
        image.save(BytesIO(), "JPEG", **JPEG_OPTIONS)


def three_jpegs(_: NewDatabase) -> list[Row]:
    """The peer's sharp is not here; it was measured beside Pillow as everybody writes it, and so are we."""
    data = photo()
    taken = [(timed(lambda: _three(data)), timed(lambda: _three_without_draft(data))) for _ in range(9)]
    ours, plain = (statistics.median(column) for column in zip(*taken[1:], strict=True))
    bar = SHARP / PILLOW_WITHOUT_DRAFT
    what = "300/900/1600 px JPEG of a 12-megapixel JPEG"
    return [Row(what, ours, plain, "Pillow without draft(), of which sharp takes 0.28", max_ratio=bar)]


def _three(data: bytes) -> None:
    assert len(list(make_renditions(BytesIO(data), "photo.jpg", sizes=SHARPS_SIZES, formats=["jpeg"]))) == 3


def _three_without_draft(data: bytes) -> None:
    image = Image.open(BytesIO(data))
    for width in SHARPS_SIZES:
        image.resize((width, width * 3 // 4), Image.Resampling.LANCZOS).save(BytesIO(), "JPEG", quality=82)


def two_workers(new_database: NewDatabase) -> list[Row]:
    """The same pictures by one process and by two."""
    one, two = _pictures_a_minute(new_database(), 1), _pictures_a_minute(new_database(), 2)
    return [Row("pictures a minute, 2 workers", two, one, "1 worker", min_ratio=1.8, unit=PER_MINUTE)]


def _pictures_a_minute(database_url: str, workers: int) -> float:
    with running(database_url, 0, "web") as product:
        client = product.client()
        for number in range(PICTURES):
            send(client, photo(number))
        product.terminate("web")
        started = time.perf_counter()
        for number in range(workers):
            product.start_another(f"images {number}", "images")
        product.wait_until(lambda: product.number(WAITING) == 0, 300)
        return PICTURES / (time.perf_counter() - started) * 60


WAITING = "SELECT count(*) FROM jobs WHERE queue = 'images' AND status IN ('queued', 'running')"
CASES = (renditions_of_a_photo, three_jpegs, two_workers)
