"""How a received disclosure is verified and shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cli import output
from cli.verdicts import print_verdict, print_verdict_json

if TYPE_CHECKING:
    from cli.session import Session
    from evidence.disclosed import CheckedDisclosure
    from manifests.verifying.judge import Anchors
    from manifests.verifying.verdict import Verdict


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
