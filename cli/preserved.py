"""The end of `custody preserve`: time stamps, the check, what is left to say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cli import output

if TYPE_CHECKING:
    from cli.session import Session
    from evidence.case import Case


@dataclass(slots=True)
class Result:
    """What a finished run leaves.

    Attributes:
        consent: its number, "" without one; basis: closed word.
        verdict: exit code of the check, 0 when nothing failed.
        stamps, waiting: time stamps received, and still asked for.
    """

    paper: Path
    code: str
    consent: str
    basis: str
    verdict: int
    stamps: int = 0
    waiting: int = 0


def stamp(case: Case) -> tuple[int, int]:
    """Ask the case's authorities for a time stamp; return how many came, and wait."""
    from evidence.pending import Outcome, Queue, ask_waiting
    from evidence.renewal import newest_checkpoint

    queue = Queue(case)
    queue.add(newest_checkpoint(case)[0], list(case.settings.authorities))
    there = (Outcome.STAMPED, Outcome.ALREADY)
    done = [item.outcome in there for item in ask_waiting(queue)]
    return done.count(True), done.count(False)


def verify(session: Session, case: Case, *, quiet: bool) -> int:
    """Verify the case with everything in it; return the exit code of `verify`."""
    from evidence.checking import check_case
    from manifests.verifying.judge import Anchors

    anchors = Anchors(known=session.known_keys(), now=datetime.now(UTC))
    meter = output.Meter("", on=not quiet)
    try:
        verdict = check_case(case, anchors=anchors, progress=meter).verdict
    finally:
        meter.close()
    return verdict.exit_code(frozenset())


def has_recovery(case: Case) -> bool:
    """Tell whether a key kept elsewhere opens the case too, if it is encrypted."""
    from evidence.vault.holders import RECOVERY, holders_of

    holders = holders_of(case.entries())
    return holders is None or holders.count(RECOVERY) > 0
