"""From the log and what was seen of the files to a verdict.

Pure: the caller (`evidence.checking`) looked at the files and passes what it saw.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from manifests.checkpoint import PostQuantum
from manifests.verifying.anchors import Anchors
from manifests.verifying.encrypted import (
    UNOPENED,
    is_encrypted,
    judge_encrypted,
    judge_encrypted_inventory,
)
from manifests.verifying.erased import judge_erased
from manifests.verifying.expected import ExpectedExhibit
from manifests.verifying.outside import judge_outside_of_log
from manifests.verifying.reading import LogReading
from manifests.verifying.rehashed import holds, judge_lists, left_out
from manifests.verifying.seen import Seen, SeenFile, SeenInventory
from manifests.verifying.stamped import Renewed
from manifests.verifying.tally import counted, failing, remaining, remarked, unanchored
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
    unestablished,
)

__all__ = ["Anchors", "Seen", "SeenFile", "SeenInventory", "judge"]


def judge(log: LogReading, seen: Seen, anchors: Anchors) -> Verdict:
    """Return the verdict on a case.

    Raises:
        MalformedError: the anchors hold something that is no certificate of a root.
    """
    findings = list(log.findings)
    counts: Counter[str] = Counter(matched=0, modified=0, missing=0, new=0)
    for exhibit in log.exhibits.values():
        if exhibit.id in log.erased.exhibits:
            continue
        findings += _judge_payload(exhibit, seen, counts)
        findings += _judge_inventory(exhibit, seen)
    findings += judge_erased(
        log.erased,
        present=_still_there(log, seen),
        records={*seen.private, *seen.private_errors},
        reports=seen.reports,
    )
    if log.erased.exhibits:
        counts["erased"] = len(log.exhibits.keys() & log.erased.exhibits.keys())
    findings += _judge_private(log, seen)
    findings += judge_encrypted(log, seen.keys, seen.opened)
    findings += _judge_reports(log, seen)
    findings += _judge_rest(seen, counts)
    findings += judge_lists(log.rehashes, seen.lists, seen.sha512)
    text = "This key signed in the case but is not one you gave as trusted."
    findings += unanchored(log.signers, anchors.demanded, text)
    findings += seen.certified
    outside = judge_outside_of_log(log, anchors, renewed=_renewed(log, seen))
    findings += outside.findings
    axes = {
        axis: outside.axes.get(axis) or _status(axis, log, findings, anchors)
        for axis in Axis
    }
    return Verdict(
        origin=log.origin,
        size=log.size,
        root=log.root,
        axes=axes,
        findings=tuple(findings),
        counts=dict(counts),
        not_established=_not_established(
            axes, log, outside.witnessed, opened=seen.opened is not None
        ),
    )


def _renewed(log: LogReading, seen: Seen) -> list[Renewed]:
    """Return the lists of second digests that are there and are their entries'."""
    return [
        Renewed(
            rehash,
            found,
            holds(rehash, found, seen.sha512),
            left_out(
                rehash,
                found,
                log.exhibits.values(),
                payloads=seen.payloads,
                inventories=seen.inventories,
                private=seen.private,
                encrypted=log.private_files,
            ),
        )
        for seq, rehash in log.rehashes.items()
        if (found := seen.lists.get(seq)) is not None and found.lines
    ]


def _judge_payload(
    exhibit: ExpectedExhibit, seen: Seen, counts: Counter[str]
) -> list[Finding]:
    file = seen.payloads.get(exhibit.id)
    if file is None:
        counts["missing"] += 1
        text = f"{exhibit.payload_name} ({exhibit.payload_bytes} bytes) is not there."
        return [Finding(Axis.COMPLETE, Code.PAYLOAD_MISSING, exhibit.id, text)]
    if file.error:
        counts["unreadable"] += 1
        text = f"{exhibit.payload_name} could not be read: {file.error}."
        return [Finding(Axis.INTACT, Code.UNREADABLE, exhibit.id, text)]
    if file.sha256 == exhibit.payload_sha256 and file.bytes == exhibit.payload_bytes:
        counts["matched"] += 1
        return []
    counts["modified"] += 1
    text = (
        f"{exhibit.payload_name} has SHA-256 {file.sha256} and {file.bytes} bytes; "
        f"recorded were {exhibit.payload_sha256} and {exhibit.payload_bytes}."
    )
    found = [Finding(Axis.INTACT, Code.PAYLOAD_MODIFIED, exhibit.id, text)]
    for owner, word, detail in seen.members:
        if owner == exhibit.id:
            located = f"{word}: {detail}"
            found.append(Finding(Axis.INTACT, Code.MEMBER_MODIFIED, owner, located))
    return found


def _judge_inventory(exhibit: ExpectedExhibit, seen: Seen) -> list[Finding]:
    inventory = seen.inventories.get(exhibit.id)
    if inventory is None:
        text = "The inventory is not there."
        return [Finding(Axis.COMPLETE, Code.INVENTORY_MISSING, exhibit.id, text)]
    if inventory.error:
        text = f"The inventory could not be read: {inventory.error}."
        return [Finding(Axis.INTACT, Code.UNREADABLE, exhibit.id, text)]
    if exhibit.encrypted:
        return judge_encrypted_inventory(exhibit, inventory.bytes, inventory.sha256)
    expected = (exhibit.inventory_records, exhibit.inventory_root)
    if (inventory.records, inventory.root) == expected:
        return []
    text = (
        f"The inventory has {inventory.records} records and root {inventory.root}; "
        f"recorded were {expected[0]} and {expected[1]}."
    )
    return [Finding(Axis.INTACT, Code.INVENTORY_MODIFIED, exhibit.id, text)]


def _still_there(log: LogReading, seen: Seen) -> dict[str, Iterable[str]]:
    """Return which files of erased exhibits are there."""
    found: dict[str, Iterable[str]] = {}
    for name in log.erased.exhibits:
        exhibit, key = log.exhibits.get(name), f"{name}.age"
        names = [f"keys/{key}"] if key in seen.keys else []
        if exhibit is not None and name in seen.payloads:
            names.append(exhibit.payload_name)
        if exhibit is not None and name in seen.inventories:
            names.append(exhibit.inventory_name)
        found[name] = names
    return found


def _judge_private(log: LogReading, seen: Seen) -> list[Finding]:
    found = []
    for seq, commitment in log.private.items():
        if seq in log.erased.records:
            continue
        subject = f"entry {seq}"
        file = log.private_files.get(seq)
        expected = commitment if file is None else bytes.fromhex(file.sha256)
        if seq in seen.private_errors:
            text = f"Its sealed record could not be read: {seen.private_errors[seq]}."
            found.append(Finding(Axis.INTACT, Code.UNREADABLE, subject, text))
        elif seq not in seen.private:
            text = "Its sealed record is not there."
            found.append(Finding(Axis.COMPLETE, Code.PRIVATE_MISSING, subject, text))
        elif seen.private[seq] != expected:
            text = "Its sealed record is not the one the entry commits to."
            found.append(Finding(Axis.INTACT, Code.PRIVATE_MODIFIED, subject, text))
    return found


def _judge_reports(log: LogReading, seen: Seen) -> list[Finding]:
    """Compare side products: a changed one fails, a removed one is a remark."""
    modified, missing = "It is not what was recorded.", "It is recorded but not there."
    found: list[Finding] = []
    for recorded, now, changed, gone in (
        (log.reports, seen.reports, Code.REPORT_MODIFIED, Code.REPORT_MISSING),
        (
            log.quarantined,
            seen.quarantine,
            Code.QUARANTINE_MODIFIED,
            Code.QUARANTINE_MISSING,
        ),
    ):
        for name, digest in recorded.items():
            if recorded is log.reports and name in log.erased.reports:
                continue
            if name not in now:
                finding = Finding(Axis.COMPLETE, gone, name, missing, fails=False)
                found.append(finding)
            elif now[name] != digest:
                found.append(Finding(Axis.INTACT, changed, name, modified))
    return found


def _judge_rest(seen: Seen, counts: Counter[str]) -> list[Finding]:
    counts["new"] += len(seen.unlisted)
    text = (
        "The manifest does not name it. If a crash interrupted an act just then, "
        "'custody recover' sets it aside; otherwise somebody put it there."
    )
    found = [Finding(Axis.COMPLETE, Code.UNLISTED, n, text) for n in seen.unlisted]
    text = "An interrupted act left it; it is no evidence. 'custody recover' tidies."
    found += [
        Finding(Axis.COMPLETE, Code.UNFINISHED, name, text, fails=False)
        for name in seen.leftovers
    ]
    return found


def _status(
    axis: Axis, log: LogReading, findings: list[Finding], anchors: Anchors
) -> AxisVerdict:
    if failed := failing(axis, findings):
        return failed
    if axis is Axis.TRUSTED:
        return trust_status(log, anchors)
    gone = len(log.exhibits.keys() & log.erased.exhibits.keys())
    records = len(log.private.keys() & log.erased.records)
    text = _PASSED[axis].format(
        exhibits=remaining(len(log.exhibits), gone, "exhibit"),
        matching=counted(len(log.exhibits) - gone, "exhibit"),
        sealed=remaining(len(log.private), records, "sealed record"),
        entries=counted(log.size, "entry", "entries"),
        checkpoints=counted(log.checkpoints, "checkpoint"),
        keys=counted(len(log.signers), "key"),
        signed=log.signed,
    )
    if axis is Axis.SIGNED:
        text += _post_quantum(log)
    if axis is Axis.CONSISTENT and log.outside_checkpoint:
        text += f" One kept outside confirms the first {log.outside_checkpoint}."
    return AxisVerdict(Status.PASS, text + remarked(axis, findings))


def _post_quantum(log: LogReading) -> str:
    """Say how far the heads are bound to their signers beyond the classical key."""
    held = log.post_quantum.get(PostQuantum.HOLDS, 0)
    if not held:
        return " No checkpoint carries a checked ML-DSA-44 signature."
    return f" ML-DSA-44 signatures hold on {counted(held, 'checkpoint')}."


_MAX_NAMED = 4
_PASSED = {
    Axis.COMPLETE: "There: {exhibits} and {sealed}; nothing is unlisted.",
    Axis.INTACT: "Payload and inventory of {matching} match their digests.",
    Axis.CONSISTENT: "One chain of {entries}, confirmed by {checkpoints}.",
    Axis.SIGNED: "The signatures on {signed} of {entries} hold, by {keys}.",
}


def trust_status(log: LogReading, anchors: Anchors) -> AxisVerdict:
    """Return whether the keys of a log are known from outside, when nothing fails."""
    signers = frozenset(log.signers)
    if not signers:
        return AxisVerdict(Status.NOT_CHECKED, "The case names no usable key.")
    if anchors.demanded:
        text = "Every signing key is one you gave as trusted."
        return AxisVerdict(Status.PASS, text)
    if signers <= policy_keys(log.origin, anchors.policy):
        text = "Every signing key is one your policy gives for this log."
        return AxisVerdict(Status.PASS, text)
    if signers <= anchors.known:
        text = "Every signing key is your own or one you trust ('identity trusted')."
        return AxisVerdict(Status.PASS, text)
    strangers = sorted(key[:16] for key in signers - anchors.known)
    if signers & anchors.known:
        named = ", ".join(strangers[:_MAX_NAMED])
        more = len(strangers) - _MAX_NAMED
        if more > 0:
            named += f" and {more} more"
        text = f"Of {len(signers)} keys you know all but {named}: see 'identity trust'."
        return AxisVerdict(Status.NOT_CHECKED, text)
    text = "No key was given from outside: whose keys these are is not checked."
    return AxisVerdict(Status.NOT_CHECKED, text)


def _not_established(
    axes: Mapping[Axis, AxisVerdict], log: LogReading, witnessed: int, *, opened: bool
) -> tuple[str, ...]:
    """Say what even a clean verdict does not prove (DESIGN 7)."""
    lines = [
        "That the content of any exhibit is true, or what it means.",
        "That the source held nothing else than what was acquired.",
    ]
    if not opened and is_encrypted(log):
        lines.append(UNOPENED)
    if axes[Axis.TRUSTED].status is not Status.PASS:
        lines.append("Whose keys signed: compare the key id with one from the person.")
    if axes[Axis.TIMESTAMPED].status is not Status.PASS:
        lines.append("That the recorded times are true: they are the acquirer's clock.")
    else:
        lines.append(
            "When an act happened: a time stamp proves that its entry existed by then, "
            "not that it was made at the time it states; nor was it checked whether "
            "the authority's certificate has been revoked."
        )
    lines.append(unestablished(witnessed, log.outside_checkpoint))
    return tuple(lines)
