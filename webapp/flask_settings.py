"""The settings as Flask, its extensions and the database read them."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from config import Settings


def flask_config(settings: Settings) -> dict[str, Any]:
    """The settings under the names that Flask and its extensions read."""
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings),
        "MAX_CONTENT_LENGTH": settings.max_request_bytes,
        "MAX_FORM_PARTS": 1000,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": settings.server_url.startswith("https://"),
        "TRUSTED_HOSTS": trusted_hosts(settings),
        "WTF_CSRF_CHECK_DEFAULT": False,  # checked after the caller is known: webapp/security.py
        "WTF_CSRF_TIME_LIMIT": None,  # an editor's page may stay open for days
        "PERMANENT_SESSION_LIFETIME": 30 * 24 * 3600,  # seconds; the sign-in row ends as early
        "SESSION_REFRESH_EACH_REQUEST": False,  # so that the public pages set no cookie for anybody
        "BOOTSTRAP_SERVE_LOCAL": True,
        "RATELIMIT_STORAGE_URI": settings.redis_url.replace("unix://", "redis+unix://", 1),
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_STORAGE_OPTIONS": {"socket_timeout": settings.redis_timeout},
        "RQ_DASHBOARD_REDIS_URL": settings.redis_url,
    }


def engine_options(settings: Settings) -> dict[str, Any]:
    # What stands in a row, such as an address or a digest, is not repeated in what goes wrong.
    options: dict[str, Any] = {"pool_size": settings.database_pool_size, "hide_parameters": True}
    options["pool_timeout"] = settings.database_pool_timeout
    if settings.database_url.startswith("sqlite"):
        return options | {"connect_args": {"timeout": 30}, "max_overflow": 20}
    options["max_overflow"] = settings.database_pool_overflow
    options["isolation_level"] = "AUTOCOMMIT"  # for what only reads; see writing_options()
    return options | {"connect_args": postgresql_limits(settings)}


def postgresql_limits(settings: Settings) -> dict[str, Any]:
    """How long to wait for a connection, and how long a statement may take, unless DATABASE_URL says so itself."""
    limits: dict[str, Any] = {"connect_timeout": 10, "application_name": "gallerist"}
    milliseconds = round(1000 * settings.database_statement_timeout)
    if milliseconds:
        limits["options"] = f"-c statement_timeout={milliseconds}"
    said = {name for name, _ in parse_qsl(urlsplit(settings.database_url).query)}
    return {name: value for name, value in limits.items() if name not in said}


def trusted_hosts(settings: Settings) -> list[str] | None:
    """Host headers that are answered; any, when it listens to the network without a SERVER_URL."""
    local = ["localhost", "127.0.0.1", "[::1]"]
    if settings.server_url:
        return [urlsplit(settings.server_url).hostname or "", *([] if settings.production else local)]
    return local if settings.host in ("127.0.0.1", "localhost", "::1") else None
