"""The OpenAPI file, made from the same models that read the requests and write the answers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from flask import current_app
from pydantic.alias_generators import to_camel
from pydantic.json_schema import JsonSchemaMode, models_json_schema
from werkzeug.routing import Rule

from webapp.api.fields import MAX_ID, Answer, Query
from webapp.api.http import Contract
from webapp.security import ADMIN, CRON, EDITOR, PUBLIC, SAFE_METHODS, VIEWER

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WHO = {
    PUBLIC: "Everybody.",
    VIEWER: "Any account.",
    EDITOR: "Editors and admins.",
    ADMIN: "Admins.",
    CRON: "The CRON_SECRET as bearer, or an editor.",
}
ERRORS = {
    400: "The request can't be understood",
    401: "Not signed in",
    403: "This account may not",
    404: "There is none",
    409: "The state forbids it, or somebody else was first",
    413: "Too large",
    415: "Not a picture, or not JSON",
    422: "A field can't be used",
    429: "Too much of it; wait",
    503: "A needed part does not answer",
}
SIGNED_IN = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "session": {"type": "apiKey", "in": "cookie", "name": "session"},
}
Key = tuple[Any, JsonSchemaMode]  # a model, and whether it comes in or goes out


class ErrorAnswer(Answer):
    success: bool = False
    error: str
    fields: dict[str, str]


def described() -> list[tuple[Rule, str, Contract, str]]:
    """Every endpoint that has a contract: rule, method, contract, and who may call it."""
    return sorted(_described(), key=lambda entry: (entry[0].rule, METHODS.index(entry[1])))


def _described() -> Iterator[tuple[Rule, str, Contract, str]]:
    for rule in current_app.url_map.iter_rules():
        view = current_app.view_functions[rule.endpoint]
        contract: Contract | None = getattr(view, "contract", None)
        if contract is None:
            continue
        for method in METHODS:
            if method in (rule.methods or ()):
                role = getattr(view, "access", VIEWER if method == "GET" else EDITOR)
                yield rule, method, contract, role


@cache
def schemas_of(models: tuple[Key, ...]) -> tuple[dict[Key, dict[str, Any]], dict[str, Any]]:
    found, definitions = models_json_schema(list(models), ref_template="#/components/schemas/{model}")
    return found, definitions.get("$defs", {})


def specification() -> dict[str, Any]:
    entries = described()
    models: dict[Key, None] = {(ErrorAnswer, "serialization"): None}
    for _rule, _method, contract, _role in entries:
        models |= dict.fromkeys(models_of(contract))
    refs, schemas = schemas_of(tuple(models))
    paths: dict[str, dict[str, Any]] = {}
    for rule, method, contract, role in entries:
        paths.setdefault(path_of(rule), {})[method.lower()] = operation(rule, contract, role, refs, schemas)
    asked = {name_of(refs[key]) for key in models if issubclass(key[0], Query)}  # written out as parameters
    schemas = {name: schema for name, schema in schemas.items() if name not in asked}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Gallerist", "version": "1", "description": "Pictures, pages, galleries and jobs."},
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": SIGNED_IN},
        "security": [{name: []} for name in SIGNED_IN],
    }


def models_of(contract: Contract) -> list[Key]:
    taken = [model for model in (contract.query, contract.body, contract.form) if model]
    return [*((model, "validation") for model in taken), *((a, "serialization") for a in contract.answers.values())]


def path_of(rule: Rule) -> str:
    return "".join(part if not dynamic else f"{{{to_camel(part)}}}" for dynamic, part in rule._trace).removeprefix("|")


def operation(
    rule: Rule, contract: Contract, role: str, refs: dict[Key, dict[str, Any]], schemas: dict[str, Any]
) -> dict[str, Any]:
    parameters = [path_parameter(rule, name) for name in sorted(rule.arguments)]
    if contract.query:
        parameters += query_parameters(schemas[name_of(refs[contract.query, "validation"])])
    found: dict[str, Any] = {
        "operationId": rule.endpoint.rpartition(".")[2],
        "summary": contract.summary,
        "description": WHO[role],
        "parameters": parameters,
        "responses": responses(rule, contract, role, refs),
    }
    if role == PUBLIC:
        found["security"] = []
    if contract.body:
        found["requestBody"] = content(refs[contract.body, "validation"], "application/json", required=True)
    if contract.form:
        found["requestBody"] = content(refs[contract.form, "validation"], "multipart/form-data", required=True)
    return found


def name_of(ref: dict[str, Any]) -> str:
    return str(ref["$ref"].rpartition("/")[2])


def path_parameter(rule: Rule, name: str) -> dict[str, Any]:
    is_id = name.endswith("_id")
    schema = {"type": "integer", "minimum": 1, "maximum": MAX_ID} if is_id else {"type": "string"}
    return {"name": to_camel(name), "in": "path", "required": True, "schema": schema}


def query_parameters(schema: dict[str, Any]) -> list[dict[str, Any]]:
    needed = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": shape}
        for name, shape in schema["properties"].items()
    ]


def responses(rule: Rule, contract: Contract, role: str, refs: dict[Key, dict[str, Any]]) -> dict[str, Any]:
    answers: dict[str, Any] = {
        str(code): {"description": model.__name__} | content(refs[model, "serialization"], "application/json")
        for code, model in contract.answers.items()
    }
    if contract.is_text:
        answers["200"] = {"description": "Text"} | content({"type": "string"}, "text/plain")
    words = content(refs[ErrorAnswer, "serialization"], "application/json")
    errors = {str(code): {"description": ERRORS[code]} | words for code in errors_of(rule, contract, role)}
    return errors | answers


def errors_of(rule: Rule, contract: Contract, role: str) -> list[int]:
    """The codes that this endpoint can answer; 400 is for who sends a cookie without the token of a form."""
    codes = {503} if role == PUBLIC else {401, 403, 503}
    codes |= {400} if (rule.methods or set()) - SAFE_METHODS else set()
    codes |= {404} if rule.arguments else set()
    codes |= {400} if contract.query else set()
    codes |= {404} if contract.query and any(name.endswith("_id") for name in contract.query.model_fields) else set()
    codes |= {400, 404, 409, 413, 415, contract.body_error} if contract.body else set()
    codes |= {400, 413, 415, 422, 429} if contract.form else set()
    codes |= {429} if contract.is_counted else set()
    codes |= {409} if contract.may_conflict else set()
    return sorted(codes)


def content(schema: dict[str, Any], mime_type: str, **more: Any) -> dict[str, Any]:
    return {"content": {mime_type: {"schema": schema}}} | more
