"""A desk: the installed `custody` command run the way a person runs it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.standby import Standby, can_run

# Why a test looks at sealed content.
WHY = ("--purpose", "quality", "--because", "a test looks")
# The legal ground a test's case begins with, so that it may acquire.
OWN_INITIATIVE = ("--authority-type", "own-initiative")
COMMAND = Path(sys.executable).parent / "custody"
STANDBY = Standby(COMMAND)


@dataclass(frozen=True)
class Desk:
    """A folder with a key store (`home`) and a case (`case`, once it is opened).

    Attributes:
        extra: environment variables added to every run.
    """

    folder: Path
    extra: Mapping[str, str] = field(default_factory=dict)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def case(self) -> Path:
        return self.folder / "case"

    def environment(self, **more: str) -> dict[str, str]:
        """Only what the command needs, so that a user's settings change nothing."""
        kept = {name: os.environ[name] for name in ("PATH",) if name in os.environ}
        own = {"CUSTODY_HOME": str(self.home), "LC_ALL": "C.UTF-8"}
        return {**kept, **own, **self.extra, **more}

    def start(self, *words: str | Path, **more: Any) -> subprocess.Popen[bytes]:
        """Start the command and return at once."""
        settings = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "cwd": self.folder,
            "env": self.environment(),
            **more,
        }
        return subprocess.Popen([COMMAND, *map(str, words)], **settings)

    def run(
        self, *words: str | Path, code: int | None = 0, seconds: float = 60, **env: str
    ) -> subprocess.CompletedProcess[str]:
        """Run the command to its end; `code` is the exit code it must have."""
        done = self._done([*map(str, words)], self.environment(**env), seconds)
        out = done.stdout.decode("utf-8")
        err = done.stderr.decode("utf-8")
        if code is not None and done.returncode != code:
            shown = " ".join(map(str, words))
            raise AssertionError(f"{shown}: exit {done.returncode}\n{out}\n{err}")
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    def _done(
        self, words: list[str], environment: dict[str, str], seconds: float
    ) -> subprocess.CompletedProcess[bytes]:
        if can_run(environment):
            done = STANDBY.run(
                words, cwd=self.folder, environment=environment, seconds=seconds
            )
            if done is not None:
                return done
        return subprocess.run(
            [COMMAND, *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            cwd=self.folder,
            env=environment,
            timeout=seconds,
            check=False,
        )

    def ask(
        self, *words: str | Path, code: int | None = 0, **env: str
    ) -> dict[str, Any]:
        """Run the command with ``--json`` and return its one object."""
        done = self.run("--json", *words, code=code, **env)
        lines = done.stdout.splitlines()
        assert len(lines) == 1, lines
        value = json.loads(lines[0])
        assert isinstance(value, dict)
        return value

    def open_case(self) -> None:
        """Make an unencrypted key and a case."""
        self.run("identity", "new", "--name", "Tess Tester", "--no-passphrase")
        words = ("--case-id", "TEST 1", "--title", "A test", *OWN_INITIATIVE)
        self.run("init", self.case, *words)

    def lines(self) -> list[bytes]:
        """The manifest's complete lines as they are on disk now."""
        data = (self.case / "manifest/entries.jsonl").read_bytes()
        return [line for line in data.splitlines(keepends=True) if line[-1:] == b"\n"]

    def failing(self) -> list[str]:
        """The axes on which the case fails now; the exit code must agree."""
        done = self.run("--json", "-C", self.case, "verify", code=None)
        axes = json.loads(done.stdout)["axes"]
        failing = [name for name, axis in axes.items() if axis["status"] == "fail"]
        assert bool(done.returncode) == bool(failing), done
        return failing


def holds_word(word: str, text: str) -> bool:
    """Tell whether a short word stands in a text outside of runs of base64.

    Three letters come up by chance in every fiftieth log: it is full of signatures.
    """
    inside = "A-Za-z0-9+/="
    return (
        re.search(rf"(?<![{inside}]){re.escape(word)}(?![{inside}])", text) is not None
    )
