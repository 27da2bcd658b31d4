"""``python -m bench [--smoke] [--rounds N] [--output FILE]``."""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

from bench.contenders import (
    ENGINE,
    Custody,
    installed_custody,
    one_file,
    start_up,
    tree,
)
from bench.logs import appending, log_of, verifying
from bench.measuring import cool, warm
from bench.rounds import Result, compete
from bench.sources import large_file, small_files
from bench.table import page
from bench.verifying import checking, store

GIB = 1 << 30
START_UPS = 15
# Milliseconds: this machine's disk as it is, and one as slow as an ordinary laptop's.
FSYNC_DELAYS = (0.0, 1.0)
SCENES = (
    "file",
    "tree",
    "verify-file",
    "verify-tree",
    "append",
    "verify-log",
    "start",
)


def main() -> int:
    """Run the benchmark; returns the exit code."""
    options = _options()
    work: Path = options.work
    if work.exists():
        print(f"{work} exists; move it away first.", file=sys.stderr)
        return 2
    need = (
        2000 * options.entries
        + 6 * options.bytes
        + 40_000 * options.files * 3 * (options.rounds + 1)
    )
    work.mkdir(parents=True)
    free = shutil.disk_usage(work).free
    if free < need:
        print(f"{need} bytes are needed and {free} are free.", file=sys.stderr)
        work.rmdir()
        return 2
    try:
        results = _Scenes(options).run()
        _write(results, options)
    finally:
        shutil.rmtree(work, onerror=_make_writable)
    failed = [r.name for x in results for r in x.rows if r.absent.startswith("failed")]
    for name in failed:
        print(f"failed: {name}", file=sys.stderr)
    return 1 if failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, one round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bytes", type=int, default=4 * GIB, help="the large file")
    parser.add_argument("--files", type=int, default=20_000, help="the small files")
    parser.add_argument("--entries", type=int, default=100_000, help="of the manifest")
    parser.add_argument("--only", choices=SCENES, action="append", help="some scenes")
    parser.add_argument("--work", type=Path, default=Path("bench-work"))
    parser.add_argument("--output", type=Path, help="write the page here")
    options = parser.parse_args()
    if options.smoke:
        options.bytes, options.files, options.rounds = 3 << 20, 40, 1
        options.entries = 3000
    options.only = options.only or list(SCENES)
    options.work = options.work.absolute()
    return options


def _make_writable(_function: object, path: str, _error: object) -> None:
    """Cases are write-protected; open the folder and try again."""
    place = Path(path)
    place.parent.chmod(0o700)
    if place.is_dir():
        place.chmod(0o700)
        shutil.rmtree(place)
    else:
        place.unlink()


def _write(results: list[Result], options: argparse.Namespace) -> None:
    # Not sys.argv: the page is published, and paths of a machine stay out of it.
    sizes = f"--rounds {options.rounds} --bytes {options.bytes} --files {options.files}"
    sizes += f" --entries {options.entries}"
    command = f"python -m bench {'--smoke' if options.smoke else sizes}"
    text = page(results, work=options.work, rounds=options.rounds, command=command)
    text = text.replace(str(options.work), "WORK")
    if options.output is not None:
        options.output.write_text(text, "utf-8")
    else:
        print(text)


class _Scenes:
    """The scenes of one run; they share sources and one work folder."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.work: Path = options.work
        self.runs = self.work / "runs"
        self.used = self.work / "used"
        self.runs.mkdir()
        self.used.mkdir()
        self.custody: Custody | None = installed_custody(self.work)

    def run(self) -> list[Result]:
        """Play the scenes asked for."""
        wanted = set(self.options.only)
        results = []
        if wanted & {"file", "verify-file"}:
            results += self._file(wanted)
        if wanted & {"tree", "verify-tree"}:
            results += self._tree(wanted)
        if "append" in wanted:
            results += [self._append(delay) for delay in FSYNC_DELAYS]
        if "verify-log" in wanted:
            results.append(self._verify_log())
        if "start" in wanted:
            results.append(self._start())
        return results

    def _file(self, wanted: set[str]) -> list[Result]:
        source = self.work / "large.img"
        size = self.options.bytes
        large_file(source, size)
        warm(source)
        self._agree(source)
        results = []
        shown = f"{size / GIB:.3g} GiB"
        if "file" in wanted:
            note = "Source in the page cache. Copied, durable, and its SHA-256 known."
            results.append(
                compete(
                    f"One file of {shown}",
                    note,
                    one_file(self.custody),
                    source,
                    work=self.runs,
                    rounds=self.options.rounds,
                    before=lambda: warm(source),
                    # A handful of large files: deleting them does not slow ext4.
                    after=lambda folder: shutil.rmtree(folder, onerror=_make_writable),
                )
            )
        if "verify-file" in wanted:
            results += self._check(source, f"that file of {shown}", "stored-file")
        source.unlink()
        return results

    def _tree(self, wanted: set[str]) -> list[Result]:
        source = self.work / "tree"
        count = self.options.files
        total = small_files(source, count)
        shown = f"{count:,} files of 4 to 40 KiB"
        results = []
        if "tree" in wanted:
            note = (
                f"{total / 1e6:.0f} MB in the page cache. Copied, durable, and the "
                "SHA-256 of each file known (of the whole where it says so)."
            )
            results.append(
                compete(
                    shown,
                    note,
                    tree(self.custody),
                    source,
                    work=self.runs,
                    rounds=self.options.rounds,
                    before=lambda: warm(source),
                    after=self._put_away,
                )
            )
        if "verify-tree" in wanted:
            results += self._check(source, f"those {shown}", "stored-tree")
        return results

    def _check(self, source: Path, shown: str, name: str) -> list[Result]:
        stored = store(source, self.work / name, self.custody)
        contenders = checking(stored, self.custody)
        results = []
        for state, set_state in (("page cache", warm), ("disk", cool)):
            results.append(
                compete(
                    f"Checking {shown}, from the {state}",
                    "`custody verify` also checks the whole manifest, and for a tree "
                    "every line of the inventory.",
                    contenders,
                    source,
                    work=self.runs,
                    rounds=self.options.rounds,
                    before=partial(set_state, *stored.files),
                    after=self._put_away,
                )
            )
        return results

    def _append(self, delay: float) -> Result:
        count = max(self.options.entries // 10, 100)
        disk = f", each fsync {delay:g} ms longer" if delay else ""
        return compete(
            f"Appending {count:,} entries{disk}",
            "Signed, checked and durable, beside bytes of that length made durable. "
            "Every contender is one process, whose start is part of its time.",
            appending(count, delay),
            self.work,
            work=self.runs,
            rounds=self.options.rounds,
            before=lambda: None,
            after=self._put_away,
        )

    def _verify_log(self) -> Result:
        case = log_of(self.options.entries, self.work)
        return compete(
            f"Verifying a manifest of {self.options.entries:,} entries",
            "`custody verify` reads every line strictly, checks its signature, the "
            "chain, the tree and the checkpoints; it uses every core, as the bare "
            "checks do.",
            verifying(case, self.custody),
            self.work,
            work=self.runs,
            rounds=self.options.rounds,
            before=lambda: warm(case / "manifest"),
            after=self._put_away,
        )

    def _start(self) -> Result:
        return compete(
            "Start-up",
            f"{START_UPS} starts, one after another.",
            start_up(self.custody),
            self.work,
            work=self.runs,
            rounds=1 if self.options.smoke else START_UPS,
            before=lambda: None,
            after=self._put_away,
        )

    def _put_away(self, folder: Path) -> None:
        """Rename, do not delete: ext4 is slow to re-use many inodes just freed."""
        folder.rename(self.used / f"{len(list(self.used.iterdir())):04d}")

    def _agree(self, source: Path) -> None:
        """Fail early when the engine's digest is not hashlib's."""
        with source.open("rb") as file:
            expected = hashlib.file_digest(file, "sha256").hexdigest()
        copy = self.work / "agree"
        done = subprocess.run(
            [sys.executable, ENGINE, "file", source, copy],
            check=True,
            capture_output=True,
        )
        copy.unlink()
        if done.stdout.decode().strip() != expected:
            raise SystemExit("the engine's SHA-256 is not hashlib's")


if __name__ == "__main__":
    sys.exit(main())
