"""`custody prove`: a proof file of one exhibit."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import output
from cli.session import Session, session_options, signing_options
from cli.writing_out import check_target, output_option, write_out

if TYPE_CHECKING:
    from evidence.proving import Made


@click.command(name="prove")
@click.argument("exhibit", metavar="EX-0001")
@output_option("Proof file to write, e.g. EX-0001.tlog-proof; it must not exist.")
@click.option(
    "--record",
    "records",
    metavar="N",
    multiple=True,
    type=click.IntRange(min=1),
    help="Show line N of the exhibit's inventory, from 1 (repeatable).",
)
@click.option(
    "--at",
    metavar="SIZE",
    type=click.IntRange(min=1),
    help="Use the checkpoint over SIZE entries (default: the newest).",
)
@signing_options
@session_options
@click.pass_obj
def command(
    session: Session,
    exhibit: str,
    target: Path,
    records: tuple[int, ...],
    at: int | None,
) -> int:
    """Write a proof file of one exhibit, to be checked without the case.

    It holds the exhibit's entry, the entries on the keys that signed, and a checkpoint
    with its cosignatures and time stamps. Of other entries it holds hashes only; their
    number can be read from it. No sealed record is in it, except those that --record
    shows: their content can be read by whoever gets the proof. In a case that is
    encrypted, or of an NGO, none is shown: see disclose.

    No key is needed. Check it with: custody verify EX-0001.tlog-proof --payload FILE

    \b
    EXIT STATUS
      0 written; 3 written, but a cosignature or time stamp could not be put in
    """
    from evidence.leaving import check_records_may_be_shown
    from evidence.proving import make_proof

    case = session.open_case()
    check_target(target)
    if records:
        check_records_may_be_shown(case)
    made = make_proof(case, exhibit, records=records, at=at)
    write_out(target, made.data)
    _tell(session, exhibit, target, made)
    return 3 if made.left_out else 0


def _tell(session: Session, exhibit: str, target: Path, made: Made) -> None:
    proof, head = made.proof, made.proof.checkpoint
    others = sum(line.name != head.origin for line in proof.signed.signatures)
    digest = sha256(made.data).hexdigest()
    if session.as_json:
        output.emit_json(
            "prove",
            {
                "file": str(target),
                "sha256": digest,
                "exhibit": exhibit,
                "entry": proof.subject.index,
                "origin": head.origin,
                "covers": head.size,
                "root": head.root.hex(),
                "standing": [item.index for item in proof.standing],
                "records": [item.index + 1 for item in proof.records],
                "cosignatures": others,
                "tokens": len(proof.tokens),
                "left_out": list(made.left_out),
            },
        )
        return
    output.title(f"Proof of {exhibit}")
    output.fields(
        [
            ("file", str(target)),
            ("sha256", digest),
            ("entry", str(proof.subject.index)),
            ("checkpoint", f"{head.size} entries, root {head.root.hex()}"),
            ("records shown", str(len(proof.records))),
            ("cosignatures", str(others)),
            ("time stamps", str(len(proof.tokens))),
        ]
    )
    for line in made.left_out:
        output.tell(f"Left out: {line}")
