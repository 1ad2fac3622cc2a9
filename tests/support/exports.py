"""Exports as the admin makes them."""

from __future__ import annotations

import csv
import io
import zipfile
from urllib.parse import urlencode

from sqlalchemy import select

from webapp.database import db
from webapp.jobs.job import Job
from webapp.models.export import Export

URL = "/admin/exports"


def ask(post, client, **fields):
    filters = urlencode({name: fields.pop(name) for name in ("q", "tag") if name in fields})
    return post(client, f"{URL}?{filters}", **({"what": "all", "form": "zip"} | fields))


def exports() -> list[Export]:
    db.session.rollback()
    return list(db.session.scalars(select(Export).order_by(Export.id).execution_options(populate_existing=True)))


def jobs() -> list[Job]:
    db.session.rollback()
    wanted = select(Job).where(Job.task_slug == "exportLibrary").order_by(Job.id)
    return list(db.session.scalars(wanted.execution_options(populate_existing=True)))


def archive(answer) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(answer.data))


def table(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
