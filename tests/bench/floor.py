"""The floors: the least that any program must do on this machine for the same outcome."""

from __future__ import annotations

import hashlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, bindparam, create_engine, text

from tests.bench.timing import timed
from tests.support.ports import free_port
from tests.support.product import Product
from webapp.database import Moment, utcnow
from webapp.models.gallery import position_of

STARTED = "floor:started"


def serve_uploads(port: int, folder: str) -> None:
    """A view that reads the body, hashes it, writes it and makes it survive a power cut; nothing else."""
    import waitress
    from flask import Flask, request

    app = Flask(__name__)

    @app.post("/")
    def take() -> tuple[dict[str, str], int]:
        digest = hashlib.sha256()
        with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
            while block := request.stream.read(65536):
                digest.update(block)
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
        return {"sha256": digest.hexdigest()}, 201

    waitress.serve(app, host="127.0.0.1", port=port, threads=16, ident=None)


def start_upload_floor(folder: Path) -> tuple[ForkServerProcess, int]:
    import multiprocessing

    port = free_port()
    process = multiprocessing.get_context("forkserver").Process(target=serve_uploads, args=(port, str(folder)))
    process.start()
    return process, port


def note_start() -> None:
    """What the bare RQ job does: say when it began."""
    from rq import get_current_job

    job = get_current_job()
    assert job is not None
    job.connection.rpush(STARTED, time.time())


def work(redis_url: str) -> None:
    from redis import Redis
    from rq import Worker

    sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    Worker(["floor"], connection=Redis.from_url(redis_url)).work(logging_level="ERROR")


def seconds_to_start_of_bare_rq(product: Product, times: int) -> float:
    """From enqueue to the first line of the function, with RQ's own worker on the product's Valkey; the median."""
    import multiprocessing

    from rq import Queue

    redis_url = product.settings.redis_url
    worker = multiprocessing.get_context("forkserver").Process(target=work, args=(redis_url,))
    worker.start()
    try:
        return statistics.median([_one_start(Queue("floor", connection=product.redis)) for _ in range(times + 2)][2:])
    finally:
        worker.kill()
        worker.join()


def _one_start(queue: Any) -> float:
    before = time.time()
    queue.enqueue(note_start)
    started = queue.connection.blpop([STARTED], timeout=20)
    return float(started[1]) - before


def seconds_to_insert(product: Product, media_ids: list[int]) -> float:
    """The median over these pictures."""
    with bare_inserts(product) as insert:
        return statistics.median([timed(lambda: insert(media_id)) for media_id in media_ids])  # noqa: B023


@contextmanager
def bare_inserts(product: Product) -> Iterator[Callable[[int], None]]:
    """Bare SQL: one statement and one commit that hangs a picture in every gallery, with all that a sync writes."""
    url = product.settings.database_url
    engine = create_engine(url, connect_args={"isolation_level": None} if url.startswith("sqlite") else {})
    try:
        yield partial(_insert, engine)
    finally:
        engine.dispose()


def _insert(engine: Engine, media_id: int) -> None:
    statement = """
        INSERT INTO items (gallery_id, media_id, source, position, hidden, touched, job_id, added_at)
        SELECT id, :media_id, 'auto', :position, false, false, 1, :now
        FROM blocks WHERE type = 'gallery' AND auto_sync
    """
    now = utcnow()
    values = {"media_id": media_id, "position": position_of(now), "now": now}
    with engine.execution_options(gallerist_writing=True).begin() as connection:
        connection.execute(text(statement).bindparams(bindparam("now", type_=Moment)), values)
