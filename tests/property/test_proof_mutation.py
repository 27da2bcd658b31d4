"""No altered proof says the same as the one that was made, and none crashes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from evidence.keyfile import new_signer
from evidence.proving import make_proof
from manifests.checkpoint import read_checkpoint
from manifests.cosignature import cosign
from manifests.errors import CustodyError
from manifests.note import read_note
from manifests.proof import ExhibitProof, read_proof, write_proof
from manifests.verifying.judge import Anchors
from manifests.verifying.proof_verdict import judge
from manifests.verifying.proofs import read
from manifests.verifying.verdict import Status
from manifests.witnessing import write_cosignatures
from tests.builders import new_bench
from tests.proofs import HELLO


@dataclass(frozen=True)
class Subject:
    """A proof with records and one with a stranger's cosignature."""

    plain: bytes
    cosigned: bytes


@pytest.fixture(scope="module")
def subject() -> Iterator[Subject]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "hello").write_bytes(b"hello\n")
        bench = new_bench(folder / "case")
        for _ in range(3):
            bench.acquire(folder / "hello")
        plain = make_proof(bench.case, "EX-0002", records=(1,)).data
        notes = bench.case.manifest / "checkpoints"
        text = read_note((notes / "0000000004.note").read_bytes()).text
        lines = cosign(
            text,
            read_checkpoint(text),
            name="witness.invalid",
            time=1_800_000_000,
            signer=new_signer(),
        )
        (notes / "0000000004.w.cosig").write_bytes(write_cosignatures(lines))
        yield Subject(plain, make_proof(bench.case, "EX-0002").data)


def clean(data: bytes) -> ExhibitProof | None:
    """Return the proof if nothing at all is wrong with it, else None."""
    try:
        proof = read_proof(data)
        verdict = judge(read(proof), HELLO, Anchors())
    except CustodyError as error:
        assert 10 <= error.exit_code < 40
        return None
    if verdict.findings:
        return None
    assert Status.FAIL not in {axis.status for axis in verdict.axes.values()}
    return proof


def test_the_unaltered_ones_are_clean(subject: Subject) -> None:
    assert clean(subject.plain)
    assert clean(subject.cosigned)


def test_every_byte_outside_the_base64_body_counts(subject: Subject) -> None:
    """All of them, in one bit each; the long base64 parts are sampled below."""
    data = subject.plain
    start, end = data.index(b"extra ") + 6, data.index(b"\nindex ")
    places = [at for at in range(len(data)) if not start < at < end - 2]
    for at in places[:1500]:
        altered = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        assert clean(altered) is None, at


@given(place=st.integers(0, 1 << 20), value=st.integers(1, 255))
@example(place=0, value=1)
@settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_single_changed_byte_shows(
    subject: Subject, place: int, value: int
) -> None:
    data = bytearray(subject.plain)
    data[place % len(data)] ^= value
    assert clean(bytes(data)) is None


@given(place=st.integers(0, 1 << 20), value=st.integers(1, 255))
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_strangers_line_may_change_and_nothing_else(
    subject: Subject, place: int, value: int
) -> None:
    """Lines of unknown witnesses are no part of what a verdict without them says."""
    data = bytearray(subject.cosigned)
    data[place % len(data)] ^= value
    proof, original = clean(bytes(data)), read_proof(subject.cosigned)
    if proof is None:
        return
    origin = original.checkpoint.origin
    kept = [s for s in original.signed.signatures if s.name == origin]
    assert [s for s in proof.signed.signatures if s in kept] == kept
    assert proof.subject == original.subject
    assert proof.standing == original.standing


@given(start=st.integers(0, 1 << 20), count=st.integers(1, 400), fill=st.binary())
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_stretch_exchanged_shows(
    subject: Subject, start: int, count: int, fill: bytes
) -> None:
    data = subject.plain
    at = start % len(data)
    altered = data[:at] + fill + data[at + count :]
    if altered != data:
        assert clean(altered) is None


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_random_bytes_are_refused(noise: bytes) -> None:
    assert clean(noise) is None
    assert clean(b"c2sp.org/tlog-proof@v1\nextra " + noise) is None


def test_writing_what_was_read_gives_the_bytes_again(subject: Subject) -> None:
    for data in (subject.plain, subject.cosigned):
        assert write_proof(read_proof(data)) == data
