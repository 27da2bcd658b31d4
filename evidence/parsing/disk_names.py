"""Names from a disk: raw bytes beside a readable form, and patterns over paths.

A pattern is matched against the raw path, decoded as UTF-8 with surrogate escapes,
component by component:

* ``*``, ``?`` and ``[...]`` match inside one component and never cross ``/``;
* ``**`` as a whole component matches any number of components, also none;
* a leading ``/`` may be left out;
* a directory that matches means everything below it.

`Patterns` carries the state of all patterns down the tree, so a walk can leave out
directories in which nothing can match, and hostile names cost linear time.
"""

from __future__ import annotations

import base64
import fnmatch
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from evidence.parsing.base import Fields

State = frozenset[tuple[int, int]]  # (pattern, components already matched)


def text_fields(key: str, raw: bytes) -> Fields:
    """Return ``key`` as readable text, and ``<key>_b64`` when `raw` is not UTF-8."""
    try:
        return {key: raw.decode("utf-8")}
    except UnicodeDecodeError:
        return {
            key: raw.decode("utf-8", "replace"),
            f"{key}_b64": base64.b64encode(raw).decode("ascii"),
        }


def whole(number: int) -> int | str:
    """Return `number` for a record: as text where JSON readers would round it."""
    return number if -(1 << 53) < number < (1 << 53) else str(number)


@lru_cache(maxsize=1024)
def _component(glob: str, *, ignore_case: bool) -> re.Pattern[str]:
    flags = re.IGNORECASE if ignore_case else 0
    return re.compile(fnmatch.translate(glob), flags)


@dataclass(frozen=True, slots=True)
class Patterns:
    """The globs of one job.

    Attributes:
        globs: as the user wrote them.
        parts: each glob's components.
        ignore_case: compare without regard to case.
    """

    globs: tuple[str, ...]
    parts: tuple[tuple[str, ...], ...]
    ignore_case: bool = False

    @classmethod
    def of(cls, globs: Iterable[str], *, ignore_case: bool = False) -> Patterns:
        """Split each glob into components; ``//`` counts as ``/``."""
        kept = tuple(globs)
        parts = tuple(tuple(p for p in g.split("/") if p) for g in kept)
        return cls(kept, parts, ignore_case)

    def start(self) -> State:
        """Return the state at the root directory."""
        return self._settle((number, 0) for number in range(len(self.parts)))

    def step(self, state: State, name: str, *, other: str | None = None) -> State:
        """Return the state after one more path component.

        Args:
            state: of the directory that holds it.
            name: the component.
            other: a second form to compare (a file's name without its stream).
        """
        reached: list[tuple[int, int]] = []
        for number, at in state:
            parts = self.parts[number]
            if at == len(parts) or parts[at] == "**":
                reached.append((number, at))
            else:
                regex = _component(parts[at], ignore_case=self.ignore_case)
                if regex.match(name) or (other is not None and regex.match(other)):
                    reached.append((number, at + 1))
        return self._settle(reached)

    def matched(self, state: State) -> frozenset[int]:
        """Return the patterns that match a path in this state."""
        return frozenset(n for n, at in state if at == len(self.parts[n]))

    def _settle(self, reached: Iterable[tuple[int, int]]) -> State:
        """Add the states ``**`` allows without a further component."""
        states: set[tuple[int, int]] = set()
        for number, start in reached:
            parts = self.parts[number]
            at = start
            states.add((number, at))
            while at < len(parts) and parts[at] == "**":
                at += 1
                states.add((number, at))
        return frozenset(states)
