"""What a picture missed in the trash, it gets when it comes back."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.conftest import both_databases
from tests.site.pictures import a_jpeg, take, upload
from tests.site.test_picture import make_renditions, replace
from webapp.database import db
from webapp.jobs import Job
from webapp.models.many_media import restore_many
from webapp.models.media import Media, restore_media, trash_media
from workers.perform import perform_job

AVIF = "makeAvifRenditions"


def work_off(slug: str = "makeRenditions") -> list[str]:
    db.session.rollback()
    waiting = select(Job.id).where(Job.status == "queued", Job.task_slug == slug).order_by(Job.id)
    return [perform_job(job_id) for job_id in db.session.scalars(waiting).all()]


WAYS = {
    "alone": lambda media_id, _: restore_media(media_id),
    "with others": lambda media_id, _: restore_many([media_id]),
    "by its upload": lambda _, jpeg: take(jpeg),
}


@both_databases
@pytest.mark.parametrize("way", WAYS.values(), ids=list(WAYS))
def test_renditions_that_were_not_made_in_the_trash_are_made_when_it_comes_back(in_app, way):
    jpeg = a_jpeg(60, 40)
    media_id = take(jpeg).id
    trash_media(media_id)
    assert work_off() == ["cancelled"]
    way(media_id, jpeg)
    assert work_off() == ["succeeded"]
    assert db.session.get(Media, media_id).is_current


def test_so_are_those_of_a_file_that_was_replaced_and_those_in_avif(in_app):
    replaced, without_avif = upload(60, 40), upload(70, 50)
    replace(replaced)
    for media in (replaced, without_avif):
        trash_media(media.id)
    assert work_off() == ["cancelled"]
    assert work_off(AVIF) == ["cancelled", "cancelled"]
    restore_many([replaced.id, without_avif.id])
    assert (work_off(), work_off(AVIF)) == (["succeeded"], ["succeeded", "succeeded"])
    db.session.expire_all()
    assert replaced.is_current and replaced.renditions_in("image/avif") and without_avif.renditions_in("image/avif")


@both_databases
def test_what_waits_for_its_renditions_is_not_asked_for_twice(in_app):
    media_id = upload(60, 40, ready=False).id
    trash_media(media_id)
    restore_media(media_id)
    make_renditions()
    trash_media(media_id)
    restore_media(media_id)
    assert work_off(AVIF) == ["succeeded"]
    trash_media(media_id)
    restore_media(media_id)
    assert (work_off(), work_off(AVIF)) == ([], [])
