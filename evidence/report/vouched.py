"""What a self-issued certificate rests on: a key of the log a report carries."""

from __future__ import annotations

from evidence.report.padescheck import NAME
from evidence.selfissued import read_vouch
from manifests.keys import KeyId, PublicKey
from manifests.verifying.reading import LogReading
from manifests.verifying.verdict import Axis, Code, Finding


def judge_vouch(certificate: bytes, log: LogReading | None) -> list[Finding]:
    """Say whether the key that a certificate names vouches for it.

    Args:
        certificate: of who signed the PDF, DER; b"" where nobody did.
        log: the one in the report; None where there is none.
    """
    vouch = read_vouch(certificate) if certificate else None
    if vouch is None:
        return []
    key = log.signers.get(KeyId(vouch.key)) if log is not None else None
    if key is None:
        text = (
            f"Its certificate names the key {vouch.key} as the one that vouches for "
            "it; the report carries no log with that key, so this was not checked."
        )
        code = Code.P7S_VOUCH_UNKNOWN
        return [Finding(Axis.TRUSTED, code, NAME, text, fails=False)]
    said = f"Its certificate says that the key {vouch.key} of the log vouches for it; "
    ended = _ended(log, key)
    if not vouch.holds(key):
        text = said + "that key did not sign so."
        return [Finding(Axis.TRUSTED, Code.P7S_VOUCH_WRONG, NAME, text)]
    if ended is not None:
        text = said + f"entry {ended}, which the report covers, ended that key."
        return [Finding(Axis.TRUSTED, Code.P7S_VOUCH_WRONG, NAME, text)]
    text = (
        f"The key {vouch.key} of the log vouches for the key of its certificate: who "
        "holds that key signed the PDF. No authority issued the certificate; a name in "
        "it is its holder's own word."
    )
    return [Finding(Axis.TRUSTED, Code.P7S_VOUCHED, NAME, text, fails=False)]


def _ended(log: LogReading | None, key: PublicKey) -> int | None:
    """Return the number of the entry that ended a key, None while it is in force."""
    holdings = log.holdings if log is not None else ()
    mine = [one for one in holdings if one.warrant.key.id == key.id]
    return mine[-1].ended if mine else None
