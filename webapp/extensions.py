"""The parts that the app is plugged together from."""

from __future__ import annotations

from flask import Flask, current_app
from flask_bootstrap import Bootstrap5
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_wtf import CSRFProtect
from limits.errors import StorageError
from redis import Redis
from redis.backoff import NoBackoff
from redis.driver_info import DriverInfo
from redis.exceptions import ConnectionError, RedisError
from redis.retry import Retry

from webapp.database import db


class SharedLimiter(Limiter):
    """Counts in Redis, and by itself while Redis is away, also for those who find that out in the same moment.

    Flask-Limiter falls back for the first of them and raises for the others, whose uploads were answered with 500.
    Before each request it looks for limits of the whole app, which there are none of: ours stand at the views, and ask
    when those are called.
    """

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        if in_middleware:
            return
        try:
            super()._check_request_limit(callable_name, in_middleware)
        except (RedisError, StorageError):
            self.context.seen_limits.clear()
            super()._check_request_limit(callable_name, in_middleware)


login = LoginManager()
limiter = SharedLimiter(get_remote_address)
csrf = CSRFProtect()
bootstrap = Bootstrap5()

LIBRARY = DriverInfo()  # once: to look its version up for each connection would take longer than to connect

__all__ = ["bootstrap", "connect_redis", "csrf", "db", "limiter", "login", "redis_client"]


def connect_redis(url: str, timeout: float | None) -> Redis:
    """A client that gives up after `timeout` seconds (never, when None) instead of making an editor wait.

    It tries once more at once, because a pooled connection may be left over from before Redis was restarted; not after
    it has waited in vain.
    """
    again = Retry(NoBackoff(), 1, supported_errors=(ConnectionError,))
    return Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout, retry=again, driver_info=LIBRARY)


def redis_client() -> Redis:
    """The app's client for web requests: short time limits."""
    client: Redis = current_app.extensions["gallerist_redis"]
    return client


def init_redis(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    app.extensions["gallerist_redis"] = connect_redis(settings.redis_url, settings.redis_timeout)
