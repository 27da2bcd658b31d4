"""A time-stamping authority of the test's own: certificates, `openssl ts`, a forge.

Good tokens are made by `openssl ts -reply`, an engine that shares nothing with what is
tested. What it refuses to make (wrong attributes, extensions, weak digests) `Forge`
makes, from a few lines of DER written here.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="openssl is not installed"
)
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
TSA_ONLY = (ExtendedKeyUsageOID.TIME_STAMPING,)
HASHES = {
    "sha1": "1.3.14.3.2.26",
    "sha224": "2.16.840.1.101.3.4.2.4",
    "sha256": "2.16.840.1.101.3.4.2.1",
    "sha384": "2.16.840.1.101.3.4.2.2",
    "sha512": "2.16.840.1.101.3.4.2.3",
}
_PEM, _DER = serialization.Encoding.PEM, serialization.Encoding.DER


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


# -- certificates ------------------------------------------------------------------


def issue(
    name: str,
    key: Key,
    *,
    by: tuple[x509.Certificate, Key] | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    ca: bool | None = None,
    usages: Sequence[x509.ObjectIdentifier] = (),
    critical: bool = True,
    digest: hashes.HashAlgorithm | None = None,
    serial: int | None = None,
    key_usage: x509.KeyUsage | None = None,
) -> x509.Certificate:
    """Return a certificate of `key`, signed `by` an issuer (None: by itself)."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by[0].subject if by else subject)
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(start or now() - timedelta(days=365))
        .not_valid_after(end or now() + timedelta(days=3650))
    )
    if ca is not None:
        builder = builder.add_extension(x509.BasicConstraints(ca, None), critical=True)
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical)
    if key_usage is not None:
        builder = builder.add_extension(key_usage, critical=True)
    return builder.sign(by[1] if by else key, digest or hashes.SHA256())


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(c.public_bytes(_PEM) for c in certificates)


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(_DER)


@dataclass(frozen=True)
class Authority:
    """A root, perhaps an intermediate, and a TSA below it."""

    root: x509.Certificate
    tsa: x509.Certificate
    key: Key
    between: tuple[x509.Certificate, ...] = ()

    def files(self, folder: Path, *, digest: str = "sha256", **settings: str) -> Path:
        """Write what `openssl ts` needs below `folder`; return its configuration."""
        folder.mkdir(parents=True, exist_ok=True)
        private = self.key.private_bytes(
            _PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / "tsa.key").write_bytes(private)
        (folder / "tsa.pem").write_bytes(pem(self.tsa))
        (folder / "root.pem").write_bytes(pem(self.root))
        (folder / "chain.pem").write_bytes(pem(*self.between, self.root))
        (folder / "serial").write_text("01")
        members = {
            "serial": "serial",
            "crypto_device": "builtin",
            "signer_cert": "tsa.pem",
            "signer_key": "tsa.key",
            "signer_digest": digest,
            "default_policy": "1.2.3.4.1",
            "digests": "sha1, sha256, sha384, sha512",
            "accuracy": "secs:1, millisecs:500, microsecs:100",
            "tsa_name": "yes",
            "ess_cert_id_chain": "no",
            "ess_cert_id_alg": "sha256",
            **settings,
        }
        if self.between:
            members["certs"] = "chain.pem"
        lines = "".join(f"{name} = {value}\n" for name, value in members.items())
        path = folder / "ts.cnf"
        path.write_text(f"[tsa]\ndefault_tsa = own\n[own]\n{lines}")
        return path


def new_authority(
    name: str = "Test", *, between: bool = False, **tsa: object
) -> Authority:
    """Make an authority; `tsa` are members of `issue` for the TSA's certificate."""
    root_key, key = new_key(), new_key()
    root = issue(f"{name} Root", root_key, ca=True)
    issuer: tuple[x509.Certificate, Key] = (root, root_key)
    chain: tuple[x509.Certificate, ...] = ()
    if between:
        middle_key = new_key()
        middle = issue(f"{name} CA", middle_key, by=issuer, ca=True)
        issuer, chain = (middle, middle_key), (middle,)
    members: dict[str, object] = {"usages": TSA_ONLY, **tsa}
    signed = issue(f"{name} TSA", key, by=issuer, **members)  # type: ignore[arg-type]
    return Authority(root, signed, key, chain)


# -- openssl -----------------------------------------------------------------------


def openssl(folder: Path, *words: str | Path) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["openssl", *map(str, words)],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
    )


def openssl_query(folder: Path, note: bytes, *options: str) -> bytes:
    """Have openssl write a request over `note`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data").write_bytes(note)
    words = ("-data", "data", "-cert", "-out", "q.tsq", *(options or ("-sha256",)))
    done = openssl(folder, "ts", "-query", *words)
    assert done.returncode == 0, done.stderr
    return (folder / "q.tsq").read_bytes()


def openssl_reply(folder: Path, query: bytes, *options: str) -> bytes:
    """Have openssl answer a request (after `Authority.files`)."""
    (folder / "in.tsq").write_bytes(query)
    words = ("-config", "ts.cnf", "-queryfile", "in.tsq", "-out", "out.tsr", *options)
    done = openssl(folder, "ts", "-reply", *words)
    assert done.returncode == 0, done.stderr
    return (folder / "out.tsr").read_bytes()


def openssl_accepts(folder: Path, answer: bytes, note: bytes, root: bytes) -> bool:
    """Tell whether `openssl ts -verify` accepts a whole response over `note`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "v.data").write_bytes(note)
    (folder / "v.tsr").write_bytes(answer)
    (folder / "v.pem").write_bytes(root)
    words = ("-data", "v.data", "-in", "v.tsr", "-CAfile", "v.pem")
    return openssl(folder, "ts", "-verify", *words).returncode == 0


# -- a forge -----------------------------------------------------------------------


def tlv(tag: int, *parts: bytes) -> bytes:
    """One DER value (X.690)."""
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def set_of(*parts: bytes) -> bytes:
    return tlv(0x31, *sorted(parts))


def integer(value: int, tag: int = 2) -> bytes:
    size = max(1, (value.bit_length() + 8) // 8)
    return tlv(tag, value.to_bytes(size, "big", signed=True))


def oid(text: str) -> bytes:
    first, second, *rest = map(int, text.split("."))
    body = b""
    for arc in (first * 40 + second, *rest):
        groups = [arc & 127]
        while arc := arc >> 7:
            groups.append(arc & 127 | 128)
        body += bytes(reversed(groups))
    return tlv(6, body)


def octets(value: bytes) -> bytes:
    return tlv(4, value)


def algorithm(name: str) -> bytes:
    return sequence(oid(HASHES[name]), b"\x05\x00")


QUALIFIED = sequence(
    oid("1.3.6.1.5.5.7.1.3"), octets(sequence(sequence(oid("0.4.0.19422.1.1"))))
)
TST_INFO = "1.2.840.113549.1.9.16.1.4"
_PSS_OR = {"sha256": hashes.SHA256, "sha384": hashes.SHA384, "sha512": hashes.SHA512}
_SIGNING = {**_PSS_OR, "sha1": hashes.SHA1, "sha224": hashes.SHA224}


@dataclass(frozen=True)
class Forge:
    """Every part of a token, each of which a test may set.

    Attributes:
        extensions: encoded Extension values of the TSTInfo.
        signed_note: sign a TSTInfo over these bytes, but show that over `note`.
        drop: signed attributes to leave out: content, digest, certificate.
        extra: further encoded signed attributes.
    """

    authority: Authority
    note: bytes
    imprint: str = "sha256"
    digest: str = "sha256"
    gen_time: str = ""
    policy: str = "1.2.3.4.1"
    serial: int = 77
    accuracy: bytes = b""
    nonce: int | None = None
    extensions: tuple[bytes, ...] = ()
    certificates: tuple[x509.Certificate, ...] | None = None
    drop: frozenset[str] = frozenset()
    content_type: str = TST_INFO
    attribute_type: str = TST_INFO
    ess: x509.Certificate | None = None
    ess_version: int = 2
    signature_oid: bytes = b""
    pss: bool = False
    spoil: bool = False
    status: int = 0
    extra: tuple[bytes, ...] = ()
    signers: int = 1
    tsa_name: bytes = b""
    imprint_value: bytes | None = None
    unsigned_attributes: bytes = b""
    signed_note: bytes | None = None

    def but(self, **changes: object) -> Forge:
        """The same with other values."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def info(self) -> bytes:
        """The TSTInfo."""
        value = hashlib.new(self.imprint, self.note).digest()
        value = value if self.imprint_value is None else self.imprint_value
        moment = self.gen_time or now().strftime("%Y%m%d%H%M%SZ")
        return sequence(
            integer(1),
            oid(self.policy),
            sequence(algorithm(self.imprint), octets(value)),
            integer(self.serial),
            tlv(0x18, moment.encode("ascii")),
            self.accuracy,
            b"" if self.nonce is None else integer(self.nonce),
            self.tsa_name,
            tlv(0xA1, *self.extensions) if self.extensions else b"",
        )

    def _attributes(self, info: bytes) -> list[bytes]:
        named = self.ess or self.authority.tsa
        digest = hashlib.new(self.digest, info).digest()
        if self.ess_version == 2:
            identity = octets(hashlib.sha256(der(named)).digest())
            kind = "1.2.840.113549.1.9.16.2.47"
        else:
            identity = octets(hashlib.sha1(der(named)).digest())
            kind = "1.2.840.113549.1.9.16.2.12"
        parts = {
            "content": sequence(
                oid("1.2.840.113549.1.9.3"), set_of(oid(self.attribute_type))
            ),
            "digest": sequence(oid("1.2.840.113549.1.9.4"), set_of(octets(digest))),
            "certificate": sequence(
                oid(kind), set_of(sequence(sequence(sequence(identity))))
            ),
        }
        return [v for n, v in parts.items() if n not in self.drop] + list(self.extra)

    def _signature(self, data: bytes) -> tuple[bytes, bytes]:
        key, method = self.authority.key, _SIGNING[self.digest]()
        if isinstance(key, ec.EllipticCurvePrivateKey):
            last = {"sha256": 2, "sha384": 3, "sha512": 4, "sha224": 1}
            name = f"1.2.840.10045.4.3.{last.get(self.digest, 2)}"
            return sequence(oid(name)), key.sign(data, ec.ECDSA(method))
        if self.pss:
            pad = padding.PSS(padding.MGF1(method), method.digest_size)
            name = sequence(oid("1.2.840.113549.1.1.10"))
            return name, key.sign(data, pad, method)
        name = sequence(oid("1.2.840.113549.1.1.1"), b"\x05\x00")
        return name, key.sign(data, padding.PKCS1v15(), method)

    def _signer_info(self, info: bytes) -> bytes:
        attributes = self._attributes(info)
        kind, signature = self._signature(set_of(*attributes) if attributes else info)
        if self.spoil:
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        tsa = self.authority.tsa
        signed = tlv(0xA0, *sorted(attributes)) if attributes else b""
        return sequence(
            integer(1),
            sequence(tsa.issuer.public_bytes(), integer(tsa.serial_number)),
            algorithm(self.digest),
            signed,
            self.signature_oid or kind,
            octets(signature),
            self.unsigned_attributes,
        )

    def token(self) -> bytes:
        """A bare TimeStampToken."""
        info = self.info()
        signed = info
        if self.signed_note is not None:
            signed = self.but(note=self.signed_note).info()
        kept = self.certificates
        if kept is None:
            kept = (self.authority.tsa, *self.authority.between)
        signed_data = sequence(
            integer(3),
            set_of(algorithm(self.digest)),
            sequence(oid(self.content_type), tlv(0xA0, octets(info))),
            tlv(0xA0, *(der(c) for c in kept)) if kept else b"",
            set_of(*(self._signer_info(signed) for _ in range(self.signers))),
        )
        return sequence(oid("1.2.840.113549.1.7.2"), tlv(0xA0, signed_data))

    def answer(self) -> bytes:
        """A whole TimeStampResp."""
        return sequence(sequence(integer(self.status)), self.token())


@dataclass(frozen=True)
class Stamper:
    """An authority with its openssl folder ready to answer."""

    authority: Authority
    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.authority.files(self.folder, **self.settings)

    def stamp(self, note: bytes, *options: str) -> bytes:
        """A whole answer over `note`, made by openssl alone."""
        query = openssl_query(self.folder, note, *options)
        return openssl_reply(self.folder, query)
