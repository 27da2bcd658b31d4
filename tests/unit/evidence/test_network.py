"""The one module with sockets, against a server that misbehaves on loopback."""

from __future__ import annotations

import ast
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from evidence import network
from evidence.network_errors import (
    NetworkAnswerError,
    NetworkError,
    NetworkRefusedError,
    NetworkUnavailableError,
)
from tests.conftest import REPOSITORY
from tests.stamping import issue, new_key, pem
from tests.tsa_server import answer, serving

SLOW = 0.3  # seconds until this client gives up


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "no_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def ask(url: str, **options: float) -> network.Reply:
    return network.post(url, b"question", "a/b", accept="c/d", **options)  # type: ignore[arg-type]


def test_a_question_and_its_answer() -> None:
    def behaviour(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        answer(handler, body[::-1], kind="C/D; charset=x")

    with serving(behaviour) as server:
        assert ask(server.url) == network.Reply(200, "c/d", b"noitseuq")
        assert server.asked == [b"question"]
        sent = server.headers[0]
    assert (sent["content-type"], sent["accept"]) == ("a/b", "c/d")
    assert set(sent) == {
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "user-agent",
    }
    assert sent["user-agent"] == "custody"  # no version, no machine, no person


def test_get_sends_no_body_and_every_status_below_or_above_is_told() -> None:
    def behaviour(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        answer(handler, b"no", status=404, kind="text/plain")

    with serving(behaviour) as server:
        assert network.get(server.url) == network.Reply(404, "text/plain", b"no")
        assert server.asked == [b""]


def test_a_redirect_is_not_followed() -> None:
    def behaviour(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        handler.send_response(307)
        handler.send_header("Location", "/elsewhere")
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    with serving(behaviour) as server:
        with pytest.raises(NetworkAnswerError, match="redirect"):
            ask(server.url)
        assert len(server.asked) == 1


def test_a_huge_answer_is_cut_short() -> None:
    sent = 0

    def behaviour(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.end_headers()
        while sent < 1 << 30:
            handler.wfile.write(bytes(1 << 16))
            sent += 1 << 16

    with (
        serving(behaviour) as server,
        pytest.raises(NetworkAnswerError, match="longer"),
    ):
        ask(server.url, limit=1000)
    assert sent < 1 << 28


def test_an_answer_of_exactly_the_limit_is_whole() -> None:
    with serving(lambda h, b: answer(h, bytes(1000))) as server:
        assert len(ask(server.url, limit=1000).body) == 1000
        with pytest.raises(NetworkAnswerError, match="longer"):
            ask(server.url, limit=999)


def test_an_answer_that_ends_early_is_told() -> None:
    def behaviour(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b"short")

    with serving(behaviour) as server, pytest.raises(NetworkAnswerError, match="cut"):
        ask(server.url)


@pytest.mark.parametrize("where", ["silence", "status", "headers", "body"])
def test_a_drip_of_bytes_does_not_outlast_the_deadline(where: str) -> None:
    """Each byte arrives well within a socket's own timeout; together they never end."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()
    begin = {
        "silence": b"",
        "status": b"HTTP/1.1 200 ",
        "headers": b"HTTP/1.1 200 OK\r\nX: ",
        "body": b"HTTP/1.1 200 OK\r\n\r\n",
    }[where]

    def drip() -> None:
        line, _ = listener.accept()
        with line:
            line.sendall(begin)
            while not stop.wait(SLOW / 10):
                try:
                    if where != "silence":
                        line.sendall(b"x")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    try:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(NetworkUnavailableError, match="within"):
            ask(url, timeout=SLOW)
    finally:
        stop.set()
        thread.join()
        listener.close()


def test_what_is_no_http_is_an_odd_answer() -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def talk() -> None:
        line, _ = listener.accept()
        with line:
            line.recv(4096)
            line.sendall(b"220 ready\r\n")

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    try:
        with pytest.raises(NetworkAnswerError, match="HTTP"):
            ask(f"http://127.0.0.1:{listener.getsockname()[1]}/")
    finally:
        thread.join()
        listener.close()


def test_nobody_there_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NetworkUnavailableError, match="refused"):
        ask(f"http://127.0.0.1:{port}/")
    with pytest.raises(NetworkUnavailableError, match="name"):
        ask("http://no-such-host.invalid/")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/x",
        "file:///etc/passwd",
        "host/x",
        "http://",
        "http://host:0/",
        "http://host:99999/",
        "http://[::1/",
        "http://host/a b",
        "http://host/a\r\nX: y",
        'http://host/"',
        "http://höst/",
        "http://host/" + "x" * 3000,
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(NetworkRefusedError):
        ask(url)


def test_credentials_are_refused_and_not_repeated() -> None:
    with pytest.raises(NetworkRefusedError) as caught:
        ask("https://user:hunter2@host.example/path?token=abc")
    told = f"{caught.value} {caught.value.facts}"
    assert "host.example" in told
    assert "hunter2" not in told
    assert "abc" not in told


def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    key = new_key()
    (tmp_path / "c.pem").write_bytes(pem(issue("localhost", key)))
    from cryptography.hazmat.primitives import serialization as s

    private = key.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption())
    (tmp_path / "k.pem").write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "c.pem", tmp_path / "k.pem")

    class Quiet(HTTPServer):
        def handle_error(self, *_words: object) -> None:
            """The client hangs up: what is tested."""

    server = Quiet(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        with pytest.raises(NetworkUnavailableError, match="certificate"):
            ask(f"https://localhost:{server.server_address[1]}/")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_environments_proxy_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda h, b: answer(h, h.path.encode())) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert ask("http://tsa.invalid/x?y").body == b"http://tsa.invalid/x?y"
        assert proxy.headers[0]["host"] == "tsa.invalid"
        monkeypatch.setenv("no_proxy", "tsa.invalid")
        with pytest.raises(NetworkUnavailableError):
            ask("http://tsa.invalid/x?y")
        monkeypatch.delenv("no_proxy")
        monkeypatch.setenv("http_proxy", "socks5://127.0.0.1:1")
        with pytest.raises(NetworkError):
            ask("http://tsa.invalid/x?y")


def test_waiting_ends_with_the_answer() -> None:
    """The deadline is a bound, not a delay."""
    with serving(answer) as server:
        started = time.monotonic()
        ask(server.url, timeout=600)
        assert time.monotonic() - started < 300


# -- nobody else -------------------------------------------------------------------

_CLOSED = {
    *("socket", "ssl", "http", "urllib", "ftplib", "smtplib", "poplib", "imaplib"),
    *("socketserver", "xmlrpc", "asyncio", "telnetlib", "requests", "httpx", "urllib3"),
}
_HARMLESS = {"urllib.parse"}


def _imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(str(node.module))
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call):
            # import_module("socket"), __import__("socket")
            found.update(
                a.value
                for a in node.args
                if isinstance(a, ast.Constant)
                and isinstance(a.value, str)
                and "import" in ast.unparse(node.func)
            )
    return found


def _opens_connections(path: Path) -> set[str]:
    return {
        name
        for name in _imported(path)
        if name.partition(".")[0] in _CLOSED
        and name != "urllib"
        and not any(f"{name}.".startswith(f"{ok}.") for ok in _HARMLESS)
    }


def test_no_other_module_can_open_a_connection() -> None:
    found = {
        path.relative_to(REPOSITORY).as_posix(): _opens_connections(path)
        for package in ("cli", "evidence", "manifests")
        for path in (REPOSITORY / package).rglob("*.py")
    }
    users = {path: names for path, names in found.items() if names}
    assert users.pop("evidence/network.py")
    # Names and numbers of this machine, and coroutines that read memory: pyhanko is
    # asynchronous; that it fetches nothing has a test beside it.
    for named, module, attribute in (
        ("evidence/cades.py", "asyncio", "run"),
        ("evidence/cadescheck.py", "asyncio", "run"),
        ("evidence/report/revoked.py", "asyncio", "run"),
        ("evidence/report/signing.py", "asyncio", "run"),
        ("evidence/acquire.py", "socket", "gethostname"),
        ("evidence/lint/gathering.py", "socket", "gethostname"),
        ("evidence/selftest/installed.py", "ssl", "OPENSSL_VERSION"),
    ):
        assert users.pop(named) == {module}
        assert _used(REPOSITORY / named, module) == {attribute}
    assert users == {}


def _used(path: Path, module: str) -> set[str]:
    return {
        node.attr
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == module
    }
