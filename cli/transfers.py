"""How a received package and a receipt are verified and shown."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from cli import output
from cli.verdicts import print_verdict, print_verdict_json

if TYPE_CHECKING:
    from cli.session import Session
    from manifests.entries import Entry
    from manifests.verifying.judge import Anchors
    from manifests.verifying.verdict import Verdict


_CLEAR = "what came encrypted was taken into a case that is not"


def verify_package(
    session: Session, folder: Path, anchors: Anchors, meter: output.Meter
) -> Verdict:
    """Check a package and show the verdict on it."""
    from evidence.transfer.judging import package_verdict
    from evidence.transfer.opening import open_package

    try:
        opened = open_package(
            folder,
            anchors=anchors,
            opener=session.reader(),
            progress=meter,
        )
    finally:
        meter.close()
    verdict, entry = package_verdict(opened), opened.side.entry
    differences = [
        {"word": d.word, "path": d.path, "detail": d.detail} for d in opened.differences
    ]
    if session.as_json:
        value = {
            "package": opened.looked.identity,
            "offer": _offer(entry),
            "counts_of_files": dict(opened.looked.counts),
            "differences": differences,
        }
        print_verdict_json(verdict, value)
        return verdict
    print_verdict(
        verdict, [("package", opened.looked.identity), *_fields(entry, verdict)]
    )
    if differences:
        output.title("Differences")
        rows = [[d["word"], d["path"], d["detail"]] for d in differences]
        output.table(["word", "path", "what"], rows)
    return verdict


def verify_receipt(
    session: Session, path: Path, anchors: Anchors, meter: output.Meter
) -> Verdict:
    """Check a receipt, or an offer alone, and show the verdict on it."""
    from evidence.transfer.answers import read_proof_file
    from manifests.verifying.transfers import judge_transfer

    meter.close()
    proof = read_proof_file(path)
    verdict = judge_transfer(proof, anchors)
    answer = proof.answer.entry if proof.answer else None
    if session.as_json:
        value = {
            "offer": _offer(proof.offer.entry),
            "answer": None if answer is None else _answer(answer),
        }
        print_verdict_json(verdict, value)
        return verdict
    told = [] if answer is None else _answer_fields(answer)
    print_verdict(verdict, [*_fields(proof.offer.entry, verdict), *told])
    return verdict


def _offer(entry: Entry) -> dict[str, object]:
    facts = entry.facts
    return {
        "number": facts.get("number"),
        "entry": entry.seq,
        "leaf": entry.leaf.hex(),
        "time": entry.time,
        "by": entry.actor,
        "to": facts.get("recipient"),
        "purpose": facts.get("purpose"),
        "ground": entry.body.get("authority"),
        "override": facts.get("override"),
        "exhibits": list(entry.exhibits),
        "given": facts.get("exhibits"),
        "available_until": facts.get("available_until"),
    }


def _answer(entry: Entry) -> dict[str, object]:
    facts = entry.facts
    return {
        "log": entry.body.get("log"),
        "entry": entry.seq,
        "leaf": entry.leaf.hex(),
        "time": entry.time,
        "by": entry.actor,
        "told": facts.get("kind") == "transfer_told",
        "result": facts.get("result"),
        "reason": facts.get("reason"),
        "package": facts.get("package"),
        "counts": facts.get("counts"),
        "in_clear": facts.get("in_clear") is True,
    }


def _fields(entry: Entry, verdict: Verdict) -> list[tuple[str, str]]:
    facts = entry.facts
    return [
        ("offer", f"{facts.get('number')}, entry {entry.seq} of {entry.time}"),
        ("exhibits", ", ".join(entry.exhibits)),
        ("offered by key", entry.actor),
        ("to key", str(facts.get("recipient"))),
        ("ground", str(entry.body.get("authority") or "none")),
        ("log origin", verdict.origin),
        ("checkpoint", f"{verdict.size} entries"),
        ("root", verdict.root),
    ]


def _answer_fields(entry: Entry) -> list[tuple[str, str]]:
    facts = entry.facts
    by = "nobody: it was told to the giver"
    if facts.get("kind") != "transfer_told":
        by = entry.actor
    return [
        ("ANSWER", str(facts.get("result"))),
        ("reason", str(facts.get("reason") or "-")),
        ("at", f"{entry.time}, entry {entry.seq} of {entry.body.get('log')}"),
        ("signed by key", by),
        ("package", str(facts.get("package") or "-")),
        *([("IN CLEAR", _CLEAR)] if facts.get("in_clear") is True else []),
    ]
