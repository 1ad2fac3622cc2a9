"""Many people at work at once: no picture missing, none double, and no editor's work lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.conftest import both_databases
from tests.faults.rows import row
from tests.support.galleries import assert_all_hang_everywhere, count_items, make_galleries
from tests.support.pictures import tiny_jpeg

pytestmark = both_databases


@row(26)
def test_200_uploads_by_8_clients_hang_in_each_of_100_galleries(product):
    pictures = [tiny_jpeg(number) for number in range(200)]
    make_galleries(product, 100)
    product.start("web", "default", "clock")
    client = product.client()
    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(client.upload, pictures))
    assert {answer.status for answer in answers} == {201}
    product.wait_until(lambda: count_items(product) == 20_000, 60)
    product.wait_until(lambda: product.number("SELECT count(*) FROM jobs WHERE status = 'running'") == 0)
    assert_all_hang_everywhere(product, 200, 100)
    syncs = "SELECT status, count(*) FROM jobs WHERE task_slug = 'syncMediaToGalleries' GROUP BY status"
    assert [tuple(row) for row in product.sql(syncs)] == [("succeeded", 200)]
    assert product.number("SELECT count(*) FROM jobs WHERE crashes > 0 OR total_tried > 1") == 0


def test_the_same_picture_uploaded_by_8_clients_at_once_is_stored_once(product):
    make_galleries(product, 10)
    product.start("web", "default")
    client = product.client()
    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(client.upload, [tiny_jpeg(1)] * 8))
    assert sorted(answer.status for answer in answers) == [200] * 7 + [201]
    assert len({answer.body["id"] for answer in answers}) == 1
    product.wait_until(lambda: count_items(product) == 10)
    assert product.number("SELECT count(*) FROM media") == 1
