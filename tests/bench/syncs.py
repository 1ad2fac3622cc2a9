"""The work of a sync against the bare SQL of the same rows."""

from __future__ import annotations

import statistics
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from tests.bench import floor
from tests.bench.cases import NewDatabase, running, send, settle
from tests.bench.filling import fill_galleries, fill_library, hang
from tests.bench.footprint import megabytes
from tests.bench.table import MEGABYTES, Row
from tests.bench.timing import timed
from tests.support.galleries import assert_all_hang_everywhere, count_items
from tests.support.pictures import tiny_jpeg
from tests.support.product import Product
from webapp.models import Gallery, Job
from webapp.models.gallery import move_item
from workers.perform import perform_job


def one_picture_into_many_galleries(new_database: NewDatabase) -> list[Row]:
    """The whole job: claimed, done, finished and logged, in this process."""
    return [_into(new_database(), 1_000, times=20), _into(new_database(), 100_000, times=5)]


def _into(database_url: str, galleries: int, times: int) -> Row:
    """In turn, as the indexes grow with each."""
    with running(database_url, 0, "web") as product:
        fill_galleries(product, galleries)
        ids = [send(product.client(), tiny_jpeg(number)) for number in range(2 * times + 2)]
        jobs = [_sync_of(product, media_id) for media_id in ids[::2]]
        with floor.bare_inserts(product) as insert:
            taken = [
                (timed(lambda: _sync(product, job_id)), timed(lambda: insert(media_id)))  # noqa: B023
                for job_id, media_id in zip(jobs, ids[1::2], strict=True)
            ]
        assert count_items(product) == galleries * len(ids)
    ours, theirs = (statistics.median(column) for column in zip(*taken[1:], strict=True))
    return Row(f"sync into {galleries:,} galleries", ours, theirs, "bare INSERT … SELECT", max_ratio=1.5)


def _sync_of(product: Product, media_id: int) -> int:
    """What a ring names."""
    with product.rows() as session:
        job = select(Job.id).where(Job.task_slug == "syncMediaToGalleries", Job.subject == f"media:{media_id}")
        return int(session.scalars(job).one())


def _sync(product: Product, job_id: int) -> None:
    with product.app.app_context():
        assert perform_job(job_id) == "succeeded"


def moving_a_picture(new_database: NewDatabase) -> list[Row]:
    """From the end to the third place, and the next one after it; in turn in a small gallery and in a large one."""
    with running(new_database(), 0) as product:
        fill_galleries(product, 2)
        ids = fill_library(product, 10_000)
        with product.rows() as session:
            galleries = session.scalars(select(Gallery.id).order_by(Gallery.id)).all()
        sizes = dict(zip(galleries, (100, 10_000), strict=True))
        for gallery_id, size in sizes.items():
            hang(product, gallery_id, ids[:size])
        with product.rows():
            taken = [[timed(lambda: move_item(g, ids[n - back], 3)) for g, n in sizes.items()] for back in range(1, 41)]  # noqa: B023
    small, large = (statistics.median(column) for column in zip(*taken[5:], strict=True))
    return [Row("moving one of 10,000 pictures", large, small, "one of 100", max_ratio=1.5)]


def a_million_items(new_database: NewDatabase) -> list[Row]:
    """1,000 uploads × 1,000 galleries, until everything is settled: none is missing, and no process grows."""
    with running(new_database(), 0) as product:
        fill_galleries(product, 1_000)
        client = product.client()
        with ThreadPoolExecutor(8) as clients:
            list(clients.map(lambda number: send(client, tiny_jpeg(number)), range(50)))
        settle(product)
        before = {name: megabytes(product, name) for name in product.processes}
        with ThreadPoolExecutor(8) as clients:  # others: the server ends connections that were idle for two minutes
            list(clients.map(lambda number: send(client, tiny_jpeg(number)), range(50, 1_000)))
        settle(product, 600)
        assert_all_hang_everywhere(product, 1_000, 1_000)
        rise = {name: megabytes(product, name) - before[name] for name in before}
    name = max(rise, key=lambda name: rise[name])
    return [Row(f"rise over a million items ({name})", rise[name], 50, "the bar", at_most=50, unit=MEGABYTES)]


CASES = (one_picture_into_many_galleries, moving_a_picture, a_million_items)
