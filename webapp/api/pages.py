"""/api/pages: pages with their blocks. What hangs in a gallery is never changed from here."""

from __future__ import annotations

from typing import Any

from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from webapp.api.fields import A_ROW_ID, Listing, ListQuery
from webapp.api.http import Contract, api, endpoint, listing
from webapp.api.page_shapes import NewPage, PageAnswer, PageChanges, page_answers
from webapp.database import db
from webapp.models.page import Page, create_page, live_page, save_page


@api.post("/pages")
@endpoint(Contract("Make a page", body=NewPage, answers={201: PageAnswer}))
def make_page(body: NewPage) -> tuple[PageAnswer, int]:
    made = create_page(body.title, body.slug, body.status, layout_of(body), by=current_user.id)
    return page_answers([made])[0], 201


def layout_of(body: NewPage | PageChanges) -> list[dict[str, Any]] | None:
    """As the models take it; None when it was left out."""
    if "layout" not in body.model_fields_set:
        return None
    return [block.model_dump(mode="json", by_alias=True, exclude_unset=True) for block in body.layout]


@api.get("/pages")
@endpoint(Contract("List pages, newest first", query=ListQuery, answers={200: Listing[PageAnswer]}))
def list_pages(query: ListQuery) -> Listing[PageAnswer]:
    found = select(Page).where(Page.deleted_at.is_(None)).options(selectinload(Page.blocks))
    return listing(found.order_by(Page.id.desc()), query, lambda rows: page_answers([row.Page for row in rows]))


@api.get("/pages/<reference>")
@endpoint(Contract("One page, by its id or its slug", answers={200: PageAnswer}))
def show_page(reference: str) -> PageAnswer:
    return page_answers([find_page(reference)])[0]


def find_page(reference: str) -> Page:
    """Raises LookupError."""
    if A_ROW_ID.fullmatch(reference):
        return live_page(int(reference))
    named = select(Page).where(Page.slug == reference.replace("\0", ""), Page.deleted_at.is_(None))
    page = db.session.scalar(named)
    if page is None:
        raise LookupError(f"There is no page “{reference}”.")
    return page


@api.patch("/pages/<reference>")
@endpoint(Contract("Save a page, if nobody else did since", body=PageChanges, answers={200: PageAnswer}))
def change_page(reference: str, body: PageChanges) -> PageAnswer:
    changes = body.model_dump(exclude_unset=True, exclude={"version", "layout"})
    saved = save_page(find_page(reference).id, body.version, changes, layout_of(body), by=current_user.id)
    return page_answers([saved])[0]
