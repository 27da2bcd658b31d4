"""Who takes part: the command, its engine alone, and what people use today."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.measuring import Command, run

ENGINE = Path(__file__).with_name("engine.py")
Commands = Callable[[Path, Path], list[Command]]


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to do the job.

    Attributes:
        name: as it stands in the table.
        commands: (source, fresh folder) to the commands that are timed.
        needs: programs that must be there.
        env: added to the environment.
        prepare: (source, fresh folder), not timed.
    """

    name: str
    commands: Commands
    needs: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    prepare: Callable[[Path, Path], None] | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """Programs that are not installed."""
        return tuple(n for n in self.needs if shutil.which(n) is None)


@dataclass(frozen=True, slots=True)
class Custody:
    """The installed command and an identity to act as; all inside one folder."""

    program: str
    env: Mapping[str, str]

    def open_case(self, folder: Path) -> None:
        """Open a new case in `folder`."""
        command: list[str | Path] = [self.program, "-q", "init", folder]
        command += ["--case-id", "BENCH", "--title", "Benchmark", "--profile", "ngo"]
        run([command], folder=folder.parent, env=self.env)

    def acquire(self, source: Path, case: Path) -> Command:
        """The command that acquires `source`."""
        return [self.program, "-q", "-C", case, "acquire", "files", source]

    def verify(self, case: Path) -> Command:
        """The command that verifies a case."""
        return [self.program, "-q", "-C", case, "verify"]


def always(*commands: Command) -> Commands:
    """These commands, whatever the source and folder."""
    return lambda _source, _folder: list(commands)


def installed_custody(work: Path) -> Custody | None:
    """Return the console script beside this Python, set up to run; else None."""
    beside = Path(sys.executable).with_name("custody")
    program = str(beside) if beside.exists() else shutil.which("custody")
    if program is None:
        return None
    keys = work / "keys"
    env = {"CUSTODY_HOME": str(keys), "HOME": str(work)}
    new = [program, "-q", "identity", "new", "--name", "Bench", "--no-passphrase"]
    run([new], folder=work, env=env)
    return Custody(program, env)


def bagit_script() -> str | None:
    """Return bagit-python's module file, as importable here or named in $BAGIT."""
    found = importlib.util.find_spec("bagit")
    return found.origin if found is not None else os.environ.get("BAGIT")


def _engine(verb: str) -> Commands:
    def commands(source: Path, folder: Path) -> list[Command]:
        return [[sys.executable, ENGINE, verb, source, folder / "payload"]]

    return commands


def _acquiring(custody: Custody | None) -> list[Contender]:
    if custody is None:
        return []
    return [
        Contender(
            "custody acquire files",
            lambda source, folder: [custody.acquire(source, folder / "case")],
            env=custody.env,
            prepare=lambda _, folder: custody.open_case(folder / "case"),
        )
    ]


def one_file(custody: Custody | None) -> list[Contender]:
    """Copy one file durably and know its SHA-256."""

    def dd(source: Path, folder: Path) -> Command:
        flags = ["bs=16M", "oflag=direct", "conv=fsync", "status=none"]
        return ["dd", f"if={source}", f"of={folder / 'copy'}", *flags]

    def cp(source: Path, folder: Path) -> list[Command]:
        copy = folder / "copy"
        return [["cp", source, copy], ["sync", copy]]

    def openssl(source: Path, _: Path) -> Command:
        return ["openssl", "dgst", "-sha256", source]

    def dc3dd(source: Path, folder: Path) -> list[Command]:
        copy = folder / "copy"
        words = ["hash=sha256", f"log={folder / 'log'}"]
        return [["dc3dd", f"if={source}", f"of={copy}", *words], ["sync", copy]]

    def ewf(source: Path, folder: Path) -> list[Command]:
        target = folder / "image"
        options = ["-u", "-q", "-c", "none", "-d", "sha256", "-S", "7EiB"]
        return [
            ["ewfacquire", *options, "-t", target, source],
            ["sync", f"{target}.E01"],
        ]

    return [
        *_acquiring(custody),
        Contender("copying engine alone", _engine("file")),
        Contender("dd oflag=direct conv=fsync (no hash)", lambda s, f: [dd(s, f)]),
        Contender(
            "dd oflag=direct conv=fsync; openssl dgst",
            lambda s, f: [dd(s, f), openssl(s, f)],
            ("openssl",),
        ),
        Contender(
            "cp; sync; openssl dgst",
            lambda s, f: [*cp(s, f), openssl(s, f)],
            ("openssl",),
        ),
        Contender(
            "cp; sync; sha256sum",
            lambda s, f: [*cp(s, f), ["sha256sum", s]],
            ("sha256sum",),
        ),
        Contender("dc3dd hash=sha256; sync", dc3dd, ("dc3dd",)),
        Contender("ewfacquire, no compression, sha256; sync", ewf, ("ewfacquire",)),
    ]


def _find(folder: Path, *command: str) -> Command:
    return ["find", folder, "-type", "f", "-exec", *command, "{}", "+"]


def tree(custody: Custody | None) -> list[Contender]:
    """Copy many files durably and know the SHA-256 of each."""

    def cp(source: Path, folder: Path) -> list[Command]:
        copy = folder / "copy"
        return [["cp", "-r", source, copy], ["sync", "-f", copy]]

    def tar(source: Path, folder: Path) -> list[Command]:
        copy = folder / "copy.tar"
        return [
            ["tar", "-cf", copy, "-C", source.parent, source.name],
            ["sync", copy],
            ["openssl", "dgst", "-sha256", copy],
        ]

    contenders = [
        *_acquiring(custody),
        Contender("copying engine alone", _engine("tree")),
        Contender("cp -r; sync -f (no hash)", cp),
        Contender(
            "cp -r; sync -f; openssl dgst of each",
            lambda s, f: [*cp(s, f), _find(s, "openssl", "dgst", "-sha256", "-r")],
            ("openssl",),
        ),
        Contender(
            "cp -r; sync -f; sha256sum of each",
            lambda s, f: [*cp(s, f), _find(s, "sha256sum")],
            ("sha256sum",),
        ),
        Contender("tar; sync; openssl dgst of the tar", tar, ("tar", "openssl")),
        Contender(
            "cp -r; sync -f; hashdeep -c sha256",
            lambda s, f: [*cp(s, f), ["hashdeep", "-r", "-c", "sha256", s]],
            ("hashdeep",),
        ),
    ]
    if (bagit := bagit_script()) is not None:
        contenders.append(
            Contender(
                "cp -r; bagit-python --sha256; sync -f",
                lambda s, f: [
                    ["cp", "-r", s, f / "copy"],
                    [sys.executable, bagit, "--quiet", "--sha256", f / "copy"],
                    ["sync", "-f", f / "copy"],
                ],
            )
        )
    return contenders


def start_up(custody: Custody | None) -> list[Contender]:
    """Start the program and do nothing."""
    contenders = [Contender("python -c pass", always([sys.executable, "-c", "pass"]))]
    if custody is not None:
        contenders.insert(
            0,
            Contender(
                "custody --help",
                always([custody.program, "--help"]),
                env=custody.env,
            ),
        )
    return contenders
