"""AVIF renditions come after a picture has appeared, and nothing ever waits for them."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from config import Settings
from tests.conftest import both_databases
from tests.site.html import Parsed, srcset
from tests.site.pictures import page_with, rendition_like, upload
from tests.site.test_picture import make_renditions, replace
from webapp.database import db, transaction
from webapp.jobs import Job
from webapp.jobs.job import JobLog
from webapp.models import progress
from webapp.models.media import Media, trash_media
from webapp.storage import storage
from workers import perform
from workers.perform import JobFailed, perform_job
from workers.tasks import media as tasks


def avif_jobs(media: Media) -> list[Job]:
    found = db.session.query(Job).filter_by(task_slug="makeAvifRenditions", subject=media.subject).order_by(Job.id)
    return list(found.populate_existing())


def make_avif(media: Media) -> str:
    outcome = perform_job(avif_jobs(media)[-1].id)
    db.session.rollback()
    return outcome


@both_databases
def test_they_are_made_in_the_sizes_of_the_others_once_the_picture_is_ready(in_app):
    media = upload(1200, 800, ready=False)
    assert avif_jobs(media) == []
    make_renditions()
    (job,) = avif_jobs(media)
    assert (job.status, job.queue, job.priority) == ("queued", "images", -5)
    db.session.refresh(media)
    assert media.is_ready
    assert make_avif(media) == "succeeded"
    sizes = [[(each.width, each.height) for each in media.renditions_in(f"image/{kind}")] for kind in ("avif", "jpeg")]
    assert sizes[0] == sizes[1]
    for rendition in media.renditions_in("image/avif"):
        with storage().open(rendition.storage_key) as file, Image.open(io.BytesIO(file.read())) as image:
            assert (image.format, image.size) == ("AVIF", (rendition.width, rendition.height))
            assert not image.info.get("exif")


def test_browsers_are_offered_them_first_and_only_when_all_are_there(in_app, anonymous):
    media = upload(1200, 800)
    page_with(media)

    def sources() -> list[dict[str, str]]:
        return Parsed(anonymous.get("/summer-fair").text).all("source")

    assert [source["type"] for source in sources()] == ["image/webp"]
    with transaction():
        half = rendition_like(media.renditions_in("image/webp")[0], "half")
        half.mime_type, half.name = "image/avif", "half.avif"
        db.session.get(Media, media.id).renditions.append(half)
    assert [source["type"] for source in sources()] == ["image/webp"]
    assert make_avif(media) == "succeeded"
    assert [source["type"] for source in sources()] == ["image/avif", "image/webp"]
    offered = srcset(sources()[0]["srcset"])
    assert offered == [(f"/media/{r.name}", r.width) for r in media.renditions_in("image/avif")]
    answer = anonymous.get(offered[0][0])
    assert (answer.mimetype, "immutable" in answer.headers["Cache-Control"]) == ("image/avif", True)


def test_one_that_fails_is_told_in_the_jobs_only(in_app, monkeypatch, editor):
    media = upload()

    def broken(*_: object, **__: object) -> None:
        raise MemoryError("no room to encode")

    monkeypatch.setattr(tasks, "draw_renditions", broken)
    for _ in range(4):
        with transaction() as session:
            session.query(Job).filter_by(task_slug="makeAvifRenditions").update({"wait_until": None})
        outcome = make_avif(media)
    assert outcome == "failed"
    assert [line.words for line in progress.of_media(media)][0] == "Ready"
    assert progress.media_status(media, progress.of_media(media)) == "ready"
    assert "Failed" not in editor.get(f"/admin/media/{media.id}").text
    assert editor.get("/admin/media?failed=1").text.count(f"/admin/media/{media.id}") == 0
    assert "Make the AVIF renditions" in editor.get("/admin/jobs?status=failed").text


def test_those_of_a_file_that_was_replaced_go_with_it(in_app, anonymous):
    media = upload(1200, 800)
    page_with(media)
    make_avif(media)
    old = [each.name for each in media.renditions_in("image/avif")]
    replace(media)
    assert make_avif(media) == "skipped"  # done already
    make_renditions()
    db.session.expire_all()
    assert media.renditions_in("image/avif") == []
    lost = anonymous.get(f"/media/{old[0]}")
    assert lost.location.endswith(media.renditions_in("image/jpeg")[0].name)  # until there is an AVIF again
    assert make_avif(media) == "succeeded"
    assert anonymous.get(f"/media/{old[0]}").location.endswith(media.renditions_in("image/avif")[0].name)


@pytest.mark.parametrize("change", [replace, lambda media: trash_media(media.id)], ids=["replaced", "trashed"])
def test_what_is_replaced_or_trashed_meanwhile_gets_none(in_app, monkeypatch, change):
    media = upload()
    draw = tasks.draw_renditions

    def draw_and_change(*asked: object, **how: object):
        yield from draw(*asked, **how)
        change(media)

    monkeypatch.setattr(tasks, "draw_renditions", draw_and_change)
    assert make_avif(media) == "cancelled"
    db.session.expire_all()
    assert media.renditions_in("image/avif") == []


@both_databases
def test_a_new_upload_goes_before_those_that_wait(in_app):
    perform.use(in_app)
    first, new = upload(), upload(ready=False)
    (avif,) = avif_jobs(first)
    db.session.rollback()
    assert perform.perform(avif.id, gives_way=True) == "succeeded"
    db.session.rollback()
    assert (db.session.get(Media, new.id).is_ready, avif_jobs(first)[0].status) == (True, "queued")
    assert perform.perform(avif.id, gives_way=True) == "succeeded"
    db.session.rollback()
    assert avif_jobs(first)[0].status == "succeeded"


def test_what_fails_instead_is_called_by_its_own_number(in_app, monkeypatch):
    perform.use(in_app)
    first, new = upload(), upload(ready=False)
    pressing = db.session.query(Job).filter_by(task_slug="makeRenditions", subject=new.subject).one()
    storage().delete(new.storage_key)
    with pytest.raises(JobFailed, match=f"Job {pressing.id} failed"):
        perform.perform(avif_jobs(first)[0].id, gives_way=True)


def test_a_new_upload_does_not_wait_until_all_sizes_are_made(in_app, monkeypatch):
    media = upload(1200, 800)
    keep = tasks._store

    def store_and_upload(*asked: object):
        if db.session.query(Media).count() == 1:
            upload(ready=False)
        return keep(*asked)

    monkeypatch.setattr(tasks, "_store", store_and_upload)
    assert make_avif(media) == "released"
    (job,) = avif_jobs(media)
    assert (job.status, job.total_tried) == ("queued", 0)
    assert db.session.query(JobLog).filter_by(job_id=job.id).one().message == "Something more pressing came."
    make_renditions()
    assert make_avif(media) == "succeeded"


def test_the_command_asks_for_those_that_are_missing(in_app):
    with_avif, without, gone = upload(), upload(), upload()
    make_avif(with_avif)
    upload(ready=False)
    trash_media(gone.id)
    with transaction() as session:
        session.query(Job).filter_by(task_slug="makeAvifRenditions", status="queued").delete()
    result = in_app.test_cli_runner().invoke(args=["media", "avif"])
    assert result.output == "Asked for those of 1 picture.\n"
    make_renditions()
    assert make_avif(without) == "succeeded"


class TestSwitchedOff:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return settings.model_copy(update={"avif_renditions": False})

    def test_none_are_asked_for(self, in_app):
        assert avif_jobs(upload()) == []
