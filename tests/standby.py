"""A process that has loaded the `custody` command and forks for every run of it.

Starting Python and importing takes most of the time of a short command. Here one
process a test worker has done both; for each run it forks, and the child gets its
arguments, environment, folder and standard streams, calls the entry point of the real
script and ends as Python ends. What a fork cannot give (other settings of Python or of
the locale, which are read while it starts) is left to a new process: `can_run`.
``CUSTODY_TEST_FRESH=1`` starts a new process for everything.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

FRESH = "CUSTODY_TEST_FRESH"
LOCALE = "C.UTF-8"
_START_TIME = ("PYTHON", "LC_", "LANG", "LD_", "OPENSSL_", "MALLOC_", "GLIBC_")
_MAX_REQUEST = 1 << 17  # bytes; a longer command line starts a new process
_LOADED = (
    "evidence.acquire",
    "evidence.cades",
    "evidence.cadescheck",
    "evidence.checking",
    "evidence.founding",
    "evidence.guiding.paper",
    "evidence.keychanges",
    "evidence.methods",
    "evidence.parsing.sandbox",
    "evidence.proving",
    "evidence.report.compose",
    "evidence.report.pdf",
    "evidence.timestamping",
    "evidence.witness",
    "pyhanko.sign.signers.pdf_cms",
    "pyhanko.sign.validation.generic_cms",
    "pyhanko_certvalidator",
)


def can_run(environment: Mapping[str, str]) -> bool:
    """Whether a fork does the same as a new process would."""
    if os.name == "nt" or os.environ.get(FRESH):
        return False
    rest = {name: text for name, text in environment.items() if name != "LC_ALL"}
    same = environment.get("LC_ALL") == LOCALE
    return same and not any(name.startswith(_START_TIME) for name in rest)


# --- the test's side ------------------------------------------------------------------


class Standby:
    """The process, from the test's side; started when it is first needed."""

    def __init__(self, command: Path) -> None:
        self._command = command
        self._lock = threading.Lock()
        self._channel: socket.socket | None = None
        self._owner = 0

    def _connected(self) -> socket.socket:
        """Return the channel to the process; a forked test starts its own."""
        if self._channel is None or self._owner != os.getpid():
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                process = subprocess.Popen(
                    [sys.executable, __file__, str(theirs.fileno()), self._command],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    env={"PATH": os.environ.get("PATH", ""), "LC_ALL": LOCALE},
                )
            self._channel, self._owner = ours, os.getpid()
            atexit.register(_end, ours, process)
        return self._channel

    def run(
        self,
        words: Sequence[str],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        seconds: float,
    ) -> subprocess.CompletedProcess[bytes] | None:
        """Run the command to its end; None when the request is too long.

        Raises:
            subprocess.TimeoutExpired: it was killed after `seconds`.
        """
        asked = {"words": [*words], "cwd": str(cwd), "environment": {**environment}}
        request = json.dumps(asked).encode()
        if len(request) > _MAX_REQUEST:
            return None
        with (
            Path(os.devnull).open("rb") as nothing,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            here, there = socket.socketpair()
            with here:
                files = [stream.fileno() for stream in (nothing, out, err, there)]
                with there, self._lock:
                    socket.send_fds(self._connected(), [request], files)
                code = _outcome(here, [*words], seconds)
            told = [
                os.pread(f.fileno(), os.fstat(f.fileno()).st_size, 0)
                for f in (out, err)
            ]
        return subprocess.CompletedProcess([*words], code, *told)


def _end(channel: socket.socket, process: subprocess.Popen[bytes]) -> None:
    channel.close()
    process.wait(timeout=30)


def _outcome(here: socket.socket, words: list[str], seconds: float) -> int:
    """Return how the run ended: its exit code, or the negative signal number."""
    told = b""
    until = time.monotonic() + seconds
    while told.count(b"\n") < 2:
        ready, _, _ = select.select([here], [], [], max(0, until - time.monotonic()))
        if not ready:
            if told.count(b"\n") == 1:
                os.kill(int(told), signal.SIGKILL)
            raise subprocess.TimeoutExpired(words, seconds)
        part = here.recv(100)
        if not part:
            raise AssertionError("the standby process is gone")
        told += part
    return int(told.split(b"\n")[1])


# --- the process itself ---------------------------------------------------------------


def _load() -> None:
    main = importlib.import_module("cli.main")
    for module, _ in main.VERBS.values():
        importlib.import_module(f"cli.commands.{module}")
    for name in _LOADED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()


def _wait_for(pid: int, reply: socket.socket) -> None:
    """Tell the test how the run ends; never returns."""
    try:
        reply.sendall(b"%d\n" % pid)
        _, status = os.waitpid(pid, 0)
        reply.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
    except BrokenPipeError:
        os._exit(1)  # the test waited long enough and killed the run
    os._exit(0)


def _become(request: bytes, files: list[int], command: str) -> None:
    """Take on what the run was given."""
    asked = json.loads(request)
    for number, fd in enumerate(files[:3]):
        os.dup2(fd, number)
    for fd in files:
        os.close(fd)
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    sys.argv = [command, *asked["words"]]


def _serve(channel: socket.socket, command: str) -> bool:
    """Fork for each request; true in the child that is to run the command."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # those who wait need no waiting for
    while True:
        request, files, _, _ = socket.recv_fds(channel, _MAX_REQUEST, 4)
        if not request:
            return False
        if os.fork() == 0:
            channel.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            pid = os.fork()
            if pid == 0:
                _become(request, files, command)
                return True
            _wait_for(pid, socket.socket(fileno=files[3]))
        for fd in files:
            os.close(fd)


def _main() -> None:
    sys.path[0] = str(Path(sys.argv[2]).parent)  # as when the script is run
    channel = socket.socket(fileno=int(sys.argv[1]))
    _load()
    if _serve(channel, sys.argv[2]):
        from cli.main import main

        sys.exit(main())


if __name__ == "__main__":
    _main()
