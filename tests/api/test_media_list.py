"""GET /api/media: find, filter, sort, page."""

from __future__ import annotations

from tests.api.conftest import is_error
from tests.conftest import both_databases
from webapp.models.belonging import SHAPES

pytestmark = both_databases

WRONG = {
    "limit": ("0", "1001", "-1", "x", "", str(2**70), "9" * 5000),
    "page": ("0", "-1", str(2**70)),
    "sort": ("sha256", "createdAt; DROP TABLE media"),
    "q": ("\0", "x" * 100_000),
    "tag": ("\0",),
    "orientation": ("round",),
    "noAlt": ("perhaps",),
}


def numbers(answer) -> list[str]:
    return [doc["filename"].removeprefix("picture-").removesuffix(".jpg") for doc in answer.json["docs"]]


def test_the_newest_come_first_in_pages(upload, editor_api):
    for number in range(5):
        upload(number)
    answer = editor_api.get("/api/media?limit=2&page=2")
    assert numbers(answer) == ["2", "1"]
    rest = {key: value for key, value in answer.json.items() if key != "docs"}
    assert rest == {"totalDocs": 5, "limit": 2, "page": 2, "totalPages": 3, "hasNextPage": True}
    assert editor_api.get("/api/media?limit=2&page=3").json["hasNextPage"] is False
    assert editor_api.get("/api/media?page=9").json["docs"] == []


def test_an_empty_library_has_no_pages(editor_api):
    body = editor_api.get("/api/media").json
    assert (body["docs"], body["totalPages"], body["hasNextPage"]) == ([], 0, False)


def test_words_are_found_in_names_alt_captions_and_tags(upload, editor_api):
    upload(1, alt="100% boats")
    upload(2, caption="BOATS at sea")
    upload(3, tags="boats")
    upload(4)
    assert sorted(numbers(editor_api.get("/api/media?q=boats"))) == ["1", "2", "3"]
    assert numbers(editor_api.get("/api/media?q=0%25")) == ["1"]
    assert numbers(editor_api.get("/api/media?q=picture-4")) == ["4"]
    assert numbers(editor_api.get("/api/media?q=_")) == []


def test_a_tag_is_matched_whole(upload, editor_api):
    upload(1, tags="sea,sand")
    upload(2, tags="seaside")
    assert numbers(editor_api.get("/api/media?tag=Sea")) == ["1"]


def test_all_of_several_words_must_be_somewhere(upload, editor_api):
    upload(1, alt="Red boat", tags="sea")
    upload(2, alt="Red house")
    assert numbers(editor_api.get("/api/media?q=sea+RED")) == ["1"]


def test_filters_of_the_library_add_up(upload, editor_api, harbour):
    for number in range(1, 4):
        upload(number, alt="Boats" if number == 1 else "")
    shown = editor_api.get("/api/media?q=picture-2").json["docs"][0]["id"]
    gallery = next(block["id"] for block in harbour["layout"] if block.get("title") == "By hand")
    editor_api.post(f"/api/galleries/{gallery}/items", json={"mediaId": shown})
    assert numbers(editor_api.get("/api/media?noAlt=true")) == ["3", "2"]
    assert numbers(editor_api.get("/api/media?unused=true")) == ["3", "1"]
    assert numbers(editor_api.get("/api/media?noAlt=true&unused=true")) == ["3"]
    assert numbers(editor_api.get("/api/media?failed=true")) == []
    everything = {shape: editor_api.get(f"/api/media?orientation={shape}").json["totalDocs"] for shape in SHAPES}
    assert sum(everything.values()) == 3


def test_they_are_sorted_as_asked(upload, editor_api):
    for number in (2, 1, 3):
        upload(number)
    assert numbers(editor_api.get("/api/media?sort=filename")) == ["1", "2", "3"]
    assert numbers(editor_api.get("/api/media?sort=-filename")) == ["3", "2", "1"]
    assert numbers(editor_api.get("/api/media?sort=createdAt")) == ["2", "1", "3"]


def test_a_question_that_can_not_be_asked_is_refused(editor_api):
    for field, values in WRONG.items():
        for value in values:
            assert is_error(editor_api.get("/api/media", query_string={field: value}), 400, field)


def test_the_number_of_queries_does_not_grow_with_the_list(upload, editor_api, harbour, run_jobs, count_queries):
    for number in range(2):
        upload(number, tags="a,b")
    run_jobs()
    with count_queries() as few:
        editor_api.get("/api/media")
    for number in range(2, 8):
        upload(number, tags="a,b")
    run_jobs()
    with count_queries() as many:
        assert len(editor_api.get("/api/media").json["docs"]) == 8
    assert len(many) == len(few)
