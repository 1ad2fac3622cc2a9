"""The database goes away at the worst moments: no half effect, and no job that is stuck for ever."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text

from tests.faults.rows import row
from tests.support.databases import PostgresTemplates, on_postgresql
from tests.support.galleries import assert_all_hang_everywhere, count_items, make_galleries
from tests.support.pauses import EFFECT, FAILING
from tests.support.pictures import tiny_jpeg
from tests.support.product import Product
from webapp.database import transaction

WAITING_FOR_A_ROW = "FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


@pytest.fixture
def own_server() -> Iterator[PostgresTemplates]:
    """A PostgreSQL that no other test uses."""
    folder = Path(tempfile.mkdtemp(prefix="gd-"))
    server = PostgresTemplates(folder)
    server.keep_what_is_committed()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def on_own_server(own_server: PostgresTemplates) -> Iterator[Product]:
    product = Product(own_server.copy(own_server.server.pgdata))
    yield product
    product.stop()


@row(14)
@row(15)
def test_a_server_that_crashes_and_comes_back_loses_nothing_and_nothing_is_stuck(own_server, on_own_server):
    """Both the effect and the record of its failure meet a database that is away."""
    product = on_own_server
    make_galleries(product, 10)
    product.start("web", "default", "clock")
    product.hold(EFFECT)
    job = product.client().upload(tiny_jpeg(1)).body["job"]["id"]
    product.wait_held(EFFECT)
    own_server.crash()
    refused = product.client().upload(tiny_jpeg(2))
    assert (refused.status, "try again" in refused.body["error"]) == (503, True)
    product.let_go(EFFECT)
    product.wait_until(lambda: "workers.perform.perform" in product.log("default"))
    own_server.start_again()
    product.wait_for_job(job, "succeeded", 30)
    # A claim is not waited for until it is on the disk: after the crash it may never have been.
    assert product.log_of(job) in (["crashed", "succeeded"], ["succeeded"])
    second = product.client().upload(tiny_jpeg(2))
    assert second.status == 201
    product.wait_for_job(second.body["job"]["id"], "succeeded", 30)
    assert_all_hang_everywhere(product, 2, 10)


@row(15)
@on_postgresql
def test_a_connection_lost_while_a_failure_is_recorded_leaves_the_job_to_the_next_sweep(product):
    product.start("web", "default", "clock")
    media = product.client().upload(tiny_jpeg(1)).body["id"]
    job = product.number("SELECT id FROM jobs WHERE queue = 'images'")
    (original,) = (path for path in (product.folder / "files" / "originals").rglob("*") if path.is_file())
    original.unlink()
    product.hold(FAILING)
    product.start("images")
    product.wait_held(FAILING)
    with product.rows(), transaction() as session:
        session.execute(text("SELECT id FROM jobs WHERE id = :id FOR UPDATE"), {"id": job})
        product.let_go(FAILING)
        product.wait_until(lambda: product.number(f"SELECT count(*) {WAITING_FOR_A_ROW}") > 0)
        product.sql(f"SELECT pg_terminate_backend(pid) {WAITING_FOR_A_ROW}")
    failed = product.wait_for_job(job, "failed", 30)
    assert (product.log_of(job), failed.total_tried) == (["crashed", "failed"], 1)
    assert "missing" in product.client().get(f"/admin/media/{media}").body


@row(14)
@row(15)
@pytest.mark.skipif(not hasattr(psutil, "RLIMIT_FSIZE"), reason="needs a limit that can be set on a running process")
def test_sqlite_that_can_not_write_in_mid_transaction_nor_record_the_failure(product, upload):
    """From the last moment before the commit on, the disk refuses every write of this process to the database."""
    make_galleries(product, 10)
    product.start("web", "default", "clock")
    product.hold(EFFECT)
    job = upload(1)
    horse = psutil.Process(product.wait_held(EFFECT))
    log = (product.folder / "default.log").stat().st_size
    end_of_database = (
        Path(f"{product.app.config['SQLALCHEMY_DATABASE_URI'].removeprefix('sqlite:///')}-wal").stat().st_size
    )
    assert end_of_database > log + 20_000  # so that the process can still say what happens to it
    horse.rlimit(psutil.RLIMIT_FSIZE, (end_of_database, end_of_database))
    product.let_go(EFFECT)
    product.wait_until(lambda: not horse.is_running() or horse.status() == psutil.STATUS_ZOMBIE)
    assert (product.job(job).status, count_items(product), product.log_of(job)) == ("running", 0, [])
    product.wait_for_job(job, "succeeded", 30)
    assert product.log_of(job) == ["crashed", "succeeded"]
    assert_all_hang_everywhere(product, 1, 10)
    assert "disk I/O error" in product.log("default")
