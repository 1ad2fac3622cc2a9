"""Whoever can write to Redis runs nothing of theirs on a real worker, and nobody else on the machine can."""

from __future__ import annotations

import os
import pickle
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from rq import Queue
from rq.job import Job

from tests.security.rows import threat
from tests.support.databases import SqliteTemplates
from tests.support.pictures import tiny_jpeg
from tests.support.product import Product
from tests.support.site import ForkedSite

pytestmark = pytest.mark.flaky(reruns=1)


@pytest.fixture
def product(database_url: str) -> Iterator[Product]:
    product = Product(database_url)
    yield product
    product.stop()


class RunsWhenRead:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.trace}",)


@threat(16)
def test_a_planted_job_leaves_no_trace_and_the_worker_goes_on(product, tmp_path):
    product.start("web", "default", "clock")
    trace = tmp_path / "was-here"
    queue = Queue("default", connection=product.redis)
    planted = [queue.enqueue("os.system", f"touch {trace}"), queue.enqueue("subprocess.run", ["touch", str(trace)])]
    poisoned = queue.enqueue("os.getpid")
    product.redis.hset(f"rq:job:{poisoned.id}", "data", zlib.compress(pickle.dumps(RunsWhenRead(trace))))
    with_callback = Job.create("os.getpid", connection=product.redis)
    with_callback.save()
    product.redis.hset(f"rq:job:{with_callback.id}", "failure_callback_name", "os.abort")
    product.redis.rpush("rq:queue:default", with_callback.id, "no-such-job", b"\xff\xfe")
    job_id = product.client().upload(tiny_jpeg(1)).body["job"]["id"]
    product.wait_for_job(job_id, "succeeded", 30)
    product.wait_until(lambda: product.redis.llen("rq:queue:default") == 0)
    assert not trace.exists()
    assert len(planted) == 2 and product.processes["default"].exitcode is None


@threat(16)
def test_the_embedded_valkey_listens_on_a_private_socket_and_nowhere_else(
    sqlite_templates: SqliteTemplates,
):
    site = ForkedSite(sqlite_templates).start().wait_until_up()
    try:
        socket = site.data_dir / "valkey" / "valkey.sock"
        assert stat.S_ISSOCK(socket.stat().st_mode)
        assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
        valkey = site.child("valkey")
        assert valkey is not None
        family = [valkey, *valkey.children(recursive=True)]
        assert not [c for process in family for c in process.net_connections("inet") if c.status == "LISTEN"]
    finally:
        site.remove()
