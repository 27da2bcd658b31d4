"""Interleaved rounds: every contender once a round, in turning order."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.contenders import Contender
from bench.measuring import ContenderError, Cost, run


@dataclass(slots=True)
class Row:
    """One contender's costs, round by round, or why it has none."""

    name: str
    costs: list[Cost] = field(default_factory=list)
    absent: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """One table: a title, what was done, and a row for each contender."""

    title: str
    note: str
    rows: list[Row]


def compete(
    title: str,
    note: str,
    contenders: list[Contender],
    source: Path,
    *,
    work: Path,
    rounds: int,
    before: Callable[[], None],
    after: Callable[[Path], None],
) -> Result:
    """Run all contenders `rounds` times.

    Args:
        work: each run gets a fresh folder below it.
        before: brings the page cache into the agreed state; not timed.
        after: takes the used folder away; not timed.
    """
    rows = {c.name: Row(c.name) for c in contenders}
    for contender in contenders:
        if contender.missing:
            rows[contender.name].absent = "not installed"
    for number in range(rounds):
        turn = number % len(contenders)
        for contender in contenders[turn:] + contenders[:turn]:
            row = rows[contender.name]
            if row.absent:
                continue
            folder = work / f"run-{len(list(work.iterdir())):04d}-{number}"
            folder.mkdir()
            try:
                if contender.prepare is not None:
                    contender.prepare(source, folder)
                before()
                commands = contender.commands(source, folder)
                cost = run(commands, folder=folder, env=contender.env)
            except FileNotFoundError as error:
                row.absent = f"not installed: {error.filename}"
                continue
            except ContenderError as error:
                row.absent = f"failed: {error}"[:200]
                continue
            finally:
                after(folder)
            row.costs.append(cost)
            print(
                f"{title}: round {number + 1}/{rounds}: {contender.name}: "
                f"{cost.wall:.2f} s",
                file=sys.stderr,
            )
    return Result(title, note, list(rows.values()))


def ratio(row: Row, base: Row) -> float | None:
    """Return the median over rounds of this row's time by the base's."""
    pairs = zip(row.costs, base.costs, strict=False)
    ratios = [mine.wall / theirs.wall for mine, theirs in pairs]
    return median(ratios) if ratios else None
