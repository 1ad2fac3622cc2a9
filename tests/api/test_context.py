"""GET /api/search?format=context: passages for a chatbot to cite, in so many tokens, of what everybody may see."""

from __future__ import annotations

import pytest

from tests.conftest import both_databases
from tests.site.pictures import page_with, upload
from webapp.models.page import create_page, save_page
from webapp.models.passages import tokens_of
from webapp.models.post import create_post

pytestmark = [both_databases, pytest.mark.usefixtures("in_app")]
LONG = "Nothing is said here about it. " * 40


def context(client, q: str, **more) -> dict:
    answer = client.get("/api/search", query_string={"q": q, "format": "context"} | more)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def text_page(title: str, body: str, status: str = "published"):
    return create_page(title, status=status, layout=[{"blockType": "text", "body": body}])


def test_each_passage_says_what_it_is_of_and_where_to_read_it(viewer_api):
    page = text_page("Visit", f"{LONG}\n\n## Dogs\n\n**Dogs** wait outside.")
    found = context(viewer_api, "dogs")
    (passage,) = found["passages"]
    text = "Dogs Dogs wait outside."
    tokens = tokens_of(f"Visit\n{text}")
    expected = {"collection": "pages", "id": page.id, "title": "Visit", "url": "/visit", "text": text}
    assert passage == expected | {"score": 1.0, "tokens": tokens}
    assert (found["totalTokens"], found["maxTokens"]) == (tokens, 1500)


def test_posts_and_pictures_are_cited_where_everybody_sees_them(viewer_api):
    media = upload(alt="A dog", caption="It sleeps.")
    page_with(media)
    create_post("The dog", body="It barks.", status="published")
    found = context(viewer_api, "dog")
    urls = {each["collection"]: each["url"] for each in found["passages"]}
    assert urls == {"media": f"/summer-fair#picture-{media.id}", "posts": "/posts/the-dog"}
    assert [each["collection"] for each in context(viewer_api, "dog", collection="posts")["passages"]] == ["posts"]


def test_only_as_many_as_fit_and_none_when_none_does(viewer_api):
    for number in range(5):
        text_page(f"Dogs {number}", "They bark. " * 20)
    every = context(viewer_api, "dogs")
    assert len(every["passages"]) == 5
    for most in (20, 100, 200, 400):
        found = context(viewer_api, "dogs", maxTokens=most)
        assert found["totalTokens"] == sum(each["tokens"] for each in found["passages"]) <= most
    assert context(viewer_api, "dogs", maxTokens=20)["passages"] == []


def test_no_draft_is_in_it_whoever_asks(editor_api):
    page = text_page("Secret dogs", "They bark.")
    assert len(context(editor_api, "dogs")["passages"]) == 1
    save_page(page.id, 1, {"status": "draft"})
    assert context(editor_api, "dogs") == {"passages": [], "totalTokens": 0, "maxTokens": 1500}


def test_what_is_no_format_or_no_budget_is_refused_in_words(viewer_api):
    for wrong in ({"format": "xml"}, {"maxTokens": 0}, {"maxTokens": "many"}, {"maxTokens": 10**9}):
        answer = viewer_api.get("/api/search", query_string={"q": "dogs", "format": "context"} | wrong)
        assert (answer.status_code, answer.json["success"]) == (400, False)
        assert set(answer.json["fields"]) == set(wrong)
