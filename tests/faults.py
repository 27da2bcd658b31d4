"""System calls that fail, stop half-way or never come back, at a chosen position."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

from manifests.durable import System

ENOSPC, EIO, SHORT, DEAD, CRASH = "full", "failing", "short write", "dead disk", "crash"
EINTR = "interrupted"
KINDS = (ENOSPC, EIO, EINTR, SHORT, DEAD, CRASH)
_ERRNO = {ENOSPC: errno.ENOSPC, EINTR: errno.EINTR}
NEVER = 10**9


class Crash(BaseException):
    """The machine stopped: nothing the program still tries reaches the disk."""


@dataclass
class Trouble:
    """Counts the calls of a `System` and makes trouble from call `at` on (from 0).

    ``full``, ``failing`` and ``interrupted`` fail this one call; ``short write`` writes
    half; ``dead disk`` fails it and every later one; ``crash`` as well, with an
    exception that no code handles, after writing half when the call is a write.
    """

    kind: str = EIO
    at: int = NEVER
    calls: list[str] = field(default_factory=list)

    def system(self) -> System:
        """The system calls to hand to the code under test."""
        real = System()
        wrapped = {
            f.name: self._wrap(f.name, getattr(real, f.name)) for f in fields(real)
        }
        return System(**wrapped)

    def _wrap(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            number = len(self.calls)
            self.calls.append(name)
            if number == self.at or (number > self.at and self.kind in (DEAD, CRASH)):
                return self._trouble(name, real, arguments, first=number == self.at)
            return real(*arguments)

        return call

    def _trouble(
        self,
        name: str,
        real: Callable[..., Any],
        arguments: tuple[Any, ...],
        first: bool,
    ) -> Any:
        if name == "close":
            real(*arguments)  # a close that fails has closed all the same (Linux)
        if name == "write" and first and self.kind in (SHORT, CRASH):
            fd, data = arguments
            half = real(fd, data[: len(data) // 2])
            if self.kind == SHORT:
                return half
        if self.kind == SHORT:
            return None if name == "close" else real(*arguments)
        if self.kind == CRASH:
            raise Crash
        number = _ERRNO.get(self.kind, errno.EIO)
        raise OSError(number, os.strerror(number))
