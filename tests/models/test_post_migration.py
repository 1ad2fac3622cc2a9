"""The migration to posts gives pages, whose addresses the site takes for itself, others."""

from __future__ import annotations

import flask_migrate
import pytest
from sqlalchemy import select, text

from tests.conftest import both_databases
from webapp.database import db, transaction
from webapp.models.page import Page, UnfitPage, create_page, save_page

pytestmark = [both_databases, pytest.mark.usefixtures("in_app")]


def rename(page_id: int, slug: str) -> None:
    with transaction() as session:
        session.execute(text("UPDATE pages SET slug = :slug WHERE id = :id"), {"slug": slug, "id": page_id})


def test_a_page_called_posts_gets_a_free_address_and_a_new_version_and_can_be_saved():
    posts_id = create_page("One").id
    create_page("Two", "page-posts")
    create_page("Three", "harbour")
    rename(posts_id, "posts")
    db.session.remove()
    flask_migrate.downgrade(revision="0015")
    flask_migrate.upgrade()
    db.session.remove()
    found = db.session.execute(select(Page.slug, Page.version).order_by(Page.id)).all()
    assert [tuple(row) for row in found] == [("page-posts-2", 2), ("page-posts", 1), ("harbour", 1)]
    assert save_page(posts_id, 2, {"title": "Still here", "slug": "page-posts-2"}).title == "Still here"


@pytest.mark.parametrize("slug", ["posts", "search", "ask"])
def test_new_pages_can_not_have_these_addresses(slug):
    with pytest.raises(UnfitPage):
        create_page("One", slug)
    assert create_page(slug.capitalize()).slug == f"page-{slug}"
