"""Receivers on this machine, which OUTGOING_ALLOW lets in, and a resolver that says what we like."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from tests.support.receiver import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture
def allow(in_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Set OUTGOING_ALLOW."""
    return lambda listed: monkeypatch.setattr(in_app.config["SETTINGS"], "outgoing_allow", listed)


class Resolver:
    """Answers each look-up with the next of the lists of addresses, the last of which is repeated."""

    def __init__(self, answers: list[list[str]]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def getaddrinfo(self, host: str, port: int, *_: Any, **__: Any) -> list[tuple]:
        self.asked.append(host)
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, port, 0, 0))
            if ":" in address
            else (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))
            for address in addresses
        ]


@pytest.fixture
def resolve(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Resolver]:
    """Let the resolver say these addresses: one list for each look-up."""

    def to(*answers: list[str]) -> Resolver:
        resolver = Resolver(list(answers))
        monkeypatch.setattr(socket, "getaddrinfo", resolver.getaddrinfo)
        return resolver

    return to
