"""python -m tests.bench [sqlite|postgresql] [--only WORD]: measures, prints one table and writes build/bench.json."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from dataclasses import replace
from itertools import count
from pathlib import Path

from tests.bench import asking, cases, footprint, jobs, meaning, pictures, reading, syncs, uploads
from tests.bench.table import Row, print_table, write_json
from tests.support.databases import PostgresTemplates, SqliteTemplates
from tests.support.launch import ROOT

KINDS = {"sqlite": SqliteTemplates, "postgresql": PostgresTemplates}
ON_BOTH = (*cases.CASES, *uploads.CASES, *syncs.CASES, *reading.CASES, *jobs.CASES, *meaning.CASES, *asking.CASES)
CASES = {"sqlite": (*ON_BOTH, *pictures.CASES, *footprint.CASES), "postgresql": ON_BOTH}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("kinds", nargs="*", metavar="DATABASE", help=", ".join(KINDS))
    parser.add_argument("--only", default="", metavar="WORD", help="the cases whose names hold it")
    asked = parser.parse_args()
    rows = [row for kind in asked.kinds or KINDS for row in measure(kind, asked.only)]
    write_json(rows, ROOT / "build" / "bench.json")
    print_table(rows)
    return 0 if all(row.holds for row in rows) else 1


def measure(kind: str, word: str) -> list[Row]:
    folder = Path(tempfile.mkdtemp(prefix="gb-"))
    templates = KINDS[kind](folder)
    if isinstance(templates, PostgresTemplates):
        templates.behave_as_in_production()
    numbers = count()

    def new_database() -> str:
        place = folder / str(next(numbers))
        place.mkdir()
        return templates.copy(place)

    try:
        rows: list[Row] = []
        for case in (c for c in CASES[kind] if word in c.__name__):
            print(f"{kind}: {case.__name__.replace('_', ' ')} …", file=sys.stderr, flush=True)
            rows += case(new_database)
        return [replace(row, what=f"{row.what}, {kind}") for row in rows]
    finally:
        if isinstance(templates, PostgresTemplates):
            templates.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
