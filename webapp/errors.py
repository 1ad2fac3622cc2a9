"""Every error as words: a page for browsers, the contract's JSON for /api."""

from __future__ import annotations

from contextlib import suppress

import structlog
from flask import Flask, Response, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_limiter import RateLimitExceeded
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError
from werkzeug.routing import RequestRedirect

from webapp.counters import count_storage_error
from webapp.database_trouble import trouble_of
from webapp.kept_forms import files_were_sent, send_again, sent_form
from webapp.security import came_from_here, referring_path, wants_json
from webapp.storage import StorageError
from webapp.uploads import forget_uploads

log = structlog.get_logger(__name__)

WORDS = {
    400: "The request can't be understood.",
    401: "Sign in first.",
    403: "You may not do this.",
    404: "There is nothing at this address.",
    405: "This address can't be used in this way.",
    413: "This is more than can be sent at once. Send fewer or smaller files.",
    415: "This kind of content can't be used here.",
    429: "Too many tries. Wait a minute and try again.",
    500: "Something went wrong here. Nothing was lost; try again.",
    503: "A needed part does not answer just now. Nothing was lost; try again in a minute.",
}
TRY_AGAIN_AFTER = 10  # seconds, said to programs with each 503
MOVED = "This is at the address that Location says."
FOREIGN_HOST = "This site is not at this address."
FROM_BEFORE = "This form is from before you signed in or out."
OPEN_AGAIN = "Nothing was changed. Open its page again, and fill it in there."
FILES_AGAIN = "Files can't be kept meanwhile, so choose them once more."
FROM_ELSEWHERE = (
    "This form does not come from a page of this site, or your browser doesn't say so. "
    "Nothing was changed. Open the page again, and send the form from there. (CSRF)"
)


def init_errors(app: Flask) -> None:
    app.register_error_handler(SecurityError, answer_foreign_host)
    app.register_error_handler(CSRFError, answer_form_without_token)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(LookupError, answer_lookup_error)
    app.register_error_handler(SQLAlchemyError, answer_database_error)
    app.register_error_handler(StorageError, answer_storage_error)
    app.register_error_handler(Exception, answer_unexpected_error)
    app.after_request(redirect_in_json)
    app.teardown_request(lambda _error: forget_uploads(request))


def redirect_in_json(response: Response) -> Response:
    """From an address with a slash too many: Flask answers that itself, in HTML."""
    if isinstance(request.routing_exception, RequestRedirect) and wants_json():
        response.set_data(jsonify(success=False, error=MOVED, fields={}).get_data())
        response.mimetype = "application/json"
    return response


def answer_foreign_host(_error: SecurityError) -> ResponseReturnValue:
    """Without a page, because no address can be written for a host that is not ours, nor shall it be repeated."""
    if wants_json():
        return answer_error(400, FOREIGN_HOST)
    return Response(FOREIGN_HOST, 400, mimetype="text/plain")


def answer_form_without_token(error: CSRFError) -> ResponseReturnValue:
    """Whoever signed in anew in another tab gets back what was typed, but nothing that may be of another site."""
    if wants_json():
        return answer_http_error(error)
    if not came_from_here() or (request.is_secure and not referring_path()):
        return answer_error(400, FROM_ELSEWHERE)
    form = sent_form() if current_user.is_authenticated else None
    if form is None:
        words = [FROM_BEFORE, OPEN_AGAIN] + [FILES_AGAIN] * files_were_sent()
        return answer_error(400, " ".join(words), back=referring_path())
    return send_again(form, FROM_BEFORE), 400


def answer_http_error(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    default = type(error).description
    words = error.description if error.description and error.description != default else WORDS.get(code)
    if code < 400:
        return error.get_response()
    if request.routing_exception is not None:
        find_out_who_asks()
    return answer_error(code, words or error.name, headers=headers_of(error))


def headers_of(error: HTTPException) -> dict[str, str]:
    """What a program has to know besides the words."""
    if allow := error.get_response().headers.get("Allow"):
        return {"Allow": allow}
    if error.code == 401:
        return {"WWW-Authenticate": "Bearer"}
    return {"Retry-After": str(error.limit.limit.get_expiry())} if isinstance(error, RateLimitExceeded) else {}


def find_out_who_asks() -> None:
    """Nobody has asked yet at an address that is none, and whoever is signed in keeps the frame with the way on."""
    with suppress(SQLAlchemyError):
        _ = current_user.is_authenticated


def answer_lookup_error(error: LookupError) -> ResponseReturnValue:
    """The models say in words what there is not; a KeyError or IndexError is a mistake of ours."""
    if type(error) is not LookupError:
        return answer_unexpected_error(error)
    return answer_error(404, str(error))


def answer_database_error(error: SQLAlchemyError) -> ResponseReturnValue:
    """503 for what goes by or is mended at the database; anything else is a mistake of ours."""
    trouble = trouble_of(error)
    if trouble is None:
        return answer_unexpected_error(error)
    log.error("database.away", trouble=trouble, path=request.path, exc_info=error)
    return answer_error(503, WORDS[503])


def answer_storage_error(error: StorageError) -> ResponseReturnValue:
    """Its words are for an editor."""
    count_storage_error()
    log.error("storage.failed", path=request.path, exc_info=error)
    return answer_error(503, str(error))


def answer_unexpected_error(error: Exception) -> ResponseReturnValue:
    log.error("request.failed", path=request.path, method=request.method, exc_info=error)
    return answer_error(500, WORDS[500])


def answer_error(
    code: int,
    words: str,
    fields: dict[str, str] | None = None,
    *,
    headers: dict[str, str] | None = None,
    back: str | None = None,
) -> ResponseReturnValue:
    headers = dict(headers or {})
    if code == 503:
        headers["Retry-After"] = str(TRY_AGAIN_AFTER)
    if wants_json():
        return jsonify(success=False, error=words, fields=fields or {}), code, headers
    return render_template("error.html", code=code, words=words, back=back), code, headers
