"""Judging a hand-over from its proof alone: what was offered and what was answered.

Pure, as the rest of the core. Each side is judged as a proof of one entry of its own
log (`verifying.proofs.read_placed`); then the two are compared: the answer names this
very offer, by the leaf hash of its entry, and is by the key the offer names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from manifests.canonical import Json
from manifests.checkpoint import read_checkpoint
from manifests.cosignature import Cosigner
from manifests.entries import Entry, EntryType
from manifests.errors import MalformedError
from manifests.keys import Algorithm, KeyId, PublicKey
from manifests.merkle import leaf_hash
from manifests.transfer import Side, TransferProof
from manifests.verifying.heads import read_cosignatures
from manifests.verifying.judge import Anchors
from manifests.verifying.proofs import EntryReading, read_placed
from manifests.verifying.tally import failing, unanchored
from manifests.verifying.verdict import (
    Axis,
    AxisVerdict,
    Code,
    Finding,
    Status,
    Verdict,
)

RESULTS = ("accepted", "accepted-with-differences", "declined", "returned")
TOLD = "transfer_told"  # kind of an entry by which a giver tells an answer itself
RETURN = "return"


@dataclass(frozen=True, slots=True)
class ReadAnswer:
    """What an answer's entry says.

    Attributes:
        told: the giver wrote it down itself; the receiver signed nothing.
        package: SHA-256 of the package's tag manifest, hex; "" when none was received.
    """

    result: str
    reason: str
    told: bool
    package: str
    counts: Mapping[str, Json]


def read_answer(entry: Entry) -> ReadAnswer:
    """Read an entry that answers an offer.

    Raises:
        MalformedError: it answers nothing.
    """
    facts = entry.facts
    told = entry.type == EntryType.ANNOTATE and facts.get("kind") == TOLD
    returns = entry.type == EntryType.TRANSFER_OUT and facts.get("kind") == RETURN
    if not (told or returns or entry.type == EntryType.TRANSFER_IN):
        raise _malformed("its entry answers no offer")
    result, reason = facts.get("result"), facts.get("reason", "")
    package, counts = facts.get("package", ""), facts.get("counts", {})
    if not isinstance(result, str) or result not in RESULTS:
        raise _malformed("its result is not a known word")
    if returns != (result == "returned") and not told:
        raise _malformed("its type and its result disagree")
    texts = isinstance(reason, str) and isinstance(package, str)
    if not texts or not isinstance(counts, dict):
        raise _malformed("a fact has not its form")
    return ReadAnswer(result, str(reason), told, str(package), counts)


def _malformed(reason: str) -> MalformedError:
    return MalformedError(what="an answer to an offer", reason=reason)


def names_offer(answer: Entry) -> str:
    """Return the leaf hash (hex) of the offer an entry answers, "" without one."""
    offer = answer.facts.get("offer")
    leaf = offer.get("entry") if isinstance(offer, dict) else ""
    return leaf if isinstance(leaf, str) else ""


def judge_transfer(proof: TransferProof, anchors: Anchors) -> Verdict:
    """Return the verdict on an offer, or on an answer with its offer.

    Raises:
        MalformedError: a checkpoint in it covers nothing.
    """
    offer = read_placed(proof.offer.proof)
    findings = [_of("offer", finding) for finding in offer.findings]
    findings += _judge_offer(proof.offer.entry)
    answer: EntryReading | None = None
    if proof.answer is not None:
        answer = read_placed(proof.answer.proof)
        findings += [_of("answer", finding) for finding in answer.findings]
        findings += _compare(proof, proof.answer)
        findings += _judge_differences(proof, proof.answer.entry)
    cosigned, found = _judge_cosignature(proof, answer)
    findings += found
    signers = {**offer.signers, **(answer.signers if answer else {})}
    text = "This key signed but is not one you gave as trusted."
    findings += unanchored(signers, anchors.demanded, text)
    head = offer.head.checkpoint
    return Verdict(
        origin=head.origin,
        size=head.size,
        root=head.root.hex(),
        axes=_axes(findings, offer, answer, anchors, cosigned=cosigned),
        findings=tuple(findings),
        counts={},
        not_established=_not_established(proof, cosigned=cosigned),
    )


def _of(side: str, finding: Finding) -> Finding:
    return replace(finding, subject=f"{side}: {finding.subject}")


def _judge_offer(entry: Entry) -> list[Finding]:
    facts = entry.facts
    whole = facts.get("whole") is True or isinstance(facts.get("exhibits"), list)
    named = isinstance(facts.get("recipient"), str)
    if entry.type == EntryType.TRANSFER_OUT and whole and named:
        return []
    text = "Its entry offers nothing to anybody."
    return [Finding(Axis.CONSISTENT, Code.OFFER_MALFORMED, "offer", text)]


def _compare(proof: TransferProof, side: Side) -> list[Finding]:
    """Compare an answer with the offer beside it."""
    entry, offer = side.entry, proof.offer.entry
    try:
        told = read_answer(entry)
    except MalformedError as error:
        found = Finding(Axis.CONSISTENT, Code.ANSWER_MALFORMED, "answer", error.what)
        return [found]
    findings: list[Finding] = []
    named = entry.facts.get("offer")
    log = named.get("log") if isinstance(named, dict) else None
    if names_offer(entry) != proof.offer.leaf or log != offer.body.get("log"):
        text = "It answers another offer than the one beside it."
        findings.append(Finding(Axis.CONSISTENT, Code.OFFER_OTHER, "answer", text))
    if told.told:
        if entry.body.get("log") != offer.body.get("log"):
            text = "Only who offered can write down an answer that was told."
            found = Finding(Axis.SIGNED, Code.ANSWER_BY_OTHER, "answer", text)
            return [*findings, found]
        text = "The giver wrote it down; the receiver signed nothing."
        own = Finding(Axis.SIGNED, Code.ANSWER_OWN_WORD, "answer", text, fails=False)
        return [*findings, own]
    if entry.actor != offer.facts.get("recipient"):
        text = "It is not by the key to which the offer was made."
        findings.append(Finding(Axis.SIGNED, Code.ANSWER_BY_OTHER, "answer", text))
    return findings


def _judge_differences(proof: TransferProof, entry: Entry) -> list[Finding]:
    if not proof.differences:
        return []
    if entry.facts.get("differences") == leaf_hash(proof.differences).hex():
        return []
    text = "The list of differences is not the one the answer commits to."
    found = Finding(Axis.INTACT, Code.DIFFERENCES_MODIFIED, "differences", text)
    return [found]


def _judge_cosignature(
    proof: TransferProof, answer: EntryReading | None
) -> tuple[bool, list[Finding]]:
    """Tell whether the answerer countersigned the offer's checkpoint."""
    if proof.answer is None or answer is None or not proof.cosignature:
        return False, []
    signed, key = proof.offer.signed, answer.signers.get(KeyId(answer.actor))
    try:
        lines = read_cosignatures(proof.cosignature)
    except MalformedError as error:
        found = Finding(
            Axis.WITNESSED, Code.COSIGNATURE_MALFORMED, "cosignature", error.what
        )
        return False, [found]
    if isinstance(key, PublicKey) and key.algorithm is Algorithm.ED25519:
        head = read_checkpoint(signed.text)
        for line in lines:
            cosigner = Cosigner(line.name, key)
            named = cosigner.names(line)
            if named and cosigner.time_of(line, signed.text, head) >= 0:
                return True, []
    text = "It is no countersignature of the offer's checkpoint by who answered."
    found = Finding(Axis.WITNESSED, Code.COSIGNATURE_WRONG, "cosignature", text)
    return False, [found]


def _axes(
    findings: list[Finding],
    offer: EntryReading,
    answer: EntryReading | None,
    anchors: Anchors,
    *,
    cosigned: bool,
) -> dict[Axis, AxisVerdict]:
    actors = {offer.actor} | ({answer.actor} if answer else set())
    passed = {
        Axis.COMPLETE: (
            Status.PASS if answer else Status.NOT_CHECKED,
            "Offer and answer are both there."
            if answer
            else "It is an offer alone: nobody has answered in it.",
        ),
        Axis.INTACT: (
            Status.NOT_CHECKED,
            "No content is here: the offer names the digests of what was given.",
        ),
        Axis.CONSISTENT: (
            Status.PASS,
            "Each entry is in the log its checkpoint covers"
            + (", and the answer names this very offer." if answer else "."),
        ),
        Axis.SIGNED: (
            Status.PASS,
            "The signatures hold, by keys that were in force there.",
        ),
        Axis.TRUSTED: _trusted(actors, anchors),
        Axis.TIMESTAMPED: (
            Status.NOT_CHECKED,
            "A transfer proof carries no time stamps.",
        ),
        Axis.WITNESSED: _witnessed(answer, anchors, cosigned=cosigned),
    }
    axes: dict[Axis, AxisVerdict] = {}
    for axis, (status, text) in passed.items():
        axes[axis] = failing(axis, findings) or AxisVerdict(status, text)
    return axes


def _trusted(actors: set[str], anchors: Anchors) -> tuple[Status, str]:
    if anchors.demanded:
        return Status.PASS, "Every signing key is one you gave as trusted."
    strangers = sorted(key[:16] for key in actors - anchors.known)
    if not strangers:
        return Status.PASS, "Who offered and who answered are keys you know."
    text = f"You do not know {', '.join(strangers)}: see 'identity trust'."
    return Status.NOT_CHECKED, text


def _witnessed(
    answer: EntryReading | None, anchors: Anchors, *, cosigned: bool
) -> tuple[Status, str]:
    if answer is None:
        text = "An offer that has no answer here bears no countersignature."
        return Status.NOT_CHECKED, text
    if not cosigned:
        return Status.NOT_CHECKED, "Who answered did not countersign the giver's log."
    if answer.actor in anchors.demanded | anchors.known:
        text = "Who answered, whom you know, countersigned the giver's log."
        return Status.PASS, text
    text = "A key you do not know countersigned the giver's log."
    return Status.NOT_CHECKED, text


def _not_established(proof: TransferProof, *, cosigned: bool) -> tuple[str, ...]:
    lines = [
        "That the content of any exhibit is true, or what it means.",
        "That the stated times are true: each is the clock of who signed.",
        "Who holds the content now: an answer speaks for the moment it was signed.",
    ]
    if proof.answer is None:
        lines.append("That anything was received: there is no answer here.")
    if not cosigned:
        lines.append("That the giver showed others the same log.")
    return tuple(lines)
