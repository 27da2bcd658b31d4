"""`custody disclose`: give a part of a case to one recipient."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from cli import output
from cli.disclosures import Given, record_disclosure
from cli.enclosing import age_recipient, check_encrypted
from cli.grounds import ground_options, tell_unused
from cli.session import Session, acting_options, session_options
from cli.writing_out import check_target, output_option

if TYPE_CHECKING:
    from evidence.disclosing import Portion, Prepared
    from evidence.grounds import Basis
    from manifests.entries import Entry

_RANGE = re.compile(r"([1-9][0-9]{0,8})(?:-([1-9][0-9]{0,8}))?", re.ASCII)


class _Given(TypedDict):
    recipient: str
    purpose: str
    encrypt_to: str | None
    in_clear: bool
    note: str


@click.command(name="disclose")
@click.argument("exhibits", metavar="EX-0001...", nargs=-1, required=True)
@click.option(
    "--records",
    metavar="3,5-9",
    help="Only these lines of the inventory of one exhibit, from 1; no payload.",
)
@click.option("--no-payload", is_flag=True, help="Inventories without payloads.")
@click.option(
    "--to",
    "recipient",
    metavar="ALIAS",
    required=True,
    help="Who gets it: an alias (ORG-2, PE-0001) or a key id.",
)
@click.option(
    "--purpose", metavar="WORD", required=True, help="See 'custody consent words'."
)
@click.option(
    "--encrypt-to",
    metavar="AGE1...|NAME",
    help="Of an encrypted case: the recipient's age key, or a key you trust.",
)
@click.option(
    "--in-clear", is_flag=True, help="Of an encrypted case: records in plaintext."
)
@click.option("--note", default="", help="In your words (sealed).")
@output_option("Folder to make; it must not exist.")
@ground_options
@acting_options
@session_options
@click.pass_obj
def command(
    session: Session,
    exhibits: tuple[str, ...],
    records: str | None,
    no_payload: bool,
    target: Path,
    **given: Unpack[_Given],
) -> None:
    """Give exhibits, or chosen records of one, to one recipient, as a folder.

    It holds what was chosen with the proof that it belongs to the case; of everything
    else hashes, from which nothing can be guessed. What is given, to whom and on what
    ground is recorded before anything is written. Check it with: custody verify DIR

    Out of an encrypted case everything goes encrypted: whole exhibits as they lie
    there, with their keys for the recipient, chosen records as a file for them. With
    --in-clear records go in plaintext, which the entry says.

    It is refused unless a consent or another recorded ground covers exactly this.
    """
    from evidence.consent.words import check_recipient
    from evidence.disclosing import (
        check_space,
        folder_for,
        prepare,
        write_folder,
    )

    names = tuple(dict.fromkeys(name.upper() for name in exhibits))
    portions = _portions(names, records, whole=not no_payload)
    recipient, purpose = given["recipient"], given["purpose"]
    in_clear = given["in_clear"]
    check_recipient(recipient)
    _check_purpose(purpose)
    case = session.open_case()
    check_target(target)
    age = age_recipient(given["encrypt_to"], in_clear=in_clear)
    to = None if age is None else lambda: str(age)
    prepared = prepare(case, portions, to=to, in_clear=in_clear)
    check_encrypted(prepared, age, in_clear=in_clear)
    with folder_for(target) as part:
        check_space(prepared, part, case)
        leaving = Given(recipient, purpose, given["note"], age)
        basis, entry = record_disclosure(session, case, prepared, leaving)
        write_folder(case, prepared, entry, part=part, target=target)
    _tell(session, target, entry, prepared, basis)


def _portions(
    names: tuple[str, ...], records: str | None, *, whole: bool
) -> list[Portion]:
    from evidence.disclosing import Portion

    if records is None:
        return [Portion(name, None, whole) for name in names]
    if len(names) != 1:
        raise click.UsageError("--records is for one exhibit.")
    return [Portion(names[0], _numbers(records), payload=False)]


def _numbers(text: str) -> tuple[int, ...]:
    from evidence.disclosing import MAX_CHOSEN

    found: set[int] = set()
    for word in text.split(","):
        match = _RANGE.fullmatch(word.strip())
        if match is None:
            raise click.UsageError("--records takes numbers and ranges: 3,5-9.")
        first, last = int(match[1]), int(match[2] or match[1])
        if last < first or last - first >= MAX_CHOSEN:
            raise click.UsageError("--records has a range that is none, or too long.")
        found.update(range(first, last + 1))
        if len(found) > MAX_CHOSEN:
            raise click.UsageError(f"--records takes {MAX_CHOSEN:,} lines at most.")
    return tuple(sorted(found))


def _check_purpose(purpose: str) -> None:
    from evidence.consent.words import words

    if purpose not in words().purposes:
        known = ", ".join(words().purposes)
        raise click.UsageError(f"--purpose is one of: {known}.")


def _tell(
    session: Session,
    target: Path,
    entry: Entry,
    prepared: list[Prepared],
    basis: Basis,
) -> None:
    refusals = [refusal.code for refusal in basis.overridden]
    if session.as_json:
        output.emit_json(
            "disclose",
            {
                "folder": str(target),
                "entry": entry.seq,
                "ground": basis.ground,
                "overridden": refusals,
                "exhibits": [item.facts() for item in prepared],
            },
        )
        return
    output.title(f"Disclosed, entry {entry.seq}")
    rows = [
        [
            item.portion.exhibit,
            str(item.count),
            str(item.expected.inventory_records - item.count),
            "yes" if item.portion.payload else "no",
            _travels(item),
        ]
        for item in prepared
    ]
    head = ["exhibit", "records", "withheld", "payload", "travels"]
    output.table(head, rows)
    output.fields([("ground", basis.ground or "none"), ("folder", str(target))])
    if refusals:
        output.tell(f"  OVERRIDDEN: {', '.join(refusals)}; recorded and shown.")
    tell_unused(unused=basis.unused)


def _travels(item: Prepared) -> str:
    if item.enclosure is not None:
        return "encrypted"
    return "IN CLEAR" if item.expected.encrypted else "as it is"
