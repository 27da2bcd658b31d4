"""Starting and ending the witness's server of `tests/witness_server.py`."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVER = Path(__file__).with_name("witness_server.py")


@dataclass(frozen=True)
class Server:
    """A running server: where it listens and its verifier key."""

    port: int
    vkey: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/prefix"

    def calls(self) -> list[str]:
        """Return ``old>size`` of each well-formed call so far."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        line.request("GET", "/")
        found = json.loads(line.getresponse().read())
        assert isinstance(found, list)
        return found


@contextmanager
def serving(origin: str, log_key: bytes, mode: str = "good") -> Iterator[Server]:
    """Run a server for one log as a process of its own."""
    words = [sys.executable, str(SERVER), origin, log_key.hex(), mode]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            yield Server(told["port"], told["vkey"])
        finally:
            process.kill()
