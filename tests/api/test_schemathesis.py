"""Schemathesis asks each operation of the OpenAPI file what it describes: no 5xx, no answer that it doesn't describe.

The same requests each time; `make schemathesis` asks much more, and other things each time.
"""

from __future__ import annotations

import os

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.conftest import both_databases
from tests.security.rows import threat

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "0"))  # of each operation; chosen anew each time
MODES = [GenerationMode.POSITIVE, GenerationMode.NEGATIVE]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture
def operations(app: Flask, harbour, media_id, editor_api) -> list[APIOperation]:
    """There is a page with galleries, a post, and a picture with its jobs, under the ids that are guessed first."""
    editor_api.post("/api/posts", json={"title": "Harbour", "tags": ["sea"], "coverId": media_id})
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", app)
    return [found.ok() for found in schema.get_all_operations()]


@threat(23)
@both_databases
@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_each_operation_answers_as_described(operations, admin_api, mode):
    assert len(operations) > 30
    asked = [operation for operation in operations if mode == GenerationMode.POSITIVE or takes_anything(operation)]
    wrong = [words for operation in asked for words in ask(operation, mode, admin_api)]
    assert not wrong, "\n\n".join(wrong)


def takes_anything(operation: APIOperation) -> bool:
    """What takes nothing can't be asked wrongly."""
    return any(len(taken) for taken in (operation.path_parameters, operation.query, operation.body))


def ask(operation: APIOperation, mode: GenerationMode, client: FlaskClient) -> list[str]:
    """What is wrong with its answers, if anything is."""
    headers = {"Authorization": client.environ_base["HTTP_AUTHORIZATION"]}

    @settings(
        max_examples=EXAMPLES or 8,
        derandomize=not EXAMPLES,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def test(case: Case) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    try:
        test()
    except FailureGroup as found:
        return [str(found)]
    return []
