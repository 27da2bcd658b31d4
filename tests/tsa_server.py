"""A time-stamping authority on the loopback interface, honest or not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.stamping import Authority, openssl_reply

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
# Takes the request's bytes; writes whatever it likes.
Behaviour = Callable[[BaseHTTPRequestHandler, bytes], None]


def answer(
    handler: BaseHTTPRequestHandler,
    body: bytes,
    *,
    status: int = 200,
    kind: str = REPLY,
) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@dataclass
class Server:
    """Where it listens and what it was asked."""

    url: str
    asked: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[Server]:
    """Serve on a free port of 127.0.0.1 until the block ends."""
    found = Server("")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            body = self.rfile.read(length)
            found.asked.append(body)
            found.headers.append({k.lower(): v for k, v in self.headers.items()})
            self.close_connection = True
            # The client may have had enough: what some tests want.
            with suppress(BrokenPipeError, ConnectionResetError):
                behaviour(self, body)

        do_GET = do_POST

        def log_message(self, *_words: object) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_address[1]}/tsa"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.stop.set()
        server.shutdown()
        server.server_close()
        thread.join()


def honest(authority: Authority, folder: Path, **settings: str) -> Behaviour:
    """Answer with what `openssl ts -reply` makes of the request."""
    authority.files(folder, **settings)
    one = threading.Lock()  # openssl's serial file is one

    def reply(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        with one:
            made = openssl_reply(folder, body)
        answer(handler, made)

    return reply
