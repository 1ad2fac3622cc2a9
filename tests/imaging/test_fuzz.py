"""The fuzzer finds, saves and repeats; what it finds in the product, `make fuzz` says."""

from __future__ import annotations

import random

from tests.fuzz import fuzz, probe


def test_what_breaks_a_target_is_saved_and_breaks_it_again(tmp_path):
    def fragile(data: bytes) -> str | None:
        return "stumbled" if len(data) % 7 == 0 else None

    found = fuzz({"probe": fragile}, 0.3, random.Random(1), tmp_path)
    assert found and set(found) == set(tmp_path.iterdir())
    assert all(fragile(path.read_bytes()) == "stumbled" for path in found)


def test_the_same_seed_does_the_same_harm(tmp_path):
    seen: list[list[bytes]] = [[], []]
    for kept in seen:
        fuzz({"probe": kept.append}, 0.2, random.Random(7), tmp_path)
    common = min(map(len, seen))
    assert common > 10 and seen[0][:common] == seen[1][:common]


def test_the_probe_withstands_a_second_of_it(tmp_path):
    assert fuzz({"probe": probe}, 1, random.Random(3), tmp_path) == []
