"""One POST to an address that was looked up once, within limits of time and size."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

from flask import current_app

from webapp.outgoing.address import Target, read_url
from webapp.outgoing.errors import OutgoingFailed, OutgoingRefused
from webapp.outgoing.lookup import Found, look_up


@dataclass(frozen=True)
class Limits:
    connect: float = 5  # seconds for one address
    silence: float = 10  # seconds without a byte
    total: float = 15  # seconds for everything, however steadily bytes come
    answer: int = 64 * 1024  # bytes of the answer that are read


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes  # cut at the limit


def post(url: str, body: bytes, headers: dict[str, str], limits: Limits = Limits()) -> Answer:
    """Send it, following no redirect and no proxy. Raises OutgoingRefused or OutgoingFailed."""
    target = read_url(url)
    ends_at = time.monotonic() + limits.total
    found = look_up(target, current_app.config["SETTINGS"].allowed_outgoing, limits.total)
    with connect(target, found, limits, ends_at) as raw, cut_off(raw, ends_at) as was_cut_off:
        try:
            answer = exchange(target, raw, body, headers, limits)
        except (OSError, HTTPException) as error:
            words = f"{target.host} took too long." if was_cut_off.is_set() else words_for(target, error)
            raise OutgoingFailed(words) from None
        if was_cut_off.is_set():
            raise OutgoingFailed(f"{target.host} took too long.")
    if 300 <= answer.status < 400:
        raise OutgoingRefused(
            f"{target.host} redirects to another address, which is not followed. Enter the final address instead."
        )
    return answer


def connect(target: Target, found: list[Found], limits: Limits, ends_at: float) -> socket.socket:
    """To the first of just these addresses that takes the connection."""
    words = f"{target.host} has no address."
    for family, address in found:
        raw = socket.socket(family, socket.SOCK_STREAM)
        try:
            raw.settimeout(max(0.001, min(limits.connect, ends_at - time.monotonic())))
            raw.connect(address)
            raw.settimeout(limits.silence)
            return raw
        except OSError as error:
            raw.close()
            words = words_for(target, error)
        except BaseException:
            raw.close()
            raise
    raise OutgoingFailed(words)


@contextmanager
def cut_off(raw: socket.socket, ends_at: float) -> Iterator[threading.Event]:
    """End the connection when the time is over, also in a handshake or a header that comes byte by byte."""
    was_cut_off = threading.Event()
    twin = raw.dup()  # TLS takes the socket itself away

    def cut() -> None:
        was_cut_off.set()
        with suppress(OSError):  # the other side was quicker
            twin.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, ends_at - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        yield was_cut_off
    finally:
        timer.cancel()
        timer.join()
        twin.close()


def exchange(target: Target, raw: socket.socket, body: bytes, headers: dict[str, str], limits: Limits) -> Answer:
    """The name of the host, and not the address it was found at, is what the certificate and the Host header say."""
    connection = HTTPConnection(target.host, target.port)
    connection.sock = raw
    try:
        if target.scheme == "https":
            connection.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=target.host)
        own = {"Host": target.authority, "User-Agent": "Gallerist", "Connection": "close"}
        connection.request("POST", target.path, body, headers | own)
        response = connection.getresponse()
        return Answer(response.status, response.read(limits.answer))
    finally:
        connection.close()


def words_for(target: Target, error: OSError | HTTPException) -> str:
    """In words of our own, as an exception may repeat the address or what the other side said."""
    if isinstance(error, TimeoutError):
        return f"{target.host} did not answer in time."
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The certificate of {target.host} is not valid: {error.verify_message}."
    if isinstance(error, ssl.SSLError):
        return f"No secure connection to {target.host} could be made."
    if isinstance(error, OSError) and error.errno:
        return f"{target.host} can't be reached: {os.strerror(error.errno)}."
    return f"{target.host} gave no answer that can be understood."
