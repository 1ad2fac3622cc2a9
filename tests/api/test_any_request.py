"""Whatever is sent, each endpoint answers in JSON and never with a 5xx; on both databases."""

from __future__ import annotations

from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import unquote

from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException

from tests.conftest import both_databases
from tests.security.rows import threat
from tests.support.pictures import tiny_jpeg

pytestmark = both_databases
thoroughly = settings(max_examples=60, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])

EDGES = [-1, 0, 1, 2, 3, 2**31 - 1, 2**31, 2**63 - 1, 2**63, 2**70, -(2**63) - 1]
TEXTS = st.one_of(
    st.text(max_size=20), st.sampled_from(["", "\0", "a\0b", "%", "_", "harbour", "' OR 1=1 --", "²", "٣"])
)
NUMBERS = st.one_of(st.sampled_from(EDGES), st.integers())
PLAIN = st.one_of(st.none(), st.booleans(), NUMBERS, st.floats(), TEXTS)
ANY = st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3))
BLOCK_FIELDS = (
    "id",
    "blockType",
    "title",
    "body",
    "autoSync",
    "rule",
    "newItems",
    "style",
    "images",
    "mediaId",
    "caption",
)
BLOCK_VALUES = st.one_of(ANY, st.sampled_from(["text", "gallery", "picture", "first", True]))
BLOCKS = st.dictionaries(st.sampled_from(BLOCK_FIELDS), BLOCK_VALUES)
FIELDS = st.sampled_from(
    ["title", "slug", "status", "version", "alt", "caption", "tags", "autoSync", "rule", "newItems", "style", "mediaId"]
    + ["mediaIds", "position", "created_by", "role", "where", "input", "meta", "subject", "priority", "waitUntil"]
    + ["taskSlug", "workflowSlug", "queue", "focalPoint", "decorative", "credit"]
)
VALUES = st.one_of(ANY, st.lists(NUMBERS, max_size=3), st.sampled_from(["draft", "published", "last", True]))
CONDITION = st.sampled_from(
    ["id", "taskSlug", "queue", "status", "subject", "priority", "createdBy", "slug", "input.mediaId", "meta.a"]
    + ['output."', "input.\0", "meta.", "input.a.b", "output.[0]", "meta.$", "bogus"]
)
MOMENTS = st.sampled_from(
    [
        "2030-01-01T00:00:00Z",
        "2030-01-01",
        "2030-01-01T00:00:00",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-12:00",
    ]
)
WISHES = {"queue": TEXTS, "waitUntil": MOMENTS | ANY, "priority": NUMBERS, "meta": ANY, "subject": TEXTS}
JOBS = st.one_of(
    st.fixed_dictionaries({"where": st.dictionaries(st.one_of(CONDITION, TEXTS), VALUES, max_size=3)}),
    st.fixed_dictionaries({"input": st.fixed_dictionaries({"mediaId": NUMBERS}, optional={"a": ANY})}),
    st.fixed_dictionaries(
        {"taskSlug": st.just("makeRenditions"), "input": st.fixed_dictionaries({"mediaId": NUMBERS})}, optional=WISHES
    ),
)
BODIES = st.one_of(
    ANY,
    JOBS,
    st.dictionaries(FIELDS, VALUES, max_size=4),
    st.fixed_dictionaries({"title": TEXTS, "version": NUMBERS}, optional={"slug": TEXTS, "status": TEXTS}),
    st.fixed_dictionaries({"title": TEXTS, "version": st.just(1), "layout": st.lists(BLOCKS, max_size=3)}),
)
IDS = st.one_of(NUMBERS.map(str), TEXTS.filter(lambda text: "/" not in text))
JOB_WRITES = [("POST", f"/api/jobs{verb}") for verb in ("", "/cancel", "/retry", "/discard")]
WRITES = st.sampled_from(
    [
        ("POST", "/api/pages"),
        ("PATCH", "/api/pages/{}"),
        ("PATCH", "/api/media/{}"),
        ("DELETE", "/api/media/{}"),
        ("PATCH", "/api/galleries/{}"),
        ("POST", "/api/galleries/{}/items"),
        ("DELETE", "/api/galleries/{}/items/{}"),
        ("PUT", "/api/galleries/{}/order"),
        ("POST", "/api/galleries/{}/items/{}/move"),
        ("POST", "/api/gallery-sync/immediate"),
        ("POST", "/api/jobs/{}/cancel"),
        ("POST", "/api/jobs/{}/retry"),
        ("POST", "/api/jobs/{}/run"),
        ("PATCH", "/api/jobs/{}"),
        ("DELETE", "/api/jobs/{}"),
        *JOB_WRITES,
        ("POST", "/api/queues/{}/pause"),
        ("POST", "/api/queues/{}/resume"),
    ]
)
READS = st.sampled_from(
    ["/api/media", "/api/pages", "/api/jobs", "/api/pages/{}", "/api/media/{}", "/api/jobs/{}"]
    + ["/api/galleries/{}/items", "/api/gallery-sync/immediate", "/api/jobs/run"]
    + ["/api/queues", "/api/tasks", "/api/search"]
)
QUESTIONS = st.dictionaries(
    st.sampled_from(
        ["limit", "page", "q", "tag", "sort", "status", "queue", "taskSlug", "subject", "mediaId"]
        + ["workflowSlug", "order", "sequential", "collection"]
    ),
    st.one_of(TEXTS, NUMBERS.map(str), st.sampled_from(["filename", "-createdAt", "queued", "default", "lifo"])),
)


def send(client: FlaskClient, method: str, path: str, **more: Any) -> None:
    answer = client.open(path, method=method, **more)
    assert answer.status_code < 500, (method, path, more, answer.text)
    if path.startswith("/api/"):
        assert answer.mimetype == "application/json", (method, path, answer.text)
        assert answer.status_code < 400 or answer.json["success"] is False
        codes = described_codes(client, method, path)
        assert codes is None or answer.status_code in codes, (method, path, more, answer.text)


def described_codes(client: FlaskClient, method: str, path: str) -> set[int] | None:
    """What the OpenAPI file says that can be answered; None for an address that leads nowhere."""
    try:
        endpoint, _ = client.application.url_map.bind("localhost").match(unquote(path), method)
    except HTTPException:
        return None
    return codes_of_operations(client).get(endpoint.removeprefix("api."))


@cache
def codes_of_operations(client: FlaskClient) -> dict[str, set[int]]:
    paths = client.get("/api/openapi.json").json["paths"]
    operations = [operation for found in paths.values() for operation in found.values()]
    return {operation["operationId"]: set(map(int, operation["responses"])) for operation in operations}


def filled(path: str, *ids: str) -> str:
    return path.format(*map(quoted, ids))


def quoted(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "replace")) or "0"


@threat(5)
@thoroughly
@given(write=WRITES, first=IDS, second=IDS, body=BODIES)
def test_any_json_is_answered(editor_api, write, first, second, body):
    method, path = write
    send(editor_api, method, filled(path, first, second), json=body)


@thoroughly
@given(body=BODIES, first=st.sampled_from(["1", "2", "3"]), write=WRITES)
def test_any_json_about_what_there_is_is_answered(editor_api, harbour, media_id, write, first, body):
    method, path = write
    send(editor_api, method, path.format(first, "1"), json=body)


@thoroughly
@given(write=st.sampled_from([*JOB_WRITES, ("PATCH", "/api/jobs/1"), ("POST", "/api/jobs/2/run")]), body=JOBS)
def test_any_json_about_jobs_is_answered_and_they_can_be_listed(editor_api, media_id, write, body):
    method, path = write
    send(editor_api, method, path, json=body)
    send(editor_api, "GET", "/api/jobs?limit=1000")
    send(editor_api, "POST", "/api/jobs/cancel", json={"where": {"meta.a": True, "output.a": 1, "input.mediaId": 0}})


@thoroughly
@given(path=READS, identifier=IDS, question=QUESTIONS)
def test_any_question_is_answered(editor_api, path, identifier, question):
    send(editor_api, "GET", filled(path, identifier), query_string=question)


@threat(5)
@thoroughly
@given(fields=st.dictionaries(st.one_of(st.sampled_from(["alt", "caption", "tags"]), TEXTS), TEXTS), name=TEXTS)
def test_any_form_is_answered(editor_api, fields, name):
    form = {key: value for key, value in fields.items() if key not in ("", "file")}
    send(editor_api, "POST", "/api/media", data=form | {"file": (BytesIO(tiny_jpeg(1)), name)})


@thoroughly
@given(data=st.binary(max_size=200), kind=st.sampled_from(["application/json", "multipart/form-data; boundary=x", ""]))
def test_any_bytes_are_answered(editor_api, data, kind):
    for path in ("/api/media", "/api/pages", "/api/gallery-sync/immediate", "/api/jobs", "/api/jobs/retry"):
        send(editor_api, "POST", path, data=data, content_type=kind)
