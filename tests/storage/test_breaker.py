"""While the bucket does not answer, who asks is told so without waiting for it; one finds out when it is back."""

from __future__ import annotations

import time

import pytest

from tests.support import s3
from tests.support.gate import Gate
from webapp.storage import S3Storage, StorageError, connect_s3
from webapp.storage.breaker import Breaker


@pytest.fixture
def bucket(gate: Gate, s3_keys: None) -> S3Storage:
    """Behind the gate, waited for two times half a second."""
    return S3Storage(s3.BUCKET, connect_s3(f"http://127.0.0.1:{gate.port}", 0.5))


def test_who_comes_after_one_that_waited_in_vain_does_not_wait(bucket, gate):
    bucket.check()
    gate.hush()
    with pytest.raises(StorageError, match="does not answer"):
        bucket.check()
    asked = gate.taken
    for _ in range(5):
        with pytest.raises(StorageError, match="does not answer"):
            bucket.check()
    assert gate.taken == asked


def test_it_is_asked_again_when_it_may_be_back(bucket, gate):
    gate.stop()
    with pytest.raises(StorageError, match="does not answer"):
        bucket.check()
    gate.start()
    until = time.monotonic() + 60
    while not answers(bucket):
        assert time.monotonic() < until
        time.sleep(0.1)
    bucket.check()


def answers(bucket: S3Storage) -> bool:
    try:
        bucket.check()
    except StorageError:
        return False
    return True


def test_a_refusal_is_an_answer(bucket, gate):
    with pytest.raises(FileNotFoundError):
        bucket.open("originals/none")
    assert bucket.find("originals/none") is None
    bucket.check()


def test_one_at_a_time_finds_out_and_an_answer_lets_all_ask(monkeypatch):
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    breaker = Breaker()
    assert breaker.lets_ask() and breaker.lets_ask()
    breaker.failed()
    assert not breaker.lets_ask()
    now += 5
    assert [breaker.lets_ask(), breaker.lets_ask()] == [True, False]
    now += 100  # whoever asked was killed
    assert [breaker.lets_ask(), breaker.lets_ask()] == [True, False]
    breaker.answered()
    assert [breaker.lets_ask(), breaker.lets_ask()] == [True, True]
