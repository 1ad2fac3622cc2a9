"""A queue that is paused over HTTP, with a real worker at it."""

from __future__ import annotations

from typing import Any

from tests.conftest import both_databases
from tests.support.http import Client

pytestmark = both_databases


def queue_state(product) -> dict[str, Any]:
    states = {state["name"]: state for state in product.client().get("/api/queues").body["docs"]}
    return states["default"]


def test_workers_leave_a_paused_queue_alone_and_go_on_once_it_is_resumed(product, upload):
    product.start("web", "default")
    client = Client(product.port, product.new_token("admin@example.org", "admin"))
    assert queue_state(product)["staffed"] is True
    assert client.post("/api/queues/default/pause").status == 200
    job = upload(1)
    answered = f"syncMediaToGalleries-{job}".encode()
    product.wait_until(lambda: answered in product.redis.zrange("rq:finished:default", 0, -1), 30)
    assert (product.job(job).status, product.log_of(job)) == ("queued", [])
    state = queue_state(product)
    assert (state["paused"], state["depth"], state["due"], state["running"]) == (True, 1, 1, 0)
    assert client.post("/api/queues/default/resume").body["paused"] is False
    product.wait_for_job(job, "succeeded", 30)  # without a clock: resuming rang for what waits


def test_a_job_asked_for_over_http_is_done_by_a_worker(product, upload):
    product.start("web", "default")
    product.wait_for_job(upload(1), "succeeded", 30)
    asked = {"taskSlug": "syncMediaToGalleries", "input": {"mediaId": 1}, "meta": {"from": "a program"}}
    answer = product.client().post("/api/jobs", asked)
    assert answer.status == 201
    product.wait_for_job(answer.body["id"], "succeeded", 30)
    done = product.client().get(f"/api/jobs/{answer.body['id']}").body
    assert (done["output"]["mediaId"], done["meta"], len(done["log"])) == (1, {"from": "a program"}, 1)
    assert done["log"][0]["worker"]
