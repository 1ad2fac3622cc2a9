"""Jobs that can't be done: each fails with words and costs the others nothing."""

from __future__ import annotations

from tests.conftest import both_databases
from tests.faults.rows import row
from tests.support.galleries import assert_all_hang_everywhere, count_items, make_galleries
from webapp.database import transaction
from webapp.jobs import Job


@row(20)
@both_databases
def test_a_job_that_kills_its_process_each_time_fails_as_poison_and_the_queue_flows(product, upload):
    make_galleries(product, 10)
    product.start("web", "clock")
    poison = upload(1)
    (product.folder / f"poison-{poison}").touch()
    others = [upload(number) for number in range(2, 7)]
    product.start("default")
    for job in others:
        assert product.wait_for_job(job, "succeeded", 30).crashes == 0
    failed = product.wait_for_job(poison, "failed", 60)
    assert (failed.crashes, failed.total_tried, product.log_of(poison)) == (3, 0, ["crashed"] * 3)
    assert "died" in failed.error
    last = upload(7)
    product.wait_for_job(last, "succeeded", 30)
    assert_all_hang_everywhere(product, 6, 10)


@row(22)
@both_databases
def test_a_job_of_an_unknown_task_fails_with_words_and_the_others_run(product, upload):
    make_galleries(product, 10)
    product.start("web", "default", "clock")
    with product.rows() as session, transaction():
        unknown = Job(task_slug="fromTomorrow", input={"mediaId": 1}, queue="default")
        session.add(unknown)
    known = upload(1)
    failed = product.wait_for_job(unknown.id, "failed", 30)
    assert (failed.total_tried, product.log_of(unknown.id)[-1]) == (1, "failed")
    assert "no task called 'fromTomorrow'" in failed.error
    product.wait_for_job(known, "succeeded", 30)
    assert count_items(product) == 10
