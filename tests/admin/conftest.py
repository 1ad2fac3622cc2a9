"""An editor's browser in few words: forms with their token, pictures, pages with galleries."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import event, select
from werkzeug.test import TestResponse

from tests.support.people import csrf_token
from webapp.database import db
from webapp.jobs.job import Job
from webapp.models.gallery import Item, add_item, shown_items
from webapp.models.media import Media
from webapp.models.page import Page, create_page
from workers.perform import perform_job

Post = Callable[..., TestResponse]
JSON = {"Accept": "application/json"}
HUGE = 10**30
NAUGHTY = "<script>alert(1)</script>\0'\"; DROP TABLE media; -- 猫 " + "x" * 300


@pytest.fixture
def post(app: Flask) -> Post:
    """Send a form as the page of this client would; `as_json` like its script would."""

    def send(
        client: FlaskClient, url: str, /, *, as_json: bool = False, method: str = "POST", **fields: Any
    ) -> TestResponse:
        headers = {"X-CSRFToken": csrf_token(app, client)} | (JSON if as_json else {})
        return client.open(url, method=method, data=fields, headers=headers)

    return send


def jpeg(number: int = 0, size: tuple[int, int] = (64, 48)) -> bytes:
    """Each number is another picture."""
    out = io.BytesIO()
    Image.new("RGB", size, (number % 256, number // 256 % 256, 90)).save(out, "JPEG", comment=str(number))
    return out.getvalue()


def file(name: str = "harbour.jpg", data: bytes | None = None, *, number: int = 0) -> tuple[io.BytesIO, str]:
    return io.BytesIO(jpeg(number) if data is None else data), name


@pytest.fixture
def media(in_app: Flask, editor: FlaskClient, post: Post) -> Media:
    """One picture in the library, with its jobs waiting."""
    return upload(editor, post, "harbour.jpg", 1)


def upload(editor: FlaskClient, post: Post, name: str, number: int) -> Media:
    answer = post(editor, "/admin/media", as_json=True, files=file(name, number=number))
    assert answer.status_code == 201
    return fresh(Media, answer.json["results"][0]["mediaId"])


@pytest.fixture
def fair(in_app: Flask) -> Page:
    """A draft with a text and a gallery."""
    return create_page("Summer fair", layout=[{"blockType": "text", "body": "Hello"}, {"blockType": "gallery"}])


@pytest.fixture
def gallery_id(fair: Page) -> int:
    return fair.blocks[1].id


@pytest.fixture
def pictures(in_app: Flask, editor: FlaskClient, post: Post, gallery_id: int) -> list[int]:
    """Five pictures in the gallery, in this order."""
    ids = [upload(editor, post, f"{name}.jpg", n).id for n, name in enumerate("abcde", 10)]
    for media_id in ids:
        add_item(gallery_id, media_id)
    return ids


def shown(gallery_id: int) -> list[int]:
    db.session.rollback()
    return [item.media_id for item in db.session.scalars(shown_items(gallery_id))]


def fresh(model: type[Any], key: Any) -> Any:
    db.session.rollback()
    return db.session.get(model, key, populate_existing=True)


def results_of(model: type[Any]) -> list[Any]:
    """All rows, oldest first."""
    db.session.rollback()
    return list(db.session.scalars(select(model).order_by(model.id)))


def item(gallery_id: int, media_id: int) -> Item:
    found = fresh(Item, (media_id, gallery_id))
    assert isinstance(found, Item)
    return found


def work_off() -> None:
    """Do what is queued, here and now."""
    db.session.rollback()
    for job_id in db.session.scalars(select(Job.id).where(Job.status == "queued").order_by(Job.id)).all():
        perform_job(job_id)


def count_queries(client: FlaskClient, url: str) -> int:
    """How many statements an answer takes, apart from the begin of the transaction."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert client.get(url).status_code == 200
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(statements)
