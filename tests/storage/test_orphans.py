"""Orphans are collected from every kind of storage."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from flask import Flask

from webapp.models.orphans import collect_orphans
from webapp.storage import Storage, incoming_file, new_key

ANY_AGE = timedelta(seconds=-60)  # a file's age on S3 is what the server says


@pytest.fixture
def in_app_with_storage(in_app: Flask, storage: Storage) -> Flask:
    in_app.extensions["gallerist_storage"] = storage
    return in_app


@pytest.mark.usefixtures("in_app_with_storage")
def test_an_old_orphan_goes_and_a_young_one_stays(storage: Storage) -> None:
    key = new_key("jpg")
    storage.put(key, b"abc", "image/jpeg")
    assert collect_orphans().files == 0
    assert storage.find(key) is not None
    assert collect_orphans(ANY_AGE).size >= 3
    assert storage.find(key) is None


@pytest.mark.usefixtures("in_app_with_storage")
def test_what_a_killed_process_left_on_its_way_to_storage_goes_too() -> None:
    left, young = incoming_file(), incoming_file()
    left.write(b"half")
    os.utime(left.path, (1, 1))
    assert collect_orphans().size >= 4
    assert (left.path.exists(), young.path.exists()) == (False, True)
