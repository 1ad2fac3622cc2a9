"""Storage that hangs or is full: a time limit, words, another try, and nothing half stored."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import both_databases
from tests.faults.rows import row
from tests.support.breaking import FILE_LIMIT
from tests.support.pictures import noisy_jpeg, tiny_jpeg
from tests.support.product import Product
from webapp.database import utcnow

FULL_AT = 420_000  # bytes; more than the database needs
WAITRESS_BUFFER = 512 * 1024  # bytes of a request that it keeps in memory


@pytest.fixture
def hurried(database_url: str) -> Iterator[Product]:
    """Its jobs may take 5 seconds."""
    product = Product(database_url, job_timeout=5)
    yield product
    product.stop()


@contextmanager
def started_with(product: Product, name: str, **env: str) -> Iterator[None]:
    """A process with more in its environment, inside of the block."""
    before = dict(product.env)
    product.env.update(env)
    product.start(name)
    product.env = before
    yield
    product.kill(name)


@pytest.fixture
def silent_server() -> Iterator[str]:
    """Takes every connection and never says a word; its address."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


def files(product: Product) -> set[Path]:
    return {path for path in (product.folder / "files").rglob("*") if path.is_file()}


def job_for_renditions(product: Product) -> int:
    return product.number("SELECT max(id) FROM jobs WHERE queue = 'images'")


def wait_for_the_time_limit(product: Product, job: int) -> None:
    waiting = product.wait_until(lambda: product.job(job).error and product.job(job), 30)
    assert (waiting.status, waiting.total_tried, waiting.crashes) == ("queued", 1, 0)
    assert "longer than 5 seconds" in waiting.error
    assert product.log_of(job) == ["failed"]


def let_time_pass(product: Product, job: int) -> None:
    """Until the next try is due."""
    product.change_jobs(job, wait_until=utcnow(), rang_at=None)


@row(23)
@both_databases
def test_a_file_that_can_not_be_opened_nor_closed_ends_at_the_time_limit_and_is_tried_again(hurried):
    """A FIFO stands for a file on a network disk that is away: open() blocks in the kernel."""
    hurried.start("web", "default", "clock")
    hurried.client().upload(tiny_jpeg(1))
    (original,) = files(hurried)
    away = original.rename(original.with_suffix(".away"))
    os.mkfifo(original)
    hurried.start("images")
    job = job_for_renditions(hurried)
    wait_for_the_time_limit(hurried, job)
    away.rename(original)
    let_time_pass(hurried, job)
    hurried.wait_for_job(job, "succeeded", 30)
    assert hurried.log_of(job) == ["failed", "succeeded"]


@row(23)
def test_an_s3_server_that_never_answers_ends_at_the_time_limit_and_is_tried_again(hurried, silent_server):
    hurried.start("web", "default", "clock")
    hurried.client().upload(tiny_jpeg(1))
    job = job_for_renditions(hurried)
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    with started_with(hurried, "images", S3_BUCKET="pictures", S3_ENDPOINT_URL=silent_server, **keys):
        wait_for_the_time_limit(hurried, job)
    hurried.start("images")
    let_time_pass(hurried, job)
    hurried.wait_for_job(job, "succeeded", 30)
    assert hurried.log_of(job) == ["failed", "succeeded"]


@row(24)
@both_databases
def test_an_upload_that_the_disk_can_not_hold_is_refused_in_words_and_leaves_nothing(product):
    picture = noisy_jpeg(480_000)
    assert FULL_AT < len(picture) < WAITRESS_BUFFER
    with started_with(product, "web", **{FILE_LIMIT: str(FULL_AT)}):
        refused = product.client().upload(picture, "large.jpg")
        assert refused.status == 503
        assert "could not be stored" in refused.body["error"]
        assert product.number("SELECT count(*) FROM media") == product.number("SELECT count(*) FROM jobs") == 0
        product.wait_until(lambda: files(product) == set())
        assert product.client().upload(tiny_jpeg(1)).status == 201
    assert len(files(product)) == product.number("SELECT count(*) FROM media") == 1


@row(24)
def test_a_rendition_that_the_disk_can_not_hold_leaves_no_half_file_and_is_tried_again(product):
    product.start("web", "default", "clock")
    media = product.client().upload(noisy_jpeg(2_000_000)).body["id"]
    (original,) = files(product)
    job = job_for_renditions(product)
    with started_with(product, "images", **{FILE_LIMIT: str(FULL_AT)}):
        product.wait_until(lambda: product.job(job).error, 30)
    failed = product.job(job)
    assert (failed.status, "could not be stored" in failed.error) == ("queued", True)
    assert product.number("SELECT count(*) FROM renditions") == 0
    assert not [path for path in files(product) if path.name.startswith(".")]
    product.start("images")
    let_time_pass(product, job)
    product.wait_for_job(job, "succeeded", 30)
    keys = {row.storage_key for row in product.sql("SELECT storage_key FROM renditions WHERE media_id = :id", id=media)}
    assert files(product) == {original} | {product.folder / "files" / key for key in keys}
