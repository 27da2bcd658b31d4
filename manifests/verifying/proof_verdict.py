"""From the reading of a proof file and what was seen of a payload to a verdict.

The axes are those of a case (DESIGN 7), for one exhibit: complete says whether its
payload was given, and nothing is promised about the rest of the case.
"""

from __future__ import annotations

from collections.abc import Mapping

from manifests.checkpoint import PostQuantum
from manifests.verifying.anchors import Anchors
from manifests.verifying.expected import ExpectedExhibit
from manifests.verifying.outside import judge_outside
from manifests.verifying.proofs import Disclosed, ProofReading
from manifests.verifying.seen import SeenFile
from manifests.verifying.tally import failing, remarked, unanchored
from manifests.verifying.verdict import (
    Axis,
    AxisVerdict,
    Code,
    Finding,
    Status,
    Verdict,
)
from manifests.verifying.witnesses import (
    policy_keys,
)


def judge(reading: ProofReading, payload: SeenFile | None, anchors: Anchors) -> Verdict:
    """Return the verdict on one exhibit.

    Args:
        payload: the file to compare with the entry; None when none was given.
    """
    findings = list(reading.findings)
    counts = {"matched": 0, "modified": 0, "missing": 0, "new": 0}
    member = _member(reading, payload)
    if payload is not None:
        found = _judge_payload(reading.exhibit, payload, member)
        findings += found
        word = "unreadable" if payload.error else "modified" if found else "matched"
        counts[word] = 1
    text = "This key signed for the case but is not one you gave as trusted."
    findings += unanchored(reading.signers, anchors.demanded, text)
    head = reading.head
    outside = judge_outside([head], reading.signers.values(), head.size, anchors)
    findings += outside.findings
    axes = {
        axis: outside.axes.get(axis)
        or _status(axis, reading, findings, anchors, payload, member)
        for axis in Axis
    }
    return Verdict(
        origin=reading.head.checkpoint.origin,
        size=reading.head.size,
        root=reading.head.checkpoint.root.hex(),
        axes=axes,
        findings=tuple(findings),
        counts=counts,
        not_established=_not_established(axes, payload, member),
    )


def _is_payload(exhibit: ExpectedExhibit, file: SeenFile) -> bool:
    expected = (exhibit.payload_sha256, exhibit.payload_bytes)
    return (file.sha256, file.bytes) == expected


def _member(reading: ProofReading, payload: SeenFile | None) -> Disclosed | None:
    """Return the disclosed record the given file is the content of, if it is one."""
    if payload is None or payload.error or _is_payload(reading.exhibit, payload):
        return None
    return next((record for record in reading.records if record.is_of(payload)), None)


def _judge_payload(
    exhibit: ExpectedExhibit, file: SeenFile, member: Disclosed | None
) -> list[Finding]:
    if file.error:
        text = f"The file given could not be read: {file.error}."
        return [Finding(Axis.INTACT, Code.UNREADABLE, exhibit.id, text)]
    if member is not None or _is_payload(exhibit, file):
        return []
    text = (
        f"The file given has SHA-256 {file.sha256} and {file.bytes} bytes; recorded "
        f"were {exhibit.payload_sha256} and {exhibit.payload_bytes}."
    )
    return [Finding(Axis.INTACT, Code.PAYLOAD_MODIFIED, exhibit.id, text)]


def _status(
    axis: Axis,
    reading: ProofReading,
    findings: list[Finding],
    anchors: Anchors,
    payload: SeenFile | None,
    member: Disclosed | None,
) -> AxisVerdict:
    if failed := failing(axis, findings):
        return failed
    if axis in (Axis.COMPLETE, Axis.INTACT):
        status, text = _payload_status(axis, reading, payload, member)
    elif axis is Axis.TRUSTED:
        status, text = _trust_status(reading, anchors)
    elif axis in _OWN_JUDGE:
        status, text = Status.NOT_CHECKED, ""
    else:
        status, text = Status.PASS, _passed(axis, reading)
    return AxisVerdict(status, text + remarked(axis, findings))


# Replaced by what their own judges said.
_OWN_JUDGE = frozenset({Axis.TIMESTAMPED, Axis.WITNESSED})


def _payload_status(
    axis: Axis,
    reading: ProofReading,
    payload: SeenFile | None,
    member: Disclosed | None,
) -> tuple[Status, str]:
    exhibit = reading.exhibit.id
    shown = ""
    if reading.records:
        shown = f" Records in its inventory: {len(reading.records)} shown."
    if payload is not None and payload.error:
        return Status.NOT_CHECKED, "The file given could not be read."
    if payload is None:
        text = f"No payload was given (--payload FILE).{shown}"
        return Status.NOT_CHECKED, text
    if axis is Axis.COMPLETE and member is not None:
        text = f"Only a part of {exhibit} was given; the rest was not seen."
        return Status.NOT_CHECKED, text
    if axis is Axis.COMPLETE:
        return Status.PASS, f"The payload of {exhibit} was given; no more is promised."
    if member is not None:
        text = f"The file given is what record {member.index + 1} of {exhibit} names."
        return Status.PASS, text + shown
    return Status.PASS, f"The file given is the payload of {exhibit}.{shown}"


def _passed(axis: Axis, reading: ProofReading) -> str:
    if axis is Axis.CONSISTENT:
        entry, size = reading.exhibit.entry, reading.head.size
        return (
            f"Entry {entry} and {reading.entries - 1} about keys are in the log of "
            f"{size} entries that the checkpoint covers."
        )
    held = reading.post_quantum.get(PostQuantum.HOLDS, 0)
    text = (
        f"The signatures on {reading.signed} of {reading.entries} entries hold, and "
        "a key in force signed the checkpoint."
    )
    if held:
        return f"{text} Its ML-DSA-44 signature holds."
    return f"{text} No ML-DSA-44 signature was checked."


def _trust_status(reading: ProofReading, anchors: Anchors) -> tuple[Status, str]:
    signers = frozenset(reading.signers)
    if not signers:
        return Status.NOT_CHECKED, "The proof shows no usable key."
    if anchors.demanded:
        return Status.PASS, "Every key it shows is one you gave as trusted."
    if signers <= policy_keys(reading.head.checkpoint.origin, anchors.policy):
        return Status.PASS, "Every key it shows is one your policy gives for this log."
    if signers <= anchors.known:
        return Status.PASS, "Every key it shows is in your own key store."
    text = "No key was given from outside: whose keys these are is not checked."
    return Status.NOT_CHECKED, text


def _not_established(
    axes: Mapping[Axis, AxisVerdict],
    payload: SeenFile | None,
    member: Disclosed | None,
) -> tuple[str, ...]:
    """Say what even a clean verdict on one exhibit does not prove (DESIGN 7)."""
    lines = [
        "That the content of the exhibit is true, or what it means.",
        "That the source held nothing else than what was acquired.",
        "That no key it shows was revoked, before or after: the proof shows only the "
        "entries its maker chose.",
        "That the exhibit was not corrected, restricted, withdrawn or acquired anew "
        "later.",
        "That the rest of the log holds: its other entries and exhibits were not seen.",
    ]
    if payload is None:
        lines.append("That any file is the exhibit: none was given.")
    if member is not None:
        lines.append("That the rest of the exhibit is unchanged: only a part was seen.")
    if axes[Axis.TRUSTED].status is not Status.PASS:
        lines.append("Whose keys signed: compare the key id with one from the person.")
    if axes[Axis.TIMESTAMPED].status is not Status.PASS:
        lines.append("That the recorded times are true: they are the acquirer's clock.")
    if axes[Axis.WITNESSED].status is not Status.PASS:
        lines.append(
            "That others were shown the same log: the holder of the key can make two, "
            "or write it all anew. Compare the checkpoint with one kept elsewhere."
        )
    return tuple(lines)
