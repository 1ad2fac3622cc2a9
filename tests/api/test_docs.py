"""/api/openapi.json and /api/docs: every endpoint is in them, and what they say is so."""

from __future__ import annotations

import json
import re

import pytest

from tests.api.conftest import is_error


@pytest.fixture
def spec(anonymous) -> dict:
    return anonymous.get("/api/openapi.json").json


def test_every_endpoint_is_described(app, spec):
    described = {(path, method.upper()) for path, operations in spec["paths"].items() for method in operations}
    assert ("/api/media/{mediaId}", "PATCH") in described
    served = {
        (re.sub(r"\W+", "", re.sub("<.*?>", "", rule.rule)), method)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(("api.", "health.")) and rule.endpoint not in ("api.openapi", "api.docs")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(re.sub(r"\W+", "", re.sub("{.*?}", "", path)), method) for path, method in described} == served


def test_every_reference_leads_somewhere(spec):
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(spec)))
    assert named == set(spec["components"]["schemas"])
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+", name) for name in named)


def test_operations_have_a_name_of_their_own_and_describe_their_path(spec):
    operations = [(path, o) for path, found in spec["paths"].items() for o in found.values()]
    assert len({o["operationId"] for _, o in operations}) == len(operations)
    for path, operation in operations:
        in_path = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
        assert in_path == set(re.findall("{(.*?)}", path))


def test_an_upload_is_described_as_a_multipart_form_with_a_file(spec):
    content = spec["paths"]["/api/media"]["post"]["requestBody"]["content"]
    name = content["multipart/form-data"]["schema"]["$ref"].rpartition("/")[2]
    form = spec["components"]["schemas"][name]
    assert form["required"] == ["file"]
    assert form["properties"]["file"]["format"] == "binary"


def test_answers_have_the_fields_that_are_described(spec, editor_api, upload, harbour, run_jobs):
    upload()
    run_jobs()
    gallery = harbour["layout"][0]["id"]
    lists = ("/api/media", "/api/pages", "/api/jobs", "/api/queues", "/api/tasks", f"/api/galleries/{gallery}/items")
    for path in lists:
        described = spec["paths"][path.replace(str(gallery), "{galleryId}")]["get"]["responses"]["200"]
        listing = resolve(spec, described["content"]["application/json"]["schema"])
        document = resolve(spec, listing["properties"]["docs"]["items"])
        answer = editor_api.get(path).json
        assert set(answer) == set(listing["properties"])
        assert set(answer["docs"][0]) == set(document["properties"])


def test_a_job_has_the_fields_that_are_described_and_its_log_too(spec, editor_api, upload, run_jobs):
    upload()
    run_jobs()
    described = spec["components"]["schemas"]
    job = editor_api.get("/api/jobs/1").json
    assert set(job) == set(described["JobWithLog"]["properties"])
    assert set(job["log"][0]) == set(described["LogLine"]["properties"])


def test_endpoints_say_where_the_state_may_forbid_it(spec):
    conflicts = {
        (method, path)
        for path, operations in spec["paths"].items()
        for method, operation in operations.items()
        if "409" in operation["responses"] and "requestBody" not in operation
    }
    one = "/api/jobs/{jobId}"
    backfill = ("post", "/api/galleries/{galleryId}/backfill")
    assert conflicts == {("delete", one), backfill} | {("post", f"{one}/{verb}") for verb in ("cancel", "retry", "run")}


def test_the_examples_of_the_docs_are_accepted(spec, editor_api):
    described = spec["components"]["schemas"]
    asked = {
        name: shape["examples"][0] for name, shape in described["NewJob"]["properties"].items() if "examples" in shape
    }
    assert editor_api.post("/api/jobs", json=asked).status_code == 201
    where = described["Which"]["properties"]["where"]["examples"][0]
    assert editor_api.post("/api/jobs/retry", json={"where": where}).json["count"] == 0


def resolve(spec: dict, schema: dict) -> dict:
    return spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]


def test_the_page_for_people_names_every_endpoint_and_holds_no_inline_script_or_style(anonymous, spec):
    answer = anonymous.get("/api/docs")
    assert (answer.status_code, answer.mimetype) == (200, "text/html")
    for path in spec["paths"]:
        assert path in answer.text
    assert "Example: <code>" in answer.text
    for found in re.findall(r'(?:src|href)="([^"]+)"', answer.text):
        assert found.startswith(("/", "#")), found
    assert "<style" not in answer.text and "style=" not in answer.text and "<script" not in answer.text


def test_other_methods_are_refused(anonymous):
    assert is_error(anonymous.post("/api/openapi.json"), 405)
    assert is_error(anonymous.post("/api/docs"), 405)
