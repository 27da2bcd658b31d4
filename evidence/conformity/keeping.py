"""Predicates several catalogues share: integrity, time, witnesses, access, grounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evidence.conformity.answers import FINE, SEALED, absent, acts, axes, each, met
from evidence.conformity.answers import missing as lacking
from evidence.conformity.dossier import LEAVING, is_encrypted
from evidence.conformity.model import Answer, Outcome
from manifests.entries import EntryType
from manifests.verifying.verdict import Axis

if TYPE_CHECKING:
    from evidence.conformity.dossier import Dossier
    from manifests.entries import Entry

NO_EVIDENCE = "No evidence has been acquired."


def integrity(dossier: Dossier) -> Answer:
    """Bytes, completeness and order of the record verify."""
    wanted = (Axis.INTACT, Axis.COMPLETE, Axis.CONSISTENT)
    return axes(dossier, *wanted, good="Bytes, entries and their order verify.")


def origin(dossier: Dossier) -> Answer:
    """Each entry is signed by a key that was allowed to."""
    wanted = (Axis.SIGNED, Axis.CONSISTENT)
    good = "Each entry is signed, numbered and bound to the one before."
    return axes(dossier, *wanted, good=good)


def encrypted(dossier: Dossier) -> Answer:
    """Payloads are stored encrypted, as their entries say."""
    return each(
        acts(dossier.evidence),
        lambda entry: FINE if is_encrypted(entry) else "the payload is not encrypted",
        good="Every payload is stored encrypted.",
        none=NO_EVIDENCE,
    )


def stamped(dossier: Dossier) -> Answer:
    """A time stamp over a checkpoint."""
    found = axes(dossier, Axis.TIMESTAMPED, good="An authority you trust confirms it.")
    return _from_outside(
        found,
        held=any(head.tokens for head in dossier.log.heads),
        absent="No checkpoint has a time stamp: see 'custody seal'.",
        unknown="There are time stamps; give the root you trust with --tsa-root.",
    )


def witnessed(dossier: Dossier) -> Answer:
    """A countersignature over a checkpoint."""
    found = axes(
        dossier, Axis.WITNESSED, good="Another party countersigned the record."
    )
    return _from_outside(
        found,
        held=any(head.cosignatures for head in dossier.log.heads),
        absent="Nobody countersigned a checkpoint: see 'custody witness'.",
        unknown="There are countersignatures; name witnesses you know with --witness.",
    )


def _from_outside(found: Answer, *, held: bool, absent: str, unknown: str) -> Answer:
    """Tell apart what is not there from what could not be judged."""
    if found.outcome is not Outcome.NOT_SHOWN:
        return found
    if held:
        return Answer(Outcome.NOT_SHOWN, unknown, axes=found.axes)
    return Answer(Outcome.MISSING, absent, axes=found.axes)


def consulted(dossier: Dossier) -> Answer:
    """Looks at sealed content are recorded, each with its justification."""
    return each(
        acts(dossier.of(EntryType.CONSULT)),
        lambda entry: _justified(dossier, entry),
        good="Each recorded look has a justification (sealed).",
        none="No look at sealed content is recorded.",
    )


def _justified(dossier: Dossier, entry: Entry) -> str:
    record = dossier.unseal(entry)
    if record is None:
        return SEALED
    return FINE if record.get("justification") else "gives no justification"


def grounded(dossier: Dossier) -> Answer:
    """Acts on evidence name a ground that covers them, without override or doubt."""
    kinds = (*LEAVING, EntryType.COMBINE, EntryType.ERASE)
    return each(
        acts([*dossier.evidence, *dossier.of(*kinds)]),
        _ground_lack,
        good="Each act on evidence names a ground that covers it.",
        none="No act on evidence is recorded.",
    )


def _ground_lack(entry: Entry) -> str:
    if "override" in entry.facts:
        return "was done although no ground covered it"
    if not isinstance(entry.body.get("authority"), str):
        return "names no legal ground"
    doubts = entry.facts.get("ground_doubts")
    clock_only = isinstance(doubts, list) and set(map(str, doubts)) <= {"CLOCK_BEHIND"}
    return "its legal ground is in doubt" if doubts and not clock_only else FINE


def selftest(dossier: Dossier) -> Answer:
    """The newest recorded self-test of the tool passed."""
    tests = [
        entry
        for entry in dossier.of(EntryType.VERIFY)
        if entry.facts.get("kind") == "selftest"
    ]
    if not tests:
        return lacking("No self-test of the tool is recorded: 'selftest --record'.")
    if tests[-1].facts.get("failed") != 0:
        return lacking("The newest self-test failed.", [tests[-1].seq])
    return met("The newest self-test recorded passed.", [tests[-1].seq])


def reported(dossier: Dossier) -> Answer:
    """A report was issued that covers every acquisition."""
    if not dossier.evidence:
        return absent(NO_EVIDENCE)
    last = dossier.evidence[-1].seq
    found = [
        entry.seq
        for entry in dossier.of(EntryType.REPORT_ISSUE)
        if _covers(entry) > last
    ]
    if found:
        return met("A report was issued over all acquisitions.", found)
    return lacking("No report was issued that covers the newest acquisition.")


def _covers(entry: Entry) -> int:
    size = entry.facts.get("covers")
    return size if isinstance(size, int) and not isinstance(size, bool) else 0


def digested(dossier: Dossier) -> Answer:
    """Each acquisition names size and SHA-256 of its payload, and a tool."""

    def lack(entry: Entry) -> str:
        payload, tool = entry.facts.get("payload"), entry.facts.get("tool")
        whole = isinstance(payload, dict) and {"bytes", "sha256"} <= payload.keys()
        if not whole:
            return "names no size or digest"
        return FINE if isinstance(tool, dict) and tool else "names no tool"

    return each(
        acts(dossier.evidence),
        lack,
        good="Size, SHA-256 and tool of each acquisition are recorded.",
        none=NO_EVIDENCE,
    )
