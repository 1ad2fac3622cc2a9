"""Posts in the admin: the list, the form, scheduling, the cover, conflicts and the trash."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from tests.admin.conftest import HUGE, NAUGHTY, count_queries, fresh, results_of, upload, work_off
from tests.admin.posts import address, form
from webapp.database import db, transaction, utcnow
from webapp.jobs import cancel_by_id
from webapp.jobs.job import Job
from webapp.models.post import Post, create_post, save_post, trash_post


@pytest.fixture
def harbour(in_app) -> Post:
    """A draft."""
    return create_post("Harbour", body="Fog over the *boats*", tags=["sea", "fog"])


def test_a_post_is_begun_with_a_title_and_edited_then(in_app, editor, post):
    assert "New post" in editor.get("/admin/posts").text
    answer = post(editor, "/admin/posts", title=" Summer fair ")
    made = results_of(Post)[0]
    assert (answer.status_code, answer.location) == (303, address(made))
    assert (made.title, made.slug, made.status) == ("Summer fair", "summer-fair", "draft")
    assert 'value="Summer fair"' in editor.get(answer.location).text


def test_a_post_without_a_title_is_refused_with_words(editor, post, harbour):
    answer = post(editor, "/admin/posts", title="", slug="harbour")
    assert answer.status_code == 422
    assert "Give the post a title." in answer.text and "Another post has the address" in answer.text
    answer = post(editor, address(harbour), **form(harbour, title=" ", body="Kept"))
    assert answer.status_code == 422
    assert "The post is not saved yet" in answer.text and "Kept" in answer.text
    assert fresh(Post, harbour.id).title == "Harbour"


def test_everything_that_is_typed_is_saved(editor, post, harbour, media):
    typed = {"title": "Port", "slug": "port", "body": "New\r\nwords", "excerpt": "Short", "tags": "Sea, night,"}
    answer = post(editor, address(harbour), **form(harbour, **typed, cover_id=media.id))
    assert (answer.status_code, answer.location) == (303, address(harbour))
    saved = fresh(Post, harbour.id)
    assert (saved.title, saved.slug, saved.body, saved.excerpt) == ("Port", "port", "New\nwords", "Short")
    assert (saved.tags, saved.cover_id, saved.version) == (["night", "sea"], media.id, 2)


def test_one_button_publishes_and_another_takes_it_back(editor, post, harbour):
    post(editor, address(harbour), **form(harbour, action="publish"))
    assert fresh(Post, harbour.id).is_public
    assert "Unpublish" in editor.get(address(harbour)).text
    post(editor, address(harbour), **form(harbour, action="unpublish"))
    assert fresh(Post, harbour.id).status == "draft"


def test_a_moment_is_in_utc_and_the_page_says_so_with_a_link_to_the_job(editor, post, harbour):
    post(editor, address(harbour), **form(harbour, status="scheduled", publish_at="2999-12-24T18:00"))
    assert fresh(Post, harbour.id).publish_at == datetime(2999, 12, 24, 18, tzinfo=UTC)
    html = editor.get(address(harbour)).text
    job = results_of(Job)[-1]
    assert "Will be published on 24 Dec 2999, 18:00 UTC." in html
    assert f'href="/admin/jobs/{job.id}"' in html
    assert 'value="2999-12-24T18:00"' in html and "time zone: UTC" in html
    assert address(harbour) in editor.get(f"/admin/jobs/{job.id}").text


def test_a_job_that_was_cancelled_or_is_gone_is_told_of(editor, harbour):
    moment = datetime(2999, 12, 24, 18, tzinfo=UTC)
    save_post(harbour.id, 1, {"status": "scheduled", "publish_at": moment})
    job = results_of(Job)[-1]
    cancel_by_id(job.id)
    assert "Cancelled" in editor.get(address(harbour)).text
    with transaction() as session:
        session.delete(session.get(Job, job.id))
    assert "No job waits for its moment any more" in editor.get(address(harbour)).text


@pytest.mark.parametrize("typed", ["", "tomorrow", "2026-13-01T00:00", "0001-01-01T00:00", "99999-01-01T00:00"])
def test_a_moment_that_is_none_is_refused_and_what_was_typed_stays(editor, post, harbour, typed):
    answer = post(editor, address(harbour), **form(harbour, status="scheduled", publish_at=typed, body="Kept"))
    assert answer.status_code == 422
    assert 'id="publish_at-error"' in answer.text and "Kept" in answer.text
    assert results_of(Job) == []


@pytest.mark.parametrize("status", ["draft", "published"])
def test_a_moment_that_is_typed_for_another_status_is_asked_about_and_stays(editor, post, harbour, status):
    typed = form(harbour, status=status, publish_at="2999-12-24T18:00")
    answer = post(editor, address(harbour), **typed)
    assert answer.status_code == 422
    assert f"the status is {status.capitalize()}. Choose Scheduled, or empty the moment." in answer.text
    assert 'value="2999-12-24T18:00"' in answer.text
    assert fresh(Post, harbour.id).version == 1
    assert post(editor, address(harbour), **typed | {"action": "publish"}).status_code == 303


def test_the_moment_of_a_draft_is_left_out_when_it_was_that_of_its_schedule(editor, post, harbour):
    save_post(harbour.id, 1, {"status": "scheduled", "publish_at": datetime(2999, 12, 24, 18, tzinfo=UTC)})
    post(editor, address(harbour), **form(harbour, status="draft", publish_at="2999-12-24T18:00"))
    assert (fresh(Post, harbour.id).status, fresh(Post, harbour.id).publish_at) == ("draft", None)


def test_a_scheduled_post_is_published_by_its_job(editor, post, harbour):
    this_minute = f"{utcnow():%Y-%m-%dT%H:%M}"
    post(editor, address(harbour), **form(harbour, status="scheduled", publish_at=this_minute))
    assert "It is published at once, as its moment has come." in editor.get(address(harbour)).text
    work_off()
    assert fresh(Post, harbour.id).is_public
    assert "Everybody can read it." in editor.get(address(harbour)).text


def test_two_editors_see_both_versions_and_the_second_decides(editor, post, harbour):
    old = form(harbour, title="Mine", body="My words")
    save_post(harbour.id, 1, {"title": "Theirs"})
    answer = post(editor, address(harbour), **old)
    assert answer.status_code == 409
    for words in ("Theirs", "Mine", "My words", "Nothing is lost", "Save mine over theirs"):
        assert words in answer.text
    assert fresh(Post, harbour.id).title == "Theirs"
    assert 'name="version" value="2"' in answer.text
    post(editor, address(harbour), **old | {"version": 2})
    assert fresh(Post, harbour.id).title == "Mine"


def test_what_was_typed_survives_a_trashing_meanwhile(editor, post, harbour):
    old = form(harbour, title="Mine")
    trash_post(harbour.id)
    answer = post(editor, address(harbour), **old)
    assert answer.status_code == 409
    assert "moved this post to the trash" in answer.text and 'value="Mine"' in answer.text
    post(editor, address(harbour), **old | {"action": "restore"})
    assert (fresh(Post, harbour.id).title, fresh(Post, harbour.id).deleted_at) == ("Mine", None)


def test_the_trash_gives_back_or_deletes_for_good_after_a_question(editor, post, harbour):
    answer = post(editor, f"{address(harbour)}/trash")
    assert "is in the trash" in editor.get(answer.location).text
    assert editor.get(address(harbour)).status_code == 404
    post(editor, f"{address(harbour)}/trash")
    post(editor, f"{address(harbour)}/restore")
    assert fresh(Post, harbour.id).deleted_at is None
    assert editor.get(f"{address(harbour)}/delete").status_code == 404
    post(editor, f"{address(harbour)}/trash")
    assert "Harbour" in editor.get("/admin/posts?trash=1").text
    assert "for good?" in editor.get(f"{address(harbour)}/delete").text
    assert post(editor, f"{address(harbour)}/delete").location == "/admin/posts?trash=1"
    assert post(editor, f"{address(harbour)}/delete").status_code == 303
    assert results_of(Post) == []


def test_the_list_finds_by_words_tag_and_status(editor, harbour):
    create_post("Fair", status="published")
    for query, there, not_there in [
        ("q=boats", "Harbour", "Fair"),
        ("tag=sea", "Harbour", "Fair"),
        ("status=published", "Fair", "Harbour"),
        ("status=none&sort=none&tag=&page=x", "Harbour", "Winter"),
    ]:
        titles = [part.split("<")[0] for part in editor.get(f"/admin/posts?{query}").text.split('">')]
        assert there in titles and not_there not in titles, query
    assert "Nothing found" in editor.get("/admin/posts?q=unicorn").text
    assert "No posts yet" not in editor.get("/admin/posts").text
    assert "The trash is empty" in editor.get("/admin/posts?trash=1").text


def test_the_list_takes_a_fixed_number_of_queries(editor, post, harbour, media):
    create_post("With a cover", cover_id=media.id)
    few = count_queries(editor, "/admin/posts")
    other = upload(editor, post, "fair.jpg", 2)
    for number in range(8):
        create_post(f"Post {number}", tags=["sea", str(number)], cover_id=other.id if number % 2 else media.id)
    assert count_queries(editor, "/admin/posts") == few


def test_a_viewer_sees_everything_and_changes_nothing(viewer, post, harbour):
    html = viewer.get(address(harbour)).text
    assert "Fog over the" in html and "disabled" in html
    assert "Publish now" not in html and "Move the post to the trash" not in html
    assert "New post" not in viewer.get("/admin/posts").text.split("<main")[1].split("</main>")[0]
    for url in ("/admin/posts/new", f"{address(harbour)}/cover"):
        assert viewer.get(url).status_code == 403
    for url in ("/admin/posts", address(harbour), f"{address(harbour)}/trash", f"{address(harbour)}/cover"):
        assert post(viewer, url, **form(harbour)).status_code == 403
    assert fresh(Post, harbour.id).version == 1


def test_naughty_words_are_text_and_too_many_are_refused(editor, post, harbour):
    answer = post(editor, address(harbour), **form(harbour, title=NAUGHTY[:200], body=NAUGHTY, tags=NAUGHTY[:60]))
    assert answer.status_code == 303
    for url in (address(harbour), "/admin/posts"):
        assert "<script>alert(1)" not in editor.get(url).text
    for name, typed in [("title", "x" * 301), ("body", "x" * 100_001), ("tags", "a," * 101)]:
        answer = post(editor, address(harbour), **form(harbour, **{name: typed}))
        assert answer.status_code == 422 and f'id="{name}-error"' in answer.text


@pytest.mark.parametrize(
    "broken", [{"version": ""}, {"version": HUGE}, {"cover_id": "x"}, {"cover_id": HUGE}, {"action": "explode"}]
)
def test_a_form_that_is_not_ours_is_refused(editor, post, harbour, broken):
    assert post(editor, address(harbour), **form(harbour, **broken)).status_code == 400


def test_a_status_that_there_is_not_is_refused(editor, post, harbour):
    assert post(editor, address(harbour), **form(harbour, status="secret")).status_code == 422


def test_a_post_that_there_is_not_is_not_found(editor, post):
    for url in ("/admin/posts/999", f"/admin/posts/{HUGE}", "/admin/posts/999/cover", "/admin/posts/999/delete"):
        assert editor.get(url).status_code == 404
    assert post(editor, "/admin/posts/999", version=1, title="x", status="draft", slug="x").status_code == 404
    assert post(editor, "/admin/posts/999/trash").status_code == 404
    assert post(editor, "/admin/posts/999/restore").status_code == 404


def test_the_deeds_are_in_the_history_of_the_post(editor, post, harbour):
    post(editor, address(harbour), **form(harbour, action="publish"))
    html = editor.get(address(harbour)).text
    assert "published the post “Harbour”" in html and "saved the post “Harbour”" in html


def test_the_palette_and_the_bar_lead_to_posts(editor, viewer):
    html = editor.get("/admin/").text
    assert 'data-url="/admin/posts/new"' in html and 'href="/admin/posts"' in html
    assert 'data-url="/admin/posts/new"' not in viewer.get("/admin/").text


def test_the_audit_log_links_to_a_post_until_it_is_in_the_trash(editor, admin, post, harbour):
    post(editor, address(harbour), **form(harbour, action="publish"))
    assert f'href="{address(harbour)}"' in admin.get("/admin/audit").text
    trash_post(harbour.id)
    assert f'href="{address(harbour)}"' not in admin.get("/admin/audit").text


def test_one_job_is_queued_however_often_a_scheduled_post_is_saved(editor, post, harbour):
    for _ in range(2):
        post(editor, address(harbour), **form(harbour, status="scheduled", publish_at="2999-12-24T18:00"))
    assert len(db.session.scalars(select(Job).where(Job.subject == harbour.subject)).all()) == 1


def test_a_publication_that_somebody_stopped_is_not_tried_at_once_before_its_moment(editor, post, harbour):
    save_post(harbour.id, 1, {"status": "scheduled", "publish_at": datetime(2999, 12, 24, 18, tzinfo=UTC)})
    post(editor, f"/admin/jobs/{results_of(Job)[-1].id}/cancel")
    html = editor.get(address(harbour)).text
    assert "Stopped by editor." in html
    assert "Try again" not in html
