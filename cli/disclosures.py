"""Recording what is disclosed; how a received disclosure is verified and shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cli import output
from cli.grounds import claim
from cli.verdicts import print_verdict, print_verdict_json

if TYPE_CHECKING:
    from cli.session import Session
    from evidence.case import Case
    from evidence.disclosed import CheckedDisclosure
    from evidence.disclosing import Prepared
    from evidence.grounds import Basis
    from manifests.entries import Entry
    from manifests.verifying.judge import Anchors
    from manifests.verifying.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Given:
    """What leaves: to whom, for what, and the age recipient it is encrypted to."""

    recipient: str
    purpose: str
    note: str
    encrypted_to: str | None


def record_disclosure(
    session: Session, case: Case, prepared: list[Prepared], given: Given
) -> tuple[Basis, Entry]:
    """Ask the ground and record what leaves, before anything is written.

    Raises:
        NoGroundError: no ground covers exactly this.
        As `cli.session.Session.writing`.
    """
    from evidence.clock import now
    from evidence.disclosing import record
    from evidence.leaving import basis_to_leave
    from evidence.scope import Scope, Touch

    names = tuple(item.portion.exhibit for item in prepared)
    to, purpose = given.recipient, given.purpose
    identity, signer = session.acting()
    with session.writing(case, identity, signer) as writer:
        at = now().time
        scope = Scope(Touch.DISCLOSE, at, names, recipient=to, purpose=purpose)
        basis = basis_to_leave(case, scope, claim())
        entry = record(
            writer,
            prepared,
            recipient=to,
            purpose=purpose,
            basis=basis,
            note=given.note,
            encrypted_to=given.encrypted_to or "",
        )
    return basis, entry


def verify_disclosure(
    session: Session, folder: Path, anchors: Anchors, meter: output.Meter
) -> Verdict:
    """Check a folder that was disclosed and show the verdict on it."""
    from evidence.disclosed import check_disclosure

    try:
        checked = check_disclosure(
            folder,
            anchors=anchors,
            opener=session.reader(),
            progress=meter,
        )
    finally:
        meter.close()
    (_show_json if session.as_json else _show)(checked)
    return checked.verdict


def verify_bundle(
    session: Session, folder: Path, anchors: Anchors, meter: output.Meter
) -> Verdict:
    """Check a court bundle and show the verdict on it."""
    from evidence.interchange.bundle_check import check_bundle

    try:
        opener = session.reader()
        checked = check_bundle(folder, anchors=anchors, opener=opener, progress=meter)
    finally:
        meter.close()
    verdict, entry = checked.verdict, checked.disclosure.disclosure.entry
    if session.as_json:
        told = {"sha256sums": checked.identity, "entry": entry.seq}
        exhibits = list(checked.disclosure.exhibits)
        print_verdict_json(verdict, {"bundle": told, "exhibits": exhibits})
        return verdict
    print_verdict(
        verdict,
        [
            ("court bundle", f"SHA256SUMS {checked.identity}"),
            ("disclosure", f"entry {entry.seq} of {entry.time}"),
            ("exhibits", ", ".join(checked.disclosure.exhibits)),
            ("record", f"{checked.entries} entries of {verdict.origin}"),
            ("root", verdict.root),
        ],
    )
    return verdict


def _show_json(checked: CheckedDisclosure) -> None:
    entry = checked.disclosure.entry
    facts = entry.facts
    given = [
        {
            "exhibit": name,
            "records": seen.records.count if seen.records else 0,
            "of": seen.reading.exhibit.inventory_records,
            "payload": seen.payload is not None,
            "encrypted": seen.enclosed is not None,
            "opened": not seen.unopened,
        }
        for name, seen in checked.exhibits.items()
    ]
    told = {
        "disclosure": {
            "entry": entry.seq,
            "time": entry.time,
            "actor": entry.actor,
            "ground": entry.body.get("authority"),
            "recipient": facts.get("recipient"),
            "purpose": facts.get("purpose"),
            "override": facts.get("override"),
        },
        "exhibits": given,
    }
    print_verdict_json(checked.verdict, told)


def _show(checked: CheckedDisclosure) -> None:
    entry, verdict = checked.disclosure.entry, checked.verdict
    facts = entry.facts
    print_verdict(
        verdict,
        [
            ("disclosure", f"entry {entry.seq} of {entry.time}"),
            ("to", str(facts.get("recipient"))),
            ("for", str(facts.get("purpose"))),
            ("ground", str(entry.body.get("authority") or "none")),
            ("signed by key", entry.actor),
            ("log origin", verdict.origin),
            ("checkpoint", f"{verdict.size} entries"),
            ("root", verdict.root),
        ],
    )
    if facts.get("override") is not None:
        output.say("No recorded ground covered this disclosure: it was overridden.")
    rows = [
        [
            name,
            "not opened"
            if seen.unopened
            else str(seen.records.count if seen.records else 0),
            str(seen.reading.exhibit.inventory_records),
            "yes" if seen.payload is not None else "no",
        ]
        for name, seen in checked.exhibits.items()
    ]
    output.table(["exhibit", "records given", "of", "payload"], rows)
