"""Reading an RFC 3161 time-stamp token: what it says, without believing any of it.

TimeStampResp (RFC 3161 2.4.2) or a bare TimeStampToken: CMS SignedData (RFC 5652 5.1)
over a TSTInfo, with one signer. Only DER is read; a token in BER is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from manifests.verifying.der import (
    BOOLEAN,
    GENERALIZED_TIME,
    INTEGER,
    OBJECT_ID,
    OCTETS,
    SEQUENCE,
    SET,
    UTF8_TEXT,
    DerError,
    Fields,
    Value,
    encode,
    only,
)

MAX_TOKEN_BYTES = 64 * 1024
_MAX_CERTIFICATES, _MAX_MEMBERS = 16, 64
_SIGNED_DATA, _TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
CONTENT_TYPE, MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12"
SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
_QC_STATEMENTS, _QTST = "1.3.6.1.5.5.7.1.3", "0.4.0.19422.1.1"
_SHA1, _SHA256 = "1.3.14.3.2.26", "2.16.840.1.101.3.4.2.1"
_FAILURES = {  # RFC 3161 2.4.2
    0: "unknown or unsupported algorithm",
    2: "the request is not permitted",
    5: "the request has the wrong form",
    14: "its time source is not available",
    15: "the policy is not supported",
    16: "the extension is not supported",
    17: "additional information is not available",
    25: "it cannot serve because of a failure",
}
_TIME = re.compile(rb"(\d{14})(?:\.(\d{1,9}))?Z")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an authority sent: a status and, if it agreed, a token.

    Attributes:
        status: PKIStatus (RFC 3161 2.4.2); 0 granted, 1 granted with modifications.
        words: what the authority said (unescaped).
        token: bytes of the bare token; empty when there is none.
    """

    status: int
    words: str
    token: bytes


@dataclass(frozen=True, slots=True)
class Signature:
    """The one signer's part.

    Attributes:
        issuer: DER of the issuer's name, with `serial` the certificate's identity.
        digest: OID of the digest algorithm.
        algorithm: OID of the signature algorithm.
        attributes: signed attributes: OID to the DER of the one value.
        signed: the bytes that are signed (the attributes as SET OF).
        raw: the whole SignerInfo.
    """

    issuer: bytes
    serial: int
    digest: str
    algorithm: str
    attributes: dict[str, bytes]
    signed: bytes
    value: bytes
    raw: bytes


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says.

    Attributes:
        info: DER of the TSTInfo, the signed content.
        hash: OID of the imprint's algorithm; imprint: the digest.
        gen_time: UTC; accuracy: None when the authority states none.
        qualified: it carries esi4-qtstStatement-1 (EN 319 422): a claim only.
        critical: OIDs of critical extensions.
        certificates: DER, as embedded; they prove nothing by being there.
    """

    info: bytes
    policy: str
    hash: str
    imprint: bytes
    serial: int
    gen_time: datetime
    accuracy: timedelta | None
    nonce: int | None
    qualified: bool
    critical: tuple[str, ...]
    certificates: tuple[bytes, ...]
    signature: Signature
    digests: bytes
    content: bytes

    def with_only(self, path: list[x509.Certificate]) -> bytes:
        """Return a granted response with this token and only these certificates.

        What is signed stays byte for byte. The order of the embedded certificates is
        not signed and often not that of DER, which strict readers refuse.
        """
        ders = sorted(certificate.public_bytes(Encoding.DER) for certificate in path)
        signed_data = encode(
            SEQUENCE,
            b"\x02\x01\x03",
            self.digests,
            self.content,
            encode(0xA0, *ders),
            encode(SET, self.signature.raw),
        )
        kind = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
        token = encode(SEQUENCE, kind, encode(0xA0, signed_data))
        return encode(SEQUENCE, b"\x30\x03\x02\x01\x00", token)


def read_answer(data: bytes) -> Answer:
    """Read a TimeStampResp, or a bare token as if it had been granted.

    Raises:
        DerError: neither.
    """
    if len(data) > MAX_TOKEN_BYTES:
        raise DerError(f"more than {MAX_TOKEN_BYTES} bytes")
    fields = only(data, SEQUENCE).fields()
    if fields.next_tag() == OBJECT_ID:
        return Answer(0, "", data)
    info = fields.take(SEQUENCE).fields()
    status = info.take(INTEGER).number()
    words: list[str] = []
    free_text = info.optional(SEQUENCE)
    for text in free_text.fields().rest(_MAX_MEMBERS) if free_text else ():
        if text.tag != UTF8_TEXT:
            raise DerError("a status text that is not UTF8String")
        words.append(text.body.decode("utf-8", "replace"))
    failures = info.optional(0x03)
    words += _failures(failures.body) if failures else []
    token = fields.optional(SEQUENCE)
    fields.end()
    return Answer(status, "; ".join(words)[:1000], token.raw if token else b"")


def _failures(bits: bytes) -> list[str]:
    """Return the words for the bits of a PKIFailureInfo, from the most significant."""
    number = int.from_bytes(bits[1:5].ljust(4, b"\0"), "big")
    return [text for bit, text in _FAILURES.items() if number >> (31 - bit) & 1]


def read_token(data: bytes) -> Token:
    """Read a bare token.

    Raises:
        DerError: not a token of the prescribed form.
    """
    outer = only(data, SEQUENCE).fields()
    if outer.take(OBJECT_ID).object_id() != _SIGNED_DATA:
        raise DerError("no CMS SignedData")
    wrapped = outer.take(0xA0).fields()
    outer.end()
    fields = wrapped.take(SEQUENCE).fields()
    wrapped.end()
    fields.take(INTEGER)
    digests = fields.take(SET)
    content = fields.take(SEQUENCE)
    embedded, _crls = fields.optional(0xA0), fields.optional(0xA1)
    signers = fields.take(SET).fields().rest(_MAX_MEMBERS)
    fields.end()
    if len(signers) != 1:
        raise DerError("not exactly one signer")
    certificates = embedded.fields().rest(_MAX_CERTIFICATES) if embedded else []
    inner = content.fields()
    if inner.take(OBJECT_ID).object_id() != _TST_INFO:
        raise DerError("signed content that is no time stamp")
    info = only(inner.take(0xA0).body, OCTETS).body
    inner.end()
    return _read_info(
        info,
        certificates=tuple(c.raw for c in certificates if c.tag == SEQUENCE),
        signature=_read_signature(signers[0]),
        digests=digests.raw,
        content=content.raw,
    )


def _read_info(
    info: bytes,
    *,
    certificates: tuple[bytes, ...],
    signature: Signature,
    digests: bytes,
    content: bytes,
) -> Token:
    fields = only(info, SEQUENCE).fields()
    if fields.take(INTEGER).number() != 1:
        raise DerError("a TSTInfo of another version")
    policy = fields.take(OBJECT_ID).object_id()
    imprint = fields.take(SEQUENCE).fields()
    algorithm = _algorithm(imprint.take(SEQUENCE))
    digest = imprint.take(OCTETS).body
    imprint.end()
    serial = fields.take(INTEGER).number()
    gen_time = _time(fields.take(GENERALIZED_TIME).body)
    accuracy = fields.optional(SEQUENCE)
    fields.optional(BOOLEAN)  # ordering says nothing about one token alone
    nonce = fields.optional(INTEGER)
    fields.optional(0xA0)  # the name it gives itself: the certificate's is shown
    extensions = fields.optional(0xA1)
    fields.end()
    qualified, critical = _extensions(extensions)
    return Token(
        info=info,
        policy=policy,
        hash=algorithm,
        imprint=digest,
        serial=serial,
        gen_time=gen_time,
        accuracy=_accuracy(accuracy) if accuracy else None,
        nonce=nonce.number() if nonce else None,
        qualified=qualified,
        critical=critical,
        certificates=certificates,
        signature=signature,
        digests=digests,
        content=content,
    )


def _read_signature(signer: Value) -> Signature:
    if signer.tag != SEQUENCE:
        raise DerError("a signer of unknown form")
    fields = signer.fields()
    fields.take(INTEGER)
    identity = fields.take(SEQUENCE).fields()  # issuerAndSerialNumber only
    issuer = identity.take(SEQUENCE).raw
    serial = identity.take(INTEGER).number()
    identity.end()
    digest = _algorithm(fields.take(SEQUENCE))
    attributes = fields.take(0xA0)  # mandatory here: the content is not id-data
    algorithm = _algorithm(fields.take(SEQUENCE))
    value = fields.take(OCTETS).body
    fields.optional(0xA1)
    fields.end()
    return Signature(
        issuer=issuer,
        serial=serial,
        digest=digest,
        algorithm=algorithm,
        attributes=_attributes(attributes),
        signed=encode(SET, attributes.body),
        value=value,
        raw=signer.raw,
    )


def _attributes(attributes: Value) -> dict[str, bytes]:
    """Return the signed attributes that matter; each must have exactly one value."""
    found: dict[str, bytes] = {}
    for attribute in attributes.fields().rest(_MAX_MEMBERS):
        fields = attribute.fields()
        kind = fields.take(OBJECT_ID).object_id()
        values = fields.take(SET).fields().rest(_MAX_MEMBERS)
        fields.end()
        if kind in found:
            raise DerError("a signed attribute that stands twice")
        if len(values) == 1:
            found[kind] = values[0].raw
    if CONTENT_TYPE not in found or MESSAGE_DIGEST not in found:
        raise DerError("no signed content type or message digest")
    if only(found[CONTENT_TYPE], OBJECT_ID).object_id() != _TST_INFO:
        raise DerError("a signature over content of another type")
    return found


def named_certificates(signature: Signature) -> list[tuple[str, bytes]]:
    """Return (hash OID, digest) of the signer's certificate as the signature names it.

    ESSCertID names it by SHA-1 (RFC 2634 5.4), ESSCertIDv2 by SHA-256 or what it says
    (RFC 5035); the first of each list is the signer's. Empty when it names none.

    Raises:
        DerError: not their form.
    """
    named: list[tuple[str, bytes]] = []
    for kind in (SIGNING_CERTIFICATE, SIGNING_CERTIFICATE_V2):
        raw = signature.attributes.get(kind)
        if raw is None:
            continue
        first = only(raw, SEQUENCE).fields().take(SEQUENCE).fields().take(SEQUENCE)
        fields = first.fields()
        algorithm = _SHA1 if kind == SIGNING_CERTIFICATE else _SHA256
        if kind == SIGNING_CERTIFICATE_V2 and fields.next_tag() == SEQUENCE:
            algorithm = _algorithm(fields.take(SEQUENCE))
        named.append((algorithm, fields.take(OCTETS).body))
    return named


def message_digest(signature: Signature) -> bytes:
    """Return the digest of the content as the signed attributes state it."""
    return only(signature.attributes[MESSAGE_DIGEST], OCTETS).body


def _algorithm(value: Value) -> str:
    """Return the OID of an AlgorithmIdentifier."""
    fields = value.fields()
    name = fields.take(OBJECT_ID).object_id()
    if fields.next_tag() is not None:
        fields.any()
    fields.end()
    return name


def _time(text: bytes) -> datetime:
    found = _TIME.fullmatch(text)
    if not found:
        raise DerError("a time that is not UTC with seconds")
    try:
        moment = datetime.strptime(found[1].decode("ascii"), "%Y%m%d%H%M%S")  # noqa: DTZ007 - it is UTC, set below
    except ValueError as error:
        raise DerError("a time that does not exist") from error
    fraction = int((found[2] or b"0")[:6].ljust(6, b"0"))
    return moment.replace(microsecond=fraction, tzinfo=UTC)


def _accuracy(value: Value) -> timedelta:
    fields = value.fields()
    seconds = fields.optional(INTEGER)
    millis, micros = fields.optional(0x80), fields.optional(0x81)
    fields.end()
    numbers = [part.number() if part else 0 for part in (seconds, millis, micros)]
    if min(numbers) < 0 or numbers[0] > 1 << 31 or max(numbers[1:]) > 999:
        raise DerError("an accuracy that cannot be")
    whole, thousandths, millionths = numbers
    return timedelta(seconds=whole, milliseconds=thousandths, microseconds=millionths)


def _extensions(value: Value | None) -> tuple[bool, tuple[str, ...]]:
    """Return (claims to be qualified, OIDs of critical extensions)."""
    qualified, critical = False, []
    for extension in value.fields().rest(_MAX_MEMBERS) if value else ():
        fields = extension.fields()
        kind = fields.take(OBJECT_ID).object_id()
        flag = fields.optional(BOOLEAN)
        body = fields.take(OCTETS).body
        fields.end()
        if flag is not None and flag.body != b"\x00":
            critical.append(kind)
        if kind == _QC_STATEMENTS:
            statements = only(body, SEQUENCE).fields().rest(_MAX_MEMBERS)
            names = [s.fields().take(OBJECT_ID).object_id() for s in statements]
            qualified = _QTST in names
    return qualified, tuple(critical)


def read_request(data: bytes) -> tuple[str, bytes, int | None]:
    """Return (hash OID, imprint, nonce) of a TimeStampReq (RFC 3161 2.4.1).

    Raises:
        DerError: not a request.
    """
    fields: Fields = only(data, SEQUENCE).fields()
    fields.take(INTEGER)
    imprint = fields.take(SEQUENCE).fields()
    algorithm, digest = _algorithm(imprint.take(SEQUENCE)), imprint.take(OCTETS).body
    fields.optional(OBJECT_ID)
    nonce = fields.optional(INTEGER)
    return algorithm, digest, nonce.number() if nonce else None
