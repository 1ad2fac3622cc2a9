"""Exports in the admin: asking, waiting, fetching, and for how long."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from tests.admin.conftest import HUGE, count_queries, fresh, jpeg, work_off
from tests.security.rows import threat
from tests.support.exports import URL, archive, ask, exports, jobs, table
from tests.support.people import signed_in_client
from webapp.database import transaction, utcnow
from webapp.jobs.job import Job
from webapp.models.export import Export
from webapp.models.user import User
from webapp.storage import storage

FRAGMENT = {"X-Fragment": "1"}


@pytest.fixture
def ready(editor, post, media) -> Export:
    """A zip with one picture, to be fetched."""
    ask(post, editor)
    work_off()
    return exports()[0]


def test_a_zip_of_all_is_made_and_fetched(editor, post, media):
    answer = ask(post, editor)
    assert (answer.status_code, answer.location) == (303, f"{URL}#exports")
    assert "Waiting for its turn" in editor.get(URL).text
    work_off()
    html = editor.get(URL).text
    assert "Ready: 1 picture" in html
    assert "Kept until" in html
    assert "data-poll-url" not in html
    answer = editor.get(f"{URL}/1/file")
    assert answer.mimetype == "application/zip"
    assert re.match(r"attachment; filename=gallerist-\d{4}-\d\d-\d\d-1.zip", answer.headers["Content-Disposition"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert int(answer.headers["Content-Length"]) == len(answer.data) == exports()[0].filesize
    packed = archive(answer)
    assert packed.namelist() == ["harbour.jpg", "facts.csv"]
    assert packed.read("harbour.jpg") == jpeg(1)
    (row,) = table(packed.read("facts.csv"))
    assert (row["id"], row["filename"], row["file"]) == (str(media.id), "harbour.jpg", "harbour.jpg")


def test_the_facts_alone(editor, post, media):
    ask(post, editor, form="csv")
    work_off()
    answer = editor.get(f"{URL}/1/file")
    assert answer.mimetype == "text/csv"
    (row,) = table(answer.data)
    assert (row["sha256"], row["uploaded by"]) == (media.sha256, "editor")


def test_the_bar_shows_what_is_done(editor, post, media):
    ask(post, editor)
    ask(post, editor, form="csv")
    with transaction() as session:
        running = {"status": "running", "token": "x", "lease_until": utcnow() + timedelta(minutes=1)}
        session.execute(update(Job).where(Job.task_slug == "exportLibrary").values(running | {"exclusive": False}))
        session.execute(update(Export).values(planned=10, planned_bytes=3_000_000, done=4, done_bytes=1_200_000))
    html = editor.get(f"{URL}/1/status", headers=FRAGMENT).text
    assert '<progress max="3000000" value="1200000"' in html
    assert "4 of 10 pictures" in html
    assert f'data-poll-url="{URL}/1/status"' in html
    assert "<html" not in html
    assert '<progress max="10" value="4"' in editor.get(f"{URL}/2/status").text


def test_a_part_of_the_file_can_be_fetched(editor, ready):
    whole = editor.get(f"{URL}/1/file")
    tag = whole.headers["ETag"]
    assert whole.headers["Accept-Ranges"] == "bytes"
    part = editor.get(f"{URL}/1/file", headers={"Range": "bytes=10-19", "If-Range": tag})
    assert (part.status_code, part.data) == (206, whole.data[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole.data)}"
    rest = editor.get(f"{URL}/1/file", headers={"Range": "bytes=10-"})
    assert (rest.status_code, rest.data) == (206, whole.data[10:])
    assert editor.get(f"{URL}/1/file", headers={"Range": "bytes=10-", "If-Range": '"other"'}).status_code == 200
    assert editor.get(f"{URL}/1/file", headers={"Range": "bytes=999999999-"}).status_code == 416
    head = editor.head(f"{URL}/1/file")
    assert (head.headers["Content-Length"], head.data) == (str(len(whole.data)), b"")


def test_cancelling_ends_it_and_trying_again_makes_it(editor, post, media):
    ask(post, editor)
    for _ in range(2):
        assert post(editor, f"{URL}/1/cancel").status_code == 303
    html = editor.get(URL).text
    assert html.count("The export is cancelled.") == 1
    assert "Stopped by editor." in html
    work_off()
    assert editor.get(f"{URL}/1/file").status_code == 404
    for _ in range(2):
        assert post(editor, f"{URL}/1/retry").status_code == 303
    work_off()
    assert len(jobs()) == 1
    assert editor.get(f"{URL}/1/file").status_code == 200
    post(editor, f"{URL}/1/cancel")
    post(editor, f"{URL}/1/retry")
    assert (len(jobs()), editor.get(f"{URL}/1/file").status_code) == (1, 200)


def test_what_is_no_longer_kept_is_not_given_and_can_be_made_again(editor, post, ready):
    with transaction() as session:
        session.execute(update(Export).values(kept_until=utcnow() - timedelta(seconds=1)))
    answer = editor.get(f"{URL}/1/file")
    assert answer.status_code == 404
    assert "no longer kept" in answer.text
    html = editor.get(URL).text
    assert "No longer kept" in html
    assert "Make again" in html
    post(editor, f"{URL}/1/retry")
    work_off()
    assert editor.get(f"{URL}/1/file").status_code == 200
    assert len(jobs()) == 2


def test_a_file_that_is_gone_is_told_in_words(editor, ready):
    storage().delete(ready.storage_key)
    answer = editor.get(f"{URL}/1/file")
    assert answer.status_code == 404
    assert "The file of this export is missing." in answer.text


def test_it_is_for_editors_and_admins(viewer, anonymous, post, ready):
    for path in (URL, f"{URL}/1/status", f"{URL}/1/file"):
        assert viewer.get(path).status_code == 403
        answer = anonymous.get(path)
        assert answer.status_code == 302
        assert "/admin/sign-in" in answer.location
    assert ask(post, viewer).status_code == 403
    for verb in ("cancel", "retry"):
        assert post(viewer, f"{URL}/1/{verb}").status_code == 403
        assert anonymous.post(f"{URL}/1/{verb}").status_code == 302
    assert len(exports()) == 1


@threat(13)
def test_a_person_sees_their_own_and_admins_see_all(app, admin, post, ready):
    other = signed_in_client(app, "editor", email="other@example.org")
    assert "Ready: 1 picture" not in other.get(URL).text
    for path in ("status", "file"):
        assert other.get(f"{URL}/1/{path}").status_code == 404
    for verb in ("cancel", "retry"):
        assert post(other, f"{URL}/1/{verb}").status_code == 404
    html = admin.get(URL).text
    assert "Ready: 1 picture" in html
    assert "by editor" in html
    assert admin.get(f"{URL}/1/file").status_code == 200


def test_when_a_person_is_gone_admins_still_see_the_export(admin, ready):
    with transaction() as session:
        session.execute(update(Export).values(created_by=None))
    assert admin.get(URL).status_code == admin.get(f"{URL}/1/status").status_code == 200


def test_who_signed_out_fetches_nothing(editor, post, ready):
    post(editor, "/admin/sign-out")
    assert editor.get(f"{URL}/1/file").status_code == 302


def test_forms_without_their_token_and_other_methods_are_refused(editor, post, ready):
    assert editor.post(URL, data={"what": "all"}).status_code == 400
    for verb in ("cancel", "retry"):
        assert editor.post(f"{URL}/1/{verb}").status_code == 400
        assert editor.get(f"{URL}/1/{verb}").status_code == 405
    for path in (f"{URL}/1/status", f"{URL}/1/file"):
        assert post(editor, path).status_code == 405
    assert post(editor, URL, method="DELETE").status_code == 405


@pytest.mark.parametrize("number", [0, 999, HUGE])
def test_an_unknown_export_is_not_found(editor, post, in_app, number):
    for path in ("status", "file"):
        assert editor.get(f"{URL}/{number}/{path}").status_code == 404
    for verb in ("cancel", "retry"):
        assert post(editor, f"{URL}/{number}/{verb}").status_code == 404


def test_the_list_takes_as_many_queries_for_many_as_for_one(admin, post, ready):
    before = count_queries(admin, URL)
    for number in range(5):
        ask(post, admin, what="found", q="h" * (number + 1) if number == 0 else "harbour"[: number + 1])
    assert len(exports()) > 3
    assert count_queries(admin, URL) == before


def test_the_jobs_page_names_it_and_links_it_for_admins(editor, admin, ready):
    job = jobs()[0]
    assert "All pictures" in editor.get(f"/admin/jobs/{job.id}").text
    assert f'href="{URL}?export=1"' in admin.get(f"/admin/jobs/{job.id}").text
    assert admin.get(f"{URL}?export=1").status_code == 200


def test_the_section_library_is_marked(editor):
    assert re.search(r'aria-current="page">Library</a>', editor.get(URL).text)


def test_an_export_is_asked_for_by_who_is_signed_in(editor, post, media):
    ask(post, editor, created_by="999", title="x")
    assert fresh(User, exports()[0].created_by).email == "editor@example.org"
