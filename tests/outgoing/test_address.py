"""What is and what is not an address that can be called, before anybody is asked about it."""

from __future__ import annotations

import pytest

from webapp.outgoing import OutgoingRefused, read_url


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("https://example.org", "https://example.org/"),
        ("HTTPS://Example.ORG/Hook", "https://example.org/Hook"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("http://example.org:80/a", "http://example.org/a"),
        ("http://example.org:443/a", "http://example.org:443/a"),
        ("https://example.org./a", "https://example.org/a"),
        ("https://example.org/a?token=b&c=%20d#part", "https://example.org/a?token=b&c=%20d"),
        ("https://bücher.example/ä?ö=1", "https://xn--bcher-kva.example/%C3%A4?%C3%B6=1"),
        ("https://example。org/", "https://example.org/"),
        ("https://8.8.8.8:8443/", "https://8.8.8.8:8443/"),
        ("https://[2606:4700:0:0::1111]/x", "https://[2606:4700::1111]/x"),
        ("https://under_score.example/", "https://under_score.example/"),
    ],
)
def test_each_address_has_one_spelling(typed, written):
    assert read_url(typed).url == written
    assert read_url(written).url == written


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "example.org/hook",
        "//example.org/hook",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org:70/_x",
        "javascript:alert(1)",
        "unix:///var/run/docker.sock",
        "http:",
        "http://",
        "http:///hook",
        "http:example.org",
        "https://ann:secret@example.org/",
        "https://ann@example.org/",
        "https://@example.org/",
        "https://example.org:0/",
        "https://example.org:70000/",
        "https://example.org:x/",
        "https://example.org:-1/",
        "https://exa mple.org/",
        " https://example.org/",
        "https://example.org/\n",
        "https://example.org/\r\nHost: evil",
        "https://example.org/\tx",
        "https://example.org\\@evil.example/",
        "https://example.org/a\\b",
        "https://example.org/\0",
        "https://exam%70le.org/",
        "https://example..org/",
        "https://.example.org/",
        "https://example.org../",
        "https://-x.example/",
        "https://" + "a" * 64 + ".example/",
        "https://" + ".".join(["abcdefgh"] * 30) + "/",
        "https://example.org/" + "x" * 1000,
        "https://example.org/" + "ä" * 300,
        "https://" + "ä" * 1_000_000,
        "https://" + "1." * 1_000_000,
        "https://exam!ple.org/",
        "https://[::1/",
        "https://[fe80::1%25eth0]/",
        "https://[fe80::1%eth0]/",
        "https://[v1.x]/",
        "https://::1/",
        "https://[example.org]/",
        "https://℀.example/",
    ],
)
def test_what_is_no_plain_web_address_is_refused(typed):
    with pytest.raises(OutgoingRefused):
        read_url(typed)


@pytest.mark.parametrize(
    "host",
    [
        "127.1",
        "127.0.1",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "127.0.0.01",
        "2130706433",
        "0",
        "0x",
        "1.2.3.4.5",
        "256.1.1.1",
        "127.0.0.1.",
        "127.0.0.0x1",
        "example.0x7f",
        "example.1",
    ],
)
def test_numbers_that_only_some_programs_take_for_an_address_are_refused_or_read_alike(host):
    if host == "127.0.0.1.":
        assert read_url(f"http://{host}/").host == "127.0.0.1"
        return
    with pytest.raises(OutgoingRefused, match="IP address in full"):
        read_url(f"http://{host}/")


@pytest.mark.parametrize("host", ["①②⑦.⓪.⓪.①", "127。0。0。1", "127.0.0.1"])
def test_digits_of_other_scripts_are_the_digits_they_look_like(host):
    assert read_url(f"http://{host}/").host == "127.0.0.1"


def test_no_words_repeat_what_may_be_secret():
    for typed in ("https://ann:hunter2@example.org/", "ftp://example.org/hunter2", "https://[x]/?key=hunter2"):
        with pytest.raises(OutgoingRefused) as refused:
            read_url(typed)
        assert "hunter2" not in str(refused.value)
