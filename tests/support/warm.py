"""Imported by the server that the processes of a Product are forked from: what each of them would do first, done once.

Routes, mappers and templates are put together from the same source in every process.
"""

from __future__ import annotations

import gc
import tempfile
from pathlib import Path

import boto3
from setproctitle import getproctitle
from sqlalchemy.orm import configure_mappers

from config import Settings
from tests.support.passwords import hash_quickly
from tests.support.templates import share_templates
from webapp import create_app


def warm() -> None:
    getproctitle()  # finds the place of titles, which it no longer does once the environment was changed
    share_templates()
    with tempfile.TemporaryDirectory() as folder:
        create_app(Settings(data_dir=Path(folder), redis_url="unix:///nowhere"))
    configure_mappers()
    hash_quickly()
    boto3.client("s3", "us-east-1", aws_access_key_id="-", aws_secret_access_key="-")  # reads a large description
    gc.collect()
    gc.freeze()  # or the first look for garbage copies all of this into each process: a quarter of a second


warm()
