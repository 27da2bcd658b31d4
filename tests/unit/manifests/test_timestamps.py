"""Tokens one by one: openssl makes the good ones, a forge the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID as Usage

from manifests.errors import MalformedError
from manifests.verifying import timestamps
from manifests.verifying.certificates import StampRoots
from manifests.verifying.timestamps import judge_token
from manifests.verifying.verdict import Code
from tests.stamping import (
    QUALIFIED,
    TSA_ONLY,
    Authority,
    Forge,
    Stamper,
    der,
    integer,
    issue,
    needs_openssl,
    new_authority,
    new_key,
    now,
    octets,
    oid,
    openssl,
    openssl_accepts,
    pem,
    sequence,
    tlv,
)

NOTE = b"case.example/1\n17\nAAAA=\n\n\xe2\x80\x94 x AAAA\n"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return new_authority()


def roots(*certificates: x509.Certificate) -> StampRoots:
    return StampRoots.from_bytes(*(pem(c) for c in certificates))


# -- made by openssl ---------------------------------------------------------------


@needs_openssl
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize("between", [False, True])
def test_what_openssl_stamps_holds(tmp_path: Path, digest: str, between: bool) -> None:
    own = new_authority(between=between)
    stamped = Stamper(own, tmp_path, {"digest": digest}).stamp(NOTE, f"-{digest}")
    assert openssl_accepts(tmp_path, stamped, NOTE, pem(own.root))
    verdict = judge_token(stamped, NOTE, roots(own.root), now=now())
    assert verdict.holds, verdict.text
    assert verdict.authority == "CN=Test TSA"
    assert verdict.policy == "1.2.3.4.1"
    assert verdict.serial == 2  # openssl's own file counts from 01
    assert verdict.accuracy == timedelta(seconds=1, milliseconds=500, microseconds=100)
    assert verdict.gen_time is not None
    assert abs(verdict.gen_time - now()) < timedelta(minutes=1)
    chain = (own.tsa, *own.between, own.root)  # the first to end counts
    assert verdict.not_after == min(one.not_valid_after_utc for one in chain)
    assert not verdict.aged
    assert not verdict.claims_qualified


@needs_openssl
def test_time_and_serial_are_those_openssl_prints(tmp_path: Path) -> None:
    own = new_authority()
    settings = {"clock_precision_digits": "6"}
    stamped = Stamper(own, tmp_path, settings).stamp(NOTE)
    (tmp_path / "x.tsr").write_bytes(stamped)
    shown = openssl(tmp_path, "ts", "-reply", "-in", "x.tsr", "-text").stdout.decode()
    verdict = judge_token(stamped, NOTE, roots(own.root))
    assert verdict.holds, verdict.text
    assert verdict.gen_time is not None
    moment = verdict.gen_time
    printed = moment.strftime("%b %e %H:%M:%S.%f").rstrip("0")
    assert f"Time stamp: {printed}" in shown
    assert moment.strftime("%Y GMT") in shown


@needs_openssl
@pytest.mark.parametrize("made", ["rsa", "ec384"])
def test_other_kinds_of_keys_hold(tmp_path: Path, made: str) -> None:
    root_key = new_key()
    root = issue("R", root_key, ca=True)
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    if made == "rsa":
        key = rsa.generate_private_key(65537, 3072)
    else:
        key = ec.generate_private_key(ec.SECP384R1())
    own = Authority(root, issue("T", key, by=(root, root_key), usages=TSA_ONLY), key)
    stamped = Stamper(own, tmp_path, {"digest": "sha384"}).stamp(NOTE)
    assert openssl_accepts(tmp_path, stamped, NOTE, pem(root))
    assert judge_token(stamped, NOTE, roots(root)).holds


@needs_openssl
def test_a_bare_token_holds_like_the_whole_answer(tmp_path: Path) -> None:
    own = new_authority(between=True)
    stamper = Stamper(own, tmp_path)
    whole = stamper.stamp(NOTE)
    (tmp_path / "w.tsr").write_bytes(whole)
    words = ("ts", "-reply", "-in", "w.tsr", "-token_out", "-out", "bare.der")
    assert openssl(tmp_path, *words).returncode == 0
    bare = (tmp_path / "bare.der").read_bytes()
    assert bare != whole
    assert judge_token(bare, NOTE, roots(own.root)) == judge_token(
        whole, NOTE, roots(own.root)
    )
    assert judge_token(bare, NOTE, roots(own.root)).holds


@needs_openssl
def test_an_openssl_rejection_is_no_time_stamp(tmp_path: Path) -> None:
    own = new_authority()
    stamper = Stamper(own, tmp_path, {"digests": "sha512"})
    rejected = stamper.stamp(NOTE, "-sha256")
    verdict = judge_token(rejected, NOTE, roots(own.root))
    assert verdict.code is Code.TIMESTAMP_MALFORMED
    assert "refusal" in verdict.text


# -- forged ------------------------------------------------------------------------


def judged(forge: Forge, *, trust: StampRoots | None = None) -> Code | None:
    """The code for the whole answer, which must be that for the bare token."""
    trust = trust or roots(forge.authority.root)
    if not forge.gen_time:  # one time for both
        forge = forge.but(gen_time=now().strftime("%Y%m%d%H%M%SZ"))
    whole = judge_token(forge.answer(), forge.note, trust)
    assert whole == judge_token(forge.token(), forge.note, trust)
    return whole.code


# Change to a good token; reason; does openssl accept it?
FORGED: list[tuple[str, dict[str, object], Code | None, bool]] = [
    ("as it is", {}, None, True),
    ("granted with modifications", {"status": 1}, None, True),
    ("sha1 certificate name", {"ess_version": 1}, None, True),
    ("negative serial", {"serial": -77}, None, True),
    ("long serial", {"serial": 1 << 160}, None, True),
    ("absurd serial", {"serial": 1 << 9000}, Code.TIMESTAMP_MALFORMED, True),
    (
        "signed over another note",
        {"signed_note": b"what the authority saw"},
        Code.TIMESTAMP_SIGNATURE,
        False,
    ),
    ("spoiled signature", {"spoil": True}, Code.TIMESTAMP_SIGNATURE, False),
    (
        "no certificate name",
        {"drop": frozenset({"certificate"})},
        Code.TIMESTAMP_MALFORMED,
        False,
    ),
    (
        "no content type",
        {"drop": frozenset({"content"})},
        Code.TIMESTAMP_MALFORMED,
        True,
    ),
    (
        "content of another type",
        {"attribute_type": "1.2.3"},
        Code.TIMESTAMP_MALFORMED,
        True,
    ),
    (
        "no message digest",
        {"drop": frozenset({"digest"})},
        Code.TIMESTAMP_MALFORMED,
        False,
    ),
    (
        "no signed attributes",
        {"drop": frozenset({"digest", "content", "certificate"})},
        Code.TIMESTAMP_MALFORMED,
        False,
    ),
    ("not a time stamp", {"content_type": "1.2.3"}, Code.TIMESTAMP_MALFORMED, False),
    ("two signers", {"signers": 2}, Code.TIMESTAMP_MALFORMED, False),
    ("signed over SHA-1", {"digest": "sha1"}, Code.TIMESTAMP_WEAK, True),
    ("imprint by SHA-1", {"imprint": "sha1"}, Code.TIMESTAMP_WEAK, True),
    ("imprint by SHA-224", {"imprint": "sha224"}, Code.TIMESTAMP_WEAK, True),
    ("imprint cut", {"imprint_value": b"\x00"}, Code.TIMESTAMP_OTHER_BYTES, False),
    ("unknown extension", {"extensions": (QUALIFIED,)}, None, True),
    (
        "critical extension",
        {"extensions": (sequence(oid("1.2.3"), b"\x01\x01\xff", octets(b"x")),)},
        Code.TIMESTAMP_UNSUPPORTED,
        True,
    ),
    (
        "refused",
        {"status": 2},
        Code.TIMESTAMP_MALFORMED,
        False,
    ),
    (
        "before the certificate",
        {"gen_time": "19900101000000Z"},
        Code.TIMESTAMP_CERT_EXPIRED,
        True,  # it judges at the present time: what this tool must not do
    ),
    ("no such time", {"gen_time": "20260230000000Z"}, Code.TIMESTAMP_MALFORMED, True),
    ("local time", {"gen_time": "20260220000000"}, Code.TIMESTAMP_MALFORMED, True),
    ("no certificates", {"certificates": ()}, Code.TIMESTAMP_UNTRUSTED, False),
    (
        "impossible accuracy",
        {"accuracy": sequence(integer(1 << 70))},
        Code.TIMESTAMP_MALFORMED,
        True,
    ),
]


@needs_openssl
@pytest.mark.parametrize(("name", "change", "code", "openssl_says"), FORGED)
def test_each_forged_token_gets_its_reason(
    authority: Authority,
    tmp_path: Path,
    name: str,
    change: dict[str, object],
    code: Code | None,
    openssl_says: bool,
) -> None:
    forge = Forge(authority, NOTE).but(**change)
    # That openssl agrees, or is known not to, shows that the forge makes what it says.
    accepted = openssl_accepts(tmp_path, forge.answer(), NOTE, pem(authority.root))
    assert accepted is openssl_says, name
    if name == "refused":
        verdict = judge_token(forge.answer(), NOTE, roots(authority.root))
        assert verdict.code is code
        return
    assert judged(forge) is code


def test_a_token_over_other_bytes_was_moved(authority: Authority) -> None:
    token = Forge(authority, NOTE).answer()
    for other in (NOTE + b" ", NOTE[:-1], b""):
        verdict = judge_token(token, other, roots(authority.root))
        assert verdict.code is Code.TIMESTAMP_OTHER_BYTES


def test_another_certificate_of_the_same_name_and_number_is_noticed(
    authority: Authority,
) -> None:
    """Issuer and number are not enough: the signature names the digest, too."""
    root_key, key = new_key(), new_key()
    root = issue("R", root_key, ca=True)
    first = issue("T", key, by=(root, root_key), usages=TSA_ONLY, serial=9)
    other = issue("Other", key, by=(root, root_key), usages=TSA_ONLY, serial=9)
    own = Authority(root, first, key)
    good = Forge(own, NOTE)
    assert judged(good) is None
    assert judged(good.but(certificates=(other, first))) is None
    assert judged(good.but(certificates=(other,))) is Code.TIMESTAMP_SIGNATURE
    assert judged(good.but(ess=other)) is Code.TIMESTAMP_SIGNATURE
    assert judged(good.but(ess=other, ess_version=1)) is Code.TIMESTAMP_SIGNATURE


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"usages": ()}, Code.TIMESTAMP_NOT_A_TSA),
        ({"critical": False}, Code.TIMESTAMP_NOT_A_TSA),
        ({"usages": (Usage.SERVER_AUTH,)}, Code.TIMESTAMP_NOT_A_TSA),
        (
            {"usages": (Usage.TIME_STAMPING, Usage.SERVER_AUTH)},
            Code.TIMESTAMP_NOT_A_TSA,
        ),
        (
            {
                "key_usage": x509.KeyUsage(
                    digital_signature=False,
                    content_commitment=False,
                    key_encipherment=True,
                    data_encipherment=False,
                    key_agreement=False,
                    key_cert_sign=False,
                    crl_sign=False,
                    encipher_only=False,
                    decipher_only=False,
                )
            },
            Code.TIMESTAMP_NOT_A_TSA,
        ),
        ({"end": now() - timedelta(seconds=2)}, Code.TIMESTAMP_CERT_EXPIRED),
        ({"start": now() + timedelta(hours=1)}, Code.TIMESTAMP_CERT_EXPIRED),
    ],
)
def test_certificates_that_are_no_authority(
    members: dict[str, object], code: Code
) -> None:
    assert judged(Forge(new_authority(**members), NOTE)) is code


def test_without_a_root_everything_else_is_judged_all_the_same() -> None:
    """What an authority answers is judged like this before it is stored."""
    nobody = StampRoots(())
    for members, change, code in (
        ({}, {}, Code.TIMESTAMP_UNTRUSTED),
        ({}, {"signed_note": b"other"}, Code.TIMESTAMP_SIGNATURE),
        ({}, {"spoil": True}, Code.TIMESTAMP_SIGNATURE),
        ({"end": now() - timedelta(seconds=2)}, {}, Code.TIMESTAMP_CERT_EXPIRED),
        ({"usages": (Usage.SERVER_AUTH,)}, {}, Code.TIMESTAMP_NOT_A_TSA),
    ):
        forge = Forge(new_authority(**members), NOTE).but(**change)
        assert judged(forge, trust=nobody) is code


def test_only_a_pinned_root_makes_it_trusted(authority: Authority) -> None:
    forge = Forge(authority, NOTE)
    stranger = new_authority("Test")  # the same names, other keys
    assert judged(forge, trust=StampRoots(())) is Code.TIMESTAMP_UNTRUSTED
    assert judged(forge, trust=roots(stranger.root)) is Code.TIMESTAMP_UNTRUSTED
    both = roots(stranger.root, authority.root)
    assert judged(forge, trust=both) is None


def test_the_authoritys_own_root_inside_the_token_counts_for_nothing(
    authority: Authority,
) -> None:
    forge = Forge(authority, NOTE, certificates=(authority.tsa, authority.root))
    other = new_authority("Other")
    assert judged(forge, trust=roots(other.root)) is Code.TIMESTAMP_UNTRUSTED
    assert judged(forge) is None


def test_an_intermediate_may_be_embedded_or_given(authority: Authority) -> None:
    own = new_authority(between=True)
    forge, bare = Forge(own, NOTE), Forge(own, NOTE, certificates=(own.tsa,))
    assert judged(forge) is None
    assert judged(bare) is Code.TIMESTAMP_UNTRUSTED
    assert judged(bare, trust=roots(own.root, own.between[0])) is None
    nothing = Forge(own, NOTE, certificates=())
    assert judged(nothing, trust=roots(own.root, *own.between, own.tsa)) is None
    with pytest.raises(MalformedError):
        StampRoots.from_bytes(pem(own.between[0]))


def _between(**members: object) -> Authority:
    """An authority whose intermediate is made with `members`."""
    root_key, middle_key, key = new_key(), new_key(), new_key()
    root = issue("R", root_key, ca=True)
    middle = issue("M", middle_key, by=(root, root_key), **members)  # type: ignore[arg-type]
    tsa = issue("T", key, by=(middle, middle_key), usages=TSA_ONLY)
    return Authority(root, tsa, key, (middle,))


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"ca": True}, None),
        ({"ca": True, "usages": (Usage.TIME_STAMPING,)}, None),
        ({}, Code.TIMESTAMP_UNTRUSTED),
        ({"ca": False}, Code.TIMESTAMP_UNTRUSTED),
        ({"ca": True, "usages": (Usage.SERVER_AUTH,)}, Code.TIMESTAMP_UNTRUSTED),
        (
            {"ca": True, "end": now() - timedelta(seconds=2)},
            Code.TIMESTAMP_CERT_EXPIRED,
        ),
        ({"ca": True, "digest": hashes.SHA224()}, Code.TIMESTAMP_WEAK),
    ],
)
def test_what_stands_between_must_be_allowed_to_issue(
    members: dict[str, object], code: Code | None
) -> None:
    assert judged(Forge(_between(**members), NOTE)) is code


def test_a_stranger_with_a_time_stamping_certificate_cannot_issue_another() -> None:
    """A TSA's own certificate is no CA, whatever it signs."""
    own = new_authority()
    key = new_key()
    below = issue("Below", key, by=(own.tsa, own.key), usages=TSA_ONLY)
    forge = Forge(Authority(own.root, below, key, (own.tsa,)), NOTE)
    assert judged(forge) is Code.TIMESTAMP_UNTRUSTED


def test_path_length_is_left_to_openssl_and_enforced() -> None:
    root_key, a_key, b_key, key = new_key(), new_key(), new_key(), new_key()
    root = issue("R", root_key, ca=True)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A")])
    a = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(root.subject)
        .public_key(a_key.public_key())
        .serial_number(3)
        .not_valid_before(now() - timedelta(days=1))
        .not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    b = issue("B", b_key, by=(a, a_key), ca=True)
    tsa = issue("T", key, by=(b, b_key), usages=TSA_ONLY)
    forge = Forge(Authority(root, tsa, key, (a, b)), NOTE)
    verdict = judge_token(forge.answer(), NOTE, roots(root))
    assert verdict.code is Code.TIMESTAMP_UNTRUSTED
    assert "OpenSSL" in verdict.text


def test_small_keys_are_weak() -> None:
    root_key = new_key()
    root = issue("R", root_key, ca=True)
    key = rsa.generate_private_key(65537, 1024)
    own = Authority(root, issue("T", key, by=(root, root_key), usages=TSA_ONLY), key)
    assert judged(Forge(own, NOTE)) is Code.TIMESTAMP_WEAK
    curve = ec.generate_private_key(ec.SECP224R1())
    own = Authority(
        root, issue("T", curve, by=(root, root_key), usages=TSA_ONLY), curve
    )
    assert judged(Forge(own, NOTE)) is Code.TIMESTAMP_WEAK


def test_a_signature_this_tool_cannot_judge_never_counts() -> None:
    root_key, key = new_key(), rsa.generate_private_key(65537, 2048)
    root = issue("R", root_key, ca=True)
    own = Authority(root, issue("T", key, by=(root, root_key), usages=TSA_ONLY), key)
    assert judged(Forge(own, NOTE)) is None
    assert judged(Forge(own, NOTE, digest="sha512")) is None
    assert judged(Forge(own, NOTE, pss=True)) is Code.TIMESTAMP_UNSUPPORTED


def test_a_certificate_that_ended_since_makes_it_aged_not_wrong() -> None:
    end = now() - timedelta(days=5)
    own = new_authority(end=end)
    moment = (end - timedelta(days=1)).strftime("%Y%m%d%H%M%SZ")
    forge = Forge(own, NOTE, gen_time=moment)
    verdict = judge_token(forge.answer(), NOTE, roots(own.root), now=now())
    assert verdict.holds
    assert verdict.aged
    assert verdict.not_after == end
    then = judge_token(
        forge.answer(), NOTE, roots(own.root), now=end - timedelta(hours=1)
    )
    assert then.holds
    assert not then.aged
    late = forge.but(gen_time=(end + timedelta(seconds=1)).strftime("%Y%m%d%H%M%SZ"))
    assert judged(late) is Code.TIMESTAMP_CERT_EXPIRED


def test_a_claim_to_be_qualified_is_read_and_is_only_a_claim(
    authority: Authority,
) -> None:
    forge = Forge(authority, NOTE, extensions=(QUALIFIED,))
    for trust, holds in ((roots(authority.root), True), (StampRoots(()), False)):
        verdict = judge_token(forge.answer(), NOTE, trust)
        assert verdict.claims_qualified
        assert verdict.holds is holds
    assert not judge_token(
        Forge(authority, NOTE).answer(), NOTE, roots(authority.root)
    ).claims_qualified


def test_too_long_is_refused_before_it_is_parsed(authority: Authority) -> None:
    padded = Forge(authority, NOTE, unsigned_attributes=tlv(0xA1, bytes(70_000)))
    assert judged(padded) is Code.TIMESTAMP_MALFORMED


class PanicException(BaseException):
    """What a panic of the library's Rust looks like in Python."""


PanicException.__module__ = "pyo3_runtime"


@pytest.mark.parametrize(
    "failure", [PanicException("boom"), ValueError("x"), AttributeError("y")]
)
def test_a_library_that_fails_never_makes_a_token_hold(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    def fail(_data: bytes) -> None:
        raise failure

    monkeypatch.setattr(timestamps, "decode_timestamp_response", fail)
    assert judged(Forge(authority, NOTE)) is Code.TIMESTAMP_UNTRUSTED
    failure = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        judged(Forge(authority, NOTE))


@pytest.mark.parametrize("said", [False, None, 1])
def test_both_engines_must_agree(
    authority: Authority, monkeypatch: pytest.MonkeyPatch, said: object
) -> None:
    """A library that returns anything but True has not agreed."""
    good = Forge(authority, NOTE)
    assert judged(good) is None
    kind = type(timestamps.VerifierBuilder(roots=[authority.root]).build())
    monkeypatch.setattr(kind, "verify", lambda *_words: said)
    assert judged(good) is Code.TIMESTAMP_UNTRUSTED


# -- roots -------------------------------------------------------------------------


def test_roots_come_as_pem_with_several_or_as_der(authority: Authority) -> None:
    other = new_authority("Other")
    both = StampRoots.from_bytes(pem(authority.root, other.root, other.tsa))
    assert set(both.roots) == {authority.root, other.root}
    assert both.helpers == (other.tsa,)
    assert StampRoots.from_bytes(der(authority.root)).roots == (authority.root,)
    assert StampRoots.from_bytes() == StampRoots(())


@pytest.mark.parametrize(
    "make",
    [
        lambda own: b"",
        lambda own: b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        lambda own: b"-----BEGIN nothing",
        lambda own: bytes(2 << 20),
        lambda own: pem(own.tsa),
    ],
)
def test_what_is_no_root_is_refused(
    authority: Authority, make: Callable[[Authority], bytes]
) -> None:
    with pytest.raises(MalformedError):
        StampRoots.from_bytes(make(authority))
