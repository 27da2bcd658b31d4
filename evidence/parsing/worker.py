"""The process a parser runs in: ``python -I -m evidence.parsing.worker NAME``.

Reads one job on standard input (a line of JSON, then the bytes to parse when they are
in no file), limits itself, runs the parser, writes frames
to standard output. It cannot grow files (RLIMIT_FSIZE 0), cannot grow past its memory
and CPU limits, and opens the payload read-only. That bounds accidents and most hostile
input; a parser taken over completely still has the user's rights, so the acquisition
checks afterwards that the staged copy was not touched. Not meant to be run by hand.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import BinaryIO, Protocol, cast

from evidence.parsing.base import Job, Parser
from evidence.parsing.frames import encode, encode_failure

# Name to module and class; imported only in the worker process.
PARSERS = {
    "chat": ("evidence.parsing.chat", "ChatParser"),
    "picture": ("evidence.parsing.picture", "PictureParser"),
    "disk-listing": ("evidence.parsing.disk", "DiskListing"),
    "disk-files": ("evidence.parsing.disk", "DiskFiles"),
    "outgoing": ("evidence.parsing.outgoing", "OutgoingParser"),
    "thumbnail": ("evidence.parsing.thumbnail", "ThumbnailParser"),
    "peer-proof": ("evidence.peers.parser", "PeerProofParser"),
    "report": ("evidence.parsing.report_pdf", "ReportParser"),
}
MAX_JOB_BYTES = 64 << 20


class _Factory(Protocol):
    def __call__(self) -> Parser: ...


def limit_process(memory_bytes: int, cpu_seconds: int) -> None:
    """Bound this process; does nothing where the platform has no such limits."""
    try:
        import resource
    except ImportError:  # pragma: no cover - Windows
        return
    for kind, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        limit = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(kind, (limit, limit))
        except (ValueError, OSError) as error:
            # macOS refuses RLIMIT_AS; the other limits and the time-out still hold.
            sys.stderr.write(f"limit {kind} not set: {type(error).__name__}\n")


def load(name: str) -> Parser:
    """Return a new parser of that name.

    Raises:
        KeyError: there is no such parser.
    """
    module, attribute = PARSERS[name]
    factory = cast("_Factory", getattr(importlib.import_module(module), attribute))
    return factory()


def _read_whole(request: BinaryIO, size: int) -> bytes:
    """Return `size` bytes; fewer mean that whoever sent them is gone."""
    data = request.read(size)
    if len(data) != size:
        raise EOFError
    return data


def run(name: str, request: BinaryIO, output: BinaryIO) -> None:
    """Run one job; every way a parser can fail becomes a failure frame."""
    try:
        job = json.loads(request.readline(MAX_JOB_BYTES))
        held = job.pop("held", None)
        if held is not None:
            job["data"] = _read_whole(request, held)
        limit_process(job.pop("memory_bytes"), job.pop("cpu_seconds"))
        parser = load(name)
        output.writelines(encode(item) for item in parser.parse(Job(**job)))
    except MemoryError:
        output.write(encode_failure("it needed more memory than it may have"))
    except RecursionError:
        output.write(encode_failure("the input is nested too deeply"))
    except BrokenPipeError:
        raise SystemExit(1) from None
    except Exception as error:  # noqa: BLE001 - hostile input: any failure is recorded
        # The class name only: a message may quote the evidence.
        output.write(encode_failure(f"it raised {type(error).__name__}"))
    output.flush()


if __name__ == "__main__":
    run(sys.argv[1], sys.stdin.buffer, sys.stdout.buffer)
