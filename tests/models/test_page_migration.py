"""The migration to picture blocks changes a constraint where pages and hung pictures are already there."""

from __future__ import annotations

import flask_migrate
from flask import Flask
from sqlalchemy import text

from tests.conftest import both_databases
from tests.site.pictures import page_with, upload
from webapp.database import db, transaction
from webapp.models.gallery import Item
from webapp.models.page import Block, create_page

pytestmark = both_databases


def counts() -> tuple[int, int]:
    found = tuple(db.session.scalar(text(f"SELECT count(*) FROM {table}")) for table in ("blocks", "items"))
    db.session.remove()  # a migration waits for whoever reads
    return found


def test_what_hangs_in_galleries_stays_on_the_way_down_and_up_again(in_app: Flask) -> None:
    media = upload()
    page_with(media)
    create_page("One", layout=[{"blockType": "picture", "mediaId": media.id}])
    db.session.remove()
    assert counts() == (2, 1)
    flask_migrate.downgrade(revision="0003")
    assert counts() == (1, 1)
    flask_migrate.upgrade()
    assert counts() == (1, 1)


def test_the_database_forgets_the_picture_of_a_block_with_its_media(in_app: Flask) -> None:
    media = upload()
    page = create_page("One", layout=[{"blockType": "picture", "mediaId": media.id}])
    with transaction() as session:
        session.execute(text("DELETE FROM media"))
    db.session.expire_all()
    assert db.session.get(Block, page.blocks[0].id).media_id is None
    assert db.session.query(Item).count() == 0
