"""Cases of an organisation that keeps what persons gave it, for tests."""

from __future__ import annotations

import contextlib
import io
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cli.main import run_arguments
from evidence.case import writing
from evidence.consent.changing import Part, withdraw_consent
from evidence.consent.ledger import ConsentLedger, read_ledger
from evidence.consent.recording import Wish, add_consent
from evidence.consent.words import words
from evidence.founding import create_case
from evidence.identity import Identity
from evidence.keyfile import new_signer
from tests.builders import Bench
from tests.desk import Desk

LATER = "2090-01-01T00:00:00.000000Z"


def ngo_bench(folder: Path, *, profile: str = "ngo") -> Bench:
    """A case with one small tree as EX-0001 and one file as EX-0002."""
    signer = new_signer()
    made = "2026-01-01T00:00:00.000000Z"
    identity = Identity("Tess Tester", "caseworker", "Aid", made, signer.public)
    case = create_case(
        folder / "case", identity, signer, case_id="1", title="t", profile=profile
    )
    return Bench(case, identity, signer)


def wish(folder: Path, **changes: Any) -> Wish:
    """An adult's consent to hand over EX-0001 to NGO-1 for support."""
    wording = folder / "wording.txt"
    if not wording.exists():
        wording.write_text("What was read to the person.\n")
    plain = Wish(
        subject="A1",
        levels=("hand-over-ngo",),
        purposes=("support",),
        recipients=("NGO-1",),
        language="az",
        wording=wording,
        age="adult",
        exhibits=("EX-0001",),
        explained=tuple(words().risks),
    )
    return replace(plain, **changes)


def consent(bench: Bench, given: Wish) -> str:
    """Record a consent; return its number."""
    with writing(bench.case, bench.identity, bench.signer) as writer:
        return str(add_consent(writer, given).facts["number"])


def withdraw(bench: Bench, number: str, *, at: str = "", **part: Any) -> None:
    """Withdraw a consent, or a part of it."""
    with writing(bench.case, bench.identity, bench.signer) as writer:
        withdraw_consent(writer, number, part=Part(**part), at=at, note="")


def ledger(bench: Bench) -> ConsentLedger:
    """The consents of the case as they are now."""
    return read_ledger(bench.case)


def prepare_desk(desk: Desk, *commands: tuple[str, ...]) -> None:
    """Run commands that are not what a test is about, without a process for each."""
    with pytest.MonkeyPatch.context() as patch, contextlib.chdir(desk.folder):
        for name in [name for name in os.environ if name.startswith("CUSTODY_")]:
            patch.delenv(name)
        patch.setenv("CUSTODY_HOME", str(desk.home))
        for words in commands:
            with contextlib.redirect_stdout(io.StringIO()):
                code = run_arguments(["-q", *words])
            assert code == 0, words


OPEN_NGO_CASE = (
    ("identity", "new", "--name", "Tess", "--no-passphrase"),
    ("init", "case", "--case-id", "1", "--title", "t", "--profile", "ngo")
    + ("--no-encrypt",),
    ("consent", "text", "--language", "az", "-o", "az.txt"),
)
