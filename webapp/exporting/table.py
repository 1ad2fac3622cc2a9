"""The table of facts: CSV as RFC 4180 says it and spreadsheets read it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from typing import IO

BYTE_ORDER_MARK = "\ufeff"  # by which Excel knows UTF-8
STARTS_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
MISSING = "file missing"

COLUMNS = (
    "id", "filename", "alt", "decorative", "caption", "credit", "tags", "width", "height", "bytes", "type", "sha256",
    "uploaded at", "uploaded by", "galleries", "file",
)  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """What an export says of a picture."""

    id: int
    filename: str
    alt: str
    decorative: bool  # it needs no alt text
    caption: str
    credit: str
    tags: tuple[str, ...]
    width: int
    height: int
    filesize: int  # bytes
    mime_type: str
    sha256: str
    uploaded_at: datetime
    uploaded_by: str
    galleries: int  # in which it is shown
    storage_key: str


class Table:
    def __init__(self, out: IO[bytes]) -> None:
        self._text = io.TextIOWrapper(out, "utf-8", errors="replace", newline="")
        self._text.write(BYTE_ORDER_MARK)
        self._rows = csv.writer(self._text, lineterminator="\r\n")
        self._rows.writerow(COLUMNS)

    def add(self, picture: Picture, file: str) -> None:
        """`file` is its name in the archive, or that it is missing."""
        cells = (
            picture.id, picture.filename, picture.alt, "yes" if picture.decorative else "no",
            picture.caption, picture.credit, ", ".join(picture.tags),
            picture.width, picture.height, picture.filesize, picture.mime_type, picture.sha256,
            picture.uploaded_at.isoformat(timespec="seconds"), picture.uploaded_by, picture.galleries, file,
        )  # fmt: skip
        self._rows.writerow([safe_cell(cell) for cell in cells])

    def finish(self) -> None:
        """Everything is written; what it was written to stays open."""
        self._text.detach()


def safe_cell(cell: str | int) -> str | int:
    """A spreadsheet would run what begins like a formula; with an apostrophe it is text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(STARTS_FORMULA) else cell
