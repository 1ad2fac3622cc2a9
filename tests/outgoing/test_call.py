"""One call over real sockets: what it sends, and how it ends when the other side does not play by the rules."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest

from tests.security.rows import threat
from tests.support.ports import free_port
from tests.support.receiver import Receiver
from webapp.outgoing import Limits, OutgoingFailed, OutgoingRefused, post

CERTIFICATE = str(Path(__file__).parent / "certificates" / "hooks.test.pem")  # of hooks.test and 127.0.0.1, until 2126
PATIENT = Limits(connect=20, silence=20, total=20)
SECRET = "/hook/hunter2?key=hunter3"


@pytest.fixture(autouse=True)
def _local(allow) -> None:
    allow("127.0.0.0/8")


def endless(handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b"x" * 65536)


def byte_by_byte(first: bytes):
    """Never silent for long, and never at an end."""

    def answer(handler) -> None:
        handler.wfile.write(first)
        while True:
            handler.wfile.write(b"x")
            handler.wfile.flush()
            threading.Event().wait(0.02)

    return answer


def silent(handler) -> None:
    threading.Event().wait(30)


def test_sends_a_post_with_its_headers_and_body(receiver):
    answer = post(f"{receiver.url}{SECRET}", b'{"a":1}', {"Content-Type": "application/json", "X-One": "1"}, PATIENT)
    (call,) = receiver.calls
    assert (answer.status, answer.body) == (200, b"ok")
    assert (call.method, call.path, call.body) == ("POST", SECRET, b'{"a":1}')
    assert call.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert call.headers["x-one"] == "1"
    assert call.headers["content-length"] == "7"


def test_the_name_stands_in_the_host_header(receiver, resolve):
    resolve(["127.0.0.1"])
    post(f"http://hooks.test:{receiver.port}/", b"", {}, PATIENT)
    assert receiver.calls[0].headers["host"] == f"hooks.test:{receiver.port}"


@pytest.mark.parametrize("status", [200, 204, 400, 410, 500, 503])
def test_every_other_status_is_an_answer(receiver, status):
    receiver.answers = [status]
    assert post(receiver.url, b"", {}, PATIENT).status == status


@threat(18)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(receiver, status):
    trap = Receiver()

    def redirect(handler) -> None:
        handler.send_response(status)
        handler.send_header("Location", trap.url)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    receiver.answers = [redirect]
    with pytest.raises(OutgoingRefused, match="redirects to another address, which is not followed"):
        post(receiver.url, b"", {}, PATIENT)
    assert (len(receiver.calls), trap.connections) == (1, 0)
    trap.close()


@threat(18)
def test_a_name_that_leads_elsewhere_at_a_second_look_is_called_where_it_was_first(receiver, resolve, allow):
    allow("127.0.0.1")
    trap = Receiver(host="127.0.0.2")
    resolver = resolve(["127.0.0.1"], ["127.0.0.2"])
    assert post(f"http://hooks.test:{receiver.port}/", b"", {}, PATIENT).status == 200
    assert (resolver.asked, trap.connections) == (["hooks.test"], 0)
    trap.close()


def test_an_address_that_does_not_answer_is_followed_by_the_next(receiver, resolve):
    resolve(["127.0.0.2", "127.0.0.1"])
    assert post(f"http://hooks.test:{receiver.port}/", b"", {}, PATIENT).status == 200


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"])
def test_a_proxy_of_the_environment_is_not_asked(receiver, monkeypatch, name):
    proxy = Receiver()
    monkeypatch.setenv(name, proxy.url)
    post(receiver.url, b"", {}, PATIENT)
    assert (len(receiver.calls), proxy.connections) == (1, 0)
    proxy.close()


@threat(18)
def test_an_endless_answer_is_cut(receiver):
    receiver.answers = [endless]
    answer = post(receiver.url, b"", {}, Limits(connect=20, silence=20, total=20, answer=1000))
    assert (answer.status, answer.body) == (200, b"x" * 1000)


def test_silence_is_not_waited_for(receiver):
    receiver.answers = [silent]
    with pytest.raises(OutgoingFailed, match=r"127\.0\.0\.1 did not answer in time"):
        post(receiver.url, b"", {}, Limits(connect=20, silence=0.2, total=20))


@threat(18)
@pytest.mark.parametrize(
    "first",
    [
        b"HTTP/1.1 20",
        b"HTTP/1.1 200 OK\r\nX-Endless: ",
        b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n",
    ],
)
def test_an_answer_that_comes_byte_by_byte_has_an_end(receiver, first):
    receiver.answers = [byte_by_byte(first)]
    with pytest.raises(OutgoingFailed, match=r"127\.0\.0\.1 took too long"):
        post(receiver.url, b"", {}, Limits(connect=20, silence=20, total=0.5))


def test_a_handshake_that_never_ends_has_an_end():
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def drip() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"\x16\x03\x03\x40\x00")  # a record of 16 kB begins
                while not ended.wait(0.02):
                    try:
                        connection.sendall(b"\x02")
                    except OSError:
                        return

        threading.Thread(target=drip, daemon=True).start()
        with pytest.raises(OutgoingFailed, match="took too long"):
            post(f"https://127.0.0.1:{server.getsockname()[1]}/", b"", {}, Limits(connect=20, silence=20, total=0.5))
        ended.set()


@pytest.mark.parametrize(
    "answer", [b"", b"hello there\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200]
)
def test_what_is_no_http_is_said_so(receiver, answer):
    def say(handler) -> None:
        handler.wfile.write(answer)

    receiver.answers = [say]
    with pytest.raises(OutgoingFailed, match="gave no answer that can be understood|can't be reached"):
        post(receiver.url, b"", {}, PATIENT)


def test_nobody_there_is_said_so():
    with pytest.raises(OutgoingFailed, match=r"127\.0\.0\.1 can't be reached: Connection refused"):
        post(f"http://127.0.0.1:{free_port()}{SECRET}", b"", {}, PATIENT)


def test_no_words_repeat_what_may_be_secret(receiver):
    for answer in (silent, 302, lambda handler: handler.wfile.write(b"hunter2 hunter3\r\n")):
        receiver.answers = [answer]
        with pytest.raises((OutgoingFailed, OutgoingRefused)) as error:
            post(f"{receiver.url}{SECRET}", b"hunter2", {"X": "hunter3"}, Limits(connect=20, silence=0.3, total=20))
        assert "hunter" not in str(error.value)
        assert error.value.__suppress_context__ or error.value.__context__ is None


def test_tls_is_for_the_name_and_not_for_the_address_it_leads_to(receiver, resolve, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", CERTIFICATE)
    receiver.speak_tls(CERTIFICATE)
    resolve(["127.0.0.1"])
    assert post(f"https://hooks.test:{receiver.port}/", b"", {}, PATIENT).status == 200
    assert receiver.calls[0].headers["host"] == f"hooks.test:{receiver.port}"
    with pytest.raises(OutgoingFailed, match=r"The certificate of other\.test is not valid: .*mismatch"):
        post(f"https://other.test:{receiver.port}/", b"", {}, PATIENT)
    assert len(receiver.calls) == 1


def test_a_certificate_that_nobody_vouches_for_is_not_accepted(receiver, resolve):
    receiver.speak_tls(CERTIFICATE)
    resolve(["127.0.0.1"])
    with pytest.raises(OutgoingFailed, match=r"The certificate of hooks\.test is not valid: self-signed"):
        post(f"https://hooks.test:{receiver.port}/", b"", {}, PATIENT)
    assert receiver.calls == []


def test_tls_with_somebody_who_speaks_none_is_said_so(receiver):
    with pytest.raises(OutgoingFailed, match=r"No secure connection|can't be reached"):
        post(f"https://127.0.0.1:{receiver.port}/", b"", {}, PATIENT)
