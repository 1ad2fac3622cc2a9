"""Log lines: readable in development, JSON in production."""

from __future__ import annotations

import logging
from typing import Any

import structlog

from config import Settings
from webapp.error_reports import error_reports
from webapp.redacting import know_secrets, redact_line, redacted

REQUEST_ID = "request_id"  # in each line of a request, and of the jobs that it asked for


class CarefulFormatter(logging.Formatter):
    """For what libraries log by themselves."""

    def format(self, record: logging.LogRecord) -> str:
        return redacted(super().format(record))


def configure_logs(settings: Settings) -> None:
    know_secrets(settings)
    level = logging.getLevelNamesMapping().get(settings.log_level.upper(), logging.INFO)
    lines = logging.StreamHandler()
    lines.setFormatter(CarefulFormatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[lines])
    # Plain tracebacks: the rich ones print local variables, and with them secrets.
    readable = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    renderers: list[structlog.typing.Processor] = [readable]
    if settings.production:
        renderers = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            *error_reports(settings),
            *renderers,
            redact_line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
    )


def request_id() -> str | None:
    """Of the request, or of the job's request, that this thread is at."""
    found: Any = structlog.contextvars.get_contextvars().get(REQUEST_ID)
    return found
