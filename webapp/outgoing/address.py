"""What can be said of an address before anybody is asked about it: it is one of http or https, plainly written."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import SplitResult, quote, urlsplit

from webapp.outgoing.errors import OutgoingRefused

DEFAULT_PORTS = {"http": 80, "https": 443}
LONGEST = 1000  # characters, also when written out
TOO_LONG = f"The address is longer than {LONGEST} characters."
NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
LOOKS_LIKE_A_NUMBER = re.compile(r"(.*\.)?([0-9]+|0x[0-9a-f]*)")
KEPT_IN_PATHS = "!$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True)
class Target:
    """Where a call goes. The host is a name in ASCII, or an IP address; without brackets and a dot at its end."""

    scheme: str
    host: str
    port: int
    path: str  # with the query

    @property
    def authority(self) -> str:
        """Host and port as the Host header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """One spelling for all that mean the same."""
        return f"{self.scheme}://{self.authority}{self.path}"


def read_url(url: str) -> Target:
    """Raises OutgoingRefused, in words, for whatever is no plain http or https address."""
    if len(url) > LONGEST:
        raise OutgoingRefused(TOO_LONG)
    if not url.isprintable() or any(character.isspace() or character == "\\" for character in url):
        raise OutgoingRefused("An address has no spaces, no line ends and no backslashes.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise OutgoingRefused("This is not a web address, such as https://example.org/hook.") from None
    refuse_what_is_not_plain(parts, port)
    path = quote(parts.path or "/", safe=KEPT_IN_PATHS)
    query = f"?{quote(parts.query, safe=KEPT_IN_PATHS)}" if parts.query else ""
    target = Target(parts.scheme, plain_host(parts.hostname or ""), port or DEFAULT_PORTS[parts.scheme], path + query)
    if len(target.url) > LONGEST:
        raise OutgoingRefused(TOO_LONG)
    return target


def refuse_what_is_not_plain(parts: SplitResult, port: int | None) -> None:
    if parts.scheme not in DEFAULT_PORTS:
        raise OutgoingRefused("An address begins with https:// or http://.")
    if "@" in parts.netloc:
        raise OutgoingRefused("Leave user and password out of the address; they would be shown with it.")
    if "[" in parts.netloc and ":" not in (parts.hostname or ""):
        raise OutgoingRefused("In brackets stands an IPv6 address, such as [2001:db8::7].")
    if port == 0:
        raise OutgoingRefused("There is no port 0.")


def plain_host(typed: str) -> str:
    """The one spelling of a host. Raises OutgoingRefused, also for numbers that only some programs take for one."""
    try:
        if ":" in typed:
            return str(IPv6Address(typed if "%" not in typed else ""))
        host = typed.encode("idna").decode("ascii").lower().removesuffix(".")
        if LOOKS_LIKE_A_NUMBER.fullmatch(host):
            return str(IPv4Address(host))
    except AddressValueError:
        raise OutgoingRefused("Write an IP address in full, such as 192.0.2.7 or [2001:db8::7].") from None
    except UnicodeError:
        host = ""
    if not NAME.fullmatch(host) or len(host) > 253:
        raise OutgoingRefused("The address has no host name that can be looked up.")
    return host
