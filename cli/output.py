"""The only place that prints.

Results go to standard output, everything else to standard error. Text that may come
from evidence is made visible first; with ``--json`` a result is one JSON object on one
line, ASCII only, so that nothing in it can reach a terminal as an escape.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import textwrap
import time
from collections.abc import Mapping, Sequence
from itertools import zip_longest

from evidence.visible import visible
from manifests.errors import CustodyError

SCHEMA_VERSION = 1
_NARROW = 24  # characters a column keeps on the smallest terminal
_COLUMNS = 79  # of a narrow terminal, less one


def emit_json(name: str, value: Mapping[str, object]) -> None:
    """Print a result object with its schema name, e.g. ``custody.verify/1``."""
    schema = {"schema": f"custody.{name}/{SCHEMA_VERSION}"}
    print(json.dumps({**schema, **value}, ensure_ascii=True, sort_keys=False))


def say(text: str = "", *, flush: bool = False) -> None:
    """Print one line of a result, made visible."""
    print(visible(text), flush=flush)


def already_visible(text: str) -> None:
    """Print a table or JSON whose every value was made visible when it was made."""
    sys.stdout.write(text.replace("\r\n", "\n"))


def title(text: str) -> None:
    """Print a heading."""
    print(_bold(visible(text)))


def fields(pairs: Sequence[tuple[str, str]], *, indent: int = 2) -> None:
    """Print label and value pairs in two columns; values are made visible."""
    width = max((len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        print(f"{' ' * indent}{visible(name):<{width}}  {visible(value)}")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print columns; the last one may be as long as it likes."""
    shown = [[visible(cell) for cell in row] for row in rows]
    widths = [len(name) for name in header]
    for row in shown:
        widths = [max(w, len(cell)) for w, cell in zip(widths, row, strict=True)]
    widths[-1] = 0
    line = "  ".join(f"{n:<{w}}" for n, w in zip(header, widths, strict=True))
    print(_bold(line.rstrip()))
    for row in shown:
        line = "  ".join(f"{c:<{w}}" for c, w in zip(row, widths, strict=True))
        print(line.rstrip())


def prose(text: str) -> None:
    """Print a paragraph, made visible; broken into lines on a terminal."""
    print("\n".join(_folded(text, _columns())))


def wrapped_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], *, widths: Sequence[int]
) -> None:
    """Print columns whose cells are broken into lines on a terminal.

    Elsewhere each row is one line, its cells apart by a tab, so that it can be
    searched.

    Args:
        widths: in characters; the one that is 0 takes what is left.
    """
    columns = _columns()
    if not columns:
        for row in (header, *rows):
            print("\t".join(visible(cell) for cell in row))
        return
    left = columns - sum(widths) - 2 * (len(widths) - 1)
    sizes = [width or max(left, _NARROW) for width in widths]
    for number, row in enumerate((header, *rows)):
        cells = [_folded(cell, size) for cell, size in zip(row, sizes, strict=True)]
        for parts in zip_longest(*cells, fillvalue=""):
            pairs = zip(parts, sizes, strict=True)
            line = "  ".join(f"{part:<{size}}" for part, size in pairs).rstrip()
            print(line if number else _bold(line))


def _folded(text: str, width: int) -> list[str]:
    """Break visible text into lines; one line when `width` is 0."""
    shown = visible(text)
    return textwrap.wrap(shown, width) or [""] if width else [shown]


def _columns() -> int:
    """Return the width of the terminal, 0 where there is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def tell(text: str) -> None:
    """Print one line of diagnostics to standard error, made visible."""
    print(visible(text), file=sys.stderr)


def tell_wrapped(text: str, *, hang: str = "") -> None:
    """Print a paragraph to standard error in lines of less than 80 columns.

    Args:
        hang: put before the lines after the first; words are never broken.
    """
    print(_wrapped(text, hang), file=sys.stderr)


def say_wrapped(text: str, *, hang: str = "") -> None:
    """Print a paragraph of a result, as `tell_wrapped`."""
    print(_wrapped(text, hang))


def _wrapped(text: str, hang: str) -> str:
    lines = textwrap.wrap(
        visible(text),
        _COLUMNS,
        subsequent_indent=hang,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)


def give_up() -> None:
    """Show nothing any more: the terminal is gone, and flushing to it would fail."""
    sys.stdout = sys.stderr = None


def prompt() -> None:
    """Show that an answer is waited for, on standard error."""
    print("> ", end="", file=sys.stderr, flush=True)


def error(problem: CustodyError) -> None:
    """Print an error a person can act on: what, what is safe, what to do."""
    print(f"custody: {visible(problem.what)} [{problem.code}]", file=sys.stderr)
    print(f"  Safe:  {visible(_safe(problem))}", file=sys.stderr)
    print(f"  To do: {visible(problem.advice)}", file=sys.stderr)


def _safe(problem: CustodyError) -> str:
    return f"{problem.done} {problem.safe}" if problem.done else problem.safe


def error_json(problem: CustodyError) -> None:
    """Print an error as the final object of ``--json`` mode."""
    emit_json(
        "error",
        {
            "code": problem.code,
            "exit_code": problem.exit_code,
            "what": problem.what,
            "safe": _safe(problem),
            "advice": problem.advice,
            "facts": problem.facts,
        },
    )


def _bold(text: str) -> str:
    plain = not sys.stdout.isatty() or bool(os.environ.get("NO_COLOR"))
    return text if plain else f"\x1b[1m{text}\x1b[0m"


class Meter:
    """A one-line progress display on a terminal; silent anywhere else."""

    def __init__(self, what: str, *, on: bool) -> None:
        self._what = what
        self._on = on and sys.stderr.isatty()
        self._started = time.monotonic()
        self._drawn = 0

    def __call__(self, done: int) -> None:
        """Show that `done` bytes are done."""
        if not self._on:
            return
        seconds = max(time.monotonic() - self._started, 0.001)
        rate = done / seconds / 1_000_000
        text = f"{self._what}: {done / 1_000_000:,.0f} MB, {rate:,.0f} MB/s"
        text = text[: shutil.get_terminal_size().columns - 1]
        print(f"\r{text:<{self._drawn}}", end="", file=sys.stderr, flush=True)
        self._drawn = len(text)

    def close(self) -> None:
        """Take the display away."""
        if self._drawn:
            print(f"\r{'':<{self._drawn}}\r", end="", file=sys.stderr, flush=True)
            self._drawn = 0
