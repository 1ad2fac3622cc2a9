"""Which addresses are public, and that a host with a single other one is not called."""

from __future__ import annotations

import socket
import threading
from ipaddress import ip_address

import pytest

import config
from config import SettingsError
from tests.security.rows import threat
from webapp.outgoing import OutgoingFailed, OutgoingRefused, post, read_url
from webapp.outgoing.lookup import is_public, look_up

NOT_PUBLIC = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1",
    "127.255.255.254", "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.8",
    "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "224.0.1.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1",
    "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0.0.0.0",
    "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1",
    "64:ff9b:1::8.8.8.8", "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:0:7f00:1::1",
    "2001:10::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "2002:a9fe:a9fe::1", "2002:c0a8:1::1", "3fff::1",
    "4000::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fdff::1", "fe80::1", "fe80::1%lo", "febf::1", "fec0::1",
    "ff01::1", "ff02::1", "ff05::2", "ff0e::1", "ffff::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "93.184.216.34", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1",
    "223.255.255.254", "2606:4700::1111", "2a00:1450:4001:80b::200e", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
    "2002:808:808::1",
]  # fmt: skip


@threat(18)
@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_what_is_not_reached_over_the_internet_is_not_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_reached_over_the_internet_is_public(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_name_that_leads_there_is_refused(in_app, resolve, address):
    resolve([address])
    with pytest.raises(OutgoingRefused, match=r"hooks\.test is not a public address"):
        post("http://hooks.test/", b"", {})


@threat(18)
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "localhost.", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"])
def test_this_machine_is_refused_however_it_is_written(in_app, receiver, host):
    with pytest.raises(OutgoingRefused):
        post(f"http://{host}:{receiver.port}/", b"", {})
    assert receiver.connections == 0


@pytest.mark.parametrize("addresses", [["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], ["2606:4700::1111", "::1"]])
def test_one_address_that_is_not_public_is_enough(in_app, receiver, resolve, addresses):
    resolve(addresses)
    with pytest.raises(OutgoingRefused):
        post(f"http://hooks.test:{receiver.port}/", b"", {})
    assert receiver.connections == 0


def test_every_address_of_a_public_name_is_found_in_order(in_app, resolve):
    resolve(["2606:4700::1111", "8.8.8.8"])
    found = look_up(read_url("https://hooks.test/"), in_app.config["SETTINGS"].allowed_outgoing, 5)
    assert [(family, address[:2]) for family, address in found] == [
        (socket.AF_INET6, ("2606:4700::1111", 443)),
        (socket.AF_INET, ("8.8.8.8", 443)),
    ]


@pytest.mark.parametrize("listed", ["127.0.0.1", "10.0.0.0/8, 127.0.0.0/8", "127.0.0.1/32,hooks.lan"])
def test_an_allowed_network_is_called(receiver, allow, listed):
    allow(listed)
    assert post(receiver.url, b"", {}).status == 200
    with pytest.raises(OutgoingRefused):
        post(f"http://[::1]:{receiver.port}/", b"", {})


def test_an_allowed_host_is_called_wherever_it_is_and_others_there_are_not(receiver, allow, resolve):
    allow("hooks.lan")
    resolve(["127.0.0.1"])
    assert post(f"http://hooks.lan:{receiver.port}/", b"", {}).status == 200
    for host in ("other.lan", "x.hooks.lan", "hooks.lan.evil.example", "127.0.0.1"):
        with pytest.raises(OutgoingRefused):
            post(f"http://{host}:{receiver.port}/", b"", {})


def test_an_allowed_network_holds_for_the_wrapped_spelling_too(receiver, allow, resolve):
    allow("10.0.0.0/8")
    resolve(["::ffff:127.0.0.1"])
    with pytest.raises(OutgoingRefused):
        post(f"http://hooks.test:{receiver.port}/", b"", {})
    assert receiver.connections == 0


def test_a_name_that_is_not_there_may_be_there_later(in_app, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(OutgoingFailed, match=r"The name hooks\.test could not be found"):
        post("http://hooks.test/hunter2", b"", {})


def test_a_resolver_that_never_answers_is_not_waited_for(in_app, monkeypatch):
    answered = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answered.wait(30) and [])
    with pytest.raises(OutgoingFailed, match="could not be looked up in time"):
        look_up(read_url("http://hooks.test/"), in_app.config["SETTINGS"].allowed_outgoing, 0.1)
    answered.set()


def test_a_name_without_an_address_says_so(in_app, resolve):
    resolve([])
    with pytest.raises(OutgoingFailed, match="has no address"):
        post("http://hooks.test/", b"", {})


@pytest.mark.parametrize(
    "listed", ["127.1", "10.0.0.1/8", "10.0.0.0/99", "http://hooks.lan", "hooks.lan:80", "a b", "*"]
)
def test_a_setting_that_can_not_be_read_is_named(monkeypatch, tmp_path, listed):
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("OUTGOING_ALLOW", listed)
    with pytest.raises(SettingsError, match="OUTGOING_ALLOW: .* is neither a host nor a network"):
        config.load()
