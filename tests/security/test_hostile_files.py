"""Nasty files, sent to a running product: each is taken or refused in words, and no process grows or dies of it.

`make hostile` sends all of them; here only some of those that are cut off or changed. Those that took longest are sent
once more, alone, and the web process must spend hardly more on them than on a large picture that means no harm: however
busy the machine is, a nasty file costs what its size costs.
"""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

import psutil
import pytest

from tests.security.rows import threat
from tests.support.hostile import File, heavy_files, hostile_files, whole_files
from tests.support.http import Answer
from tests.support.pictures import noisy_jpeg
from tests.support.product import Product

LONG = bool(os.environ.get("HOSTILE_LONG"))
CLIENTS = 4
SUSPECTS = 10  # the slowest ones
MAY_COST = 3  # times the processor time of a picture of HARMLESS bytes
HARMLESS = 10_000_000
MAY_GROW = 60_000_000  # bytes of a process that lives on; buffers of several uploads at once
LARGEST_HORSE = 700_000_000  # bytes; a horse that makes renditions ends after each
REFUSED = {413, 415}


@dataclass(frozen=True)
class Sent:
    name: str
    data: bytes = field(repr=False)
    answer: Answer
    seconds: float


@pytest.fixture
def product(database_url: str) -> Iterator[Product]:
    product = Product(database_url, breakable=False)
    yield product
    product.stop()


class Watch:
    """The memory of each process of the product, looked at all the time."""

    def __init__(self, product: Product) -> None:
        self.product, self.over = product, threading.Event()
        self.first: dict[int, int] = {}
        self.most: Counter[int] = Counter()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Watch:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()

    def _run(self) -> None:
        while not self.over.wait(0.05):
            for name in self.product.processes:
                for process in self.product.family(name):
                    with suppress(psutil.NoSuchProcess):
                        size = process.memory_info().rss
                        self.first.setdefault(process.pid, size)
                        self.most[process.pid] = max(self.most[process.pid], size)

    def growth(self) -> dict[str, int]:
        """Of the processes that were there from the start, in bytes."""
        pids = {name: process.pid for name, process in self.product.processes.items()}
        return {name: self.most[pid] - self.first[pid] for name, pid in pids.items()}

    def largest_horse(self) -> int:
        lasting = {process.pid for process in self.product.processes.values()}
        return max((size for pid, size in self.most.items() if pid not in lasting), default=0)


@threat(1)
@threat(2)
@threat(6)
@pytest.mark.flaky(reruns=1)
def test_nasty_files_are_taken_or_refused_and_nothing_grows_or_dies(product, record_property):
    product.start()
    send_all(product, [(f"warm-{name}", data) for name, data in list(whole_files())[:6]])
    with Watch(product) as watch:
        sent = send_all(product, files_to_send())
        settle(product, 600 if LONG else 90)
    assert_answers(sent)
    assert_good_ones_are_taken(sent)
    assert_each_has_renditions_or_words(product)
    assert all(process.exitcode is None for process in product.processes.values())
    assert max(watch.growth().values()) < MAY_GROW, watch.growth()
    assert watch.largest_horse() < LARGEST_HORSE
    costs = costs_of_slowest(product, sent)
    dearest = max(costs.values())
    assert dearest <= MAY_COST, sorted(costs.items(), key=lambda each: -each[1])
    record_property("hostile files", f"{summary(product, sent, watch)}; dearest {dearest:.1f} × a large one")


def files_to_send() -> list[File]:
    return [*hostile_files(), *heavy_files()] if LONG else list(hostile_files(every=20))


def send_all(product: Product, files: list[File]) -> list[Sent]:
    client = product.client()

    def send(file: File) -> Sent:
        began = time.monotonic()
        answer = client.upload(file[1], file[0])
        return Sent(*file, answer, time.monotonic() - began)

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(send, files))


def settle(product: Product, seconds: float) -> None:
    open_jobs = "SELECT COUNT(*) FROM jobs WHERE status IN ('queued', 'running')"
    product.wait_until(lambda: product.number(open_jobs) == 0, seconds)


def assert_answers(sent: list[Sent]) -> None:
    for one in sent:
        assert one.answer.status in {200, 201, *REFUSED}, one
        if one.answer.status in REFUSED:
            words = one.answer.body["error"]
            assert words == one.answer.body["fields"]["file"] and one.name[:20] in words, one


def assert_good_ones_are_taken(sent: list[Sent]) -> None:
    good = {name for name, _ in whole_files()}
    assert {one.name for one in sent if one.name in good and one.answer.status in (200, 201)} == good


def assert_each_has_renditions_or_words(product: Product) -> None:
    """And a good one has renditions."""
    rows = product.sql(
        "SELECT m.filename, (SELECT COUNT(*) FROM renditions r WHERE r.media_id = m.id) AS made, j.status, j.error,"
        " j.crashes FROM media m JOIN jobs j ON j.task_slug = 'makeRenditions' AND j.subject = 'media:' || m.id"
    )
    assert len(rows) == product.number("SELECT COUNT(*) FROM media")
    good = {name for name, _ in whole_files()}
    for row in rows:
        assert row.crashes == 0, row
        assert (row.status, bool(row.made)) == ("succeeded", True) or (
            row.status == "failed" and row.error and "Traceback" not in row.error and row.filename not in good
        ), row


def costs_of_slowest(product: Product, sent: list[Sent]) -> dict[str, float]:
    """Of those that took longest: the processor time of the web process, as a multiple of that of a harmless one."""
    product.terminate("default", "images", "clock")  # what they compute would make it slower
    harmless = cost(product, "harmless.jpg", noisy_jpeg(HARMLESS))
    slowest = sorted(sent, key=lambda one: one.seconds)[-SUSPECTS:]
    return {one.name: cost(product, one.name, one.data) / harmless for one in slowest}


def cost(product: Product, name: str, data: bytes) -> float:
    """Seconds of the processor; the median of some, as other processes of the machine make it slower or faster."""
    web, client = psutil.Process(product.processes["web"].pid), product.client()
    taken = []
    for _ in range(5):
        before = sum(web.cpu_times()[:2])
        client.upload(data, name)
        taken.append(sum(web.cpu_times()[:2]) - before)
    return statistics.median(taken)


def summary(product: Product, sent: list[Sent], watch: Watch) -> str:
    statuses = Counter(one.answer.status for one in sent)
    failed = product.number("SELECT COUNT(*) FROM jobs WHERE status = 'failed'")
    grown = ", ".join(f"{name} {size / 1e6:.0f}" for name, size in watch.growth().items())
    return (
        f"{len(sent)} sent, {dict(statuses)}, slowest {max(one.seconds for one in sent):.2f} s, {failed} renditions"
        f" failed in words; grown by MB: {grown}; largest horse {watch.largest_horse() / 1e6:.0f} MB"
    )
