"""A draft as its public page will look: for whoever is signed in, and never kept."""

from __future__ import annotations

from tests.site.html import Parsed
from tests.site.pictures import many_like, page_with, upload
from webapp.models.page import DRAFT, save_page, trash_page


def test_looks_just_as_the_public_page_will(in_app, viewer, anonymous):
    page = page_with(upload(alt="Harbour"), status=DRAFT)
    response = viewer.get(f"/admin/pages/{page.id}/preview")
    assert response.status_code == 200
    assert "Preview of a draft." in response.text
    assert f'href="/admin/pages/{page.id}"' in response.text
    save_page(page.id, page.version, {"status": "published"})
    public = anonymous.get("/summer-fair").text
    main = public.partition("<main")[2].partition("</main>")[0]
    assert main and main in response.text


def test_is_never_kept_nor_found_by_search_engines(in_app, viewer):
    response = viewer.get(f"/admin/pages/{page_with(status=DRAFT).id}/preview")
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers
    assert "noindex" in response.text


def test_is_for_nobody_who_is_not_signed_in(in_app, anonymous, viewer):
    page = page_with(status=DRAFT)
    answer = anonymous.get(f"/admin/pages/{page.id}/preview")
    assert answer.status_code == 302
    assert "Summer fair" not in answer.text
    for client in (anonymous, viewer):
        assert client.get("/summer-fair?preview=1").status_code == 404


def test_turns_over_within_itself(in_app, viewer):
    page = page_with(status=DRAFT)
    many_like(upload(), 61, page.blocks[0].id)
    address = f"/admin/pages/{page.id}/preview"
    links = [link["href"] for link in Parsed(viewer.get(address).text).all("a") if link.get("rel") == "next"]
    assert links == [f"{address}?page=2"]
    assert viewer.get(links[0]).text.count("<img") == 1
    assert viewer.get(f"{address}?page=3").status_code == 404


def test_of_a_published_page_leads_to_it(in_app, viewer):
    answer = viewer.get(f"/admin/pages/{page_with().id}/preview")
    assert (answer.status_code, answer.location) == (303, "/summer-fair")


def test_of_a_page_in_the_trash_or_none_is_not_there(in_app, viewer):
    page = page_with(status=DRAFT)
    trash_page(page.id)
    for page_id in (page.id, 0, 987654, 10**30):
        assert viewer.get(f"/admin/pages/{page_id}/preview").status_code == 404


def test_only_reads(in_app, editor):
    address = f"/admin/pages/{page_with(status=DRAFT).id}/preview"
    assert editor.post(address).status_code in (400, 405)
