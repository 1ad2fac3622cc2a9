"""Whatever is done in whatever order, and whatever of it is rolled back: the index is what the documents say."""

from __future__ import annotations

from contextlib import suppress

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.conftest import both_databases
from tests.models.test_words import assert_true
from tests.support.batches import add_picture
from webapp.database import db, transaction
from webapp.models import Media, Page
from webapp.models.deleting import delete_media, delete_page
from webapp.models.finding import find
from webapp.models.library import Wanted, count, library
from webapp.models.many_media import restore_many, tag_many, trash_many, untag_many
from webapp.models.media import restore_media, trash_media
from webapp.models.media_words import change_media
from webapp.models.page import create_page, live_page, restore_page, save_page, trash_page

WORDS = ("harbour", "Café", "東京の夜", "snow-white", "x", "100%", "", "а б")
numbers = iter(range(10**6))


class Undone(Exception):
    """What was begun shall be rolled back."""


def any_id(model: type[Media] | type[Page], which: int) -> int:
    ids = db.session.scalars(select(model.id).order_by(model.id)).all()
    return ids[which % len(ids)] if ids else 1


def save(page_id: int, word: str) -> None:
    layout = [{"blockType": "text", "title": word, "body": word}]
    save_page(page_id, live_page(page_id).version, {"title": word or "Untitled"}, layout)


DEEDS = {
    "upload": lambda _, word: add_picture(None, next(numbers), alt=word, tags=[word]),
    "describe": lambda n, word: change_media(any_id(Media, n), alt=word, caption=word[::-1]),
    "retag": lambda n, word: change_media(any_id(Media, n), tags=[word, "sea"]),
    "tag many": lambda n, word: tag_many([any_id(Media, n), any_id(Media, n + 1)], [word]),
    "untag many": lambda n, word: untag_many([any_id(Media, n), any_id(Media, n + 1)], word),
    "trash": lambda n, _: trash_media(any_id(Media, n)),
    "trash many": lambda n, _: trash_many([any_id(Media, n), any_id(Media, n + 1)]),
    "restore": lambda n, _: restore_media(any_id(Media, n)),
    "restore many": lambda n, _: restore_many([any_id(Media, n), any_id(Media, n + 1)]),
    "delete": lambda n, _: delete_media(any_id(Media, n)),
    "make a page": lambda _, word: create_page(word or "Page", layout=[{"blockType": "text", "body": word}]),
    "save a page": lambda n, word: save(any_id(Page, n), word),
    "trash a page": lambda n, _: trash_page(any_id(Page, n)),
    "restore a page": lambda n, _: restore_page(any_id(Page, n)),
    "delete a page": lambda n, _: delete_page(any_id(Page, n)),
}
deeds = st.tuples(st.sampled_from(sorted(DEEDS)), st.integers(0, 5), st.sampled_from(WORDS), st.booleans())


@both_databases
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(deeds, min_size=1, max_size=12))
def test_the_index_is_what_the_documents_say(in_app: Flask, done: list[tuple[str, int, str, bool]]) -> None:
    for name, which, word, undone in done:
        with suppress(LookupError, Undone), transaction():  # LookupError: there is none to do it to
            DEEDS[name](which, word)
            if undone:
                raise Undone
    assert_true()
    for word in filter(None, WORDS):
        wanted = Wanted(words=word)
        assert count(wanted) == len(db.session.scalars(library(wanted)).all())
        trashed = {("media", i) for i in db.session.scalars(select(Media.id).where(Media.deleted_at.is_not(None)))}
        assert not trashed & {(one.collection, one.id) for one in find(word, limit=1000)}
