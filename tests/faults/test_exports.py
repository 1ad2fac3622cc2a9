"""Exports on processes that die: made in the end, each whole, and nothing half is ever offered."""

from __future__ import annotations

import zipfile
from pathlib import Path

from sqlalchemy import select

from tests.conftest import both_databases
from tests.support.batches import add_picture
from tests.support.pauses import EFFECT, PACKED
from tests.support.product import EDITOR, Product
from webapp.jobs import cancel
from webapp.models.export import start_export
from webapp.models.media import Media
from webapp.models.user import User
from webapp.storage import storage

pytestmark = both_databases

PICTURES = 20


def ask_for_all(product: Product) -> int:
    """An export of pictures whose files are there; its job."""
    with product.rows() as session:
        for number in range(PICTURES):
            media = add_picture(None, number)
            storage().put(media.storage_key, b"%d" % number, "image/jpeg")
        cancel({"status": "queued"})  # the renditions of what is no picture
        editor = session.scalars(select(User.id).where(User.email == EDITOR)).one()
        start_export("zip", select(Media), "All pictures", "all", by=editor)
    return product.number("SELECT id FROM jobs WHERE task_slug = 'exportLibrary'")


def the_export(product: Product):
    return product.sql("SELECT * FROM exports")[0]


def files_in(product: Product, folder: str) -> list[Path]:
    return [path for path in (product.folder / "files" / folder).rglob("*") if path.is_file()]


def assert_whole(product: Product) -> None:
    export = the_export(product)
    path = product.folder / "files" / export.storage_key
    assert path.stat().st_size == export.filesize
    with zipfile.ZipFile(path) as packed:
        assert packed.testzip() is None
        assert len(packed.namelist()) == PICTURES + 1
    assert (export.done, export.planned, export.missing) == (PICTURES, PICTURES, 0)


def test_killed_while_it_packs_it_is_made_again_from_the_start(product):
    job_id = ask_for_all(product)
    product.hold(PACKED)
    product.start("default", "images", "clock")
    product.wait_held(PACKED)
    product.kill("images")
    assert files_in(product, "incoming")
    assert (files_in(product, "exports"), the_export(product).storage_key) == ([], None)
    product.let_go(PACKED)
    product.start("images")
    job = product.wait_for_job(job_id, "succeeded", 30)
    assert (job.crashes, job.total_tried) == (1, 1)
    assert product.log_of(job_id) == ["crashed", "succeeded"]
    assert_whole(product)
    assert files_in(product, "incoming") == []  # what the killed worker left is gone too


def test_killed_when_it_is_stored_but_not_committed_it_is_not_offered(product):
    job_id = ask_for_all(product)
    product.hold(EFFECT)
    product.start("default", "images", "clock")
    product.wait_held(EFFECT)
    (orphan,) = files_in(product, "exports")
    assert the_export(product).storage_key is None
    product.kill("images")
    product.let_go(EFFECT)
    product.start("images")
    product.wait_for_job(job_id, "succeeded", 30)
    assert_whole(product)
    assert orphan.name not in the_export(product).storage_key  # collected after a day


def test_told_to_stop_it_gives_the_job_back_and_leaves_nothing(product):
    job_id = ask_for_all(product)
    product.hold(PACKED)
    product.start("default", "images", "clock")
    product.wait_held(PACKED)
    product.terminate("images")
    assert (product.job(job_id).status, product.job(job_id).total_tried) == ("queued", 0)
    assert (files_in(product, "incoming"), files_in(product, "exports")) == ([], [])
    product.let_go(PACKED)
    product.start("images")
    product.wait_for_job(job_id, "succeeded", 30)
    assert_whole(product)
