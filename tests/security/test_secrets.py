"""Whatever goes wrong, no secret is in a log, a page or a job's row."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog
from flask import Flask
from sqlalchemy import text

from config import Settings
from tests.security.rows import threat
from tests.support.product import Product
from webapp.database import db, transaction
from webapp.jobs import queue
from webapp.logs import CarefulFormatter
from webapp.redacting import know_secrets, redacted
from workers.handlers import HANDLERS
from workers.perform import perform_job

SECRETS = {
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI-K7MDENG",
    "OPENAI_API_KEY": "sk-proj-0123456789abcdef",
    "SENTRY_DSN": "https://0a1b2c3d4e@errors.example/7",
}
DATABASE_PASSWORD, REDIS_PASSWORD = "p4ss-of-the-database", "p4ss-of-redis"
PROCESSES = ("web", "default", "clock")
IN_QUERY, IN_BODY = "k3y-in-the-address", "k3y-in-the-body"


@pytest.fixture
def knowing(app: Flask, settings: Settings) -> Iterator[None]:
    urls = {"redis_url": f"rediss://:{REDIS_PASSWORD}@cache.example:6380"}
    know_secrets(settings.model_copy(update=urls), SECRETS)
    yield
    know_secrets(settings)


@threat(19)
@pytest.mark.parametrize(
    "said",
    [
        *SECRETS.values(),
        REDIS_PASSWORD,
        f"postgresql+psycopg://me:{DATABASE_PASSWORD}@db.example/pictures",
        f"redis://:{DATABASE_PASSWORD}@[::1]:6379",
        f"Authorization: Bearer {IN_QUERY}",
        f"/admin/invite?token={IN_QUERY}&x=1",
    ],
)
def test_a_secret_is_taken_out_wherever_it_stands(knowing, settings, said):
    record = logging.LogRecord("some.library", logging.ERROR, __file__, 1, "at %s and", (said,), None)
    for words in (redacted(f"it was “{said}”, {settings.secret_key}"), CarefulFormatter("%(message)s").format(record)):
        assert "[secret]" in words
        for secret in (*SECRETS.values(), DATABASE_PASSWORD, REDIS_PASSWORD, IN_QUERY, settings.secret_key):
            assert secret not in words


@threat(19)
@pytest.mark.parametrize("said", ["at 12:30:15", "Job 7: no", "a@example.org", "http://host:8000/x@2", "key: sync:7"])
def test_other_words_stay(knowing, said):
    assert redacted(said) == said


@threat(19)
def test_a_job_that_failed_with_a_secret_in_its_error_says_it_without(knowing, in_app, editor, monkeypatch):
    def fail(_job: object) -> None:
        raise RuntimeError(f"cannot reach postgresql://me:{DATABASE_PASSWORD}@db, {SECRETS['OPENAI_API_KEY']}")

    monkeypatch.setitem(HANDLERS, "syncMediaToGalleries", fail)
    job_id = queue("syncMediaToGalleries", {"mediaId": 1}).id
    db.session.commit()
    perform_job(job_id)
    rows = str(db.session.execute(text("SELECT error FROM jobs UNION ALL SELECT message FROM job_log")).all())
    page = editor.get(f"/admin/jobs/{job_id}").text
    assert "cannot reach" in rows and "cannot reach" in page
    for secret in (DATABASE_PASSWORD, SECRETS["OPENAI_API_KEY"]):
        assert secret not in rows + page


@threat(19)
def test_an_error_of_the_database_does_not_repeat_the_values(in_app):
    with pytest.raises(Exception, match="no such table") as caught:
        db.session.execute(text("INSERT INTO nowhere VALUES (:password)"), {"password": IN_BODY})
    assert IN_BODY not in str(caught.value)


@threat(19)
@pytest.mark.flaky(reruns=1)
def test_a_running_product_whose_parts_are_lost_prints_no_secret(database_url):
    """Its Redis and then its database are taken away, and everything in the requests is a secret."""
    product = Product(database_url, secret_key="the-key-that-signs-0123456789", log_level="DEBUG")
    product.env |= SECRETS
    try:
        product.start(*PROCESSES)
        answers = provoked(product)
        product.valkey.terminate()
        answers += provoked(product)
        with product.rows(), transaction() as session:
            session.execute(text("ALTER TABLE media RENAME TO lost"))
        answers += provoked(product)
        seen = answers + "".join(product.log(name) for name in PROCESSES)
        assert "database.away" in seen or "request.failed" in seen
        secrets = {*SECRETS.values(), product.token, product.settings.secret_key, product.settings.cron_secret}
        for secret in secrets | {IN_QUERY, IN_BODY}:
            assert secret not in seen, secret
    finally:
        product.stop()


def provoked(product: Product) -> str:
    client = product.client()
    form = f"email=a%40b.example&password={IN_BODY}".encode()
    answers = [
        client.get(f"/api/media?q=x&token={IN_QUERY}"),
        client.post(f"/api/pages?secret={IN_QUERY}", {"title": 7, "password": IN_BODY}),
        client.post("/api/jobs", {"taskSlug": "nope", "input": {"password": IN_BODY}}),
        client.send("POST", "/admin/sign-in", form, "application/x-www-form-urlencoded"),
        client.send("POST", "/api/media", f"--x {IN_BODY}".encode(), "multipart/form-data; boundary=x"),
    ]
    return str([answer.body for answer in answers])


def test_log_lines_are_redacted_when_they_are_printed(knowing, capsys):
    structlog.get_logger("test").error("request.failed", path=f"/x?token={IN_QUERY}", error=SECRETS["OPENAI_API_KEY"])
    printed = capsys.readouterr()
    assert "request.failed" in printed.out + printed.err
    assert IN_QUERY not in printed.out + printed.err
    assert SECRETS["OPENAI_API_KEY"] not in printed.out + printed.err
