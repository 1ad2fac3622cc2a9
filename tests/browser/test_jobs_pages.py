"""Looking after jobs and queues, as an admin does it in the browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert, select

from tests.browser.axe import look_closely
from tests.browser.test_story import drop, make_first_account
from tests.support.gradients import big_jpeg
from tests.support.site import Site
from webapp.database import utcnow
from webapp.jobs.job import Job, JobLog

pytestmark = pytest.mark.browser

SOON = 30_000  # milliseconds
SYNC = "syncMediaToGalleries"


def upload(page: Page, site: Site, name: str = "harbour.jpg", number: int = 1) -> None:
    page.goto(f"{site.url}/admin/media")
    drop(page, {name: big_jpeg(number)})
    expect(page.locator(".upload-row.is-ready")).to_have_count(1, timeout=SOON)
    page.goto(f"{site.url}/admin/jobs?status=succeeded")
    for _ in range(60):  # "ready" says nothing about the galleries
        if page.get_by_role("link", name="Add a picture to every auto-sync gallery").count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError("the picture was not synced")


def let_sync_fail(site: Site) -> int:
    """The id of the picture's job that now looks as if it had failed."""
    with site.rows() as session:
        job = session.scalars(select(Job).where(Job.task_slug == SYNC)).one()
        job.status, job.error, job.output, job.completed_at = "failed", "ConnectionError: away", None, utcnow()
        about = {"step": "facts", "task_slug": None, "parent": None, "output": {"width": 3000}}
        session.add(JobLog(job_id=job.id, event="succeeded", attempt=1, started_at=job.started_at, **about))
        session.add(JobLog(job_id=job.id, event="failed", attempt=1, message=job.error, started_at=job.started_at))
        return int(job.id)


def add_failed(site: Site, number: int) -> None:
    row = {"task_slug": SYNC, "input": {"mediaId": 99}, "meta": {}, "queue": "default", "status": "failed"}
    with site.rows() as session:
        session.execute(insert(Job), [row | {"error": "away", "completed_at": utcnow()}] * number)


def test_each_page_is_for_everybody(page: Page, site: Site) -> None:
    wrong: list[str] = []
    page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    make_first_account(page, site)
    for path in ("/admin/jobs", "/admin/queues"):
        page.goto(site.url + path)
        look_closely(page)
    upload(page, site)
    job_id = let_sync_fail(site)
    for path in ("/admin/", "/admin/jobs", "/admin/jobs?status=cancelled", f"/admin/jobs/{job_id}", "/admin/queues"):
        page.goto(site.url + path)
        page.eval_on_selector_all("main details", "all => all.forEach((details) => { details.open = true; })")
        look_closely(page)
    page.goto(f"{site.url}/admin/jobs/{job_id}")
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("heading", name="Discard 1 job?")).to_be_visible()
    look_closely(page)
    page.get_by_role("link", name="Leave it as it is").click()
    page.get_by_role("link", name="Change the input").click()
    page.get_by_label("Input, as JSON").fill("{")
    page.get_by_role("button", name="Save and try again").click()
    expect(page.get_by_role("alert")).to_contain_text("This isn't JSON")
    expect(page.get_by_label("Input, as JSON")).to_have_value("{")
    look_closely(page)
    assert wrong == []


def test_a_failed_job_is_tried_again_and_the_page_follows(page: Page, site: Site) -> None:
    make_first_account(page, site)
    upload(page, site)
    job_id = let_sync_fail(site)
    page.goto(f"{site.url}/admin/jobs?status=failed")
    expect(page.get_by_text("ConnectionError: away")).to_be_visible()
    page.get_by_role("link", name="Add a picture to every auto-sync gallery").click()
    expect(page.locator(".facts")).to_contain_text("Failed")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("It will be tried again.").first).to_be_visible()
    expect(page.locator(".facts")).to_contain_text("Succeeded", timeout=SOON)
    expect(page.locator(".timeline")).to_contain_text("Tried again by ann.")
    assert page.url.endswith(f"/admin/jobs/{job_id}")


def test_a_queue_is_paused_and_resumed(page: Page, site: Site) -> None:
    make_first_account(page, site)
    page.goto(f"{site.url}/admin/queues")
    images = page.get_by_role("region", name="images", exact=True)
    images.get_by_role("button", name="Pause").click()
    expect(images.get_by_text("Paused by ann")).to_be_visible()
    page.goto(f"{site.url}/admin/media")
    drop(page, {"harbour.jpg": big_jpeg(1)})
    page.goto(f"{site.url}/admin/")
    expect(page.get_by_text("The queue “images” is paused by ann")).to_be_visible()
    page.goto(f"{site.url}/admin/jobs?queue=images")
    page.get_by_role("link", name="Make the renditions of a picture").first.click(timeout=SOON)
    expect(page.get_by_text("Its queue is paused by ann.")).to_be_visible()
    job = page.url
    page.goto(f"{site.url}/admin/queues")
    images.get_by_role("button", name="Resume").click()
    expect(images.get_by_text("Paused by ann")).to_have_count(0)
    page.goto(job)
    expect(page.locator(".facts")).to_contain_text("Succeeded", timeout=SOON)


def test_ticks_stay_when_the_list_refreshes_itself(page: Page, site: Site) -> None:
    make_first_account(page, site)
    add_failed(site, 3)
    page.goto(f"{site.url}/admin/queues")
    page.get_by_role("region", name="default").get_by_role("button", name="Pause").click()
    with site.rows() as session:
        session.add(Job(task_slug=SYNC, input={"mediaId": 99}, queue="default"))  # the list moves while it waits
    page.goto(f"{site.url}/admin/jobs")
    page.get_by_label("Tick job 2").check()
    page.get_by_label("Tick job 3").check()
    add_failed(site, 1)
    expect(page.get_by_label("Tick job 5")).to_be_visible(timeout=SOON)
    for number, ticked in ((2, True), (3, True), (1, False), (5, False)):
        expect(page.get_by_label(f"Tick job {number}")).to_be_checked(checked=ticked)
    page.get_by_label("All on this page").check()
    expect(page.get_by_label("Tick job 5")).to_be_checked()
    page.get_by_label("All on this page").uncheck()
    page.get_by_label("Tick job 2").check()
    page.locator("#chosen").get_by_role("button", name="Discard").click()
    page.get_by_role("button", name="Discard this job").click()
    expect(page.get_by_text("1 job is discarded.").first).to_be_visible()
    expect(page.get_by_label("Tick job 2")).to_have_count(0)
    expect(page.get_by_label("Tick job 3")).not_to_be_checked()
