"""Judging one RFC 3161 token over the bytes of a checkpoint note, or of a list.

Everything is judged at the token's own time (genTime), against roots the verifier
pins; a certificate that has expired since makes a token aged, not wrong. Two engines
must agree before a token holds: the checks here, over `cryptography`, and OpenSSL as
`rfc3161-client` calls it. The library alone is not enough. As of 1.0.9 it accepts a
signature without signed attributes, one that names no certificate or another one
(ESSCertID), SHA-1 signatures and RSA keys of 1024 bits; it refuses a bare token,
"granted with modifications" and certificates in another order than DER's.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from rfc3161_client import (
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from manifests.verifying import certificates as chains
from manifests.verifying.certificates import StampRoots
from manifests.verifying.der import DerError
from manifests.verifying.tokens import (
    Signature,
    Token,
    message_digest,
    named_certificates,
    read_answer,
    read_token,
)
from manifests.verifying.verdict import Code

_STRONG = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}
_SHA1 = "1.3.14.3.2.26"  # only to find a certificate (ESSCertID), never as proof
_METHODS: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_RSA = "1.2.840.113549.1.1.1"
# Signature algorithm to the digest it fixes (RFC 5754 3.2, 3.3).
_SIGNATURES = {
    "1.2.840.113549.1.1.11": "sha256",
    "1.2.840.113549.1.1.12": "sha384",
    "1.2.840.113549.1.1.13": "sha512",
    "1.2.840.10045.4.3.2": "sha256",
    "1.2.840.10045.4.3.3": "sha384",
    "1.2.840.10045.4.3.4": "sha512",
}
_WEAK_SIGNATURES = frozenset(
    {"1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5", "1.2.840.113549.1.1.14"}
    | {"1.2.840.10045.4.1", "1.2.840.10045.4.3.1"}
)


@dataclass(frozen=True, slots=True)
class TokenVerdict:
    """What a token proves.

    Attributes:
        code: why it does not hold; None when it does.
        text: one sentence (may hold names from a certificate; escape it).
        gen_time: when the authority says it saw the bytes, UTC.
        accuracy: how far that can be off; None when the authority does not say.
        policy: OID of the authority's policy; serial: the token's number.
        authority: subject of its certificate, RFC 4514 (unescaped).
        not_after: when the first certificate of its chain ends, UTC.
        aged: it ended before now: whether it was renewed in time decides.
        algorithms: digests its proof rests on: of the imprint, of the attributes.
        claims_qualified: the token says that it is an EU qualified time stamp (EN 319
            422, esi4-qtstStatement-1). A claim: the EU trusted list would prove it.
    """

    code: Code | None
    text: str
    gen_time: datetime | None = None
    accuracy: timedelta | None = None
    policy: str = ""
    serial: int = 0
    authority: str = ""
    not_after: datetime | None = None
    aged: bool = False
    claims_qualified: bool = False
    algorithms: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Tell whether the token proves that the bytes existed at its time."""
        return self.code is None

    @property
    def latest(self) -> datetime | None:
        """The latest moment the bytes can have come into being, by this token."""
        if self.gen_time is None:
            return None
        return self.gen_time + (self.accuracy or timedelta())


Digests = Callable[[str], bytes]


class _NotHeldError(Exception):
    """Ends the judgement of a token; never leaves this module."""

    def __init__(self, code: Code, text: str) -> None:
        self.code, self.text = code, text
        super().__init__(text)


def judge_token(
    token: bytes, note: bytes, roots: StampRoots, *, now: datetime | None = None
) -> TokenVerdict:
    """Judge a token, or a whole response, over the bytes `note`. Never raises.

    See `judge_token_over`.
    """

    def digest(algorithm: str) -> bytes:
        return hashlib.new(algorithm, note).digest()

    return judge_token_over(digest, token, roots, now=now)


def judge_token_over(
    digest: Digests, token: bytes, roots: StampRoots, *, now: datetime | None = None
) -> TokenVerdict:
    """Judge a token, or a whole response, over bytes of these digests. Never raises.

    Args:
        digest: gives that by sha256, sha384 or sha512 of what should be stamped.
        roots: what to trust; with none, no token holds (`TIMESTAMP_UNTRUSTED`).
        now: the verifier's present time, only to tell aged tokens; None: not told.
    """
    try:
        answer = read_answer(token)
        if answer.status not in (0, 1) or not answer.token:
            text = "It is no time stamp but an authority's refusal."
            return TokenVerdict(Code.TIMESTAMP_MALFORMED, text)
        read = read_token(answer.token)
    except DerError as error:
        text = f"It is not a well-formed time stamp: {error}."
        return TokenVerdict(Code.TIMESTAMP_MALFORMED, text)
    verdict = TokenVerdict(
        None,
        "",
        gen_time=read.gen_time,
        accuracy=read.accuracy,
        policy=read.policy,
        serial=read.serial,
        claims_qualified=read.qualified,
        algorithms=tuple(
            _STRONG.get(used, used) for used in (read.hash, read.signature.digest)
        ),
    )
    try:
        imprint = _judge_imprint(read, digest)
        known = chains.load(read.certificates)
        tsa = _signer(read.signature, (*known, *roots.roots, *roots.helpers))
        verdict = replace(verdict, authority=_name(tsa), not_after=_end([tsa]))
        _judge_signature(read, tsa)
        _judge_authority(read, tsa)
        path = _judge_path(read, tsa, known, roots)
        _second_opinion(read, imprint, path)
    except _NotHeldError as problem:
        return replace(verdict, code=problem.code, text=problem.text)
    except DerError as error:
        text = f"It is not a well-formed time stamp: {error}."
        return replace(verdict, code=Code.TIMESTAMP_MALFORMED, text=text)
    end = _end(path)
    aged = now is not None and end < now
    text = "The authority's certificate has ended since." if aged else ""
    return replace(verdict, not_after=end, aged=aged, text=text)


def _judge_imprint(read: Token, digest: Digests) -> bytes:
    name = _STRONG.get(read.hash)
    if name is None:
        text = "It is over a digest that is none of SHA-256, SHA-384 and SHA-512."
        raise _NotHeldError(Code.TIMESTAMP_WEAK, text)
    own = digest(name)
    if not hmac.compare_digest(own, read.imprint):
        text = "It is over other bytes than this file: it was moved or altered."
        raise _NotHeldError(Code.TIMESTAMP_OTHER_BYTES, text)
    return own


def _signer(
    signature: Signature, known: tuple[x509.Certificate, ...]
) -> x509.Certificate:
    """Return the one certificate the signature names, by issuer, number and digest.

    A name without a digest could be borne by another certificate that was put beside
    it (RFC 5035), so tokens without one are not accepted, as RFC 3161 2.4.2 has it.
    """
    named = named_certificates(signature)
    if not named:
        text = "Its signature does not say by which certificate it was made."
        raise _NotHeldError(Code.TIMESTAMP_MALFORMED, text)
    found = {
        certificate
        for certificate in known
        if chains.serial_of(certificate) == signature.serial
        and chains.issuer_bytes(certificate) == signature.issuer
    }
    if not found:
        text = "It does not carry its authority's certificate, and none was given."
        raise _NotHeldError(Code.TIMESTAMP_UNTRUSTED, text)
    fitting = [c for c in found if _is_named(c, named)]
    if len(fitting) != 1:
        text = "The certificate beside its signature is not the one it names."
        raise _NotHeldError(Code.TIMESTAMP_SIGNATURE, text)
    return fitting[0]


def _is_named(certificate: x509.Certificate, named: list[tuple[str, bytes]]) -> bool:
    """Tell whether every digest that can be compared is this certificate's."""
    compared = 0
    for algorithm, digest in named:
        if algorithm == _SHA1:
            own = certificate.fingerprint(hashes.SHA1())  # noqa: S303 - ESSCertID
        elif algorithm in _STRONG:
            own = certificate.fingerprint(_METHODS[_STRONG[algorithm]])
        else:
            continue
        compared += 1
        if not hmac.compare_digest(own, digest):
            return False
    return compared > 0


def _judge_signature(read: Token, tsa: x509.Certificate) -> None:
    signature = read.signature
    name = _STRONG.get(signature.digest)
    if name is None or signature.algorithm in _WEAK_SIGNATURES:
        text = "It is signed over a digest weaker than SHA-256, or an unknown one."
        raise _NotHeldError(Code.TIMESTAMP_WEAK, text)
    fixed = _SIGNATURES.get(signature.algorithm)
    if fixed is None and signature.algorithm != _RSA:
        text = f"This tool cannot judge signatures by algorithm {signature.algorithm}."
        raise _NotHeldError(Code.TIMESTAMP_UNSUPPORTED, text)
    if fixed not in (None, name):
        text = "It is not a well-formed time stamp: its digest algorithms differ."
        raise _NotHeldError(Code.TIMESTAMP_MALFORMED, text)
    wrong = _NotHeldError(
        Code.TIMESTAMP_SIGNATURE, "Its signature does not match what it says."
    )
    digest = hashlib.new(name, read.info).digest()
    if not hmac.compare_digest(digest, message_digest(signature)):
        raise wrong
    method = _METHODS[name]
    try:
        key = tsa.public_key()
        if isinstance(key, rsa.RSAPublicKey) and not _is_ecdsa(signature):
            key.verify(signature.value, signature.signed, padding.PKCS1v15(), method)
        elif isinstance(key, ec.EllipticCurvePublicKey) and _is_ecdsa(signature):
            key.verify(signature.value, signature.signed, ec.ECDSA(method))
        else:
            raise wrong
    except (InvalidSignature, ValueError, TypeError) as error:
        raise wrong from error
    except UnsupportedAlgorithm as error:
        text = "This tool cannot judge signatures by a key of this kind."
        raise _NotHeldError(Code.TIMESTAMP_UNSUPPORTED, text) from error


def _is_ecdsa(signature: Signature) -> bool:
    return signature.algorithm.startswith("1.2.840.10045.")


def _judge_authority(read: Token, tsa: x509.Certificate) -> None:
    """Judge what the certificate itself says: purpose, strength, time."""
    problem = chains.problem_of_purpose(tsa)
    if problem:
        text = f"It is not by a time-stamping authority: {problem}."
        raise _NotHeldError(Code.TIMESTAMP_NOT_A_TSA, text)
    if read.critical:
        text = f"This tool does not know its critical extension {read.critical[0]}."
        raise _NotHeldError(Code.TIMESTAMP_UNSUPPORTED, text)
    weakness = chains.weakness_of(tsa)
    if weakness:
        text = f"Its signature is too weak: {weakness}."
        raise _NotHeldError(Code.TIMESTAMP_WEAK, text)
    if chains.invalid_at([tsa], read.gen_time):
        raise _expired(tsa)


def _expired(certificate: x509.Certificate) -> _NotHeldError:
    text = f"The certificate of {_name(certificate)} was not valid at that time."
    return _NotHeldError(Code.TIMESTAMP_CERT_EXPIRED, text)


def _judge_path(
    read: Token,
    tsa: x509.Certificate,
    known: tuple[x509.Certificate, ...],
    roots: StampRoots,
) -> list[x509.Certificate]:
    """Return a path to a pinned root that is right in every respect."""
    text = f"{_name(tsa)} is not below a root you gave as trusted for time."
    problem = _NotHeldError(Code.TIMESTAMP_UNTRUSTED, text)
    for path in chains.paths(tsa, known, roots):
        found = _problem_of(path, read.gen_time)
        if found is None:
            return path
        problem = found
    raise problem


def _problem_of(path: list[x509.Certificate], moment: datetime) -> _NotHeldError | None:
    problem = chains.problem_of_path(path)
    if problem:
        text = f"It is not by a time-stamping authority you trust: {problem}."
        return _NotHeldError(Code.TIMESTAMP_UNTRUSTED, text)
    # A root is trusted as it stands: its own signature proves nothing.
    weak = [chains.weakness_of_signature(c) for c in path[:-1]]
    weak += [chains.weakness_of(c) for c in path]
    reason = next((text for text in weak if text), "")
    if reason:
        text = f"The chain of its certificates is too weak: {reason}."
        return _NotHeldError(Code.TIMESTAMP_WEAK, text)
    invalid = chains.invalid_at(path, moment)
    return _expired(invalid) if invalid is not None else None


def _second_opinion(read: Token, imprint: bytes, path: list[x509.Certificate]) -> None:
    """Have OpenSSL judge the same token over the same path, and nothing else."""
    # Fresh lists, given at once: the builder's own methods share what they append to.
    verifier = VerifierBuilder(
        tsa_certificate=path[0], intermediates=path[1:-1], roots=[path[-1]]
    ).build()
    agreed, reason = False, "it read something else"
    try:
        response = decode_timestamp_response(read.with_only(path))
        info = response.tst_info
        told = info.message_imprint.hash_algorithm.dotted_string
        same = (info.gen_time, info.serial_number, told) == (
            read.gen_time.replace(microsecond=0),
            read.serial,
            read.hash,
        )
        # The bool is the answer: an ignored one would be a hole.
        agreed = same and verifier.verify(response, imprint) is True
    except VerificationError as error:
        reason = str(error).partition(":")[0]
    except (ValueError, TypeError, OverflowError, AttributeError) as error:
        reason = type(error).__name__
    except BaseException as error:  # a panic of the library's Rust is no Exception
        if type(error).__module__ != "pyo3_runtime":
            raise
        reason = "it gave up"
    if not agreed:
        text = f"OpenSSL does not accept its chain or signature ({reason})."
        raise _NotHeldError(Code.TIMESTAMP_UNTRUSTED, text)


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()[:300]


def _end(path: list[x509.Certificate]) -> datetime:
    return min(certificate.not_valid_after_utc for certificate in path)
