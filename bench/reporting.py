"""``python -m bench.reporting``: a report of a large case, measured step by step.

A case with many entries is made first, untimed. Then the steps of ``custody report``
run as there: compose (which verifies the case), sum up, attach, make (typeset and
archive), search; long lists are searched by another process from the time they are
there. Wall and user CPU seconds of each, and the peak of memory, are printed.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import resource
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.platypus import LongTable, Paragraph, SimpleDocTemplate

from bench.logs import log_of
from cli.main import seldom_collect
from evidence.case import open_case
from evidence.held import HeldLog
from evidence.lint.gathering import names_somebody
from evidence.lint.leaving import search_for, seek
from evidence.report.attaching import attachments_of, with_attachments
from evidence.report.compose import compose
from evidence.report.making import make_pdf
from evidence.report.model import Exhibit, Report
from evidence.report.options import Options
from evidence.report.pdf import render
from evidence.report.summing import summed
from manifests.verifying.judge import Anchors

Result = TypeVar("Result")
AT = "2099-01-01T00:00:00Z"


def main() -> int:
    """Run it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="bench.reporting", description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--exhibits", type=int, default=1000)
    parser.add_argument("--facts", type=int, default=2, help="rows of each exhibit")
    parser.add_argument("--log", type=Path, help="a case made before; kept")
    parser.add_argument("--all-rows", action="store_true")
    parser.add_argument("--peer", type=int, default=5000, help="rows for LongTable")
    parser.add_argument("--work", type=Path, default=Path("bench-report"))
    options = parser.parse_args()
    seldom_collect()  # as the command does
    exhibits = _made_up(options.exhibits, options.facts)
    if options.log is not None:
        every = _measure(options.log, exhibits, all_rows=options.all_rows)
        _compare(every, options.peer)
        return 0
    if options.work.exists():
        print(f"{options.work} exists; move it away first.", file=sys.stderr)
        return 2
    options.work.mkdir(parents=True)
    try:
        folder = log_of(options.entries, options.work.absolute())
        every = _measure(folder, exhibits, all_rows=options.all_rows)
        _compare(every, options.peer)
    finally:
        shutil.rmtree(options.work, ignore_errors=True)
    return 0


def _measure(folder: Path, exhibits: tuple[Exhibit, ...], *, all_rows: bool) -> Report:
    case = open_case(folder)
    began, before = time.perf_counter(), _user()
    held = HeldLog()
    every = _timed(
        "compose", lambda: compose(case, Options(AT), anchors=Anchors(), held=held)
    )
    held.keep(names_somebody)
    every = replace(every, exhibits=exhibits)
    sought = seek(case, every, sources=False, named_staff=False, entries=held.entries)
    report, lists = _timed("sum up", lambda: (every, ()) if all_rows else summed(every))
    with sought.ahead([one.content for one in lists]) as ahead:
        attached = _timed(
            "attach",
            lambda: attachments_of(case, report, named_staff=False, lists=lists),
        )
        report = with_attachments(report, attached)
        data = _timed("make", lambda: make_pdf(report, Options(AT), attached.files))
        _timed("search", lambda: search_for(sought, every, data, ahead=ahead))
    wall, spent = time.perf_counter() - began, _user() - before
    print(f"{'in all':<10} {wall:7.2f} s wall {spent:7.2f} s user, all processes")
    print(f"{'memory':<10} {_peak():7.0f} MiB at most (ru_maxrss)")
    print(f"{'file':<10} {len(data):7,} bytes, {len(every.events):,} entries")
    return every


def _compare(report: Report, rows: int) -> None:
    """Draw as many rows with reportlab's LongTable: CPU seconds a row against ours.

    Ours is a whole report with these rows in full; its bare rest is taken off.
    """
    rows = min(rows, len(report.events))
    if not rows:
        return
    none = replace(report, exhibits=(), access=(), events=())
    full = replace(none, events=report.events[:rows])
    before = _user()
    _rendered(none)
    rest = _user() - before
    before = _user()
    _timed("our rows", lambda: _rendered(full))
    ours = _user() - before - rest
    before = _user()
    _timed("LongTable", lambda: _long_table(full))
    theirs = _user() - before
    print(f"{'ratio':<10} {theirs / max(ours, 0.01):7.1f} for {rows:,} rows, user CPU")


def _long_table(report: Report) -> bytes:
    """Set the same cells as most programs do: platypus, a paragraph a cell."""
    style = getSampleStyleSheet()["BodyText"]
    cells = [
        [
            Paragraph(text, style)
            for text in (f"{e.entry}", e.time, e.type, e.actor, e.text)
        ]
        for e in report.events
    ]
    head = [["Entry", "Time", "Act", "By", "Recorded"]]
    table = LongTable(head + cells, colWidths=(40, 110, 60, 110, 150), repeatRows=1)
    stream = io.BytesIO()
    SimpleDocTemplate(stream, pagesize=A4).build([table])
    return stream.getvalue()


def _timed(name: str, step: Callable[[], Result]) -> Result:
    """Run a step; user CPU time holds that of processes it waited for."""
    before, began = _user(), time.perf_counter()
    result = step()
    wall = time.perf_counter() - began
    spent, peak = _user() - before, _peak()
    print(
        f"{name:<10} {wall:7.2f} s wall {spent:7.2f} s user {peak:5.0f} MiB so far",
        flush=True,
    )
    return result


def _peak() -> float:
    """Return the most memory this process has held so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _user() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(kind).ru_utime for kind in kinds)


def _rendered(report: Report) -> bytes:
    stream = io.BytesIO()
    render(report, stream)
    return stream.getvalue()


def _made_up(count: int, facts: int) -> tuple[Exhibit, ...]:
    """Exhibits as a report prints them; acquiring them is another bench."""
    return tuple(
        Exhibit(
            id=f"EX-{number:04d}",
            kind="chat export",
            description="",
            acquired_at="2026-03-02T09:14:31.204118Z",
            examiner="ST-0001 (examiner)",
            authority="AU-0001",
            source=None,
            payload_name=f"exhibits/EX-{number:04d}/payload",
            payload_bytes=number * 977,
            sha256=hashlib.sha256(b"%d" % number).hexdigest(),
            inventory_records=number,
            inventory_root=hashlib.sha256(b"i%d" % number).hexdigest(),
            summary=(
                ("Data category", "Content"),
                *((f"Fact {fact}", f"{number * fact:,}") for fact in range(1, facts)),
            ),
            complete=number % 50 > 0,
            entry=number,
        )
        for number in range(1, count + 1)
    )


if __name__ == "__main__":
    raise SystemExit(main())
