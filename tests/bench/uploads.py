"""Uploads against a program that only reads, hashes and keeps what is sent to it."""

from __future__ import annotations

import http.client
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.bench import floor
from tests.bench.cases import HALF_A_MEGABYTE, NewDatabase, running, send
from tests.bench.filling import fill_galleries
from tests.bench.table import PER_SECOND, Row
from tests.bench.timing import timed
from tests.support.http import Client
from tests.support.pictures import noisy_jpeg
from tests.support.product import Product

FIVE_MEGABYTES = 5_000_000
CLIENTS = 8
SLOW_CLIENTS = 60
Upload = Callable[[bytes], object]


@contextmanager
def bare(product: Product) -> Iterator[Upload]:
    """Uploads to the floor, each thread over a connection of its own."""
    with tempfile.TemporaryDirectory() as folder:
        process, port = floor.start_upload_floor(Path(folder))
        product.wait_until(lambda: _answers(port))
        own = threading.local()

        def upload(picture: bytes) -> None:
            if not hasattr(own, "connection"):
                own.connection = http.client.HTTPConnection("127.0.0.1", port)
            own.connection.request("POST", "/", picture)
            assert own.connection.getresponse().read()

        yield upload
        process.kill()
        process.join()


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def one_client(new_database: NewDatabase) -> list[Row]:
    """Ours checks who it is and what the file is, makes three rows and rings twice on top of the floor."""
    with running(new_database(), 10, "web") as product, bare(product) as upload:
        client = product.client()
        return [
            _in_turn(lambda picture: send(client, picture), upload, size, words)
            for size, words in ((HALF_A_MEGABYTE, "500 KB"), (FIVE_MEGABYTES, "5 MB"))
        ]


def _in_turn(ours: Upload, theirs: Upload, size: int, words: str) -> Row:
    taken = []
    for _ in range(30):
        picture = noisy_jpeg(size)
        taken.append((timed(lambda: ours(picture)), timed(lambda: theirs(picture))))  # noqa: B023
    mine, floors = (statistics.median(column) for column in zip(*taken[5:], strict=True))
    return Row(f"upload answered, {words}", mine, floors, "read, hash, fsync", max_ratio=2)


def eight_clients(new_database: NewDatabase) -> list[Row]:
    """200 uploads, workers at rest, so that all of it is the answer."""
    with running(new_database(), 100, "web") as product, bare(product) as upload:
        client = product.client()
        answers, ours = _together(lambda picture: send(client, picture))
        _, theirs = _together(upload)
    median, slow = statistics.median(answers), sorted(answers)[int(len(answers) * 0.95)]
    return [
        Row("uploads by 8 clients", ours, theirs, "read, hash, fsync", min_ratio=0.7, unit=PER_SECOND),
        Row("upload answered, 8 clients, p95", slow, median, "its median", max_ratio=3),
    ]


def _together(upload: Upload) -> tuple[list[float], float]:
    """Seconds of each, and how many a second."""
    pictures = [noisy_jpeg(HALF_A_MEGABYTE) for _ in range(216)]
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(upload, pictures[:16]))
        started = time.perf_counter()
        answers = list(clients.map(lambda picture: timed(lambda: upload(picture)), pictures[16:]))
        return answers, len(answers) / (time.perf_counter() - started)


def ten_and_a_hundred_thousand_galleries(new_database: NewDatabase) -> list[Row]:
    """One client; workers at rest, as this is about what the answer waits for."""
    with running(new_database(), 10, "web") as few, running(new_database(), 0, "web") as many:
        fill_galleries(many, 100_000)
        seconds: dict[Product, list[float]] = {few: [], many: []}
        for _ in range(40):
            for product, taken in seconds.items():
                picture = noisy_jpeg(HALF_A_MEGABYTE)
                taken.append(timed(lambda: send(product.client(), picture)))  # noqa: B023
        ours, against = (statistics.median(seconds[product][5:]) for product in (many, few))
    return [Row("upload answered, 100,000 galleries", ours, against, "10 galleries", max_ratio=1.1)]


def sixty_slow_clients(new_database: NewDatabase) -> list[Row]:
    """They send a few bytes a second each, and never come to an end."""
    with running(new_database(), 10, "web") as product:
        client = product.client()
        alone = _p95_of_requests(client)
        stop = threading.Event()
        slow = [threading.Thread(target=_trickle, args=(product, stop)) for _ in range(SLOW_CLIENTS)]
        for thread in slow:
            thread.start()
        beside = _p95_of_requests(client)
        stop.set()
        for thread in slow:
            thread.join()
    return [Row("a page, beside 60 slow uploads, p95", beside, alone, "without them", max_ratio=3)]


def _p95_of_requests(client: Client) -> float:
    taken = sorted(timed(lambda: client.get("/api/media")) for _ in range(200))
    return taken[int(len(taken) * 0.95)]


def _trickle(product: Product, stop: threading.Event) -> None:
    with socket.create_connection(("127.0.0.1", product.port)) as connection:
        head = f"POST /api/media HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {product.token}\r\n"
        form = "Content-Type: multipart/form-data; boundary=slow\r\nContent-Length: 5000000\r\n\r\n"
        connection.sendall((head + form).encode())
        while not stop.wait(0.2):
            connection.sendall(b"-" * 20)


CASES = (one_client, eight_clients, ten_and_a_hundred_thousand_galleries, sixty_slow_clients)
