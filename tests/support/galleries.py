"""Pages with galleries by the hundred, and whether every picture hangs in every one of them."""

from __future__ import annotations

from tests.support.product import Product
from webapp.models.page import create_page

A_PAGE = 10  # galleries


def make_galleries(product: Product, count: int, *, auto_sync: bool = True) -> list[int]:
    """Their ids."""
    ids = []
    with product.rows():
        for number in range(0, count, A_PAGE):
            layout = [{"blockType": "gallery", "autoSync": auto_sync}] * min(A_PAGE, count - number)
            ids += [block.id for block in create_page(f"Page {number}", layout=layout).blocks]
    return ids


def count_items(product: Product) -> int:
    return product.number("SELECT count(*) FROM items")


def assert_all_hang_everywhere(product: Product, pictures: int, galleries: int) -> None:
    """Each picture in each gallery once: none missing, none double."""
    assert count_items(product) == pictures * galleries
    doubles = "SELECT count(*) FROM (SELECT 1 FROM items GROUP BY gallery_id, media_id HAVING count(*) > 1) AS d"
    assert product.number(doubles) == 0
    assert product.number("SELECT count(DISTINCT media_id) FROM items") == pictures
    assert product.number("SELECT count(DISTINCT gallery_id) FROM items") == galleries
