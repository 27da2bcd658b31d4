"""The manifest alone, and the bare cost beneath it (run as a script).

``manifest.py append FOLDER COUNT GROUP DELAY`` makes a case and appends entries, GROUP
with one write and fsync; ``manifest.py raw FOLDER COUNT GROUP DELAY`` does the same
with bytes of their length and nothing else, ``manifest.py signed ...`` with one Ed25519
signature a line besides: the floor of any log whose every line is signed. Each fsync
takes DELAY milliseconds longer, as on a slower disk. ``manifest.py signatures CASE``
only checks the Ed25519 signatures of a manifest, on every core.
"""

from __future__ import annotations

import binascii
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nacl.bindings import crypto_sign_open

from evidence import clock
from evidence.case import writing
from evidence.founding import create_case
from evidence.identity import Identity
from evidence.keyfile import new_signer
from manifests.durable import SYSTEM, System
from manifests.entries import (
    Act,
    EntryType,
    body_bytes,
    pre_authentication_encoding,
    read_entry,
)
from manifests.warrants import read_founder

_LINE_BYTES = 690  # as `append` writes them


def slower(milliseconds: float) -> System:
    """Return the system calls with an fsync that takes so much longer."""
    if not milliseconds:
        return SYSTEM

    def fsync(fd: int) -> None:
        os.fsync(fd)
        time.sleep(milliseconds / 1000)

    return System(fsync=fsync)


def append(folder: Path, count: int, group: int, system: System = SYSTEM) -> None:
    """Append `count` entries, `group` at a time."""
    signer = new_signer()
    began = "2026-01-01T00:00:00.000000Z"
    identity = Identity("Bench", "examiner", "Lab", began, signer.public)
    case = create_case(
        folder, identity, signer, case_id="BENCH", title="Bench", profile="ngo"
    )
    with writing(case, identity, signer, system=system) as writer:
        for first in range(0, count, group):
            acts = [
                Act(
                    EntryType.CONSULT,
                    identity.role,
                    {"number": number, "purpose": "measuring"},
                    ("EX-0001",),
                    "AU-0001",
                )
                for number in range(first, min(first + group, count))
            ]
            writer.log.append_all(acts, clock.now(), signer)


def raw(
    folder: Path,
    count: int,
    group: int,
    system: System = SYSTEM,
    sign: Callable[[bytes], object] | None = None,
) -> None:
    """Append as many lines with as many fsyncs; `sign` each, or nothing else."""
    folder.mkdir()
    line = os.urandom(_LINE_BYTES // 2 - 1).hex().encode() + b"\n"
    fd = os.open(folder / "raw", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for first in range(0, count, group):
        many = min(group, count - first)
        if sign is not None:
            for _ in range(many):
                sign(line)
        os.write(fd, line * many)
        system.fsync(fd)
    os.close(fd)


def signatures(case: Path) -> None:
    """Check every signature and nothing else; one process a core."""
    lines = (case / "manifest" / "entries.jsonl").read_bytes().splitlines()
    raw_key = read_founder(read_entry(lines[0])).key.raw
    cores = len(os.sched_getaffinity(0))
    children = []
    for core in range(cores):
        if not (child := os.fork()):
            _check(lines[core::cores], raw_key)
            os._exit(0)
        children.append(child)
    for child in children:
        _, status = os.waitpid(child, 0)
        if status:
            raise SystemExit("a signature does not hold")


def _check(lines: list[bytes], key: bytes) -> None:
    """Ask libsodium, as the verifier does."""
    for line in lines:
        signature = line[line.rindex(b'"sig":"') + 7 : -4]
        message = pre_authentication_encoding(body_bytes(line))
        crypto_sign_open(binascii.a2b_base64(signature) + message, key)


def main(verb: str, folder: str, *numbers: str) -> None:
    """Do one thing."""
    if verb == "signatures":
        signatures(Path(folder))
        return
    count, group = map(int, numbers[:2])
    system = slower(float(numbers[2]))
    if verb == "append":
        append(Path(folder), count, group, system)
    else:
        sign = Ed25519PrivateKey.generate().sign if verb == "signed" else None
        raw(Path(folder), count, group, system, sign)


if __name__ == "__main__":
    main(*sys.argv[1:])
