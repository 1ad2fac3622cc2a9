"""Sending a file straight to the bucket, as the script of an upload form does."""

from __future__ import annotations

from typing import Any

import urllib3
from flask.testing import FlaskClient

from webapp.database import db
from webapp.jobs import Job
from workers.perform import perform_job

PATIENCE = 60.0  # seconds; the server that is asked shares a busy machine


def announce(client: FlaskClient, data: bytes, filename: str = "harbour.jpg", **more: Any) -> Any:
    """The form to send it with."""
    facts = {"filename": filename, "mimeType": "image/jpeg", "filesize": len(data)} | more
    answer = client.post("/api/media/direct", json=facts)
    assert answer.status_code == 201, answer.text
    return answer.json


def put(form: Any, data: bytes, **changed: str) -> int:
    """The bucket's own status; `changed` are fields of the form."""
    fields = form["fields"] | changed | {"file": ("harbour.jpg", data)}
    return int(urllib3.request("POST", form["url"], fields=fields, timeout=PATIENCE).status)


def complete(client: FlaskClient, form: Any) -> Any:
    answer = client.post(f"/api/media/direct/{form['uploadId']}/complete")
    assert answer.status_code == 202, answer.text
    return answer.json


def look(client: FlaskClient, form: Any) -> Any:
    """At what became of it."""
    return client.get(f"/api/media/direct/{form['uploadId']}").json


def check(answer: Any) -> str:
    """Run the job of a completed upload; its outcome."""
    outcome = perform_job(answer["job"]["id"])
    db.session.rollback()
    return outcome


def send(client: FlaskClient, data: bytes, filename: str = "harbour.jpg", **more: Any) -> Any:
    """All of it, and what became of the file."""
    form = announce(client, data, filename, **more)
    assert put(form, data) == 204
    assert check(complete(client, form)) == "succeeded"
    return look(client, form)


def jobs_of(form: Any) -> int:
    db.session.rollback()
    return db.session.query(Job).filter_by(subject=f"upload:{form['uploadId']}").count()
