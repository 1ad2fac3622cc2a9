"""A page that is as the visitor has it is not even rendered; whatever changes it, changes its ETag."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import template_rendered
from sqlalchemy import create_engine, text

from config import Settings
from tests.conftest import both_databases
from tests.site.pictures import hang, many_like, page_with, rendition_like, upload
from webapp import assets, create_app
from webapp.connections import WRITING
from webapp.database import db, transaction
from webapp.models.gallery import add_item, change_gallery, move_item, set_hidden
from webapp.models.media import Media, Rendition, restore_media, trash_media
from webapp.models.media_words import change_media
from webapp.models.page import PUBLISHED, Page, create_page, save_page
from webapp.site import pages, shown
from webapp.site.shown import Found
from webapp.site.unchanged import SEEN

CHANGES: dict[str, Callable[[Page, list[Media]], object]] = {
    "alt": lambda page, media: change_media(media[0].id, alt="Another"),
    "caption": lambda page, media: change_media(media[0].id, caption="Another"),
    "credit": lambda page, media: change_media(media[0].id, credit="Another"),
    "the end of a long caption": lambda page, media: change_media(media[1].id, caption="x" * 5000 + "z"),
    "focal point": lambda page, media: change_media(media[0].id, focal=(10, 20)),
    "colour": lambda page, media: change(media[0], colour="#000000"),
    "another rendition": lambda page, media: add_rendition(media[0]),
    "a rendition replaced": lambda page, media: rename_rendition(media[0]),
    "not ready": lambda page, media: change(media[0], is_ready=False),
    "trash": lambda page, media: trash_media(media[0].id),
    "order": lambda page, media: move_item(page.blocks[0].id, media[1].id, 1),
    "hidden": lambda page, media: set_hidden(page.blocks[0].id, media[1].id, True),
    "added": lambda page, media: add_item(page.blocks[0].id, upload().id),
    "lone picture": lambda page, media: save(page, layout={2: {"mediaId": media[1].id}}),
    "caption of a lone picture": lambda page, media: save(page, layout={2: {"caption": "Here"}}),
    "title of the page": lambda page, media: save(page, title="Winter fair"),
    "title of a gallery": lambda page, media: change_gallery(page.blocks[0].id, title="Evening"),
    "style of a gallery": lambda page, media: change_gallery(page.blocks[0].id, style="filmstrip"),
    "text": lambda page, media: save(page, layout={1: {"body": "Other words"}}),
    "order of blocks": lambda page, media: save_page(
        page.id, page.version, {}, [{"id": page.blocks[n].id} for n in (1, 0, 2)]
    ),
}


def change(media: Media, **columns: object) -> None:
    with transaction():
        for name, value in columns.items():
            setattr(db.session.get(Media, media.id), name, value)


def add_rendition(media: Media) -> None:
    with transaction():
        added = rendition_like(media.renditions[0], "new")
        added.width += 1
        db.session.get(Media, media.id).renditions.append(added)


def rename_rendition(media: Media) -> None:
    with transaction():
        db.session.get(Rendition, media.renditions[0].id).name = "renamed.jpeg"


def save(page: Page, layout: dict[int, dict[str, object]] | None = None, **changes: str) -> None:
    blocks = [{"id": block.id} | (layout or {}).get(place, {}) for place, block in enumerate(page.blocks)]
    save_page(page.id, page.version, changes, blocks)


@pytest.fixture
def fair(in_app) -> tuple[Page, list[Media]]:
    """A page with two pictures in a gallery, a text and a lone picture."""
    media = [upload(alt="One", caption="First"), upload(alt="Two", caption="x" * 5000)]
    layout = [{"blockType": "gallery"}, {"blockType": "text", "body": "Words"}]
    page = create_page("Fair", status=PUBLISHED, layout=[*layout, {"blockType": "picture", "mediaId": media[0].id}])
    hang(page, *media)
    return page, media


@both_databases
@pytest.mark.parametrize("what", CHANGES)
def test_whatever_changes_the_page_changes_its_etag(fair, anonymous, what):
    before = anonymous.get("/fair")
    known = {"If-None-Match": before.headers["ETag"]}
    assert anonymous.get("/fair", headers=known).status_code == 304
    CHANGES[what](*fair)
    after = anonymous.get("/fair", headers=known)
    assert after.status_code == 200
    assert after.headers["ETag"] != before.headers["ETag"]
    assert after.text != before.text


@pytest.fixture
def looks(monkeypatch) -> list[str]:
    """A slug for each time that a page was looked for in the database."""
    found: list[str] = []

    def find(number: int, slug: str) -> Found | None:
        found.append(slug)
        return shown.find(number, slug=slug)

    monkeypatch.setattr(pages, "find", find)
    return found


@both_databases
def test_a_page_is_not_looked_for_again_while_nothing_at_all_is_written(fair, anonymous, looks):
    known = {"If-None-Match": anonymous.get("/fair").headers["ETag"]}
    answers = [anonymous.get("/fair", headers=known) for _ in range(3)]
    assert [(answer.status_code, answer.headers["ETag"]) for answer in answers] == [(304, known["If-None-Match"])] * 3
    assert len(looks) == 2  # the first answer, and the first look whether it still holds
    assert anonymous.get("/fair?page=1", headers=known).status_code == 304
    assert anonymous.get("/fair", headers={"If-None-Match": 'W/"another"'}).status_code == 200
    assert anonymous.get("/fair", headers={"If-None-Match": "*"}).status_code == 304
    create_page("Elsewhere")
    assert anonymous.get("/fair", headers=known).status_code == 304
    assert len(looks) == 5


def test_a_page_is_remembered_once_whatever_else_is_in_its_address(fair, app, anonymous, looks):
    known = {"If-None-Match": anonymous.get("/fair").headers["ETag"]}
    addresses = ["/fair", *(f"/fair?x={'y' * 1000}{n}" for n in range(3))]
    assert [anonymous.get(address, headers=known).status_code for address in addresses] == [304] * 4
    assert len(looks) == 2
    assert len(app.extensions[SEEN]) == 1


@both_databases
def test_what_another_program_writes_is_seen_at_once(fair, anonymous, looks, database_url):
    known = {"If-None-Match": anonymous.get("/fair").headers["ETag"]}
    another = create_engine(database_url).execution_options(**{WRITING: True})
    for words in ("Another", "And another"):
        assert [anonymous.get("/fair", headers=known).status_code for _ in range(2)] == [304, 304]
        with another.connect() as connection:
            connection.execute(text("UPDATE media SET alt = :words"), {"words": words})
            assert anonymous.get("/fair", headers=known).status_code == 304  # it is not committed
            connection.commit()
        changed = anonymous.get("/fair", headers=known)
        assert words in changed.text
        known = {"If-None-Match": changed.headers["ETag"]}
    another.dispose()


def test_a_picture_that_comes_back_brings_the_etag_of_before_back(fair, anonymous):
    etag = anonymous.get("/fair").headers["ETag"]
    trash_media(fair[1][0].id)
    restore_media(fair[1][0].id)
    assert anonymous.get("/fair").headers["ETag"] == etag


def test_each_part_of_a_page_has_an_etag_of_its_own_and_each_tells_of_the_total(in_app, anonymous):
    page = page_with()
    many_like(upload(), 130, page.blocks[0].id)
    addresses = ("/summer-fair", "/summer-fair?page=2", "/summer-fair?page=3")
    before = [anonymous.get(address).headers["ETag"] for address in addresses]
    assert len(set(before)) == 3
    add_item(page.blocks[0].id, upload().id)  # on the third, but "Pictures 1–60 of 131" on the first
    after = [anonymous.get(address).headers["ETag"] for address in addresses]
    assert not set(before) & set(after)


def test_a_page_that_is_unchanged_is_not_rendered(fair, app, anonymous):
    known = {"If-None-Match": anonymous.get("/fair").headers["ETag"]}
    rendered: list[object] = []
    with template_rendered.connected_to(lambda _app, template, **_: rendered.append(template), app):
        answer = anonymous.get("/fair", headers=known)
        assert (answer.status_code, answer.data, rendered) == (304, b"", [])
        assert answer.headers["ETag"] == known["If-None-Match"]
        assert answer.headers["Cache-Control"] == "no-cache"
        assert anonymous.get("/fair").status_code == 200
        assert rendered


def test_the_home_page_is_not_rendered_again_until_something_on_it_changes(fair, anonymous):
    page, media = fair
    known = {"If-None-Match": anonymous.get("/").headers["ETag"]}
    assert anonymous.get("/", headers=known).status_code == 304
    change_media(media[1].id, alt="Not the cover")
    assert anonymous.get("/", headers=known).status_code == 304
    change(media[0], colour="#123456")
    assert anonymous.get("/", headers=known).status_code == 200
    known = {"If-None-Match": anonymous.get("/").headers["ETag"]}
    create_page("Another", status=PUBLISHED)
    assert anonymous.get("/", headers=known).status_code == 200


@pytest.mark.parametrize("changed", ["templates/site/page.html", "static/css/site.css", "webapp/site/pages.py"])
def test_another_release_or_another_address_of_the_site_changes_every_etag(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: str
) -> None:
    etags = {etag_of(settings), etag_of(settings.model_copy(update={"server_url": "https://pictures.example"}))}
    released = tmp_path / "released"
    for folder in ("templates", "static", "webapp"):
        shutil.copytree(assets.ROOT / folder, released / folder)
    monkeypatch.setattr(assets, "RELEASE", [released / folder.name for folder in assets.RELEASE])
    assert etag_of(settings) in etags
    with (released / changed).open("a") as file:
        file.write("\n")
    etags.add(etag_of(settings))
    assert len(etags) == 3


def etag_of(settings: Settings) -> str:
    assets.first_stamp_of.cache_clear()  # a release comes with another process
    app = create_app(settings)
    with app.app_context():
        if not db.session.query(Page).count():
            page_with(title="Fair")
        return str(app.test_client().get("/fair", base_url=settings.server_url or None).headers["ETag"])


def test_a_visitor_may_have_it_compressed(fair, anonymous):
    plain = anonymous.get("/fair")
    small = anonymous.get("/fair", headers={"Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert len(small.data) < len(plain.data) / 2
    assert small.headers["ETag"] == plain.headers["ETag"]
