"""Style sheets, scripts and icons: at addresses that change with their content, kept for ever and sent compressed."""

from __future__ import annotations

import gzip
import hashlib
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request, send_from_directory

ROOT = Path(__file__).resolve().parent.parent
OWN, BOOTSTRAP = "static", "bootstrap.static"
BOOTSTRAP_VERSION = version("bootstrap-flask")  # once: to look it up is to read a file
RELEASE = (ROOT / "static", ROOT / "templates", ROOT / "webapp")
FOR_EVER = "public, max-age=31536000, immutable"
TEXTS = {"text/html", "text/css", "text/javascript", "image/svg+xml", "application/atom+xml", "application/xml"}
WORTH_IT = 500  # bytes; less fits into the packet that is sent anyway


def init_assets(app: Flask) -> None:
    """All files of ours share one stamp, so that a script finds those it imports beside itself."""
    app.extensions["gallerist_assets"] = first_stamp_of(ROOT / "static")
    app.extensions["gallerist_release"] = first_stamp_of(*RELEASE)
    app.url_defaults(add_stamp)
    app.view_functions[OWN] = send_asset
    app.after_request(keep_and_compress)


@cache
def first_stamp_of(*folders: Path) -> str:
    """As it was when this process began: what it has loaded since belongs to that."""
    return stamp_of(*folders)


def stamp_of(*folders: Path) -> str:
    """Of all files in them; another one whenever one of them is another."""
    digest = hashlib.sha256()
    for path in sorted(file for folder in folders for file in folder.rglob("*") if is_ours(file)):
        digest.update(f"{path.name}:{path.stat().st_size}:".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def is_ours(file: Path) -> bool:
    return file.is_file() and file.suffix != ".pyc"


def add_stamp(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == OWN:
        values["filename"] = f"{current_app.extensions['gallerist_assets']}/{values['filename']}"
    elif endpoint == BOOTSTRAP:
        values["v"] = BOOTSTRAP_VERSION


def send_asset(filename: str) -> Response:
    """With or without a stamp; one of another release gets what there is now, and must not keep it."""
    stamp, _, rest = filename.partition("/")
    folder = current_app.static_folder
    assert folder is not None
    is_stamped = len(stamp) == len(current_app.extensions["gallerist_assets"]) and rest
    return send_from_directory(folder, rest if is_stamped else filename)


def keep_and_compress(response: Response) -> Response:
    if request.endpoint not in (OWN, BOOTSTRAP):
        return response
    asked_for = request.args.get("v") if request.endpoint == BOOTSTRAP else (request.view_args or {})["filename"]
    current = BOOTSTRAP_VERSION, current_app.extensions["gallerist_assets"]
    if response.status_code in (200, 206, 304) and str(asked_for).partition("/")[0] in current:
        response.headers["Cache-Control"] = FOR_EVER
    return compressed(response)


def compressed(response: Response) -> Response:
    """Only for what holds no secret: from the length of an answer one could be guessed, letter by letter."""
    if response.mimetype not in TEXTS or response.status_code != 200:
        return response
    response.vary.add("Accept-Encoding")
    if "gzip" not in request.accept_encodings or (response.content_length or WORTH_IT) < WORTH_IT:
        return response
    response.direct_passthrough = False
    response.set_data(_zipped(response.get_data()))
    response.content_encoding = "gzip"
    if etag := response.get_etag()[0]:
        response.set_etag(etag, weak=True)  # the same to a reader, not byte for byte
    return response


@lru_cache(maxsize=64)
def _zipped(data: bytes) -> bytes:
    return gzip.compress(data, compresslevel=6, mtime=0)
