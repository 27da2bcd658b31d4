"""Run a contender's commands and measure wall time, CPU time and peak memory."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Command = Sequence[str | bytes | Path]


class ContenderError(Exception):
    """A contender's command failed; its last words are the message."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the clock, seconds of CPU, peak resident memory in MiB.

    A child starts with the peak of the process that forked it, so `memory` says no
    more than "not above" when it is not above `floor`, this process's own peak.
    """

    wall: float
    cpu: float
    memory: float
    floor: float


def run(
    commands: Sequence[Command], *, folder: Path, env: Mapping[str, str] | None = None
) -> Cost:
    """Run `commands` one after another in `folder`; the sum of what they cost.

    Peak memory is that of the hungriest process among them and their children.
    """
    wall = cpu = memory = 0.0
    words = folder / "stderr.txt"
    for command in commands:
        with words.open("wb") as errors:
            begin = time.perf_counter()
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=None if env is None else {**os.environ, **env},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )
            _, status, usage = os.wait4(process.pid, 0)
            wall += time.perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            last = words.read_text("utf-8", "replace").strip().splitlines()[-3:]
            said = " / ".join(last)
            raise ContenderError(f"{command[0]!s}: {process.returncode}: {said}")
        cpu += usage.ru_utime + usage.ru_stime
        memory = max(memory, usage.ru_maxrss / 1024)
    words.unlink()
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Cost(wall, cpu, memory, own)


def warm(*paths: Path) -> None:
    """Read files, and the files of folders, into the page cache."""
    for path in paths:
        for file in files_of(path):
            with file.open("rb", buffering=0) as stream:
                buffer = bytearray(1 << 20)
                while stream.readinto(buffer):
                    pass


def cool(*paths: Path) -> None:
    """Drop files from the page cache, as far as the system allows."""
    for path in paths:
        for file in files_of(path):
            with file.open("rb") as stream:
                os.fsync(stream.fileno())
                os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def files_of(path: Path) -> list[Path]:
    """Return `path` itself, or the regular files below it."""
    if not path.is_dir():
        return [path]
    return [p for p in path.rglob("*") if p.is_file() and not p.is_symlink()]
