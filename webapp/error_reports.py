"""Errors told to Sentry, where SENTRY_DSN is set: each line of the log that is one, with its traceback and its ids.

Nothing that people sent goes along: no bodies, cookies, addresses or local variables; and secrets are taken out, as
they are of the log.
"""

from __future__ import annotations

from typing import Any, cast

import structlog
from flask import has_request_context

from config import Settings, SettingsError
from webapp.redacting import redacted

ERRORS = {"error", "critical"}  # levels
IDS = ("request_id", "job", "task")
FLUSH_WITHIN = 2  # seconds
NOT_INSTALLED = "SENTRY_DSN is set, but the package sentry-sdk is missing. Run: pip install sentry-sdk"


def error_reports(settings: Settings) -> list[structlog.typing.Processor]:
    """What the log hands its lines to. Raises SettingsError when the package is missing or the DSN is none."""
    if not settings.sentry_dsn:
        return []
    try:
        import sentry_sdk
    except ImportError:
        raise SettingsError(NOT_INSTALLED) from None
    try:
        sentry_sdk.init(
            dsn=settings.sentry_dsn,
            environment=settings.app_env,
            default_integrations=False,  # they would take along what people send
            auto_enabling_integrations=False,
            include_local_variables=False,
            max_breadcrumbs=0,
            before_send=cast(Any, without_secrets),
        )
    except sentry_sdk.utils.BadDsn as error:
        raise SettingsError(f"SENTRY_DSN can't be used: {error}") from None
    return [report]


def report(_logger: Any, level: str, line: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """For structlog, before what renders the line; it stays as it is."""
    import sentry_sdk

    if level in ERRORS:
        with sentry_sdk.new_scope() as scope:
            scope.set_transaction_name(str(line["event"]))
            for name in IDS:
                if name in line:
                    scope.set_tag(name, str(line[name]))
            if isinstance(error := line.get("exc_info"), BaseException):
                scope.capture_exception(error)
            else:
                scope.capture_message(str(line["event"]), level="error")
        if not has_request_context():
            sentry_sdk.flush(FLUSH_WITHIN)  # a worker's process may end at any moment
    return line


def without_secrets(event: Any, _hint: Any) -> Any:
    if isinstance(event, str):
        return redacted(event)
    if isinstance(event, dict):
        return {name: without_secrets(value, None) for name, value in event.items()}
    if isinstance(event, list):
        return [without_secrets(value, None) for value in event]
    return event
