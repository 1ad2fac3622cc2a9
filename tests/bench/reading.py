"""What a reader waits for: public pages, the library and the search, in sites of very different sizes."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask, render_template, template_rendered
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from tests.bench.cases import NewDatabase, running
from tests.bench.filling import fill_galleries, fill_library, hang
from tests.bench.table import Row
from tests.bench.timing import timed
from tests.support.people import bearer_client, signed_in_client
from tests.support.product import Product
from webapp.assets import ROOT
from webapp.database import db, transaction, utcnow
from webapp.jobs.job import SweepState
from webapp.models import Gallery, Page
from webapp.site.text import paragraphs
from webapp.template_helpers import focal_class

MOST_QUERIES = 5
ADDRESSES = {  # that the page names
    "site.page": "/<slug>",
    "site.feed": "/<slug>.atom",
    "site.home": "/",
    "site.search": "/search",
    "site.favicon": "/favicon.ico",
    "session.sign_in": "/admin/sign-in",
}


def public_page(new_database: NewDatabase) -> list[Row]:
    """60 of 10,000 pictures, against a view that renders the same from memory; and what is not sent again."""
    with running(new_database(), 0) as product:
        address = _published(product, 10_000)
        visitor = product.app.test_client()
        with _context_of_page(product.app) as context:
            first = visitor.get(address)
        bare = _rendering_from_memory(context).test_client()
        assert visitor.get(address).text == bare.get(address).text.replace(
            '="/static/', f'="/static/{_stamp(product)}/'
        )
        queries = _count_queries(product.app, lambda: visitor.get(address))
        assert queries <= MOST_QUERIES, f"{queries} queries"
        known = {"If-None-Match": first.headers["ETag"]}
        assert visitor.get(address, headers=known).status_code == 304
        ours, theirs = _in_turn(lambda: visitor.get(address), lambda: bare.get(address))
        again, whole = _in_turn(lambda: visitor.get(address, headers=known), lambda: visitor.get(address))
        looked = statistics.median(_after_writes(product, lambda: visitor.get(address, headers=known)))
    what = f"public page, 60 of 10,000 pictures, {queries} queries"
    return [
        Row(what, ours, theirs, "the same rendered from memory", max_ratio=2.5),
        Row("the same again: 304, nothing written since", again, whole, "the whole answer", max_ratio=0.3),
        Row("the same again after a write elsewhere", looked, whole, "the whole answer"),
    ]


def _published(product: Product, pictures: int) -> str:
    fill_galleries(product, 1)
    ids = fill_library(product, pictures, every_rendition=True)
    with product.rows(), transaction() as session:
        session.execute(update(Page).values(status="published"))
        gallery_id = session.scalar(select(Gallery.id))
    hang(product, gallery_id, ids)
    return "/page-0-a"


@contextmanager
def _context_of_page(app: Flask) -> Iterator[dict[str, Any]]:
    """What the template of the next page is given."""
    found: dict[str, Any] = {}

    def note(_app: Flask, template: object, context: dict[str, Any], **_: object) -> None:
        found.update(context)

    with template_rendered.connected_to(note, app):
        yield found


def _rendering_from_memory(context: dict[str, Any]) -> Flask:
    """A bare Flask whose one view has all the data, and the same template."""
    app = Flask("bare", template_folder=ROOT / "templates", static_folder=ROOT / "static")
    app.jinja_env.filters["paragraphs"] = paragraphs
    app.jinja_env.globals["focal_class"] = focal_class
    data = {name: value for name, value in context.items() if name not in ("g", "request", "session")}
    for endpoint, rule in ADDRESSES.items():
        app.add_url_rule(rule, endpoint, lambda slug: render_template("site/page.html", **data))
    return app


def _stamp(product: Product) -> str:
    return str(product.app.extensions["gallerist_assets"])


def _count_queries(app: Flask, action: Callable[[], object]) -> int:
    with app.app_context(), _counted(db.engine) as found:
        action()
    return len(found)


@contextmanager
def _counted(engine: object) -> Iterator[list[str]]:
    found: list[str] = []

    def note(*about: object) -> None:
        found.append(str(about[2]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _in_turn(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    taken = [(timed(ours), timed(theirs)) for _ in range(40)]
    mine, others = (statistics.median(column) for column in zip(*taken[5:], strict=True))
    return mine, others


def _after_writes(product: Product, action: Callable[[], object]) -> list[float]:
    taken = []
    for _ in range(40):
        with product.rows(), transaction() as session:
            session.execute(update(SweepState).values(completed_at=utcnow()))
        taken.append(timed(action))
    return taken[5:]


def library_and_search(new_database: NewDatabase) -> list[Row]:
    """The same requests to a library of 1,000 and one of 100,000 pictures."""
    with running(new_database(), 0) as small, running(new_database(), 0) as large:
        fill_library(small, 1_000)
        fill_library(large, 100_000)
        people = [signed_in_client(product.app, "editor", email="reader@example.org") for product in (large, small)]
        programs = [bearer_client(product.app, "editor") for product in (large, small)]
        return [
            _grown("library page, 100,000 pictures", people, "/admin/media", 1.3),
            _grown("search by words, 100,000 pictures", people, "/admin/media?q=harbour", 3),
            _grown("GET /api/media, 100,000 pictures", programs, "/api/media", 1.3),
        ]


def _grown(what: str, clients: list[FlaskClient], address: str, bar: float) -> Row:
    large, small = clients
    assert small.get(address).status_code == 200
    ours, theirs = _in_turn(lambda: large.get(address), lambda: small.get(address))
    return Row(what, ours, theirs, "1,000 pictures", max_ratio=bar)


CASES = (public_page, library_and_search)
