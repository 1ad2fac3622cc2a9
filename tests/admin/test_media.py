"""The library, one picture, its original, and the trash."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.admin.conftest import HUGE, NAUGHTY, count_queries, fresh, jpeg, shown, upload, work_off
from tests.security.rows import threat
from webapp.database import db, transaction
from webapp.jobs.job import Job
from webapp.models.gallery import add_item
from webapp.models.media import Media, trash_media
from webapp.models.media_words import change_media


def test_the_library_shows_the_newest_first(editor, post, media):
    upload(editor, post, "later.jpg", 2)
    page = editor.get("/admin/media").text
    assert page.index("later.jpg") < page.index("harbour.jpg")


def test_the_library_asks_visitors_to_sign_in(anonymous, editor):
    answer = anonymous.get("/admin/media")
    assert answer.status_code == 302
    assert "/admin/sign-in" in answer.location


def test_an_empty_library_says_what_to_do(editor, viewer):
    assert "No pictures yet" in editor.get("/admin/media").text
    assert "data-upload" in editor.get("/admin/media").text
    assert "data-upload" not in viewer.get("/admin/media").text


@pytest.mark.parametrize("words", ["harbour", "HARBOUR", "Boats at", "evening light"])
def test_the_search_looks_at_file_name_alt_and_caption(editor, media, words):
    change_media(media.id, alt="Boats at rest", caption="In evening light")
    assert f"media-{media.id}" in editor.get("/admin/media", query_string={"q": words}).text
    assert f"media-{media.id}" not in editor.get("/admin/media", query_string={"q": words + "%_"}).text


def test_a_tag_narrows_the_library(editor, post, media):
    other = upload(editor, post, "other.jpg", 2)
    change_media(media.id, tags=["Sea"])
    page = editor.get("/admin/media?tag=sea").text
    assert f"media-{media.id}" in page
    assert f"media-{other.id}" not in page


@pytest.mark.parametrize("page", ["0", "-1", "x", "²", "999999999", str(HUGE), "1%00"])
def test_a_page_number_that_is_none_shows_a_page(editor, media, page):
    answer = editor.get(f"/admin/media?page={page}")
    assert answer.status_code == 200
    assert f"media-{media.id}" in answer.text


@pytest.mark.parametrize("field", ["q", "tag", "trash", "undo", "page"])
def test_naughty_words_in_the_address_break_nothing(editor, media, field):
    answer = editor.get("/admin/media", query_string={field: NAUGHTY * 20})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_the_library_takes_the_same_number_of_queries_however_full(editor, post, media):
    few = count_queries(editor, "/admin/media")
    for number in range(2, 12):
        change_media(upload(editor, post, f"{number}.jpg", number).id, tags=[f"tag {number}"])
    work_off()
    assert count_queries(editor, "/admin/media") <= few + 1  # the renditions, which there were none of


def test_a_card_fetches_itself_until_its_picture_is_ready(editor, media):
    card = editor.get(f"/admin/media/{media.id}/status?part=card").text
    assert f'data-poll-url="/admin/media/{media.id}/status?part=card"' in card
    assert "Waiting to be prepared" in card
    work_off()
    card = editor.get(f"/admin/media/{media.id}/status?part=card").text
    assert "data-poll-url" not in card
    assert "Ready" in card
    assert "<img" in card


@pytest.mark.parametrize(("part", "status"), [("progress", 200), ("picture", 200), ("../base", 404), ("", 404)])
def test_only_known_parts_are_rendered(viewer, media, part, status):
    assert viewer.get(f"/admin/media/{media.id}/status?part={part}").status_code == status


def test_one_picture_tells_its_facts_and_where_it_is_used(editor, media, gallery_id):
    add_item(gallery_id, media.id)
    page = editor.get(f"/admin/media/{media.id}").text
    assert "64 × 48 pixels" in page
    assert "In 1 gallery on 1 page." in page
    assert "Used on 1 page, in 1 gallery." in page
    assert "Summer fair" in page


def test_a_viewer_reads_but_has_no_buttons(viewer, media):
    page = viewer.get(f"/admin/media/{media.id}").text
    assert "harbour.jpg" in page
    assert f"/admin/media/{media.id}/trash" not in page
    assert 'name="alt"' not in page


@pytest.mark.parametrize("path", ["", "/status", "/original"])
@pytest.mark.parametrize("media_id", [0, 987654, HUGE])
def test_a_picture_that_is_not_there_is_a_404(editor, path, media_id):
    assert editor.get(f"/admin/media/{media_id}{path}").status_code == 404


@pytest.mark.parametrize("path", ["", "/trash", "/restore"])
@pytest.mark.parametrize("media_id", [0, 987654, HUGE])
def test_nor_can_it_be_changed(editor, post, path, media_id):
    assert post(editor, f"/admin/media/{media_id}{path}", alt="x").status_code == 404


def test_words_are_saved_and_no_sync_is_queued(editor, post, media):
    jobs = db.session.query(Job).count()
    answer = post(editor, f"/admin/media/{media.id}", alt=" Boats ", caption="Evening", tags="Sea, harbour, sea,,")
    assert answer.status_code == 303
    saved = fresh(Media, media.id)
    db.session.refresh(saved, ["tag_rows"])
    assert (saved.alt, saved.caption, saved.tags) == ("Boats", "Evening", ["harbour", "sea"])
    assert db.session.query(Job).count() == jobs


def test_fields_that_are_not_sent_stay_and_foreign_ones_are_ignored(editor, post, media):
    change_media(media.id, alt="Boats", tags=["sea"])
    post(editor, f"/admin/media/{media.id}", caption="Evening", filename="evil", created_by="99", is_ready="1")
    saved = fresh(Media, media.id)
    assert (saved.alt, saved.tags, saved.caption, saved.filename) == ("Boats", ["sea"], "Evening", "harbour.jpg")


def test_naughty_words_are_kept_as_text_and_escaped(editor, post, media):
    assert post(editor, f"/admin/media/{media.id}", alt=NAUGHTY, caption=NAUGHTY, tags=NAUGHTY).status_code == 303
    for path in ("/admin/media", f"/admin/media/{media.id}"):
        page = editor.get(path).text
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("path", ["", "/trash", "/restore"])
def test_a_viewer_changes_nothing(viewer, post, media, path):
    assert post(viewer, f"/admin/media/{media.id}{path}", alt="x").status_code == 403
    assert fresh(Media, media.id).deleted_at is None
    assert fresh(Media, media.id).alt == ""


@pytest.mark.parametrize("path", ["", "/trash", "/restore"])
def test_a_form_without_token_is_refused(editor, media, path):
    assert editor.post(f"/admin/media/{media.id}{path}").status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", ""), ("DELETE", ""), ("GET", "/trash"), ("GET", "/restore"), ("POST", "/status"), ("POST", "/original")],
)
def test_wrong_methods_are_refused(editor, post, media, method, path):
    assert post(editor, f"/admin/media/{media.id}{path}", method=method).status_code == 405


def test_the_trash_takes_a_picture_out_of_its_galleries_and_offers_an_undo(editor, post, media, gallery_id):
    add_item(gallery_id, media.id)
    answer = post(editor, f"/admin/media/{media.id}/trash")
    assert answer.status_code == 303
    assert shown(gallery_id) == []
    page = editor.get(answer.location).text
    assert "“harbour.jpg” is in the trash." in page
    assert f"/admin/media/{media.id}/restore" in page
    assert "harbour.jpg" in editor.get("/admin/media?trash=1").text


def test_trashing_twice_is_harmless(editor, post, media):
    post(editor, f"/admin/media/{media.id}/trash")
    since = fresh(Media, media.id).deleted_at
    assert post(editor, f"/admin/media/{media.id}/trash").status_code == 303
    assert fresh(Media, media.id).deleted_at == since


def test_restoring_brings_it_back_to_its_galleries_also_twice(editor, post, media, gallery_id):
    add_item(gallery_id, media.id)
    trash_media(media.id)
    for _ in range(2):
        assert post(editor, f"/admin/media/{media.id}/restore").status_code == 303
    assert shown(gallery_id) == [media.id]


def test_words_of_a_trashed_picture_can_be_read_but_not_changed(editor, post, media):
    trash_media(media.id)
    page = editor.get(f"/admin/media/{media.id}").text
    assert "Moved to the trash" in page
    assert 'name="alt"' not in page
    assert post(editor, f"/admin/media/{media.id}", alt="x").status_code == 404


def test_the_original_is_a_download_that_no_browser_runs(editor, media):
    answer = editor.get(f"/admin/media/{media.id}/original")
    assert answer.data == jpeg(1)
    assert answer.headers["Content-Length"] == str(len(jpeg(1)))
    assert answer.headers["Content-Disposition"] == "attachment; filename=harbour.jpg"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


@threat(3)
def test_a_viewer_neither_sees_nor_gets_the_original(viewer, media):
    assert "/original" not in viewer.get(f"/admin/media/{media.id}").text
    assert viewer.get(f"/admin/media/{media.id}/original").status_code == 403


@pytest.mark.parametrize("name", ["猫.jpg", 'a"b;c.jpg', "x" * 250 + ".jpg", "<script>.jpg"])
def test_an_original_keeps_its_name_whatever_it_is(editor, media, name):
    with transaction():
        db.session.get(Media, media.id).filename = name
    answer = editor.get(f"/admin/media/{media.id}/original")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")


def test_an_original_whose_file_is_missing_says_so(app, editor, media):
    app.extensions["gallerist_storage"].delete(media.storage_key)
    answer = editor.get(f"/admin/media/{media.id}/original")
    assert answer.status_code == 404
    assert "The file of harbour.jpg is missing." in answer.text


def renditions_job(media: Media) -> Job:
    return db.session.scalars(select(Job).filter_by(task_slug="makeRenditions", subject=media.subject)).one()


@pytest.mark.parametrize("path", ["/admin/media", "/admin/media?view=list", "/admin/media/{}"])
def test_what_somebody_stopped_can_be_tried_again_where_it_is_told(editor, viewer, post, media, path):
    job = renditions_job(media)
    post(editor, f"/admin/jobs/{job.id}/cancel")
    html = editor.get(path.format(media.id)).text
    assert "Stopped by editor." in html
    assert "Cancelled:" not in html
    assert f'action="/admin/jobs/{job.id}/retry"' in html
    assert "/retry" not in viewer.get(path.format(media.id)).text
    post(editor, f"/admin/jobs/{job.id}/retry")
    assert fresh(Job, job.id).status == "queued"


NO_MORE_NEED = ["Replaced by job 9.", "Cancelled by its own task.", "The picture was deleted before they were made."]


@pytest.mark.parametrize("reason", NO_MORE_NEED)
def test_what_there_is_no_more_need_of_is_not_tried_again(editor, media, reason):
    with transaction() as session:
        session.get_one(Job, renditions_job(media).id).status = "cancelled"
        session.get_one(Job, renditions_job(media).id).reason = reason
    html = editor.get(f"/admin/media/{media.id}").text
    assert f"Cancelled: {reason}" in html
    assert "Try again" not in html
