"""From a host to the addresses that may be called: looked up once, and every one of them public."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import Future
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from config import Allowed
from webapp.outgoing.address import Target, read_url
from webapp.outgoing.errors import OutgoingFailed, OutgoingRefused

IPAddress = IPv4Address | IPv6Address
Found = tuple[int, tuple[str, int] | tuple[str, int, int, int]]  # address family, and what connect() takes

FAMILIES = (socket.AF_INET, socket.AF_INET6)
GIVEN_OUT = ip_network("2000::/3")  # all of IPv6 that anybody was given so far to be reached at
TRANSLATED = ip_network("64:ff9b::/96")  # NAT64: the last 32 bits are the IPv4 address that is meant
# For protocols, relays and documentation; public in part to the `ipaddress` of some Python.
NOT_PUBLIC = [ip_network("192.0.0.0/24"), ip_network("192.88.99.0/24"), ip_network("3fff::/20")]


def check_url(url: str, allowed: Allowed) -> Target:
    """What can be said without looking anything up. Raises OutgoingRefused."""
    target = read_url(url)
    with suppress(ValueError):  # a name
        refuse_what_is_not_public(target, [ip_address(target.host)], allowed)
    return target


def look_up(target: Target, allowed: Allowed, seconds: float) -> list[Found]:
    """Every address of the host, in the resolver's order. Raises OutgoingRefused if a single one must not be called."""
    answers = ask_resolver(target, seconds)
    found: list[Found] = [(family, address) for family, _, _, _, address in answers if family in FAMILIES]
    refuse_what_is_not_public(target, [ip_address(address[0]) for _, address in found], allowed)
    return found


def ask_resolver(target: Target, seconds: float) -> list[tuple]:
    """In a thread of its own, because a look-up has no time limit and can't be stopped."""
    answer: Future[list[tuple]] = Future()

    def ask() -> None:
        try:
            answer.set_result(socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=ask, name="look-up", daemon=True).start()
    try:
        return answer.result(seconds)
    except TimeoutError:
        raise OutgoingFailed(f"The name {target.host} could not be looked up in time.") from None
    except (OSError, UnicodeError):
        raise OutgoingFailed(f"The name {target.host} could not be found.") from None


def refuse_what_is_not_public(target: Target, addresses: list[IPAddress], allowed: Allowed) -> None:
    if not all(may_be_called(target, address, allowed) for address in addresses):
        raise OutgoingRefused(
            f"{target.host} is not a public address. If it is meant to be called, add it to OUTGOING_ALLOW."
        )


def may_be_called(target: Target, address: IPAddress, allowed: Allowed) -> bool:
    meant = meant_by(address)
    return target.host in allowed.hosts or any(meant in network for network in allowed.networks) or is_public(meant)


def is_public(address: IPAddress) -> bool:
    """Whether it belongs to one machine somewhere on the internet, and to nothing behind our own walls."""
    address = meant_by(address)
    if isinstance(address, IPv6Address) and address not in GIVEN_OUT:
        return False
    if address.is_multicast or address.is_reserved or any(address in network for network in NOT_PUBLIC):
        return False
    return address.is_global


def meant_by(address: IPAddress) -> IPAddress:
    """The IPv4 address inside an IPv6 address that only wraps one, and leads to it."""
    if isinstance(address, IPv4Address):
        return address
    if address in TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
