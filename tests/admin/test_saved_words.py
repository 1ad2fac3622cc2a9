"""What an editor reads after a save: whether everybody can read it now, and which address leads nowhere any more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.admin.conftest import fresh, results_of
from tests.admin.test_pages import form as page_form
from tests.admin.test_posts import address
from tests.admin.test_posts import form as post_form
from tests.conftest import both_databases
from webapp.database import utcnow
from webapp.jobs.job import Job
from webapp.models.gallery import set_hidden
from webapp.models.media_words import change_media
from webapp.models.page import Page, create_page, save_page
from webapp.models.post import Post, create_post, save_post

PUBLISHED = "Published. Everybody can read it now."
STILL_PUBLIC = "Saved. Everybody can read it now."
DRAFT_AGAIN = "Saved. It is a draft again, which only people who are signed in can see."


@pytest.fixture
def url(fair: Page) -> str:
    return f"/admin/pages/{fair.id}"


def test_a_page_says_that_it_is_published_and_that_it_is_a_draft_again(editor, post, fair, url):
    post(editor, url, **page_form(fair, status="published"))
    assert PUBLISHED in editor.get(url).text
    post(editor, url, **page_form(fair, title="Fair"))
    html = editor.get(url).text
    assert "Saved." in html and PUBLISHED not in html
    post(editor, url, **page_form(fair, status="draft"))
    assert DRAFT_AGAIN in editor.get(url).text


def test_whatever_button_publishes_a_page_says_so(editor, post, fair, url):
    answer = post(editor, url, **page_form(fair, status="published", action=f"move-down:{fair.blocks[0].id}"))
    html = editor.get(answer.location).text
    assert PUBLISHED in html and "Saved." not in html


@both_databases
def test_publishing_a_page_counts_the_pictures_that_have_no_alt_text(editor, post, fair, url, gallery_id, pictures):
    change_media(pictures[0], alt="A boat")
    change_media(pictures[1], decorative=True)
    set_hidden(gallery_id, pictures[2], True)
    blocks = [{"id": block.id} for block in fair.blocks]
    save_page(fair.id, 1, {}, [*blocks, *({"blockType": "picture", "mediaId": pictures[n]} for n in (2, 3))])
    layout = {
        "block": [f"{b.id}:{b.type}{f':{b.media_id}' if b.media_id else ''}" for b in fresh(Page, fair.id).blocks]
    }
    post(editor, url, **page_form(fair, status="published", **layout))
    html = editor.get(url).text
    assert PUBLISHED in html and "3 pictures on this page have no alt text yet." in html
    assert html.count("Needs alt text") == 2  # at the picture blocks
    post(editor, url, **page_form(fair, **layout))
    assert "no alt text yet" not in editor.get(url).text


@pytest.mark.parametrize(("status", "told"), [("published", True), ("draft", False)])
def test_every_button_that_saves_along_says_when_everybody_reads_it_now(editor, post, fair, url, status, told):
    save_page(fair.id, 1, {"status": status})
    text = fair.blocks[0].id
    for action in (f"move-down:{text}", "add-gallery", "add-picture", f"remove:{text}"):
        post(editor, url, **page_form(fair, title=f"Half ty {action}", action=action))
        assert (STILL_PUBLIC in editor.get(url).text) == told, action
        assert fresh(Page, fair.id).title == f"Half ty {action}"


@pytest.mark.parametrize(("status", "told"), [("published", True), ("draft", False)])
def test_another_address_of_a_public_page_says_that_the_old_one_leads_nowhere(editor, post, fair, url, status, told):
    save_page(fair.id, 1, {"status": status})
    post(editor, url, **page_form(fair, slug="fair"))
    assert ("Saved. The old address /summer-fair leads nowhere now." in editor.get(url).text) == told


def test_a_post_says_so_too_however_it_was_published(in_app, editor, post):
    harbour = create_post("Harbour")
    post(editor, address(harbour), **post_form(harbour, status="published"))
    assert PUBLISHED in editor.get(address(harbour)).text
    post(editor, address(harbour), **post_form(harbour, slug="port"))
    assert "The old address /posts/harbour leads nowhere now." in editor.get(address(harbour)).text
    post(editor, address(harbour), **post_form(harbour, body="Half ty", action="choose-cover"))
    assert STILL_PUBLIC in editor.get(f"{address(harbour)}/cover").text
    post(editor, address(harbour), **post_form(harbour, action="unpublish"))
    assert DRAFT_AGAIN in editor.get(address(harbour)).text


def test_a_post_says_when_it_will_be_published(in_app, editor, post):
    harbour = create_post("Harbour")
    typed = {"status": "scheduled", "publish_at": "2999-12-24T18:00"}
    post(editor, address(harbour), **post_form(harbour, **typed))
    assert "Scheduled. Everybody can read it from 24 Dec 2999, 18:00 UTC on" in editor.get(address(harbour)).text
    post(editor, address(harbour), **post_form(harbour, **typed))
    assert "Scheduled. Everybody" not in editor.get(address(harbour)).text


def test_a_moment_in_the_past_is_refused_as_its_year_may_be_mistyped(in_app, editor, post):
    harbour = create_post("Harbour")
    answer = post(editor, address(harbour), **post_form(harbour, status="scheduled", publish_at="2020-12-24T18:00"))
    assert answer.status_code == 422
    assert "This moment has passed" in answer.text and 'value="2020-12-24T18:00"' in answer.text
    assert (fresh(Post, harbour.id).status, results_of(Job)) == ("draft", [])


def test_what_waits_for_a_moment_that_has_passed_can_still_be_saved(in_app, editor, post):
    late = (utcnow() - timedelta(days=1)).replace(second=0, microsecond=0)
    harbour = create_post("Harbour", status="scheduled", publish_at=late)
    typed = {"publish_at": f"{late:%Y-%m-%dT%H:%M}", "body": "More"}
    assert post(editor, address(harbour), **post_form(harbour, **typed)).status_code == 303
    assert fresh(Post, harbour.id).body == "More"


def test_a_publication_meanwhile_is_told_of_before_a_moment_that_has_passed_since(in_app, editor, post):
    harbour = create_post("Harbour")
    typed = post_form(harbour, status="scheduled", publish_at="2020-12-24T18:00")
    save_post(harbour.id, 1, {"status": "published"})
    assert post(editor, address(harbour), **typed).status_code == 409


@pytest.mark.parametrize(
    ("status", "told"),
    [("draft", ""), ("scheduled", " and will not be published"), ("published", " and no longer public")],
)
def test_only_what_was_public_is_said_to_be_no_longer_so_in_the_trash(in_app, editor, post, status, told):
    moment = datetime(2999, 1, 1, tzinfo=UTC) if status == "scheduled" else None
    made = [address(create_post("Harbour", status=status, publish_at=moment))]
    if status != "scheduled":
        made.append(f"/admin/pages/{create_page('Harbour', status=status).id}")
    for url in made:
        assert ("no longer public" in editor.get(url).text) == (status == "published")
        assert f"“Harbour” is in the trash{told}." in editor.get(post(editor, f"{url}/trash").location).text


def test_publishing_now_what_is_scheduled_anew_dates_it_now(in_app, editor, post):
    harbour = create_post("Harbour", status="scheduled", publish_at=datetime(2999, 1, 1, tzinfo=UTC))
    post(editor, address(harbour), **post_form(harbour, action="publish"))
    assert utcnow() - fresh(Post, harbour.id).published_at < timedelta(minutes=1)
