"""Who may do what, and the headers on every answer.

Each view needs a role: viewer to read and editor to write, unless it says otherwise with @access(…).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from flask import Flask, Request, Response, abort, current_app, g, has_request_context, redirect, request, url_for
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from webapp.extensions import csrf, login
from webapp.models import user as users
from webapp.models.audit import remember_caller
from webapp.models.user import User
from webapp.storage.sources import with_storage

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC, VIEWER, EDITOR, ADMIN, CRON = "public", "viewer", "editor", "admin", "cron"
RANK = {VIEWER: 1, EDITOR: 2, ADMIN: 3}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
RQ_DASHBOARD = "rq_dashboard"
FOR_MONITORS = ("/healthz", "/readyz", "/metrics")
FOR_ADMINS = "This is for admins. Ask one to do it, or for the role of admin."
FOR_EDITORS = "Your account may not do this. Ask an admin for the role of editor or admin."

POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data: blob:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
# rq-dashboard's own pages hold inline script and style, and templates that underscore compiles in the browser.
RQ_DASHBOARD_POLICY = POLICY | {
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
}


class SignedOutMeanwhile(Exception):
    """Somebody sends a form of this site whose session ended since it was opened; webapp/admin/session.py answers."""


def access(role: str) -> Callable[[View], View]:
    """Say who may call a view: PUBLIC, VIEWER, EDITOR, ADMIN, or CRON (the secret, or an editor's POST)."""

    def mark(view: View) -> View:
        view.access = role  # type: ignore[attr-defined]
        return view

    return mark


class SessionsOfTheirOwnScheme(SecureCookieSessionInterface):
    """What was signed in over TLS is never sent without, whether or not SERVER_URL says that there is TLS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return super().get_cookie_secure(app) or request.is_secure

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Of somebody without the cookie, as readers are, no signature is prepared for."""
        return (
            super().open_session(app, request) if self.get_cookie_name(app) in request.cookies else self.session_class()
        )


def init_security(app: Flask) -> None:
    app.session_interface = SessionsOfTheirOwnScheme()
    login.user_loader(_user_of_session)
    login.request_loader(_user_of_bearer)
    app.before_request(guard)
    app.after_request(set_headers)


def guard() -> AnyResponse | None:
    """Refuse, before anything of the body is read, whoever may not call this view."""
    if request.routing_exception is not None:
        return None  # a 404 or 405 on its way
    needed = needed_role()
    if needed == PUBLIC or (needed == CRON and has_cron_secret()):
        pass
    elif not current_user.is_authenticated:
        return ask_to_sign_in()
    elif RANK[current_user.role] < RANK[EDITOR if needed == CRON else needed]:
        abort(403, FOR_ADMINS if needed == ADMIN else FOR_EDITORS)
    elif needed == CRON and request.method in SAFE_METHODS and not bearer():
        abort(403, "GET needs a bearer token. A signed-in editor uses POST.")
    if request.method not in SAFE_METHODS:
        remember_caller()
        if not is_known_by_bearer() and request.routing_exception is None:
            refuse_forged_request()
    return None


def refuse_forged_request() -> None:
    """By the form's token; RQ Dashboard sends none, so there by what the browser says of where it comes from."""
    if request.blueprint != RQ_DASHBOARD:
        csrf.protect()
    elif not came_from_here():
        abort(403, "This request does not come from this site.")


def came_from_here() -> bool:
    site = request.headers.get("Sec-Fetch-Site")  # browsers leave it out on plain http
    if site is not None:
        return site == "same-origin"
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host


def needed_role() -> str:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return PUBLIC
    if request.blueprint == RQ_DASHBOARD:
        return ADMIN
    marked: str | None = getattr(view, "access", None)
    if marked:
        return marked
    if request.endpoint == "static" or request.blueprint in ("site", "bootstrap"):
        return PUBLIC
    return VIEWER if request.method in SAFE_METHODS else EDITOR


def ask_to_sign_in() -> AnyResponse:
    if wants_json():
        abort(401, "Sign in, or send an API token as bearer.")
    if not users.there_are_users():
        return redirect(url_for("session.first_start"))
    if request.method not in SAFE_METHODS and came_from_here():
        raise SignedOutMeanwhile
    after = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("session.sign_in", next=after))


def wants_json() -> bool:
    return (
        f"{request.path}/".startswith("/api/")
        or request.path in FOR_MONITORS
        or request.accept_mimetypes.best == "application/json"
    )


def is_known_by_bearer() -> bool:
    """No browser sends such a header by itself, so the request can't be forged across sites."""
    return has_cron_secret() or bool(bearer() and current_user.is_authenticated)


def bearer() -> str:
    """Whoever sends one is asked for nothing else: the cookie beside it counts for nothing."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def has_cron_secret() -> bool:
    secret = current_app.config["SETTINGS"].cron_secret
    return bool(secret) and hmac.compare_digest(bearer().encode(), secret.encode())


def may_run_jobs() -> bool:
    return (has_request_context() and has_cron_secret()) or bool(getattr(current_user, "may_edit", False))


def is_local_path(target: str | None) -> bool:
    """Whether a `next` stays on this site, also for who takes %09 or %5c in its path for what they stand for."""
    return target is not None and _stays_here(target) and _stays_here(unquote(target.partition("?")[0]))


def _stays_here(target: str) -> bool:
    return target.startswith("/") and not target.startswith("//") and "\\" not in target and target.isprintable()


def referring_path() -> str | None:
    """The page of this site that a request came from, if the browser says so."""
    referrer = urlsplit(request.referrer or "")
    path = f"{referrer.path}?{referrer.query}" if referrer.query else referrer.path
    return path if referrer.netloc == request.host and is_local_path(path) else None


def set_headers(response: Response) -> Response:
    policy = RQ_DASHBOARD_POLICY if request.blueprint == RQ_DASHBOARD else with_storage(POLICY)
    headers = response.headers
    headers.setdefault("Content-Security-Policy", "; ".join(f"{name} {value}" for name, value in policy.items()))
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.blueprint not in ("site", "bootstrap", None) and request.endpoint != "static":
        headers.setdefault("Cache-Control", "no-store")
    return response


def _user_of_session(token: str) -> User | None:
    user = None if bearer() else users.signed_in_user(token)
    if user is not None:
        user.session_token = token
    return user


def _user_of_bearer(_request: Any) -> User | None:
    token = bearer()
    if not token or "api_user" in g:
        return g.get("api_user")
    g.api_user = users.user_with_api_token(token)
    return g.api_user
