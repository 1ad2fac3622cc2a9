"""Accounts for tests, and clients that act for them."""

from __future__ import annotations

import contextvars
from functools import partial
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from webapp.database import transaction
from webapp.models import user as users

PASSWORD = "correct horse battery staple"


class OwnContextClient(FlaskClient):
    """Each request has a context of its own, as in a server, also while the test holds one (`in_app`).

    Its answer is read to the end and closed, as by a server: only then is rung for its jobs.
    """

    def open(self, *args: Any, buffered: bool = True, **kwargs: Any) -> TestResponse:
        return contextvars.Context().run(partial(super().open, *args, buffered=buffered, **kwargs))


def make_user(app: Flask, role: str, email: str | None = None) -> users.User:
    with app.app_context():
        return users.create_user(email or f"{role}@example.org", PASSWORD, role)


def bearer_client(app: Flask, role: str) -> FlaskClient:
    """A client that sends an API token of an account with this role."""
    with app.app_context(), transaction():
        user = users.create_user(f"{role}-by-token@example.org", PASSWORD, role)
        token = users.new_api_token(user.email)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def signed_in_client(app: Flask, role: str, email: str | None = None) -> FlaskClient:
    """A client with the session cookie of an account with this role; CSRF is checked, send csrf_token(client)."""
    client = app.test_client()
    with app.app_context(), transaction():
        made = users.create_user(email or f"{role}@example.org", PASSWORD, role)
        users.start_session(made)
    with client.session_transaction() as session:
        session["_user_id"] = made.session_token
        session["_fresh"] = True
        session["csrf_token"] = "a" * 40
    return client


def csrf_token(app: Flask, client: FlaskClient) -> str:
    """What the form in this client's browser would hold."""
    from flask_wtf.csrf import generate_csrf

    with client.session_transaction() as session:
        raw = session["csrf_token"]
    with app.test_request_context() as context:
        context.session["csrf_token"] = raw
        return str(generate_csrf())
