"""CAdES over a checkpoint: openssl judges what is made; both judge what was altered."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from evidence.cades import sign_checkpoint_cades
from evidence.cadescheck import check_cades
from evidence.certificates import Certificate, join, read_file
from evidence.key_errors import CertificateRefusedError
from evidence.signers.handles import KeyHandle
from evidence.signers.opening import open_key
from evidence.signers.uri import FileUri, parse_uri
from manifests.verifying.verdict import Axis
from tests.authority import Authority, new_authority
from tests.softhsm import PIN, SoftToken, filled, new_key, openssl
from tests.thorough import examples

NOTE = (
    "case.custody.invalid/0123\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n— case.custody.invalid/0123 AAAAAAAA\n"
).encode()
# An hour on: certificates made by the tests are valid then.
NOW = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def soft(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftToken]:
    import pkcs11

    for made in filled(tmp_path_factory.mktemp("softhsm")):
        pkcs11.lib(str(made.module)).reinitialize()
        yield made


def opened(pem: Path) -> KeyHandle:
    return open_key(FileUri(pem), lambda _: "", name="Rossi")


def certificate(path: Path, *above: Path) -> Certificate:
    return join(read_file(path)[0], [read_file(one)[0] for one in above])


@cache
def der(path: Path) -> bytes:
    return openssl("x509", "-in", path, "-outform", "DER")


def codes(
    p7s: bytes, note: bytes, *roots: Path, at: datetime | None = None
) -> list[tuple[str, bool]]:
    found = check_cades(p7s, note, [der(root) for root in roots], at)
    assert found
    return [(finding.code.value, finding.fails) for finding in found]


class Made:
    """A signature on disk beside its note, for openssl."""

    def __init__(self, folder: Path, p7s: bytes, note: bytes = NOTE) -> None:
        self.p7s, self.note = folder / "x.p7s", folder / "x.note"
        self.p7s.write_bytes(p7s)
        self.note.write_bytes(note)


@pytest.fixture(scope="module")
def signed(ca: Authority, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A good signature of a person with a P-256 key."""
    pem = new_key(tmp_path_factory.mktemp("k"), "k", "p256")
    person = ca.issue("person", pem, kind="person")
    return sign_checkpoint_cades(NOTE, certificate(person), opened(pem), at=NOW)


@pytest.mark.parametrize("kind", ["p256", "rsa3072"])
@pytest.mark.parametrize("purpose", ["person", "seal"])
def test_openssl_accepts_what_is_made(
    ca: Authority, tmp_path: Path, kind: str, purpose: str
) -> None:
    pem = new_key(tmp_path, "k", kind)
    path = ca.issue(f"{purpose}-{kind}", pem, kind=purpose)
    p7s = sign_checkpoint_cades(NOTE, certificate(path), opened(pem), at=NOW)
    made = Made(tmp_path, p7s)
    assert ca.accepts(made.p7s, made.note)
    assert codes(p7s, NOTE, ca.root) == [("P7S_TRUSTED", False)]
    assert codes(p7s, NOTE) == [("P7S_UNTRUSTED", False)]
    shown = openssl("cms", "-cmsout", "-print", "-inform", "DER", "-in", made.p7s)
    assert b"id-smime-aa-signingCertificateV2" in shown
    assert f"{NOW:%b %e %H:%M:%S %Y} GMT".encode() in shown
    assert b"eContent: <ABSENT>" in shown
    assert b"sha256" in shown


@pytest.mark.parametrize("name", ["p256", "rsa3072"])
def test_a_token_signs_and_its_key_stays_there(
    ca: Authority, soft: SoftToken, tmp_path: Path, name: str
) -> None:
    path = ca.issue(f"token-{name}", soft.folder / f"{name}.pem", kind="seal")
    uri = parse_uri(soft.uri(f"token=desk;object={name}"))
    key = open_key(uri, lambda _: PIN, name="Rossi")
    p7s = sign_checkpoint_cades(NOTE, certificate(path), key, at=NOW)
    key.close()
    made = Made(tmp_path, p7s)
    assert ca.accepts(made.p7s, made.note)
    assert codes(p7s, NOTE, ca.root) == [("P7S_TRUSTED", False)]


def test_a_chain_leads_to_the_root(ca: Authority, tmp_path: Path) -> None:
    middle_key, pem = new_key(tmp_path, "m", "p256"), new_key(tmp_path, "k", "p256")
    middle = ca.issue("middle", middle_key, kind="ca", subject="/CN=Middle")
    path = ca.issue("below", pem, kind="seal", ca=(middle, middle_key))
    whole = certificate(path, middle, ca.root)
    p7s = sign_checkpoint_cades(NOTE, whole, opened(pem), at=NOW)
    made = Made(tmp_path, p7s)
    assert ca.accepts(made.p7s, made.note)
    assert codes(p7s, NOTE, ca.root) == [("P7S_TRUSTED", False)]
    # The root itself is not inside: trust comes from the verifier.
    assert der(middle) in p7s
    assert der(ca.root) not in p7s
    alone = sign_checkpoint_cades(NOTE, certificate(path), opened(pem), at=NOW)
    assert not ca.accepts(Made(tmp_path, alone).p7s, made.note)
    assert codes(alone, NOTE, ca.root) == [("P7S_UNTRUSTED", False)]


def test_another_ca_is_not_the_one_trusted(
    ca: Authority, signed: bytes, tmp_path: Path
) -> None:
    other = new_authority(tmp_path / "other")  # of the same name, with another key
    made = Made(tmp_path, signed)
    assert not other.accepts(made.p7s, made.note)
    assert codes(signed, NOTE, other.root) == [("P7S_UNTRUSTED", False)]
    assert codes(signed, NOTE, other.root, ca.root) == [("P7S_TRUSTED", False)]


def test_one_flipped_bit_of_the_note(
    ca: Authority, signed: bytes, tmp_path: Path
) -> None:
    for position in (0, 30, len(NOTE) - 1):
        note = bytearray(NOTE)
        note[position] ^= 1
        made = Made(tmp_path, signed, bytes(note))
        assert not ca.accepts(made.p7s, made.note)
        assert codes(signed, bytes(note), ca.root) == [("P7S_OTHER_BYTES", True)]
    for note in (b"", NOTE + b"\n", NOTE[:-1], NOTE.replace(b"\n", b"\r\n")):
        assert codes(signed, bytes(note), ca.root) == [("P7S_OTHER_BYTES", True)]


def test_no_flipped_bit_of_the_signature_passes_that_openssl_refuses(
    ca: Authority, signed: bytes, tmp_path: Path
) -> None:
    refused = passed = 0
    for position in range(0, len(signed), 21 // examples(1, 3)):
        p7s = bytearray(signed)
        p7s[position] ^= 1 << (position % 8)
        made = Made(tmp_path, bytes(p7s))
        found = codes(bytes(p7s), NOTE, ca.root)
        if ca.accepts(made.p7s, made.note):
            passed += 1  # a bit that nothing signs, such as a version number
            continue
        refused += 1
        assert found != [("P7S_TRUSTED", False)], position
    assert refused > examples(1, 3) * 100 / 3
    assert passed < refused / 10


def test_flipped_bits_of_the_signed_part_are_refused(
    ca: Authority, signed: bytes
) -> None:
    """The signed attributes and the signature value stand at the end of the file."""
    start = signed.rindex(bytes.fromhex("06092a864886f70d010903"))  # content-type
    for position in range(start, len(signed), 3):
        p7s = bytearray(signed)
        p7s[position] ^= 0x10
        (code, *_), *_ = codes(bytes(p7s), NOTE, ca.root)
        assert code in ("P7S_MALFORMED", "P7S_SIGNATURE", "P7S_OTHER_BYTES"), position


def test_the_signature_of_another_key(ca: Authority, tmp_path: Path) -> None:
    """Made with a key the certificate does not name (a forged certificate choice)."""
    pem, wrong = new_key(tmp_path, "k", "p256"), new_key(tmp_path, "w", "p256")
    path = ca.issue("wrong", pem, kind="seal")

    class Liar:
        spki = certificate(path).spki

        def sign(self, message: bytes) -> bytes:
            return opened(wrong).sign(message)

        def close(self) -> None:
            pass

    with pytest.raises(CertificateRefusedError, match="does not verify"):
        sign_checkpoint_cades(NOTE, certificate(path), Liar(), at=NOW)
    with pytest.raises(CertificateRefusedError, match="not the certificate of"):
        sign_checkpoint_cades(NOTE, certificate(path), opened(wrong), at=NOW)
    # openssl makes what this code refuses to make: signed by `wrong`, named `path`.
    self_made = self_signed(tmp_path, wrong)
    p7s = openssl_signs(tmp_path, self_made, wrong)
    forged = p7s.replace(der(self_made), der(path))
    assert codes(forged, NOTE, ca.root)[0][1]


def self_signed(folder: Path, pem: Path) -> Path:
    path = folder / "self.pem"
    words = ("-x509", "-new", "-key", pem, "-subj", "/CN=Self", "-days", "10")
    openssl("req", *words, "-out", path)
    return path


def openssl_signs(folder: Path, path: Path, pem: Path, *words: str) -> bytes:
    made = Made(folder, b"")
    openssl(
        "cms", "-sign", "-binary", "-in", made.note, "-signer", path, "-inkey", pem,
        "-outform", "DER", "-out", made.p7s, *words,
    )  # fmt: skip
    return made.p7s.read_bytes()


def test_cades_that_openssl_made_is_taken(ca: Authority, tmp_path: Path) -> None:
    pem = new_key(tmp_path, "k", "p256")
    path = ca.issue("by-openssl", pem, kind="seal")
    p7s = openssl_signs(tmp_path, path, pem, "-cades")
    assert codes(p7s, NOTE, ca.root) == [("P7S_TRUSTED", False)]
    assert codes(p7s, b"other", ca.root) == [("P7S_OTHER_BYTES", True)]


@pytest.mark.parametrize(
    "words",
    [
        (),  # plain CMS: nothing binds it to one certificate
        ("-cades", "-nodetach"),
        ("-cades", "-md", "sha1"),  # names its certificate by SHA-1
        ("-cades", "-md", "sha224"),
        ("-noattr",),
        ("-cades", "-nocerts"),
    ],
)
def test_cms_that_is_not_what_is_asked_for(
    ca: Authority, tmp_path: Path, words: tuple[str, ...]
) -> None:
    pem = new_key(tmp_path, "k", "p256")
    path = ca.issue("odd-cms", pem, kind="seal")
    p7s = openssl_signs(tmp_path, path, pem, *words)
    ((code, fails),) = codes(p7s, NOTE, ca.root)
    assert fails
    assert code == ("P7S_SIGNATURE" if "sha224" in words else "P7S_MALFORMED")


def test_two_signers_and_short_keys_are_not_relied_on(
    ca: Authority, tmp_path: Path
) -> None:
    first, second = new_key(tmp_path, "a", "p256"), new_key(tmp_path, "b", "p256")
    one = ca.issue("first", first, kind="seal")
    two = ca.issue("second", second, kind="seal")
    both = openssl_signs(
        tmp_path, one, first, "-cades", "-signer", str(two), "-inkey", str(second)
    )
    assert codes(both, NOTE, ca.root) == [("P7S_MALFORMED", True)]
    curve = tmp_path / "curve.pem"
    openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-192",
            "-out", curve)  # fmt: skip
    weak = openssl_signs(tmp_path, self_signed(tmp_path, curve), curve, "-cades")
    assert codes(weak, NOTE, ca.root) == [("P7S_SIGNATURE", True)]
    short = tmp_path / "short.pem"
    openssl("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024",
            "-out", short)  # fmt: skip
    weak = openssl_signs(tmp_path, self_signed(tmp_path, short), short, "-cades")
    assert codes(weak, NOTE, ca.root) == [("P7S_SIGNATURE", True)]


def test_validity_is_judged_at_the_time_of_signing(
    ca: Authority, tmp_path: Path
) -> None:
    pem = new_key(tmp_path, "k", "p256")
    dates = ("200101000000Z", "201231000000Z")
    path = ca.issue("old", pem, kind="seal", dates=dates)
    with pytest.raises(CertificateRefusedError, match="expired"):
        sign_checkpoint_cades(NOTE, certificate(path), opened(pem), at=NOW)
    # openssl signs all the same, and refuses it afterwards, as this code does.
    p7s = openssl_signs(tmp_path, path, pem, "-cades")
    made = Made(tmp_path, p7s)
    assert not ca.accepts(made.p7s, made.note)
    assert codes(p7s, NOTE, ca.root) == [("P7S_EXPIRED", True)]
    assert codes(p7s, NOTE) == [("P7S_EXPIRED", True)]


def test_a_time_stamp_counts_more_than_the_claimed_time(
    ca: Authority, signed: bytes, tmp_path: Path
) -> None:
    day = timedelta(days=1)
    trusted, expired = [("P7S_TRUSTED", False)], [("P7S_EXPIRED", True)]
    assert codes(signed, NOTE, ca.root, at=NOW + 300 * day) == trusted
    assert codes(signed, NOTE, ca.root, at=NOW + 400 * day) == expired
    assert codes(signed, NOTE, ca.root, at=NOW - 2 * day) == expired


def test_a_certificate_above_that_has_expired(ca: Authority, tmp_path: Path) -> None:
    middle_key, pem = new_key(tmp_path, "m", "p256"), new_key(tmp_path, "k", "p256")
    dates = ("200101000000Z", "201231000000Z")
    middle = ca.issue("old-middle", middle_key, kind="ca", subject="/CN=Old",
                      dates=dates)  # fmt: skip
    path = ca.issue("young", pem, kind="seal", ca=(middle, middle_key))
    whole = certificate(path, middle)
    p7s = sign_checkpoint_cades(NOTE, whole, opened(pem), at=NOW)
    made = Made(tmp_path, p7s)
    assert not ca.accepts(made.p7s, made.note)
    assert codes(p7s, NOTE, ca.root) == [("P7S_EXPIRED", True)]


def test_certificates_for_other_uses_are_not_trusted(
    ca: Authority, tmp_path: Path
) -> None:
    pem = new_key(tmp_path, "k", "rsa3072")
    path = ca.issue("server", pem, kind="server")
    p7s = openssl_signs(tmp_path, path, pem, "-cades")
    assert codes(p7s, NOTE, ca.root) == [("P7S_UNTRUSTED", False)]


def test_nothing_is_fetched(
    ca: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The seal's certificate names addresses of its issuer, of OCSP and of a CRL."""
    pem = new_key(tmp_path, "k", "p256")
    path = ca.issue("talkative", pem, kind="seal")
    assert b"http://127.0.0.1:9/" in der(path)
    called: list[object] = []
    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, lambda *words: called.append(words))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *words, **_: called.append(words))
    p7s = sign_checkpoint_cades(NOTE, certificate(path), opened(pem), at=NOW)
    other = new_authority(tmp_path / "other")
    assert codes(p7s, NOTE, ca.root) == [("P7S_TRUSTED", False)]
    assert codes(p7s, NOTE, other.root) == [("P7S_UNTRUSTED", False)]
    assert called == []


def test_ed25519_makes_no_cades(ca: Authority, tmp_path: Path) -> None:
    pem = new_key(tmp_path, "k", "ed25519")
    path = ca.issue("ed", pem, kind="person")
    with pytest.raises(CertificateRefusedError, match="P-256 or RSA"):
        sign_checkpoint_cades(NOTE, certificate(path), opened(pem), at=NOW)


def test_what_is_no_signature_at_all(ca: Authority, signed: bytes) -> None:
    malformed = [("P7S_MALFORMED", True)]
    for p7s in (
        b"",
        b"\x30",
        b"\x30\x80" * 5000,
        b"\x30\x84\xff\xff\xff\xff",
        b"\xff" * 60_000,
        NOTE,
        der(ca.root),
        signed + b"\0",
        signed + b"\0" * 70_000,
        b"-----BEGIN CMS-----\n",
    ):
        assert codes(p7s, NOTE, ca.root) == malformed, p7s[:20]
    for length in range(0, len(signed), 11):
        assert codes(signed[:length], NOTE, ca.root) == malformed


def test_texts_name_the_signer_and_say_what_was_not_checked(
    ca: Authority, signed: bytes
) -> None:
    (finding,) = check_cades(signed, NOTE, [der(ca.root)], name="7.abc.p7s")
    assert (finding.axis, finding.subject) == (Axis.TRUSTED, "7.abc.p7s")
    assert "Ada Rossi" in finding.text
    assert "own claim" in finding.text
    assert "revoked" in finding.text
    assert "not checked" in finding.text
    (finding,) = check_cades(signed, NOTE, [der(ca.root)], NOW)
    assert "a time stamp" in finding.text


def test_verify_stays_light_where_no_signature_stands() -> None:
    program = "import sys, evidence.checking, cli.commands.verify; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.decode().split()}
    heavy = {"pyhanko", "pyhanko_certvalidator", "asn1crypto", "pkcs11", "aiohttp"}
    assert not loaded & heavy
