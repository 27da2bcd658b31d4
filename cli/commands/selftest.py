"""`custody selftest`: does this installation compute what it must?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cli import output
from cli.session import Session, acting_options, session_options

if TYPE_CHECKING:
    from evidence.selftest.running import SelfTest


@click.command(name="selftest")
@click.option(
    "--record", is_flag=True, help="Sign the result into the case's manifest."
)
@acting_options
@session_options
@click.pass_obj
def command(session: Session, record: bool) -> None:
    """Check known answers, parsers, installed files and versions.

    Every primitive a case rests on computes a published answer, every parser reads a
    sample whose content is known, and the installed files are compared with the
    digests recorded when they were installed. That shows damage and careless changes;
    it cannot show an attacker who changed program and records together.
    """
    from evidence.errors import SelfTestFailedError
    from evidence.selftest import running

    entry = None
    if record:  # before the work: a wrong passphrase or case is told at once
        case = session.open_case()
        identity, signer = session.acting()
        result = running.run()
        with session.writing(case, identity, signer) as writer:
            entry = running.record(writer, result).seq
    else:
        result = running.run()
    if session.as_json:
        output.emit_json("selftest", {**result.fields(), "entry": entry})
    else:
        _print(result, entry)
    failed = result.counts[running.Result.FAIL]
    if failed:
        raise SelfTestFailedError(count=failed)


def _print(result: SelfTest, entry: int | None) -> None:
    rows = [
        [check.group, check.name, check.result.value, check.why]
        for check in result.checks
    ]
    output.table(["group", "check", "result", "why"], rows)
    counts = ", ".join(f"{kind.value} {n}" for kind, n in result.counts.items())
    output.say(f"Self-test: {counts}.")
    if entry is not None:
        output.say(f"Recorded as entry {entry}.")
