"""How a request becomes models and models become an answer, for every endpoint alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import Blueprint, Response, abort, request
from pydantic import BaseModel, RootModel, ValidationError
from sqlalchemy import Select, func, select

from webapp.api.fields import Answer, Body, Form, Listing, ListQuery, Query
from webapp.database import db
from webapp.validation import sentence, words_of

api = Blueprint("api", __name__, url_prefix="/api")

MAX_JSON_BYTES = 4 * 1024 * 1024
MAX_FIELDS_NAMED = 20  # of those that are wrong

B = TypeVar("B", bound=BaseModel)
View = Callable[..., Any]


class Unfit(Exception):
    """The request can't be used; `fields` maps each wrong field to words."""

    def __init__(self, code: int, fields: dict[str, str], words: str | None = None) -> None:
        self.code, self.fields = code, fields
        super().__init__(words or " ".join(f"{name}: {said}" for name, said in fields.items()))


@dataclass(frozen=True)
class Contract:
    """What an endpoint takes and answers: used to read requests and to write the OpenAPI file."""

    summary: str
    answers: dict[int, type[Answer] | type[RootModel[Any]]]
    query: type[Query] | None = None
    body: type[Body] | None = None
    form: type[Form] | None = None
    body_error: int = 422
    may_conflict: bool = False  # answers 409 although it takes no body
    is_text: bool = False  # answers 200 with plain text
    is_counted: bool = False  # answers 429 once an account has had enough of a day's bytes, although it takes no form


def endpoint(contract: Contract) -> Callable[[View], View]:
    """Give the view its `query` and `body` as models, and send the model that it returns."""

    def wrap(view: View) -> View:
        @wraps(view)
        def answered(**path: Any) -> Any:
            if contract.query:
                path["query"] = read_query(contract.query)
            if contract.body:
                path["body"] = read_body(contract.body, contract.body_error)
            result = view(**path)
            return result if isinstance(result, Response) else send(result)

        answered.contract = contract  # type: ignore[attr-defined]
        return answered

    return wrap


def read_query(model: type[B]) -> B:
    return checked(model.model_validate, request.args.to_dict(), code=400)


def read_body(model: type[B], code: int = 422) -> B:
    """The JSON body; none at all counts as an empty object. Raises Unfit."""
    request.max_content_length = MAX_JSON_BYTES
    if (request.content_length or 0) > MAX_JSON_BYTES:
        abort(413, f"This is more JSON than can be sent at once. The limit is {MAX_JSON_BYTES // 1024**2} MB.")
    data = request.get_data()
    if not request.is_json and (data or request.content_length):
        abort(415, "Send JSON, with Content-Type: application/json.")
    return checked(model.model_validate_json, data or b"{}", code=code)


def checked(validate: Callable[[Any], B], given: Any, *, code: int) -> B:
    try:
        return validate(given)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        raise Unfit(400, {}, f"This is not JSON: {found[0]['ctx']['error']}.")
    if not found[0]["loc"]:
        raise Unfit(code, {}, sentence(words_of(found[0])))
    raise Unfit(code, {".".join(map(str, e["loc"])): words_of(e) for e in found[:MAX_FIELDS_NAMED]})


def send(result: BaseModel | tuple[BaseModel, int]) -> Response:
    answer, status = result if isinstance(result, tuple) else (result, 200)
    return Response(answer.model_dump_json(by_alias=True), status, mimetype="application/json")


def listing(
    statement: Select[Any],
    query: ListQuery,
    present: Callable[[list[Any]], list[Any]],
    count: Callable[[], int] | None = None,
) -> Listing[Any]:
    """One page of the rows that a statement selects; `present` turns all of them into models at once.

    `count` knows a faster way to count them all.
    """
    total = count() if count else _count(statement)
    rows = db.session.execute(statement.offset((query.page - 1) * query.limit).limit(query.limit)).all()
    return Listing(
        docs=present(list(rows)),
        total_docs=total,
        limit=query.limit,
        page=query.page,
        total_pages=-(-total // query.limit),
        has_next_page=query.page * query.limit < total,
    )


def _count(statement: Select[Any]) -> int:
    return db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
