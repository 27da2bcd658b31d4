"""`custody erase`: destroy exhibits and leave a tombstone in the log."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.grounds import claim, ground_options, tell_unused
from cli.retention import named
from cli.session import Session, acting_options, session_options

if TYPE_CHECKING:
    from evidence.retention.erasing import Outcome, Plan
    from manifests.entries import Entry

INCOMPLETE = 3
_HONEST = (
    "Flash memory, journals, snapshots, swap and backups may hold old blocks: what is "
    "reliable is that the key is gone. Destroy backups of the case, and of keys/, too."
)


@click.command(name="erase")
@click.argument("exhibits", metavar="[EX-0001]...", nargs=-1)
@click.option("--reason", metavar="WORD", help="E.g. retention-ended, court-order.")
@click.option("--text", default="", help="Why, in words (sealed; it stays); needed.")
@click.option(
    "--copy",
    "copies",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A folder that is a copy of this case: erase there, too (repeatable).",
)
@click.option("--carry-out", is_flag=True, help="Destroy what is in force already.")
@ground_options
@acting_options
@session_options
@click.pass_obj
def command(
    session: Session,
    exhibits: tuple[str, ...],
    reason: str | None,
    text: str,
    copies: tuple[Path, ...],
    carry_out: bool,
) -> int:
    """Erase exhibits: keys, payloads, inventories, sealed records, kept reports.

    The log keeps a tombstone: who, when, why, on what ground, and the digests. Log,
    checkpoints and proofs still verify. Refused under a legal hold and while a
    hand-over is open. Where the case asks for a second person, nothing is destroyed
    before the approval; then: custody erase --carry-out

    \b
    EXIT STATUS
      0 erased, or recorded and waiting   3 a copy or package could not be cleared
    """
    if carry_out:
        if exhibits or reason:
            raise click.UsageError("--carry-out takes no exhibits and no reason.")
        return _carry_out(session, copies)
    if not exhibits or reason is None:
        raise click.UsageError("Name exhibits and a --reason.")
    from evidence.retention import erasing

    case = session.open_case()
    found = erasing.plan(case, named(exhibits), copies)
    if sys.stdin.isatty():
        _announce(found)
        click.confirm("Erase this for good?", abort=True, err=True)
    identity, signer = session.acting()
    outcome = None
    with session.writing(case, identity, signer) as writer:
        found = erasing.plan(case, named(exhibits), copies)  # now under the lock
        entry, basis = erasing.erase(
            writer, found, reason=reason, text=text, claim=claim()
        )
        if entry.seq not in writer.log.standing.pending:
            outcome = erasing.carry_out(writer, found.copies)
    tell_unused(unused=basis.unused)
    return _tell(session, entry, found, outcome)


def _announce(found: Plan) -> None:
    output.tell(f"To be erased: {', '.join(found.exhibits)}, with")
    output.tell(f"  {found.records} sealed record(s), {len(found.reports)} report(s).")
    for path in found.copies:
        output.tell(f"  In the copy {path} as well.")
    _tell_documents(found)


def _tell_documents(found: Plan) -> None:
    if found.companions:
        told = ", ".join(found.companions)
        output.tell(f"  Kept as proofs of them, erased with them: {told}.")
    for name, reason in found.staying:
        output.tell(f"  {name}, a proof of them, STAYS: {reason}.")


def _carry_out(session: Session, copies: tuple[Path, ...]) -> int:
    from evidence.retention import erasing
    from evidence.retention.copies import check_copy

    case = session.open_case()
    checked = [check_copy(case, path) for path in copies]
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        outcome = erasing.carry_out(writer, checked, again=True)
    return _tell(session, None, None, outcome)


def _tell(
    session: Session, entry: Entry | None, found: Plan | None, outcome: Outcome | None
) -> int:
    incomplete = outcome is not None and (outcome.problems or outcome.unsearched)
    code = INCOMPLETE if incomplete else 0
    if session.as_json:
        output.emit_json("erase", _as_json(entry, found, outcome))
        return code
    if found is not None:
        _tell_documents(found)
    if entry is not None and outcome is None:
        output.say(f"Entry {entry.seq}: to be erased; NOTHING is destroyed yet.")
        output.say("It is not in force until a second person approves it:")
        output.say(f"  custody approve {entry.seq}")
        output.say("  custody erase --carry-out")
        return code
    if outcome is not None:
        _tell_outcome(outcome)
    if found is not None and found.handed_over:
        output.title("Out of reach: it was handed over; tell these recipients")
        rows = [[str(o["entry"]), str(o["recipient"])] for o in found.handed_over]
        output.table(["entry", "recipient"], rows)
    output.tell(_HONEST)
    return code


def _tell_outcome(outcome: Outcome) -> None:
    numbers = ", ".join(map(str, outcome.erasures)) or "none"
    output.title(f"Erased (entry {numbers})")
    output.fields([(kind, str(count)) for kind, count in outcome.destroyed.items()])
    for path, word in outcome.copies:
        output.say(f"Copy {path}: {word}.")
    for name in outcome.unsearched:
        output.tell(f"Warning: packages/{name} cannot be looked into; see to it.")
    for problem in outcome.problems:
        output.tell(f"Warning: {problem}")


def _as_json(
    entry: Entry | None, found: Plan | None, outcome: Outcome | None
) -> dict[str, object]:
    value: dict[str, object] = {"waits": outcome is None}
    if entry is not None:
        value |= {"entry": entry.seq, "facts": entry.facts}
    if found is not None:
        value["handed_over"] = [dict(one) for one in found.handed_over]
        value["with_them"] = list(found.companions)
        value["staying"] = [{"exhibit": n, "why": why} for n, why in found.staying]
    if outcome is not None:
        value |= {
            "erasures": list(outcome.erasures),
            "destroyed": dict(outcome.destroyed),
            "copies": [{"path": str(p), "outcome": word} for p, word in outcome.copies],
            "problems": outcome.problems,
            "unsearched": outcome.unsearched,
        }
    return value
