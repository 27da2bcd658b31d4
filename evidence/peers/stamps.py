"""RFC 3161 tokens beside a file: whether they are over it, and hold in themselves."""

from __future__ import annotations

from evidence.peers.claims import Form, Note, Reading, Signature
from evidence.peers.judging import Judgement
from evidence.peers.members import Digests, View
from manifests.verifying.certificates import StampRoots
from manifests.verifying.timestamps import judge_token_over
from manifests.verifying.verdict import Code


def judge_stamp(data: bytes, name: str, view: View) -> Judgement:
    """Judge a token over the exhibit's file of the token's name.

    No root is known here, so what can be found is: over these bytes or over others,
    signed by the certificate in it or not. Who that certificate belongs to is left
    open and said.
    """
    reading = Reading(Form.TIMESTAMP)
    judgement = Judgement(reading)
    target = _target(name, view)
    if target is None:
        judgement.found("unchecked", name, "no one file of the exhibit has its name")
        return judgement
    digests = Digests(view)
    used: list[str] = []

    def digest(algorithm: str) -> bytes:
        used.append(algorithm)
        return bytes.fromhex(digests.of(target, [algorithm])[algorithm])

    verdict = judge_token_over(digest, data, StampRoots(()))
    if verdict.code is Code.TIMESTAMP_OTHER_BYTES:
        judgement.found("mismatched", target, verdict.text)
        return judgement
    if verdict.code is Code.TIMESTAMP_MALFORMED and not used:
        reading.damaged = True
        reading.faults.append(verdict.text)
        return judgement
    if not used:
        judgement.found("unchecked", target, verdict.text)
        return judgement
    judgement.counts["matched"] += 1
    judgement.algorithms.update(used)
    if verdict.gen_time is not None:
        moment = f"{verdict.gen_time:%Y-%m-%dT%H:%M:%SZ}"
        reading.limits.append(
            f"The token says {moment}, by {verdict.authority or '?'}."
        )
    reading.notes.add(Note.ROOT)
    reading.limits.append("Its authority is not trusted: no root was given here.")
    if verdict.code is Code.TIMESTAMP_UNTRUSTED and verdict.authority:
        reading.signature = Signature.VALID
    elif verdict.code is Code.TIMESTAMP_SIGNATURE:
        reading.signature = Signature.INVALID
        reading.faults.append(verdict.text)
    else:
        reading.signature = Signature.NOT_CHECKED
        reading.limits.append(f"Its signature was not checked: {verdict.text}")
    return judgement


def _target(name: str, view: View) -> str | None:
    names = view.names()
    if not view.tree:
        return names[0]
    stem = name.rpartition(".")[0]
    same = [one for one in names if one.rpartition("/")[2] == stem]
    return same[0] if len(same) == 1 else None
