"""What judged OpenPGP signatures mean for the proof they belong to, and in words."""

from __future__ import annotations

from evidence.peers.claims import Note, Reading, Signature, storable
from evidence.peers.openpgp import Judged, Keys, Verdict

_NOTES = {
    Verdict.KEY_MISSING: Note.KEY_MISSING,
    Verdict.OTHER_KEY: Note.KEY_OTHER,
    Verdict.EXPIRED: Note.KEY_INVALID,
    Verdict.REVOKED: Note.KEY_INVALID,
    Verdict.WEAK: Note.WEAK_SIGNATURE,
    Verdict.TOO_LARGE: Note.TOO_LARGE,
}
# Neither for nor against: nothing was found to be wrong.
_OPEN = (Verdict.KEY_MISSING, Verdict.TOO_LARGE, Verdict.ABSENT)
_MAX_TOLD = 20


def weigh(reading: Reading, told: list[tuple[str, Judged]], keys: Keys) -> None:
    """Put the worst of a proof's signatures into its reading, and say all of them.

    Args:
        told: name of what is signed, and what became of one signature over it.
        keys: with the fingerprints that were expected, if any.
    """
    verdicts = {one.verdict for _, one in told}
    reading.notes |= {_NOTES[verdict] for verdict in verdicts if verdict in _NOTES}
    reading.signature = _worst(verdicts)
    reading.damaged |= Verdict.UNREADABLE in verdicts
    reading.short |= Verdict.ABSENT in verdicts
    for name, one in told[: _MAX_TOLD * 50]:
        if one.verdict is not Verdict.HOLDS:
            text = (
                f"A signature over {storable(name[:200])}{_whose(one)} was not accepted"
            )
            text += f": {one.detail}."
            wrong = one.verdict not in (*_OPEN, Verdict.WEAK)
            (reading.faults if wrong else reading.limits).append(text)
    _tell_holding(
        reading, [one for _, one in told if one.verdict is Verdict.HOLDS], keys
    )
    if keys.expected and reading.signature is not Signature.VALID:
        reading.short = True
        reading.limits.append("Not all of it is signed by the key that was given.")


def _worst(verdicts: set[Verdict]) -> Signature:
    if not verdicts:
        return Signature.NONE
    if verdicts - {Verdict.HOLDS, Verdict.WEAK, *_OPEN}:
        return Signature.INVALID
    if verdicts & {*_OPEN}:
        return Signature.NOT_CHECKED
    return Signature.WEAK if Verdict.WEAK in verdicts else Signature.VALID


def _whose(one: Judged) -> str:
    when = f" of {one.at:%Y-%m-%dT%H:%M:%SZ}, as it says itself," if one.at else ""
    return when + (f" by the key {one.key.upper()}" if one.key else "")


def _tell_holding(reading: Reading, holding: list[Judged], keys: Keys) -> None:
    """Say by whose keys the signatures that hold were made."""
    for key in sorted({one.key for one in holding})[:_MAX_TOLD]:
        count = sum(one.key == key for one in holding)
        text = f"OpenPGP signatures that hold by the key {key.upper()}: {count}."
        if key in keys.expected:
            reading.notes.add(Note.EXPECTED)
            text += " That is the key that was given."
        else:
            reading.notes.add(Note.SIGNER)
            text += " It came with what it signs: whose it is, nothing here shows."
        reading.limits.append(text)
    if any(one.later for one in holding):
        reading.notes.add(Note.REVOKED_LATER)
        reading.limits.append("A key was revoked after it had signed.")
