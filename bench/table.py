"""Results and surroundings as Markdown."""

from __future__ import annotations

import os
import platform
import shutil
import ssl
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.rounds import Result, Row, ratio

_INTRODUCTION = """# Speed, measured

Written by `make bench`. Times are medians over interleaved rounds of one run on one
machine; the ratio is the median of the ratios round by round, so it is steadier than
the seconds. A ratio above 1 means slower than the first line of the table. Memory is
the peak of the hungriest process. What was not installed is listed, not left out.

Copying through the page cache is dear on virtual machines that hand free memory back
to the host; read the lines that use `cp` beside the `dd oflag=direct` line.
"""


def page(results: list[Result], *, work: Path, rounds: int, command: str) -> str:
    """Return the whole page."""
    parts = [_INTRODUCTION, _surroundings(work, rounds, command)]
    parts += [_table(result) for result in results]
    return "\n".join(parts)


def _table(result: Result) -> str:
    lines = [
        f"## {result.title}\n",
        f"{result.note}\n",
        "| what | median s | min..max | CPU s | peak MiB | ratio |",
        "|---|---|---|---|---|---|",
    ]
    base = result.rows[0]
    lines += [_line(row, base) for row in result.rows]
    return "\n".join(lines) + "\n"


def _line(row: Row, base: Row) -> str:
    if not row.costs or row.absent:
        return f"| {row.name} | {row.absent or 'no result'} | | | | |"
    walls = [cost.wall for cost in row.costs]
    found = ratio(row, base)
    cells = (
        row.name,
        f"{median(walls):.2f}",
        f"{min(walls):.2f}..{max(walls):.2f}",
        f"{median(cost.cpu for cost in row.costs):.2f}",
        _memory(row),
        "" if found is None else f"{found:.2f}",
    )
    return "| " + " | ".join(cells) + " |"


def _memory(row: Row) -> str:
    peak = median(cost.memory for cost in row.costs)
    floor = max(cost.floor for cost in row.costs)
    return f"{peak:.0f}" if peak > floor else f"<= {floor:.0f}"


def _surroundings(work: Path, rounds: int, command: str) -> str:
    facts = {
        "run": f"`{command}`, {rounds} rounds, {datetime.now(UTC):%Y-%m-%d}",
        "processor": f"{_processor()}, {os.cpu_count()} threads seen",
        "system": f"{platform.system()} {platform.release()}, {_file_system(work)}",
        "Python": f"{platform.python_version()}, {ssl.OPENSSL_VERSION}",
        "load when finished": " ".join(f"{x:.1f}" for x in os.getloadavg()),
    }
    for tool, flag in _TOOLS.items():
        if shutil.which(tool) is not None:
            facts[tool] = _version(tool, flag)
    return "\n".join(f"- {key}: {value}" for key, value in facts.items()) + "\n"


_TOOLS = {
    "openssl": "version",
    "sha256sum": "--version",
    "dc3dd": "--version",
    "ewfacquire": "-V",
    "hashdeep": "-V",
    "rhash": "--version",
}


def _version(tool: str, flag: str) -> str:
    done = subprocess.run(
        [tool, flag], capture_output=True, check=False, stdin=subprocess.DEVNULL
    )
    lines = (done.stdout or done.stderr).decode("utf-8", "replace").splitlines()
    return next((line.strip() for line in lines if line.strip()), "?")


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return platform.processor() or sys.platform
    names = [line for line in text.splitlines() if line.startswith("model name")]
    return names[0].partition(":")[2].strip() if names else platform.machine()


def _file_system(work: Path) -> str:
    try:
        done = subprocess.run(
            ["stat", "-f", "-c", "%T", work], capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown file system"
    return done.stdout.decode().strip()
