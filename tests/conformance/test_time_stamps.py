"""Real tokens by authorities nobody here runs (Trail of Bits' and sigstore's data)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from manifests.verifying.certificates import StampRoots
from manifests.verifying.timestamps import TokenVerdict, judge_token
from manifests.verifying.verdict import Code
from tests.stamping import needs_openssl, openssl, openssl_accepts

pytestmark = pytest.mark.conformance
HELLO = b"hello"  # its README: echo -n "hello" > f


@pytest.fixture
def fixtures(shared_data: Path) -> Path:
    return shared_data / "crypto/trailofbits+rfc3161-client/test/fixtures"


def judged(folder: Path, name: str, data: bytes, *, at: datetime) -> TokenVerdict:
    roots = StampRoots.from_bytes((folder / "ts_chain.pem").read_bytes())
    return judge_token((folder / name).read_bytes(), data, roots, now=at)


NOW = datetime(2026, 11, 1, tzinfo=UTC)


@needs_openssl
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_real_tokens_hold_as_openssl_says(
    fixtures: Path, tmp_path: Path, digest: str
) -> None:
    folder = fixtures / "sigstage"
    name = f"response-{digest}.tsr"
    verdict = judged(folder, name, HELLO, at=NOW)
    assert verdict.holds, verdict.text
    assert not verdict.aged
    data = (folder / name).read_bytes()
    roots = (folder / "ts_chain.pem").read_bytes()
    assert openssl_accepts(tmp_path, data, HELLO, roots)
    (tmp_path / "t.tsr").write_bytes(data)
    shown = openssl(tmp_path, "ts", "-reply", "-in", "t.tsr", "-text").stdout.decode()
    assert verdict.gen_time is not None
    assert f"Time stamp: {verdict.gen_time:%b %e %H:%M:%S %Y} GMT" in shown
    assert f"Serial number: 0x{verdict.serial:X}" in shown
    assert f"Policy OID: {verdict.policy}" in shown
    assert verdict.authority == "CN=sigstore-tsa,O=sigstore.dev"


def test_other_bytes_and_other_roots_do_not(fixtures: Path) -> None:
    folder = fixtures / "sigstage"
    moved = judged(folder, "response-sha256.tsr", b"hello\n", at=NOW)
    assert moved.code is Code.TIMESTAMP_OTHER_BYTES
    other = StampRoots.from_bytes(
        (fixtures / "sigstore.mock/ts_chain.pem").read_bytes()
    )
    data = (folder / "response-sha256.tsr").read_bytes()
    assert judge_token(data, HELLO, other).code is Code.TIMESTAMP_UNTRUSTED


@needs_openssl
def test_the_altered_signature_is_found(fixtures: Path, tmp_path: Path) -> None:
    folder = fixtures / "sigstage"
    verdict = judged(folder, "response-invalid-signature.tsr", HELLO, at=NOW)
    assert verdict.code is Code.TIMESTAMP_SIGNATURE
    data = (folder / "response-invalid-signature.tsr").read_bytes()
    roots = (folder / "ts_chain.pem").read_bytes()
    assert not openssl_accepts(tmp_path, data, HELLO, roots)


def test_a_token_without_certificates_needs_them_from_outside(fixtures: Path) -> None:
    folder = fixtures / "sigstage"
    name = "response-no-embedded-cert.tsr"
    assert judged(folder, name, HELLO, at=NOW).holds  # its chain file has them
    roots = StampRoots.from_bytes((folder / "ts_chain.pem").read_bytes())
    alone = StampRoots(roots.roots)
    verdict = judge_token((folder / name).read_bytes(), HELLO, alone)
    assert verdict.code is Code.TIMESTAMP_UNTRUSTED


def test_a_token_whose_certificate_ended_since_holds_and_is_aged(
    fixtures: Path,
) -> None:
    folder = fixtures / "sigstore.mock"
    payload = (folder / "payload").read_bytes()
    verdict = judged(folder, "response-expired.tsr", payload, at=NOW)
    assert verdict.holds, verdict.text
    assert verdict.aged
    assert verdict.not_after == datetime(2024, 1, 1, tzinfo=UTC)
    then = datetime(2023, 6, 1, tzinfo=UTC)
    assert not judged(folder, "response-expired.tsr", payload, at=then).aged


def test_every_shortened_real_token_is_judged_without_a_crash(fixtures: Path) -> None:
    folder = fixtures / "sigstage"
    data = (folder / "response-sha384.tsr").read_bytes()
    roots = StampRoots.from_bytes((folder / "ts_chain.pem").read_bytes())
    assert judge_token(data, HELLO, roots).holds
    for end in range(len(data)):
        assert not judge_token(data[:end], HELLO, roots).holds
