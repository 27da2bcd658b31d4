"""Putting a certificate's signature (CAdES, .p7s) beside the newest checkpoint.

It is a signature over the exact bytes of the note file, not an act in the log: who
certifies need not be allowed to sign in the case (an organisation's seal). Before it
signs, the whole log is read and compared with its checkpoints: nobody's certificate is
put under a manifest that does not hold. Payloads are not read: ``custody verify`` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from evidence.cades import sign_checkpoint_cades
from evidence.cadescheck import check_cades
from evidence.case import LOCK, Case
from evidence.certificates import Certificate
from evidence.checking import read_log
from evidence.key_errors import AlreadyCertifiedError, CertificateRefusedError
from evidence.signals import held
from evidence.signers.handles import KeyHandle
from manifests import durable, ledger
from manifests.errors import BrokenManifestError, StorageFailedError
from manifests.lock import WriterLock
from manifests.verifying.heads import CADES, MAX_COMPANION_BYTES, Head
from manifests.verifying.verdict import Axis

_ID_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Certification:
    """What was written: the file, and the checkpoint it is over."""

    path: Path
    head: Head
    certificate_sha256: str


def certify(
    case: Case, certificate: Certificate, key: KeyHandle, *, at: datetime | None = None
) -> Certification:
    """Sign the newest checkpoint of `case`; the file is durable when this returns.

    Args:
        at: the signing time to claim; None for now.

    Raises:
        CaseLockedError: somebody is writing to the case.
        BrokenManifestError: log or checkpoints do not hold; nothing is signed.
        AlreadyCertifiedError: this certificate signed this checkpoint before.
        CertificateRefusedError, TokenFailedError: it cannot sign.
        StorageFailedError: it could not be stored.
    """
    with WriterLock(case.path / LOCK):
        head = _newest(case)
        name = f"{head.size:010d}.{certificate.sha256[:_ID_DIGITS]}{CADES}"
        path = case.manifest / ledger.CHECKPOINTS / name
        if path.exists():
            raise AlreadyCertifiedError(checkpoint=head.name, path=str(path))
        moment = at or datetime.now(UTC).replace(microsecond=0)
        p7s = sign_checkpoint_cades(head.note, certificate, key, at=moment)
        _check(p7s, head, name)
        with held():
            durable.write_new(path, p7s)
    return Certification(path, head, certificate.sha256)


def _newest(case: Case) -> Head:
    """Return the newest checkpoint once log and checkpoints were found to hold."""
    log = read_log(case)
    wrong = [f for f in log.findings if f.fails and f.axis is not Axis.TRUSTED]
    if wrong:
        reason = f"{wrong[0].subject}: {wrong[0].text.rstrip('.')}"
        raise BrokenManifestError(entry=max(log.size - 1, 0), reason=reason)
    heads = [h for h in log.heads if h.size == log.newest_checkpoint and h.holds]
    if not heads or log.newest_checkpoint != log.size:
        reason = "the last entries have no checkpoint ('custody recover' makes one)"
        raise BrokenManifestError(entry=max(log.size - 1, 0), reason=reason)
    return heads[0]


def _check(p7s: bytes, head: Head, name: str) -> None:
    """Look at what was made before it is kept: the verifier must take it."""
    if len(p7s) > MAX_COMPANION_BYTES:
        raise StorageFailedError(what=name, reason="the signature is too large")
    findings = check_cades(p7s, head.note, (), name=name)
    if any(finding.fails for finding in findings):
        raise CertificateRefusedError(reason="the signature made does not verify")
