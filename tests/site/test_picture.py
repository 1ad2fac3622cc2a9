"""One picture on a public page: its words, its crop, and a file that was replaced."""

from __future__ import annotations

import io

from tests.site.pictures import a_jpeg, page_with, upload
from webapp.database import db
from webapp.imaging import probe
from webapp.jobs import Job
from webapp.models.media import Media, trash_media
from webapp.models.media_words import change_media
from webapp.models.replacing import replace_file
from webapp.storage import incoming_file, new_key, storage
from workers.perform import perform_job


def replace(media: Media) -> None:
    data = a_jpeg(500, 500)
    incoming = incoming_file()
    incoming.write(data)
    facts = probe(io.BytesIO(data), "new.jpg")
    replace_file(media.id, storage().keep(incoming, new_key("jpg")), facts, filename="new.jpg")
    db.session.rollback()


def make_renditions() -> None:
    for job in db.session.query(Job).filter_by(task_slug="makeRenditions", status="queued"):
        assert perform_job(job.id) == "succeeded"


def test_a_decorative_picture_has_an_empty_alt(visit):
    media = upload(alt="A harbour")
    change_media(media.id, decorative=True)
    page_with(media)
    assert [image["alt"] for image in visit("/summer-fair").all("img")] == [""]


def test_a_credit_stands_with_the_caption_and_alone(visit):
    both, alone, _none = upload(caption="At dawn"), upload(), upload()
    change_media(both.id, credit="Ann <b>")
    change_media(alone.id, credit="Ben")
    page_with(both, alone, _none)
    seen = visit("/summer-fair")
    assert len(seen.all("figcaption")) == 2
    assert all(words in seen.words for words in ("At dawn", "Ann <b>", "Ben"))


def test_a_cropped_picture_keeps_its_focal_point_in_view(visit):
    off_centre, middle = upload(), upload()
    change_media(off_centre.id, focal=(12, 98))
    page_with(off_centre, middle)
    assert [image.get("class") for image in visit("/summer-fair").all("img")] == ["focal-x-10 focal-y-100", None]
    assert [image.get("class") for image in visit("/").all("img")] == ["focal-x-10 focal-y-100"]


def test_while_a_file_is_replaced_the_page_shows_the_picture_without_a_break(visit, anonymous):
    media = upload()
    page_with(media)

    def shown() -> str:
        address = visit("/summer-fair").all("img")[0]["src"]
        assert anonymous.get(address).status_code == 200
        return str(address)

    before = shown()
    replace(media)
    assert shown() == before
    make_renditions()
    assert shown() != before
    assert visit("/summer-fair").all("img")[0]["width"] == "500"


def test_a_page_that_was_open_all_the_time_is_led_to_the_new_picture(visit, anonymous):
    media = upload()
    page_with(media)
    old = visit("/summer-fair").all("img")[0]["src"]
    replace(media)
    make_renditions()
    answer = anonymous.get(old)
    assert answer.status_code == 302
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.location == visit("/summer-fair").all("img")[0]["src"]
    trash_media(media.id)
    assert anonymous.get(old).status_code == 404
