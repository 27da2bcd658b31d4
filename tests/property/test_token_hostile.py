"""No bytes make the judgement of a time stamp crash, hang or hold by accident."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from manifests.verifying.certificates import StampRoots
from manifests.verifying.der import DerError, Fields, Value, encode, only
from manifests.verifying.timestamps import TokenVerdict, judge_token
from manifests.verifying.tokens import read_answer, read_request, read_token
from tests.stamping import QUALIFIED, Forge, integer, new_authority, oid, pem, tlv

NOTE = b"a note\n"
OWN = new_authority(between=True)
ROOTS = StampRoots.from_bytes(pem(OWN.root))
GOOD = Forge(OWN, NOTE, extensions=(QUALIFIED,)).answer()
KNOWN = judge_token(GOOD, NOTE, ROOTS)


def agrees(verdict: TokenVerdict) -> None:
    """A token that holds says exactly what the good one says; others say why."""
    if verdict.holds:
        assert verdict == KNOWN
    else:
        assert verdict.text.endswith(".")


def test_the_token_that_is_spoilt_below_is_good() -> None:
    assert KNOWN.holds, KNOWN.text


@given(st.binary(max_size=400))
@example(b"")
@example(b"\x30\x80")
@example(b"\x30\x84\xff\xff\xff\xff")
@example(b"\x30" * 60_000)
@example(tlv(0x30, tlv(0x30, integer(0)), tlv(0x30)))
def test_any_bytes_are_judged(data: bytes) -> None:
    verdict = judge_token(data, NOTE, ROOTS)
    assert not verdict.holds
    agrees(verdict)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_a_changed_byte_never_changes_what_is_said(at: int, value: int) -> None:
    agrees(judge_token(GOOD[:at] + bytes([value]) + GOOD[at + 1 :], NOTE, ROOTS))


def test_a_certificate_with_a_negative_number_is_judged_without_a_warning() -> None:
    at = GOOD.index(integer(OWN.tsa.serial_number)) + 2  # the number's first byte
    spoilt = GOOD[:at] + bytes([GOOD[at] | 0x80]) + GOOD[at + 1 :]
    assert not judge_token(spoilt, NOTE, ROOTS).holds
    agrees(judge_token(spoilt, NOTE, ROOTS))


@settings(deadline=None)
@given(st.integers(0, len(GOOD)), st.integers(0, 40), st.binary(max_size=40))
def test_a_replaced_piece_never_changes_what_is_said(
    at: int, length: int, piece: bytes
) -> None:
    agrees(judge_token(GOOD[:at] + piece + GOOD[at + length :], NOTE, ROOTS))


@given(st.integers(0, len(GOOD) - 1))
def test_a_cut_token_never_holds(end: int) -> None:
    assert not judge_token(GOOD[:end], NOTE, ROOTS).holds
    with pytest.raises(DerError):
        read_answer(GOOD[:end])


@given(st.binary(max_size=200))
def test_the_readers_raise_only_their_own_error(data: bytes) -> None:
    for reader in (read_answer, read_token, read_request):
        try:
            reader(data)
        except DerError:
            continue


@given(st.integers(-(1 << 500), 1 << 500))
def test_integers_read_back(value: int) -> None:
    assert only(integer(value), 2).number() == value


@given(
    st.integers(0, 2).flatmap(
        lambda first: st.tuples(
            st.just(first),
            st.integers(0, 39 if first < 2 else 1 << 40),
            st.lists(st.integers(0, 1 << 40), max_size=5).map(tuple),
        )
    )
)
def test_object_identifiers_read_back(arcs: tuple[int, int, tuple[int, ...]]) -> None:
    first, second, rest = arcs
    text = ".".join(map(str, (first, second, *rest)))
    assert only(oid(text), 6).object_id() == text


@given(st.binary(max_size=70_000))
def test_lengths_are_written_as_they_are_read(body: bytes) -> None:
    assert encode(4, body) == tlv(4, body)
    assert only(tlv(4, body), 4) == Value(4, body, tlv(4, body))


@pytest.mark.parametrize(
    "data",
    [
        b"\x04\x81\x01x",  # a long length for a short value
        b"\x04\x82\x00\x80" + bytes(128),
        b"\x04\x80x\x00\x00",  # indefinite
        b"\x04\x85\x00\x00\x00\x00\x01x",
        b"\x1f\x01x",  # a tag of several bytes
        b"\x04\x02x",
        b"\x04\x01xy",
        b"\x04",
    ],
)
def test_what_is_not_der_is_refused(data: bytes) -> None:
    with pytest.raises(DerError):
        only(data, data[0])


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01", b"\xff\x80", b"\x00" * 65, b"\x00\x7f"]
)
def test_numbers_not_in_shortest_form_are_refused(data: bytes) -> None:
    with pytest.raises(DerError):
        Value(2, data, b"").number()


@pytest.mark.parametrize(
    "data", [b"", b"\x80", b"\x80\x01", b"\x2a\x80\x01", b"\x2a\x86"]
)
def test_object_identifiers_not_in_shortest_form_are_refused(data: bytes) -> None:
    with pytest.raises(DerError):
        Value(6, data, b"").object_id()


def test_a_structure_has_as_many_members_as_allowed_and_no_more() -> None:
    assert len(Fields(b"\x05\x00" * 3).rest(3)) == 3
    with pytest.raises(DerError):
        Fields(b"\x05\x00" * 4).rest(3)
