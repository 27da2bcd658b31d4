"""One entry line put together by hand, and what is refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from manifests import entries
from manifests.canonical import Json
from manifests.entries import Act, Clock, EntryType
from manifests.errors import MalformedError
from manifests.keys import PublicKey
from tests.vectors import openssl
from tests.vectors.signer import SeedSigner

# RFC 8032 test 2; the id is sha256 of its SubjectPublicKeyInfo, made with openssl
SIGNER = SeedSigner(
    bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
)
KEY = SIGNER.public.id
CLOCK = Clock("2026-03-01T09:30:00.000000Z", 1500, "yes", None)
ACT = Act(
    EntryType.ACQUIRE,
    "examiner",
    {"outcomes": {"acquired": 2}},
    exhibits=("EX-0001",),
    authority="AU-0001",
    private=bytes(range(32)),
)
BODY = (
    b'{"actor":"%s","authority":"AU-0001",'
    b'"clock":{"error_us":null,"offset_us":1500,"sync":"yes"},'
    b'"exhibits":["EX-0001"],"facts":{"outcomes":{"acquired":2}},'
    b'"log":"case.example/1","prev":"%s",'
    b'"private":"000102030405060708090a0b0c0d0e0f'
    b'101112131415161718191a1b1c1d1e1f",'
    b'"role":"examiner","seq":7,"time":"2026-03-01T09:30:00.000000Z",'
    b'"type":"acquire","v":1}' % (KEY.encode(), b"ab" * 32)
)


def write(act: Act = ACT) -> bytes:
    return entries.write_entry(
        act, CLOCK, origin="case.example/1", seq=7, prev="ab" * 32, signer=SIGNER
    )


def line(body: Mapping[str, Json] | bytes, signatures: Any = None) -> bytes:
    """A canonical line of any content, made with the standard library."""
    if signatures is None:
        signatures = [{"key": "k", "sig": "AA=="}]
    value = {"body": json.loads(body) if isinstance(body, bytes) else body}
    return json.dumps(
        {**value, "signatures": signatures}, sort_keys=True, separators=(",", ":")
    ).encode()


def test_known_line() -> None:
    made = write()
    pae = b"DSSEv1 37 application/vnd.custody.entry.v1+json %d " % len(BODY) + BODY
    sig = base64.b64encode(SIGNER.sign(pae))
    assert made == b'{"body":%s,"signatures":[{"key":"%s","sig":"%s"}]}' % (
        BODY,
        KEY.encode(),
        sig,
    )
    assert entries.body_bytes(made) == BODY
    assert entries.pre_authentication_encoding(BODY) == pae


def test_entry_reads_back() -> None:
    made = write()
    entry = entries.read_entry(made)
    assert (entry.seq, entry.type, entry.time) == (7, "acquire", CLOCK.time)
    assert (entry.actor, entry.exhibits) == (KEY, ("EX-0001",))
    assert entry.facts == {"outcomes": {"acquired": 2}}
    assert entry.private == bytes(range(32))
    assert entry.leaf == sha256(b"\x00" + made).digest()
    ((key, signature),) = entry.signatures
    assert key == KEY
    message = entries.pre_authentication_encoding(entries.body_bytes(made))
    assert SIGNER.public.is_signed(message, signature)


def test_openssl_verifies_the_signature(tmp_path: Path) -> None:
    """The message is put together here; only the line comes from the project."""
    made = write()
    body, _, rest = made[len(b'{"body":') :].rpartition(b',"signatures":')
    kind = b"application/vnd.custody.entry.v1+json"
    message = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)
    signature = base64.b64decode(json.loads(rest[:-1])[0]["sig"])
    spki = SIGNER.public.spki
    assert openssl.is_signed(tmp_path, spki, message, signature)
    assert not openssl.is_signed(tmp_path, spki, message[:-1], signature)
    assert sha256(spki).hexdigest() == KEY


def test_dsse_example(monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of the DSSE protocol document, version 1."""
    monkeypatch.setattr(entries, "PAYLOAD_TYPE", "http://example.com/HelloWorld")
    pae = b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    assert entries.pre_authentication_encoding(b"hello world") == pae


def test_lengths_in_the_encoding_are_bytes() -> None:
    body = "é".encode()
    kind = "application/vnd.custody.entry.v1+json"
    pae = f"DSSEv1 {len(kind)} {kind} 2 ".encode() + body
    assert entries.pre_authentication_encoding(body) == pae


def test_an_act_without_private_details_or_authority() -> None:
    entry = entries.read_entry(write(Act(EntryType.CASE_OPEN, "custodian", {})))
    assert (entry.private, entry.body["authority"]) == (None, None)
    assert (entry.exhibits, entry.facts) == ((), {})


def test_facts_outside_the_profile_are_not_written() -> None:
    for facts in ({"ratio": 0.5}, {"ä": 1}, {"text": "\udcff"}, {"n": 2**53}):
        with pytest.raises(MalformedError):
            write(Act(EntryType.ANNOTATE, "x", facts))


def test_longest_line() -> None:
    room = 65_535 - len(write(Act(EntryType.ANNOTATE, "x", {"fill": ""})))
    made = write(Act(EntryType.ANNOTATE, "x", {"fill": "a" * room}))
    assert len(made) == 65_535
    assert entries.read_entry(made).seq == 7
    with pytest.raises(MalformedError, match="longer than 65535"):
        write(Act(EntryType.ANNOTATE, "x", {"fill": "a" * (room + 1)}))
    with pytest.raises(MalformedError, match="longer than 65535"):
        entries.read_entry(made.replace(b'"aaa', b'"aaaa', 1))


def test_unknown_members_and_types_are_kept() -> None:
    body = {**json.loads(BODY), "type": "later_act", "zz": {"new": [1]}}
    entry = entries.read_entry(line(body))
    assert entry.type == "later_act"
    assert entry.body["zz"] == {"new": [1]}


def test_a_look_alike_of_the_separator_in_the_body() -> None:
    """Texts that look like the end of the body do not move what is signed."""
    text = '}],"signatures":[{"key":"x"},"signatures":['
    act = Act(
        EntryType.ANNOTATE,
        text,
        {"a": 1, "signatures": [text, {"b": 1, "signatures": []}]},
    )
    made = write(act)
    entry = entries.read_entry(made)
    body = entries.body_bytes(made)
    assert json.loads(body) == entry.body
    message = entries.pre_authentication_encoding(body)
    assert SIGNER.public.is_signed(message, entry.signatures[0][1])


@pytest.mark.parametrize(
    "change",
    [
        {"seq": -1},
        {"seq": "7"},
        {"seq": True},
        {"seq": None},
        {"type": 1},
        {"type": None},
        {"time": 1772357400},
        {"actor": None},
        {"actor": [KEY]},
        {"exhibits": None},
        {"exhibits": "EX-0001"},
        {"exhibits": {"EX-0001": 1}},
        {"exhibits": ["EX-0001", None]},
        {"facts": None},
        {"facts": []},
        {"private": ""},
        {"private": "00" * 31},
        {"private": "00" * 33},
        {"private": "AB" * 32},
        {"private": "0" * 62 + " 0"},
        {"private": "zz" * 32},
        {"private": 0},
        {"private": ["00" * 32]},
    ],
    ids=str,
)
def test_bodies_of_another_shape_are_refused(change: dict[str, Json]) -> None:
    body = json.loads(BODY)
    assert entries.read_entry(line(body)).seq == 7
    with pytest.raises(MalformedError):
        entries.read_entry(line({**body, **change}))


@pytest.mark.parametrize("name", ["seq", "type", "time", "actor", "exhibits", "facts"])
def test_members_that_may_not_be_absent(name: str) -> None:
    body = json.loads(BODY)
    del body[name]
    with pytest.raises(MalformedError, match=name):
        entries.read_entry(line(body))


@pytest.mark.parametrize(
    "signatures",
    [
        [],
        {},
        None,
        "x",
        [None],
        ["x"],
        [{}],
        [{"key": "k"}],
        [{"sig": "AA=="}],
        [{"key": "k", "sig": None}],
        [{"key": None, "sig": "AA=="}],
        [{"alg": "none", "key": "k", "sig": "AA=="}],
        [{"key": "k", "sig": "AA"}],
        [{"key": "k", "sig": "AB=="}],
        [{"key": "k", "sig": "A A="}],
        [{"key": "k", "sig": "-_=="}],
        [{"key": "k", "sig": "AA==\n"}],
        [{"key": "k", "sig": "é==="}],
        [{"key": "k", "sig": "AA=="}] * 17,
        [{"key": "k", "sig": "AA=="}, None],
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_signature_lists_of_another_shape_are_refused(signatures: Any) -> None:
    text = json.dumps(
        {"body": json.loads(BODY), "signatures": signatures},
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    with pytest.raises(MalformedError):
        entries.read_entry(text.encode())


def test_sixteen_signatures_are_allowed() -> None:
    entry = entries.read_entry(line(BODY, [{"key": "k", "sig": "AA=="}] * 16))
    assert len(entry.signatures) == 16


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\n",
        b"{}",
        b"[]",
        b"null",
        b'{"body":{}}',
        b'{"body":{},"signatures":[{"key":"k","sig":"AA=="}]}',
        b'{"body":[],"signatures":[{"key":"k","sig":"AA=="}]}',
        b'{"body":{},"more":1,"signatures":[{"key":"k","sig":"AA=="}]}',
        write() + b"\n",
        write() + write(),
        b" " + write(),
        write()[:-1],
        write().replace(b'"seq":7', b'"seq":7.0'),
        write().replace(b'"seq":7', b'"seq":07'),
        write().replace(b'"seq":7', b'"seq":7,"seq":8'),
        write().replace(b'"role":', b'"role": '),
        b'{"a":' * 13_000,
    ],
    ids=lambda value: ascii(value)[:40],
)
def test_other_lines_are_refused(text: bytes) -> None:
    with pytest.raises(MalformedError):
        entries.read_entry(text)


def test_the_set_of_types_is_closed() -> None:
    """Entries name acts for decades: a renamed or dropped word breaks old cases."""
    words = (
        "case_open key_enrol key_revoke authority_add consent_add consent_withdraw "
        "identify collect acquire import verify seal unseal checkout checkin "
        "transfer_out transfer_in consult copy derive analyse annotate combine "
        "disclose transmit restrict lift_restriction rectify review_retention erase "
        "renew correction_notice recovery report_issue report_supersede case_close"
    )
    assert [kind.value for kind in EntryType] == words.split()


def test_another_key_does_not_verify() -> None:
    made = write()
    other = PublicKey(
        bytes.fromhex(
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        )
    )
    message = entries.pre_authentication_encoding(entries.body_bytes(made))
    assert not other.is_signed(message, entries.read_entry(made).signatures[0][1])
