"""/api/openapi.json for programs, and /api/docs, the same for people."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, render_template

from webapp.api.http import api
from webapp.api.openapi import specification
from webapp.security import PUBLIC, access


@api.get("/openapi.json")
@access(PUBLIC)
def openapi() -> Response:
    return jsonify(specification())


@api.get("/docs")
@access(PUBLIC)
def docs() -> str:
    spec = specification()
    return render_template("api/docs.html", paths=spec["paths"], schemas=spec["components"]["schemas"], words=in_words)


def in_words(shape: dict[str, Any]) -> str:
    """The type of a value, short: "list of integer", "string or null", "draft | published"."""
    if "$ref" in shape:
        return str(shape["$ref"].rpartition("/")[2])
    if "anyOf" in shape:
        return " or ".join(in_words(part) for part in shape["anyOf"])
    if "enum" in shape or "const" in shape:
        return " | ".join(map(str, shape.get("enum") or [shape["const"]]))
    if shape.get("type") == "array":
        return f"list of {in_words(shape.get('items', {}))}"
    return str(shape.get("format") or shape.get("type") or "anything")
