"""Contenders that check what was stored before: digests of copies and whole cases."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.contenders import ENGINE, Contender, Custody, always, bagit_script
from bench.measuring import Command, ContenderError, run

_SUMS = ("-exec", "sha256sum", "{}", "+")


@dataclass(frozen=True, slots=True)
class Stored:
    """What the verifying contenders check; all below one folder, made once.

    Attributes:
        source: what was copied.
        case: a case that holds it, if the command is installed.
        payload: the exhibit's payload, or a plain copy of the source.
        sums: a sha256sum list of the source, if sha256sum is there.
        bag: a BagIt bag of the source, if bagit-python is there.
        audit: a hashdeep list of the source, if hashdeep is there.
    """

    source: Path
    case: Path | None
    payload: Path
    sums: Path | None
    bag: Path | None
    audit: Path | None

    @property
    def files(self) -> list[Path]:
        """Everything that is read while checking."""
        return [p for p in (self.source, self.payload, self.bag) if p is not None]


def store(source: Path, folder: Path, custody: Custody | None) -> Stored:
    """Make what is checked, untimed."""
    folder.mkdir()
    case, payload = None, folder / "payload"
    if custody is not None:
        case = folder / "case"
        custody.open_case(case)
        run([custody.acquire(source, case)], folder=folder, env=custody.env)
        payload = next((case / "exhibits").glob("EX-*/payload*"))
    else:
        verb = "tree" if source.is_dir() else "file"
        run([[sys.executable, ENGINE, verb, source, payload]], folder=folder)
    return Stored(
        source,
        case,
        payload,
        _list(folder / "sums", "find", source, "-type", "f", *_SUMS),
        _bag(source, folder),
        _list(folder / "audit", "hashdeep", "-r", "-c", "sha256", source),
    )


def _list(target: Path, *command: str | Path) -> Path | None:
    """Keep what a command prints; None when it is not installed."""
    needed = (str(command[0]), "sha256sum") if "sha256sum" in command else command[:1]
    if any(shutil.which(program) is None for program in needed):
        return None
    with target.open("wb") as out:
        subprocess.run(command, check=True, stdout=out)
    return target


def _bag(source: Path, folder: Path) -> Path | None:
    bagit = bagit_script()
    if bagit is None or not source.is_dir() or shutil.which("cp") is None:
        return None
    bag = folder / "bag"
    commands: list[Command] = [
        ["cp", "-r", source, bag],
        [sys.executable, bagit, "--quiet", "--sha256", bag],
    ]
    try:
        run(commands, folder=folder)
    except ContenderError as error:
        # A peer that does not run here is left out aloud, not the end of the run.
        print(f"bagit-python is left out: {error}", file=sys.stderr)
        return None
    return bag


def checking(stored: Stored, custody: Custody | None) -> list[Contender]:
    """Check that what was stored is still the same."""
    contenders: list[Contender] = []
    if custody is not None and stored.case is not None:
        case = stored.case
        contenders.append(
            Contender(
                "custody verify",
                always(custody.verify(case)),
                env=custody.env,
            )
        )
    contenders += [
        Contender(
            "hashing engine alone (the payload)",
            always([sys.executable, ENGINE, "hash", stored.payload]),
        ),
        Contender(
            "openssl dgst -sha256 (the payload)",
            always(["openssl", "dgst", "-sha256", stored.payload]),
            ("openssl",),
        ),
        Contender(
            "rhash --sha256 (the payload)",
            always(["rhash", "--sha256", stored.payload]),
            ("rhash",),
        ),
    ]
    if (sums := stored.sums) is not None:
        check: Command = ["sha256sum", "--quiet", "-c", sums]
        contenders.append(Contender("sha256sum -c", always(check)))
    if (audit := stored.audit) is not None:
        contenders.append(
            Contender(
                "hashdeep -a",
                always(["hashdeep", "-r", "-a", "-k", audit, stored.source]),
            )
        )
    bag, bagit = stored.bag, bagit_script()
    if bag is not None and bagit is not None:
        contenders.append(
            Contender(
                "bagit-python --validate",
                always([sys.executable, bagit, "--quiet", "--validate", bag]),
            )
        )
    return contenders
