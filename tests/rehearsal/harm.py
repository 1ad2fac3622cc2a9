"""What goes wrong on that day: two deploys, an outage of Redis, one of the bucket, and all along somebody dies."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.rehearsal.production import DYNOS, Production

SHORTEST_OUTAGE, LONGEST_OUTAGE = 2.0, 10.0  # seconds
KILLS_EVERY = 2.0, 8.0  # seconds between two of them
AFTERSHOCK = 3.0  # seconds in which what was away may still be taken to be so, or a request that was cut off ends
# Parts of the time at which it begins, so that every outage is over long before the end.
DEPLOYS, S3_AWAY, REDIS_AWAY = (0.15, 0.7), 0.3, 0.5


@dataclass
class Day:
    """What was done, and when (monotonic seconds) something was away."""

    production: Production
    dice: random.Random
    seconds: float
    faults: Counter[str] = field(default_factory=Counter)
    s3_away: list[tuple[float, float]] = field(default_factory=list)
    web_killed: list[tuple[float, float]] = field(default_factory=list)

    @property
    def outage(self) -> float:
        """In seconds; shorter on a short day."""
        return min(LONGEST_OUTAGE, max(SHORTEST_OUTAGE, self.seconds / 10))

    def pass_by(self) -> None:
        began = time.monotonic()
        for at, deed in sorted(self.plan(), key=lambda planned: planned[0]):
            time.sleep(max(0.0, began + at - time.monotonic()))
            deed()
        time.sleep(max(0.0, began + self.seconds - time.monotonic()))

    def plan(self) -> list[tuple[float, Callable[[], None]]]:
        s3, redis, outage = S3_AWAY * self.seconds, REDIS_AWAY * self.seconds, self.outage
        planned: list[tuple[float, Callable[[], None]]] = [(part * self.seconds, self.deploy) for part in DEPLOYS]
        planned += [(s3, self.shut_s3), (s3 + outage, self.open_s3)]
        planned += [(redis, self.shut_redis), (redis + outage, self.open_redis)]
        at, longest = 0.0, min(KILLS_EVERY[1], self.seconds / 5)
        while (at := at + self.dice.uniform(KILLS_EVERY[0], longest)) < self.seconds * 0.9:
            planned.append((at, self.kill_somebody))
        return planned

    def note(self, name: str) -> None:
        self.faults[name] += 1
        print(f"{time.monotonic():.2f} {name}")

    def deploy(self) -> None:
        self.note("deploy")
        self.production.deploy()

    def kill_somebody(self) -> None:
        name = self.dice.choice(list(DYNOS))
        command = DYNOS[name]
        if command in ("default", "images") and self.dice.random() < 0.4:
            self.note(f"kill horse of {command}")
            self.production.kill_horse(name)
            return
        self.note(f"kill {command}")
        killed = time.monotonic()
        self.production.crash(name)
        if command == "web":
            self.web_killed.append((killed, time.monotonic() + AFTERSHOCK))

    def shut_s3(self) -> None:
        """It refuses, or takes everything and never says a word."""
        how = self.dice.choice([self.production.s3.stop, self.production.s3.hush])
        self.note(f"S3 away ({'refuses' if how == self.production.s3.stop else 'silent'})")
        self.s3_away.append((time.monotonic(), time.monotonic() + self.outage + AFTERSHOCK))
        how()

    def open_s3(self) -> None:
        gate = self.production.s3
        if gate.silent:
            gate.silent = False
            gate.drop()  # who still waits there would wait in vain
        else:
            gate.start()

    def shut_redis(self) -> None:
        self.note("Redis away")
        self.production.tls.stop()
        self.production.valkey.stop()

    def open_redis(self) -> None:
        self.production.valkey.start()
        self.production.tls.start()
