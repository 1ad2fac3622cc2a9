"""An editor works on a page while uploads stream into its galleries: nothing of either is lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest

from tests.conftest import both_databases
from tests.faults.rows import row
from tests.support.galleries import count_items, make_galleries
from tests.support.pauses import EFFECT
from tests.support.pictures import tiny_jpeg
from tests.support.product import Product

pytestmark = both_databases
CLIENTS = 3


@pytest.fixture
def summer(product: Product) -> Any:
    """A page with three auto-sync galleries, beside seven others."""
    make_galleries(product, 7)
    product.start("web", "default", "clock")
    layout = [{"blockType": "gallery", "title": f"Gallery {n}", "autoSync": True} for n in range(3)]
    return product.client().post("/api/pages", {"title": "Summer", "layout": layout}).body


class Stream:
    """Pictures that come in for as long as the block runs; each client sends the next when its last is synced."""

    def __init__(self, product: Product) -> None:
        self.product, self.client = product, product.client()
        self.over = threading.Event()
        self.numbers = count(1)
        self.jobs: list[int] = []

    def run(self) -> None:
        while not self.over.is_set():
            answer = self.client.upload(tiny_jpeg(next(self.numbers)))
            assert answer.status == 201, answer
            self.jobs.append(answer.body["job"]["id"])
            self.product.wait_for_job(self.jobs[-1], "succeeded")

    def wait_for(self, more: int) -> None:
        wanted = len(self.jobs) + more
        self.product.wait_until(lambda: len(self.jobs) >= wanted)


@contextmanager
def uploads_streaming_in(product: Product) -> Iterator[Stream]:
    stream = Stream(product)
    with ThreadPoolExecutor(CLIENTS) as clients:
        running = [clients.submit(stream.run) for _ in range(CLIENTS)]
        try:
            stream.wait_for(CLIENTS + 2)
            yield stream
            stream.wait_for(CLIENTS + 2)
        finally:
            stream.over.set()
        for client in running:
            client.result()


def pictures_in(product: Product, gallery_id: int) -> set[int]:
    return {row[0] for row in product.sql("SELECT media_id FROM items WHERE gallery_id = :id", id=gallery_id)}


@row(27)
def test_what_an_editor_does_during_a_stream_of_uploads_stays_and_so_do_the_pictures(product, summer):
    editor, address = product.client(), f"/api/pages/{summer['id']}"
    hiding, changing, switched_off = (block["id"] for block in summer["layout"])
    with uploads_streaming_in(product) as stream:
        hidden = min(pictures_in(product, hiding))
        assert editor.delete(f"/api/galleries/{hiding}/items/{hidden}").status == 200

        blocks = [{"id": hiding}, {"id": changing, "title": "New title"}, {"id": switched_off}]
        blocks.append({"blockType": "text", "body": "A new block"})
        assert editor.patch(address, {"version": summer["version"], "layout": blocks}).status == 200

        stream.wait_for(3)
        old_blocks = [{"id": block["id"], "title": block["title"], "autoSync": True} for block in summer["layout"]]
        old_form = {"version": summer["version"], "title": "From an old form", "layout": old_blocks}
        assert editor.patch(address, old_form).status == 409

        assert editor.patch(f"/api/galleries/{switched_off}", {"autoSync": False}).status == 200
        last_before = product.number("SELECT max(id) FROM media")
        there = pictures_in(product, switched_off)

    pictures = len(stream.jobs)
    assert product.number("SELECT count(*) FROM items WHERE gallery_id <> :id", id=switched_off) == pictures * 9
    assert [tuple(row) for row in product.sql("SELECT gallery_id, media_id FROM items WHERE hidden")] == [
        (hiding, hidden)
    ]
    now = editor.get(address).body
    assert (now["title"], now["version"]) == ("Summer", summer["version"] + 1)
    words = [block.get("body") or block["title"] for block in now["layout"]]
    assert words == ["Gallery 0", "New title", "Gallery 2", "A new block"]
    assert there <= pictures_in(product, switched_off)
    assert max(pictures_in(product, switched_off)) <= last_before < product.number("SELECT max(id) FROM media")


@row(28)
def test_blocks_removed_during_a_stream_of_uploads_harm_no_other(product, summer):
    editor = product.client()
    kept = summer["layout"][0]["id"]
    with uploads_streaming_in(product) as stream:
        one_block = {"version": summer["version"], "layout": [{"id": kept}]}
        assert editor.patch(f"/api/pages/{summer['id']}", one_block).status == 200
    assert count_items(product) == len(stream.jobs) * 8
    assert product.number("SELECT count(*) FROM jobs WHERE status = 'failed'") == 0


@row(33)
def test_two_editors_save_one_page_at_once_and_the_second_is_told(product):
    product.start("web")
    editors = [product.client(), product.client()]
    page = editors[0].post("/api/pages", {"title": "Nobody's", "layout": []}).body
    together = threading.Barrier(2)

    def save(editor: int, version: int) -> Any:
        form = {"version": version, "title": f"Of editor {editor} at {version}", "layout": [{"blockType": "text"}]}
        together.wait()
        return editors[editor].patch(f"/api/pages/{page['id']}", form)

    with ThreadPoolExecutor(2) as threads:
        for version in range(1, 21):
            answers = list(threads.map(save, [0, 1], [version] * 2))
            assert sorted(answer.status for answer in answers) == [200, 409]
            saved, told = sorted(answers, key=lambda answer: answer.status)
            assert (told.body["version"], saved.body["version"]) == (version + 1, version + 1)
            assert "Somebody else saved this page" in told.body["error"]
            now = editors[0].get(f"/api/pages/{page['id']}").body
            assert (now["title"], len(now["layout"])) == (f"Of editor {answers.index(saved)} at {version}", 1)


@row(28)
def test_a_gallery_removed_in_mid_job_is_gone_and_the_others_have_the_picture(product, summer):
    removed = summer["layout"][0]["id"]
    kept = [{"id": block["id"]} for block in summer["layout"][1:]]
    editor = product.client()
    product.hold(EFFECT)
    job = editor.upload(tiny_jpeg(1)).body["job"]["id"]
    product.wait_held(EFFECT)
    with ThreadPoolExecutor(1) as thread:
        saved = thread.submit(
            editor.patch, f"/api/pages/{summer['id']}", {"version": summer["version"], "layout": kept}
        )
        product.let_go(EFFECT)
        assert saved.result().status == 200
    product.wait_for_job(job, "succeeded")
    assert product.log_of(job) == ["succeeded"]
    assert (count_items(product), pictures_in(product, removed)) == (9, set())
