"""The parts that the app is plugged together from."""

from __future__ import annotations

from flask import Flask, current_app
from flask_bootstrap import Bootstrap5
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_wtf import CSRFProtect
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError
from redis.retry import Retry

from webapp.database import db

login = LoginManager()
limiter = Limiter(get_remote_address)
csrf = CSRFProtect()
bootstrap = Bootstrap5()

__all__ = ["bootstrap", "connect_redis", "csrf", "db", "limiter", "login", "redis_client"]


def connect_redis(url: str, timeout: float | None) -> Redis:
    """A client that gives up after `timeout` seconds (never, when None) instead of making an editor wait.

    It tries once more at once, because a pooled connection may be left over from before Redis was restarted; not after
    it has waited in vain.
    """
    again = Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))
    return Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout, retry=again)


def redis_client() -> Redis:
    """The app's client for web requests: short time limits."""
    client: Redis = current_app.extensions["gallerist_redis"]
    return client


def init_redis(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    app.extensions["gallerist_redis"] = connect_redis(settings.redis_url, settings.redis_timeout)
