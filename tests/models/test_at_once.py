"""Two people who change the same thing at one moment. On PostgreSQL both get in; SQLite lets them in one by one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import text

from tests.support.rules import picture
from tests.support.waiting import wait_until
from webapp.database import db, transaction
from webapp.models.deleting import delete_many, delete_media, delete_page, delete_post
from webapp.models.many_media import restore_many, trash_many
from webapp.models.media import Media, restore_media, trash_media
from webapp.models.media_words import change_media
from webapp.models.page import create_page, restore_page, trash_page
from webapp.models.post import create_post, restore_post, trash_post

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")


def at_once(app: Flask, first: Callable[[], object], second: Callable[[], object]) -> Future[object]:
    """What became of the second, who came when the first had written, and had not committed."""

    def in_a_context_of_its_own() -> object:
        with app.app_context():
            return second()

    with ThreadPoolExecutor(1) as pool, db.engine.connect() as watching, transaction():
        first()
        db.session.flush()
        late = pool.submit(in_a_context_of_its_own)
        wait_until(lambda: late.done() or watching.scalar(WAITING))
    return late


THINGS = {
    "picture": (lambda: picture("p"), trash_media, delete_media, restore_media),
    "page": (lambda: create_page("Fair").id, trash_page, delete_page, restore_page),
    "post": (lambda: create_post("News").id, trash_post, delete_post, restore_post),
}


@pytest.mark.parametrize(("make", "trash", "delete", "restore"), THINGS.values(), ids=list(THINGS))
def test_what_is_just_deleted_for_good_is_not_there_to_be_restored(in_app, make, trash, delete, restore):
    thing = make()
    trash(thing)
    with pytest.raises(LookupError):
        at_once(in_app, lambda: delete(thing), lambda: restore(thing)).result()


def test_those_that_are_just_deleted_are_left_out_of_many(in_app):
    one, other = picture("one"), picture("other")
    trash_many([one, other])
    assert at_once(in_app, lambda: delete_many([one]), lambda: restore_many([one, other])).result() == 1
    assert db.session.query(Media.id, Media.deleted_at).all() == [(other, None)]


def test_a_picture_never_is_decorative_and_has_alt_text(in_app):
    media_id = picture("p")
    at_once(
        in_app, lambda: change_media(media_id, alt="A harbour"), lambda: change_media(media_id, decorative=True)
    ).result()
    media = db.session.get_one(Media, media_id, populate_existing=True)
    assert (media.alt, media.decorative) == ("", True)
