"""`make fuzz SECONDS=60 SEED=1`: harm pictures in ever new ways, and see whether the probe or an upload stumbles.

The probe may raise nothing but BadImage, quickly and in little memory; an upload may be answered with nothing but
200, 201, 413 or 415. What breaks that is saved in build/fuzz, under a name that says how to do it again.
"""

from __future__ import annotations

import io
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path

from tests.support.databases import SqliteTemplates
from tests.support.hostile import crooked_files, two_things_at_once, whole_files
from tests.support.product import Product
from webapp import imaging

FOLDER = Path(__file__).parents[1] / "build" / "fuzz"
LARGEST_SEED = 100_000  # bytes
PROBES_AN_UPLOAD = 20
LONGEST_PROBE = 1.0  # seconds of the processor
MAY_GROW = 100_000  # kilobytes of this process, by one probe
INTERESTING = [0, 1, 0x7F, 0x80, 0xFF]  # bytes that are often a limit of something

Complaint = str | None
Target = Callable[[bytes], Complaint]


def main(seconds: float, seed: int) -> int:
    print(f"Fuzzing for {seconds:.0f} s with SEED={seed}")
    with tempfile.TemporaryDirectory() as templates:
        product = Product(SqliteTemplates(Path(templates)).fresh(Path(templates)), breakable=False)
        try:
            product.start("web")
            targets = {"probe": probe, "upload": uploader(product)}
            found = fuzz(targets, seconds, random.Random(seed), FOLDER)
        finally:
            product.stop()
    return 1 if found else 0


def fuzz(targets: dict[str, Target], seconds: float, rng: random.Random, folder: Path) -> list[Path]:
    """The reproducers that were saved."""
    seeds, tried, saved = good_and_bad_files(), dict.fromkeys(targets, 0), []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        data = harmed(rng, seeds)
        name = "upload" if "upload" in targets and sum(tried.values()) % PROBES_AN_UPLOAD == 0 else "probe"
        tried[name] += 1
        if complaint := targets[name](data):
            saved.append(save(folder, name, data, complaint))
    print(", ".join(f"{name} {count} times" for name, count in tried.items()) + f": {len(saved)} found")
    return saved


@cache
def good_and_bad_files() -> list[bytes]:
    files = [data for make in (whole_files, crooked_files, two_things_at_once) for _, data in make()]
    return [data for data in files if len(data) < LARGEST_SEED]


def harmed(rng: random.Random, seeds: list[bytes]) -> bytes:
    data = bytearray(rng.choice(seeds))
    for _ in range(rng.choice([1, 1, 2, 4, 16])):
        rng.choice(HARMS)(rng, data, rng.choice(seeds))
    return bytes(data)


def place(rng: random.Random, data: bytearray) -> int:
    """Headers are where the sense is, so half of the harm is done there."""
    return rng.randrange(min(len(data), rng.choice([64, 400, LARGEST_SEED])) or 1)


def flip(rng: random.Random, data: bytearray, _other: bytes) -> None:
    if data:
        data[place(rng, data)] ^= 1 << rng.randrange(8)


def overwrite(rng: random.Random, data: bytearray, _other: bytes) -> None:
    at, length = place(rng, data), rng.choice([1, 2, 4, 8])
    data[at : at + length] = bytes([rng.choice(INTERESTING)]) * length


def cut_out(rng: random.Random, data: bytearray, _other: bytes) -> None:
    at = place(rng, data)
    del data[at : at + rng.choice([1, 4, 100, LARGEST_SEED])]


def repeat(rng: random.Random, data: bytearray, _other: bytes) -> None:
    at = place(rng, data)
    data[at:at] = data[at : at + rng.choice([4, 12, 200])] * rng.choice([1, 3, 50])


def splice(rng: random.Random, data: bytearray, other: bytes) -> None:
    at, start = place(rng, data), rng.randrange(len(other) or 1)
    data[at:at] = other[start : start + rng.choice([8, 64, 4000])]


HARMS = [flip, overwrite, cut_out, repeat, splice]


def probe(data: bytes) -> Complaint:
    began, before = time.process_time(), peak()
    try:
        imaging.probe(io.BytesIO(data), "fuzzed.jpg")
    except imaging.BadImage:
        pass
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if time.process_time() - began > LONGEST_PROBE:
        return f"took {time.process_time() - began:.1f} s"
    return f"grew by {(peak() - before) // 1000} MB" if peak() - before > MAY_GROW else None


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def uploader(product: Product) -> Target:
    client = product.client()

    def upload(data: bytes) -> Complaint:
        answer = client.upload(data, "fuzzed.jpg")
        return None if answer.status in (200, 201, 413, 415) else f"answered {answer.status}: {answer.body}"

    return upload


def save(folder: Path, name: str, data: bytes, complaint: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{sha256(data).hexdigest()[:16]}.bin"
    path.write_bytes(data)
    print(f"{path}: {complaint}")
    return path


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2] if len(sys.argv) > 2 else random.randrange(10**9))))
