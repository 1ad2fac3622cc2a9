"""Templates are compiled once for all apps of a run: to compile those of one page takes longer than most tests."""

from __future__ import annotations

import tempfile
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache


def share_templates() -> None:
    """From now on apps of this process find what others have compiled from the same source, and leave them theirs."""
    folder = Path(tempfile.gettempdir()) / "gallerist-test-templates"
    folder.mkdir(exist_ok=True)
    Flask.jinja_options = {"bytecode_cache": FileSystemBytecodeCache(str(folder))}
