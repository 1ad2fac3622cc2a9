"""Finding pictures in the library: filters, sorting, grid and list, all of it in the address."""

from __future__ import annotations

import re
import time
from unicodedata import normalize
from urllib.parse import quote

import pytest

from tests.admin.conftest import HUGE, NAUGHTY, results_of, upload
from tests.conftest import both_databases
from webapp.database import db, transaction, utcnow
from webapp.jobs.job import Job
from webapp.models import library
from webapp.models.gallery import add_item, set_hidden
from webapp.models.media import Media, trash_media
from webapp.models.media_words import change_media
from webapp.models.page import trash_page


def found(client, query: str = "") -> list[int]:
    """The pictures of the page, in order."""
    answer = client.get(f"/admin/media{query}")
    assert answer.status_code == 200
    return [int(number) for number in re.findall(r'id="media-(\d+)"', answer.text)]


def change(media_id: int, **values: object) -> None:
    with transaction() as session:
        for name, value in values.items():
            setattr(session.get_one(Media, media_id), name, value)


@pytest.fixture
def three(in_app, editor, post) -> list[int]:
    return [upload(editor, post, f"{name}.jpg", number).id for number, name in enumerate(("boat", "Apple", "cat"), 1)]


def test_what_has_not_the_words_may_be_found_by_its_meaning(editor, three):
    html = editor.get("/admin/media?q=sailing+%26+more").text
    assert 'href="/admin/search?q=sailing+%26+more&amp;collection=media"' in html
    for query in ("tag=none", "q=none&trash=1", "q=boat"):
        assert "something alike" not in editor.get(f"/admin/media?{query}").text


@both_databases
def test_all_words_must_be_somewhere(editor, three):
    boat, apple, cat = three
    change_media(boat, alt="Red boat", caption="At NOON", tags=["sea", "summer"])
    change_media(apple, alt="Red apple")
    assert found(editor, "?q=red") == [apple, boat]
    assert found(editor, "?q=red+noon") == [boat]
    assert found(editor, "?q=Summer++boat.jpg++red") == [boat]
    assert found(editor, "?q=red+cat") == []
    assert found(editor, "?q=%25") == found(editor, "?q=_") == []
    assert found(editor, "?q=" + "+".join(f"word{n}" for n in range(100))) == []
    assert found(editor, "?q=+++") == [cat, apple, boat]


@both_databases
def test_an_accent_is_found_however_it_is_made_up(editor, three):
    boat, apple, cat = three
    change(boat, filename=normalize("NFD", "Café né.jpg"))
    change_media(boat, alt="Boat")
    change_media(apple, alt="Café né", tags=["Café"])
    for form in ("NFC", "NFD"):
        for words in ("afé", "né", "né boat café"):
            expected = [boat] if "boat" in words else [apple, boat]
            assert found(editor, f"?q={quote(normalize(form, words))}") == expected
        assert found(editor, f"?tag={quote(normalize(form, 'Café'))}") == [apple]


@both_databases
def test_small_and_capital_letters_are_the_same_in_every_alphabet(editor, three):
    change_media(three[0], alt="ÉTÉ À BORD")
    assert [found(editor, f"?q={words}") for words in ("été", "à", "É")] == [[three[0]]] * 3


@both_databases
def test_by_type_shape_day_and_whoever_uploaded_it(editor, three):
    boat, apple, cat = three
    change(boat, mime_type="image/png", width=10, height=20, created_at=utcnow().replace(year=2020, month=3, day=1))
    change(apple, width=20, height=20, created_at=utcnow().replace(year=2020, month=3, day=2), created_by=None)
    somebody = db.session.get(Media, cat).created_by
    assert found(editor, "?type=png") == [boat]
    assert found(editor, "?type=jpeg") == [cat, apple]
    assert found(editor, "?shape=portrait") == [boat]
    assert found(editor, "?shape=square") == [apple]
    assert found(editor, "?shape=landscape") == [cat]
    assert found(editor, "?from=2020-03-02&to=2020-03-02") == [apple]
    assert found(editor, "?to=2020-03-01") == [boat]
    assert found(editor, "?from=2020-03-03") == [cat]
    assert found(editor, f"?by={somebody}") == [cat, boat]
    assert found(editor, "?by=4711") == []


@both_databases
def test_those_with_no_alt_text_yet(editor, three):
    change_media(three[0], alt="A boat")
    assert found(editor, "?no_alt=1") == [three[2], three[1]]


@both_databases
def test_unused_is_what_no_gallery_of_a_live_page_shows(editor, three, fair, gallery_id):
    boat, apple, cat = three
    add_item(gallery_id, boat)
    add_item(gallery_id, apple)
    set_hidden(gallery_id, apple, True)
    assert found(editor, "?unused=1") == [cat, apple]
    trash_page(fair.id)
    assert found(editor, "?unused=1") == [cat, apple, boat]


@both_databases
def test_failed_is_what_nobody_tries_again(editor, three):
    boat, apple, _ = three
    with transaction() as session:
        for job in session.query(Job).filter(Job.subject.in_([f"media:{boat}", f"media:{apple}"])):
            if job.subject == f"media:{boat}" or job.task_slug == "makeRenditions":
                job.status, job.error, job.completed_at = "failed", "away", utcnow()
    change(apple, is_ready=True)
    assert found(editor, "?failed=1") == [boat]


@both_databases
def test_what_somebody_stopped_is_found_with_what_failed(editor, post, three):
    boat, apple, _ = three
    for job in results_of(Job):
        if job.subject == f"media:{boat}" and job.task_slug == "makeRenditions":
            post(editor, f"/admin/jobs/{job.id}/cancel")
    assert found(editor, "?failed=1") == [boat]
    assert "Something failed or was stopped" in editor.get("/admin/media?failed=1").text


@both_databases
def test_they_are_sorted_as_asked(editor, three):
    boat, apple, cat = three
    for size, media_id in enumerate((cat, boat, apple)):
        change(media_id, filesize=size + 1)
    assert found(editor) == [cat, apple, boat]
    assert found(editor, "?sort=oldest") == [boat, apple, cat]
    assert found(editor, "?sort=name") == [apple, boat, cat]
    assert found(editor, "?sort=size") == [apple, boat, cat]


@both_databases
def test_filters_add_up_also_in_the_trash(editor, three):
    boat, apple, cat = three
    change_media(boat, tags=["sea"])
    change_media(apple, tags=["sea"])
    trash_media(apple)
    assert found(editor, "?tag=sea&q=boat") == [boat]
    assert found(editor, "?tag=sea&q=cat") == []
    assert found(editor, "?tag=sea&trash=1") == [apple]
    assert found(editor, "?q=boat&trash=1") == []
    assert found(editor, "?tag=sea&no_alt=1&unused=1&shape=landscape&type=jpeg&sort=name&view=list") == [boat]


def test_each_filter_is_a_chip_that_can_be_taken_away(editor, three):
    change_media(three[0], tags=["sea"])
    html = editor.get("/admin/media?q=boat&tag=Sea&unused=1&from=2020-03-01&sort=name&view=list").text
    text = " ".join(html.split())
    assert "1 picture found" in text
    for words in ("“boat”", "Tag: sea", "In no gallery", "Since 1 Mar 2020"):
        assert f"<span>{words}</span>" in html
    assert 'href="/admin/media?q=boat&amp;from=2020-03-01&amp;unused=1&amp;sort=name&amp;view=list"' in html
    assert 'href="/admin/media?sort=name&amp;view=list"' in html
    assert "(take this filter away)" not in editor.get("/admin/media").text


def test_the_form_shows_what_is_asked_for_and_opens_what_is_folded_away(editor, three):
    html = editor.get("/admin/media?tag=nowhere&type=png&no_alt=1&to=2026-03-01&sort=size").text
    assert "<option selected>nowhere</option>" in html
    assert '<option value="png" selected>' in html
    assert '<option value="size" selected>' in html
    assert 'name="no_alt" value="1" checked' in html
    assert 'value="2026-03-01"' in html
    assert '<details class="more-filters" open>' in html
    assert '<details class="more-filters" open>' not in editor.get("/admin/media?q=boat&tag=sea").text
    assert "No picture is like that." in html


def test_grid_or_list_is_kept_in_the_address(editor, three):
    change_media(three[0], alt="A boat", tags=["sea", "summer"])
    html = editor.get("/admin/media?view=list&q=boat").text
    assert "<table" in html
    assert "sea, summer" in html
    assert 'name="view" value="list"' in html
    assert 'href="/admin/media?q=boat"' in html
    assert "<table" not in editor.get("/admin/media").text
    assert found(editor, "?view=list") == found(editor)


def test_a_row_fetches_itself_until_its_picture_is_ready(editor, media):
    row = editor.get(f"/admin/media/{media.id}/status?part=row").text
    assert row.strip().startswith("<tr")
    assert f'data-poll-url="/admin/media/{media.id}/status?part=row"' in row


@both_databases
@pytest.mark.parametrize(
    "query",
    [
        "type=svg", "type=jpg", "shape=round", "from=yesterday", "from=2026-13-01", "to=", "by=ann", "by=-1",
        f"by={HUGE}", "by=²", "sort=sha256", "view=tiles", "no_alt=yes", "unused=", "failed=2", "to=9999-12-31",
        "from=0001-01-01", "from=%00", "q=%00",
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_left_out(editor, three, query):
    assert len(found(editor, f"?{query}")) == 3


@pytest.mark.parametrize("name", ["q", "tag", "type", "shape", "from", "to", "by", "no_alt", "sort", "view", "trashed"])
def test_naughty_words_break_nothing(editor, media, name):
    answer = editor.get("/admin/media", query_string={name: NAUGHTY * 20})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_the_picker_of_a_gallery_searches_alike(editor, three, gallery_id):
    change_media(three[0], caption="At noon", tags=["sea"])
    html = editor.get(f"/admin/galleries/{gallery_id}?view=add&q=sea+NOON").text
    assert re.findall(r'name="media_id" value="(\d+)"', html) == [str(three[0])]


def test_the_tags_of_a_large_library_are_counted_once_a_minute(editor, three, monkeypatch, in_app):
    monkeypatch.setattr(library, "MANY_USES", 1)
    monkeypatch.setitem(in_app.extensions, library.KNOWN_TAGS, None)
    for picture in three:
        change_media(picture, tags=["sea"])
    assert library.known_tags() == ["sea"]
    change_media(three[0], tags=["sea", "summer"])
    assert library.known_tags() == ["sea"]
    in_app.extensions[library.KNOWN_TAGS] = library.KnownTags(["sea"], until=time.monotonic() - 1)
    assert library.known_tags() == ["sea", "summer"]


def test_whoever_uploaded_something_can_be_chosen(editor, three, in_app):
    assert [user.email for user in library.uploaders()] == ["editor@example.org"]
