"""Imported by the server that the processes of a Product are forked from: what each of them would do first, done once.

Routes, mappers and templates are put together from the same source in every process.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import boto3
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from setproctitle import getproctitle
from sqlalchemy.orm import configure_mappers

from config import Settings
from tests.support.passwords import hash_quickly
from webapp import create_app

TEMPLATES = Path(tempfile.gettempdir()) / "gallerist-test-templates"


def warm() -> None:
    getproctitle()  # finds the place of titles, which it no longer does once the environment was changed
    TEMPLATES.mkdir(exist_ok=True)
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(str(TEMPLATES))}
    with tempfile.TemporaryDirectory() as folder:
        create_app(Settings(data_dir=Path(folder), redis_url="unix:///nowhere"))
    configure_mappers()
    hash_quickly()
    boto3.client("s3", "us-east-1", aws_access_key_id="-", aws_secret_access_key="-")  # reads a large description


warm()
