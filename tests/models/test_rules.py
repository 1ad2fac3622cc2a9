"""Rules: what they match, how they are kept, and what they say in words."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.conftest import both_databases
from tests.support.people import make_user
from tests.support.rules import SQUARE, TALL, WIDE, gallery_with, picture, queued, shown, work_off
from webapp.database import db, transaction, utcnow
from webapp.models.belonging import matching, not_matching
from webapp.models.gallery import change_gallery, find_gallery
from webapp.models.media import Media, trash_media
from webapp.models.media_words import change_media
from webapp.models.page import Block
from webapp.models.rule import UnfitRule, rule_of, stored_rule
from webapp.models.rule_words import words_for_rule

pytestmark = both_databases
MAY = datetime(2026, 5, 1, tzinfo=UTC)


def names(rule: dict) -> set[str]:
    """The pictures that it matches; each of the others is one that it does not."""
    fitting = set(db.session.scalars(select(Media.filename).where(*matching(rule_of(rule)))))
    others = set(db.session.scalars(select(Media.filename).where(not_matching(rule_of(rule)))))
    assert fitting & others == set()
    assert fitting | others == set(db.session.scalars(select(Media.filename)))
    return {name.removesuffix(".jpg") for name in fitting}


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ({}, "wide tall square"),
        ({"tagsAll": ["sea"]}, "wide tall"),
        ({"tagsAll": [" Sea ", "boat"]}, "wide"),
        ({"tagsAny": ["boat", "hill"]}, "wide square"),
        ({"tagsAll": ["sea"], "tagsAny": ["hill"]}, ""),
        ({"orientation": "landscape"}, "wide"),
        ({"orientation": "portrait"}, "tall"),
        ({"orientation": "square"}, "square"),
        ({"from": "2026-05-01"}, "tall square"),
        ({"to": "2026-04-30"}, "wide"),
        ({"from": "2026-05-01", "to": "2026-05-01"}, "tall"),
        ({"text": "WID"}, "wide"),
        ({"text": "lighthouse"}, "tall square"),
        ({"text": "100%"}, ""),
        ({"text": "è*"}, ""),
        ({"text": "ïÉ [b]"}, "square"),
        ({"text": "e_"}, ""),
        ({"tagsAny": [], "orientation": None, "text": ""}, "wide tall square"),
    ],
)
def test_what_a_rule_matches(in_app, rule, found):
    picture("wide", "sea", "boat", size=WIDE, on=MAY - timedelta(seconds=1))
    picture("tall", "sea", size=TALL, on=MAY, alt="A lighthouse")
    picture("square", "hill", size=SQUARE, on=MAY + timedelta(days=1), caption="The Lighthouse, ÏÉ [B]")
    assert names(rule) == set(found.split())


def test_an_accent_is_the_same_however_it_is_made_up(in_app):
    for form in ("NFC", "NFD"):
        picture(unicodedata.normalize(form, "Zürich"))
    picture("Zurich")
    for form in ("NFC", "NFD"):
        assert len(names({"text": unicodedata.normalize(form, "zürich")})) == 2


def test_the_uploader_is_a_person_or_nobody(app, in_app):
    ann = make_user(app, "editor")
    picture("hers", created_by=ann.id)
    picture("nobodys")
    assert names({"uploaderId": ann.id}) == {"hers"}
    assert names({"uploaderId": 999}) == set()


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ({"tag": "sea"}, "rule.tag"),
        ({"since": "2026-05-01"}, "rule.since"),
        ({"tagsAny": "sea"}, "rule.tagsAny"),
        ({"tagsAny": ["a\0"]}, "rule.tagsAny.0"),
        ({"orientation": "round"}, "rule.orientation"),
        ({"from": "yesterday"}, "rule.from"),
        ({"from": 5}, "rule.from"),
        ({"to": "9999-12-31"}, "rule.to"),
        ({"from": "2026-05-02", "to": "2026-05-01"}, "rule"),
        ({"uploaderId": 999}, "rule.uploaderId"),
        ({"uploaderId": "3"}, "rule.uploaderId"),
        ({"text": "x" * 201}, "rule.text"),
    ],
)
def test_a_rule_that_can_not_be_is_refused(in_app, rule, field):
    with pytest.raises(UnfitRule) as refused:
        stored_rule(rule)
    assert list(refused.value.fields) == [field]
    with pytest.raises(UnfitRule):
        gallery_with(rule)


def test_it_is_kept_always_the_same_way(in_app):
    assert stored_rule(None) is stored_rule({}) is stored_rule({"tagsAll": [], "text": " "}) is None
    one = {"text": "sea ", "tagsAny": ["b", "A", "a"], "to": None}
    assert list(stored_rule(one).items()) == [("tagsAny", ["a", "b"]), ("text", "sea")]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (None, "Every picture"),
        ({"orientation": "square"}, "Square pictures"),
        ({"tagsAll": ["harbour"], "from": "2020-05-01"}, "Pictures with the tag harbour, uploaded since 1 May 2020"),
        ({"tagsAll": ["a", "b"], "tagsAny": ["c", "d", "e"]}, "Pictures with the tags a and b and the tag c, d or e"),
        ({"to": "2020-05-01", "orientation": "portrait"}, "Portrait pictures uploaded until 1 May 2020"),
        ({"text": "sea"}, "Pictures with “sea” in their file name, alt text or caption"),
        ({"from": "2020-05-01", "to": "2020-05-01"}, "Pictures uploaded on 1 May 2020"),
    ],
)
def test_it_says_itself_in_words(in_app, rule, words):
    assert words_for_rule(rule) == words


def test_the_words_name_the_uploader_and_leave_out_this_year(app, in_app):
    ann = make_user(app, "editor", "ann@example.org")
    today = utcnow().date()
    rule = {"uploaderId": ann.id, "from": f"{today.year}-01-01", "to": f"{today.year}-03-31"}
    assert words_for_rule(rule) == "Pictures uploaded by ann from 1 January to 31 March"


def test_a_sync_brings_a_picture_where_it_belongs(in_app):
    every, sea, tall = gallery_with(), gallery_with({"tagsAny": ["sea"]}), gallery_with({"orientation": "portrait"})
    also_sea, off = gallery_with({"tagsAny": ["sea"]}), gallery_with({"tagsAny": ["sea"]}, auto_sync=False)
    work_off()
    one, two = picture("one", "sea"), picture("two", size=TALL)
    work_off()
    assert shown(every) == [one, two]
    assert shown(sea) == shown(also_sea) == [one]
    assert shown(tall) == [two]
    assert shown(off) == []


def test_a_rule_that_can_not_be_read_stops_no_other_gallery(in_app):
    broken, every = gallery_with(), gallery_with()
    with transaction() as session:
        session.execute(update(Block).where(Block.id == broken).values(rule={"bogus": 1}))
    one = picture("one")
    work_off()
    assert (shown(broken), shown(every)) == ([], [one])


def test_words_and_tags_queue_something_only_where_a_rule_looks_at_them(in_app):
    one = picture("one")
    gallery_with()
    change_media(one, alt="The sea", tags=["sea"])
    assert queued("reconcileMedia") == 0
    sea = gallery_with({"tagsAny": ["sea"]})
    change_media(one, alt="The wide sea")
    change_media(one, tags=["sea"])  # as it was
    assert queued("reconcileMedia") == 0
    change_media(one, tags=[])
    change_media(one, tags=["sea", "boat"])
    assert queued("reconcileMedia") == 1
    change_gallery(sea, auto_sync=False)
    change_media(one, tags=[])
    assert queued("reconcileMedia") == 1


def test_setting_the_same_rule_again_queues_nothing(in_app):
    gallery_id = gallery_with()
    change_gallery(gallery_id, rule={"text": "sea"})
    assert (find_gallery(gallery_id).rule, queued("reconcileGallery")) == ({"text": "sea"}, 1)
    work_off()
    change_gallery(gallery_id, rule={"text": " sea"})
    trash_media(picture("one"))
    assert queued("reconcileGallery") == 0
    change_gallery(gallery_id, rule=None)
    change_gallery(gallery_id, rule={"text": "sea"})
    assert queued("reconcileGallery") == 1
