"""Long galleries, much-used pictures: an answer names at most a thousand ids of each and counts them all."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from tests.conftest import both_databases
from webapp.api.usage import MOST, MOST_TOGETHER, share
from webapp.database import transaction
from webapp.models.gallery import Item
from webapp.models.media import Media
from webapp.models.page import create_page

MANY = MOST + 5


def test_the_ids_in_an_answer_are_shared_out():
    assert share(0) == share(1) == share(MOST_TOGETHER // MOST) == MOST
    assert share(1000) == MOST_TOGETHER // 1000
    assert share(10**9) == 1


@pytest.fixture
def pictures(app) -> list[int]:
    rows = [
        {
            "id": number,
            "storage_key": f"originals/{number}",
            "filename": "a.jpg",
            "mime_type": "image/jpeg",
            "filesize": 1,
            "width": 1,
            "height": 1,
            "sha256": str(number),
        }
        for number in range(1, MANY + 1)
    ]
    with app.app_context(), transaction() as session:
        session.execute(insert(Media), rows)
    return [row["id"] for row in rows]


def hang(app, pairs: list[tuple[int, int]], source: str) -> None:
    rows = [{"gallery_id": g, "media_id": m, "source": source, "position": m, "hidden": False} for g, m in pairs]
    with app.app_context(), transaction() as session:
        session.execute(insert(Item), rows)


@both_databases
def test_a_long_gallery_lists_its_first_thousand_and_counts_them_all(app, editor_api, pictures):
    with app.app_context():
        gallery = create_page("Long", layout=[{"blockType": "gallery"}]).blocks[0].id
    hang(app, [(gallery, media_id) for media_id in pictures], "manual")
    shown = editor_api.get("/api/pages/long").json["layout"][0]
    assert (shown["images"], shown["totalImages"]) == (pictures[:MOST], MANY)


@both_databases
def test_a_much_used_picture_lists_its_first_thousand_and_counts_them_all(app, editor_api, pictures):
    with app.app_context():
        blocks = create_page("Wide", layout=[{"blockType": "gallery"}] * MANY).blocks
        galleries = [block.id for block in blocks]
    hang(app, [(gallery, pictures[0]) for gallery in galleries], "auto")
    body = editor_api.get(f"/api/media/{pictures[0]}").json
    assert (len(body["syncedGalleries"]), body["totalSyncedGalleries"]) == (MOST, MANY)
    assert (len(body["usedOn"][0]["galleries"]), body["totalUsedOn"]) == (MOST, 1)
