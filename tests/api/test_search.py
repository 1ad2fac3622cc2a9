"""GET /api/search: pictures and pages by words, the best first."""

from __future__ import annotations

import pytest

from tests.api.conftest import is_error
from tests.conftest import both_databases

pytestmark = both_databases


@pytest.fixture
def put(upload):
    """Upload a picture with these words; its id."""
    numbers = iter(range(100))
    return lambda **words: int(upload(next(numbers), **words).json["id"])


def make_page(client, title: str, *bodies: str, **more) -> int:
    layout = [{"blockType": "text", "body": body} for body in bodies]
    answer = client.post("/api/pages", json={"title": title, "layout": layout} | more)
    assert answer.status_code == 201, answer.text
    return int(answer.json["id"])


def search(client, q: str, **more) -> list[tuple[str, int]]:
    return [(doc["collection"], doc["id"]) for doc in docs(client, q, **more)]


def docs(client, q: str, **more) -> list[dict]:
    answer = client.get("/api/search", query_string={"q": q} | more)
    assert answer.status_code == 200, answer.text
    assert set(answer.json) == {"docs"}
    return list(answer.json["docs"])


def test_a_word_in_the_title_counts_more_than_one_in_the_text(editor_api, put):
    in_caption = put(alt="Boats", caption="At the harbour")
    in_both = put(alt="The harbour", caption="The harbour again")
    in_title = put(alt="Harbour", caption="Boats")
    page = make_page(editor_api, "Trips", "We saw the harbour.")
    put(alt="Mountains")
    found = docs(editor_api, "HARBOUR")
    assert [doc["id"] for doc in found[:2]] == [in_both, in_title]
    assert {(doc["collection"], doc["id"]) for doc in found[2:]} == {("media", in_caption), ("pages", page)}
    scores = [doc["score"] for doc in found]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1 and scores[1] > 1.5 * scores[2]


def test_each_word_must_be_somewhere(editor_api, put):
    both = put(alt="Harbour", tags="evening")
    put(alt="Harbour")
    assert search(editor_api, "evening harbour") == [("media", both)]


def test_a_picture_is_found_by_all_its_words(editor_api, put):
    media = put(alt="Boats", caption="In evening light", tags="sea")
    for q in ("boats", "evening LIGHT", "sea", "picture-0"):
        assert search(editor_api, q) == [("media", media)]
    assert docs(editor_api, "boats")[0] == {
        "collection": "media",
        "id": media,
        "title": "Boats",
        "url": f"/admin/media/{media}/original",
        "score": 1.0,
        "excerpt": "In evening light",
    }


def test_a_page_is_found_by_its_title_and_its_blocks_also_as_a_draft(editor_api):
    page = make_page(editor_api, "Summer fair", "Hello", "With a merry-go-round", slug="fair")
    assert search(editor_api, "merry") == search(editor_api, "summer") == [("pages", page)]
    (doc,) = docs(editor_api, "merry")
    assert (doc["title"], doc["url"], doc["excerpt"]) == ("Summer fair", "/fair", "With a merry-go-round")


def test_one_collection_can_be_asked_for(editor_api, put):
    media, page = put(alt="Harbour"), make_page(editor_api, "Harbour")
    assert search(editor_api, "harbour", collection="media") == [("media", media)]
    assert search(editor_api, "harbour", collection="pages") == [("pages", page)]
    assert len(search(editor_api, "harbour")) == 2


def test_the_limit_keeps_the_best(editor_api, put):
    best = put(alt="Harbour", caption="harbour")
    for _ in range(3):
        put(alt="Boats", caption="harbour")
    make_page(editor_api, "Boats", "In the harbour")
    assert search(editor_api, "harbour", limit=1) == [("media", best)]
    assert len(search(editor_api, "harbour", limit=3)) == 3


def test_what_lies_in_the_trash_is_not_found(editor_api, put):
    media = put(alt="Harbour")
    editor_api.delete(f"/api/media/{media}")
    assert search(editor_api, "harbour") == []


@pytest.mark.parametrize("q", ["", "  ", "%", "_", "\\", "' OR 1=1 --", "nothing like it", "a " * 90])
def test_no_word_and_no_pattern_finds_nothing(editor_api, put, q):
    put(alt="Ocker", caption="x")
    assert search(editor_api, q) == []


def test_the_excerpt_is_around_the_word(editor_api):
    make_page(editor_api, "Long", "before " * 100 + "harbour " + "after " * 100)
    (doc,) = docs(editor_api, "harbour")
    assert "harbour" in doc["excerpt"]
    assert doc["excerpt"].startswith("…before") and doc["excerpt"].endswith("…")
    assert len(doc["excerpt"]) <= 162


@pytest.mark.parametrize(
    ("question", "field"),
    [({}, "q"), ({"q": "x" * 201}, "q"), ({"q": "a\0"}, "q"), ({"q": "a", "collection": "users"}, "collection"),
     ({"q": "a", "limit": "0"}, "limit"), ({"q": "a", "limit": "1001"}, "limit"), ({"q": "a", "limit": "x"}, "limit")],
)  # fmt: skip
def test_a_question_that_can_not_be_is_told_at_its_field(editor_api, question, field):
    assert is_error(editor_api.get("/api/search", query_string=question), 400, field)


def test_it_is_for_people_with_an_account(viewer_api, anonymous, put):
    media = put(alt="Harbour")
    assert search(viewer_api, "harbour") == [("media", media)]
    assert is_error(anonymous.get("/api/search?q=harbour"), 401)
    assert viewer_api.post("/api/search?q=harbour").status_code == 405


def test_the_number_of_queries_does_not_grow(editor_api, put, count_queries):
    put(alt="Harbour", tags="sea")
    make_page(editor_api, "Harbour", "Hello")
    with count_queries() as few:
        search(editor_api, "harbour")
    for number in range(4):
        put(alt="Harbour", tags=f"tag{number}")
        make_page(editor_api, f"Harbour {number}", "Hello")
    with count_queries() as many:
        assert len(search(editor_api, "harbour")) == 10
    assert len(few) == len(many)


def test_its_fields_are_those_that_are_described(editor_api, anonymous, put):
    put(alt="Harbour")
    spec = anonymous.get("/api/openapi.json").json
    assert set(spec["components"]["schemas"]["Hit"]["properties"]) == set(docs(editor_api, "harbour")[0])
    names = {parameter["name"] for parameter in spec["paths"]["/api/search"]["get"]["parameters"]}
    assert names == {"q", "collection", "limit", "format", "maxTokens"}
