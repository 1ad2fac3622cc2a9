"""python -m tests.bench [sqlite|postgresql]: measures, prints one table and writes build/bench.json."""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import replace
from itertools import count
from pathlib import Path

from tests.bench import cases, jobs
from tests.bench.table import Row, print_table, write_json
from tests.support.databases import PostgresTemplates, SqliteTemplates
from tests.support.launch import ROOT

KINDS = {"sqlite": SqliteTemplates, "postgresql": PostgresTemplates}


def main() -> int:
    rows = [row for kind in sys.argv[1:] or KINDS for row in measure(kind)]
    write_json(rows, ROOT / "build" / "bench.json")
    print_table(rows)
    return 0 if all(row.holds for row in rows) else 1


def measure(kind: str) -> list[Row]:
    folder = Path(tempfile.mkdtemp(prefix="gb-"))
    templates = KINDS[kind](folder)
    numbers = count()

    def new_database() -> str:
        place = folder / str(next(numbers))
        place.mkdir()
        return templates.copy(place)

    try:
        rows: list[Row] = []
        for case in (*cases.CASES, *jobs.CASES):
            print(f"{kind}: {case.__name__.replace('_', ' ')} …", file=sys.stderr, flush=True)
            rows += case(new_database)
        return [replace(row, what=f"{row.what}, {kind}") for row in rows]
    finally:
        if isinstance(templates, PostgresTemplates):
            templates.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    raise SystemExit(main())
