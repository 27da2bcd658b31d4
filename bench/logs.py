"""Contenders that append to a manifest, and that verify one."""

from __future__ import annotations

import sys
from pathlib import Path

from bench.contenders import Contender, Custody, always
from bench.measuring import run

SCRIPT = Path(__file__).with_name("manifest.py")
GROUP = 100


def appending(count: int, delay: float = 0.0) -> list[Contender]:
    """Make `count` entries durable: one by one, and `GROUP` at a time.

    `delay` milliseconds are added to every fsync, for every contender.
    """

    def contender(name: str, verb: str, group: int) -> Contender:
        words = [str(count), str(group), str(delay)]
        return Contender(
            name,
            lambda _, folder: [[sys.executable, SCRIPT, verb, folder / "log", *words]],
        )

    return [
        contender("append, one entry a write and fsync", "append", 1),
        contender("bare write and fsync, one line each", "raw", 1),
        contender("bare write, signature and fsync, one line each", "signed", 1),
        contender(f"append_all, {GROUP} entries a write and fsync", "append", GROUP),
        contender(f"bare write and fsync, {GROUP} lines each", "raw", GROUP),
    ]


def log_of(count: int, folder: Path) -> Path:
    """Make a case whose manifest has `count` entries beside the first, untimed."""
    words = [str(count), "1000", "0"]
    command = [sys.executable, SCRIPT, "append", folder / "long-log", *words]
    run([command], folder=folder)
    return folder / "long-log"


def verifying(case: Path, custody: Custody | None) -> list[Contender]:
    """Verify a manifest, and check its signatures with nothing around."""
    contenders = []
    if custody is not None:
        command = always(custody.verify(case))
        alone = {**custody.env, "CUSTODY_JOBS": "1"}
        contenders = [
            Contender("custody verify", command, env=custody.env),
            Contender("custody verify, one process", command, env=alone),
        ]
    bare = always([sys.executable, SCRIPT, "signatures", case])
    return [*contenders, Contender("Ed25519 checks alone, every core", bare)]
