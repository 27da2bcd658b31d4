"""A witness never countersigns two histories, whatever it is given or what fails."""

from __future__ import annotations

import base64
import json
import shutil
import struct
import subprocess
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from evidence.case import open_case, writing
from evidence.countersigning import make_request
from evidence.keyfile import FileSigner, new_signer
from evidence.witness import Cosigned, WitnessDesk, default_name
from evidence.witness_errors import (
    WitnessBusyError,
    WitnessClockError,
    WitnessForkError,
    WitnessKeyRefusedError,
    WitnessLogSignatureError,
    WitnessLogUnknownError,
    WitnessProofMissingError,
    WitnessRollbackError,
    WitnessStateError,
)
from manifests.checkpoint import Checkpoint, sign_checkpoint
from manifests.durable import SYSTEM, System
from manifests.entries import EntryType
from manifests.errors import MalformedError, StorageFailedError
from manifests.keys import Algorithm, PublicKey
from manifests.lock import WriterLock
from manifests.merkle import EMPTY_ROOT
from manifests.witnessing import Request, add_checkpoint_body, read_request
from tests.builders import Bench, new_bench
from tests.faults import CRASH, DEAD, EIO, ENOSPC, SHORT, Crash, Trouble

T0 = 1_800_000_000


@dataclass
class Party:
    """A witness with a key, a folder and a clock that the test sets."""

    home: Path
    signer: FileSigner = field(default_factory=new_signer)
    now: int = T0
    name: str = "witness.example/w1"

    def desk(self, system: System = SYSTEM) -> WitnessDesk:
        return WitnessDesk(self.home, system, lambda: self.now)

    def cosign(
        self, request: Request, *keys: PublicKey, system: System = SYSTEM, **more: Any
    ) -> Cosigned:
        return self.desk(system).cosign(
            request, self.signer, name=self.name, accepted=keys, **more
        )

    def size(self, origin: str) -> int:
        state = self.desk().state(origin)
        return state.head.size if state is not None and state.head is not None else 0


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return new_bench(tmp_path / "case")


@pytest.fixture
def party(tmp_path: Path) -> Party:
    return Party(tmp_path / "witness home")


def note(bench: Bench, count: int = 1) -> None:
    for _ in range(count):
        with writing(bench.case, bench.identity, bench.signer) as writer:
            writer.record(EntryType.ANNOTATE, facts={"kind": "fact"}, private={"t": ""})


def asked(bench: Bench, *olds: int) -> Request:
    return read_request(make_request(bench.case, olds)[0])


def clone(bench: Bench, folder: Path) -> Bench:
    path = Path(shutil.copytree(bench.case.path, folder))
    return Bench(open_case(path), bench.identity, bench.signer)


def key(bench: Bench) -> PublicKey:
    return bench.signer.public


# --- what it signs, checked by other engines ------------------------------------------


def test_openssl_verifies_the_cosignature(
    bench: Bench, party: Party, tmp_path: Path
) -> None:
    done = party.cosign(asked(bench), key(bench))
    text = done.note.partition(b"\n\n")[0] + b"\n"
    (tmp_path / "message").write_bytes(b"cosignature/v1\ntime %d\n" % T0 + text)
    (tmp_path / "signature").write_bytes(done.lines[0].signature[8:])
    (tmp_path / "key.der").write_bytes(party.signer.public.spki)
    words = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-keyform", "DER"]
    words += ["-inkey", "key.der", "-sigfile", "signature", "-in", "message"]
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    assert done.lines[0].signature[:8] == struct.pack(">Q", T0)


def test_the_post_quantum_line_is_over_the_structure_of_the_specification(
    bench: Bench, party: Party
) -> None:
    done = party.cosign(asked(bench), key(bench))
    beside = party.signer.post_quantum
    assert beside is not None
    name, origin = party.name.encode(), bench.case.settings.origin.encode()
    message = b"subtree/v1\n\0" + bytes([len(name)]) + name + struct.pack(">Q", T0)
    message += bytes([len(origin)]) + origin
    message += struct.pack(">QQ", 0, done.head.size) + done.head.root
    raw = done.lines[1].signature
    assert raw[:8] == struct.pack(">Q", T0)
    MLDSA44PublicKey.from_public_bytes(beside.public.raw).verify(raw[8:], message)


# --- whose log ------------------------------------------------------------------------


def test_a_log_nobody_vouched_for_is_refused(bench: Bench, party: Party) -> None:
    with pytest.raises(WitnessLogUnknownError):
        party.cosign(asked(bench))
    assert party.desk().state(bench.case.settings.origin) is None


def test_a_person_may_confirm_the_key_in_the_request(
    bench: Bench, party: Party
) -> None:
    shown: list[tuple[str, str]] = []

    def yes(origin: str, found: PublicKey) -> bool:
        shown.append((origin, found.id))
        return True

    party.cosign(asked(bench), confirm=yes)
    assert shown == [(bench.case.settings.origin, bench.identity.key)]
    note(bench)
    party.cosign(asked(bench), confirm=lambda *_: pytest.fail("asked again"))


def test_a_key_in_the_request_that_did_not_sign_is_not_offered(
    bench: Bench, party: Party
) -> None:
    own = key(bench).text.encode()
    data = make_request(bench.case)[0].replace(own, new_signer().public.text.encode())
    with pytest.raises(WitnessLogUnknownError):
        party.cosign(read_request(data), confirm=lambda *_: pytest.fail("offered"))


def test_another_key_than_the_log_s(bench: Bench, party: Party) -> None:
    with pytest.raises(WitnessLogSignatureError):
        party.cosign(asked(bench), new_signer().public)


def test_a_log_written_anew_by_another_key(bench: Bench, party: Party) -> None:
    """The same origin, and everything signed by somebody else, longer than before."""
    party.cosign(asked(bench), key(bench))
    origin = bench.case.settings.origin
    head = Checkpoint(origin, 2, bytes(32))
    stolen = add_checkpoint_body(1, [bytes(32)], sign_checkpoint(head, new_signer()))
    with pytest.raises(WitnessLogSignatureError):
        party.cosign(read_request(stolen))
    assert party.size(origin) == 1


def test_a_note_altered_on_the_way(bench: Bench, party: Party) -> None:
    data = make_request(bench.case)[0]
    root = base64.b64encode(asked(bench).head.root)
    other = base64.b64encode(bytes(32))
    with pytest.raises(WitnessLogSignatureError):
        party.cosign(read_request(data.replace(root, other)), key(bench))


# --- what it refuses ------------------------------------------------------------------


def test_a_log_that_grows_is_cosigned_each_time(bench: Bench, party: Party) -> None:
    for size in range(1, 12):
        done = party.cosign(asked(bench), key(bench))
        assert (done.head.size, done.before) == (size, size - 1)
        note(bench)


def test_an_older_state_is_refused(bench: Bench, party: Party, tmp_path: Path) -> None:
    old = clone(bench, tmp_path / "backup")
    note(bench, 2)
    party.cosign(asked(bench), key(bench))
    with pytest.raises(WitnessRollbackError, match=r"1 entries; 3 were"):
        party.cosign(asked(old))
    assert party.size(bench.case.settings.origin) == 3


def test_a_split_view_is_refused_and_kept_as_proof(
    bench: Bench, party: Party, tmp_path: Path
) -> None:
    other = clone(bench, tmp_path / "other")
    note(bench)
    note(other)
    mine = party.cosign(asked(bench), key(bench))
    with pytest.raises(WitnessForkError, match="same length"):
        party.cosign(asked(other))
    folder = party.desk().path(bench.case.settings.origin) / "refused"
    (kept,) = folder.glob("*.note")
    (known,) = folder.glob("*.known")
    assert kept.read_bytes() == asked(other).note
    assert known.read_bytes() == mine.note
    # Both notes carry the log's signature over one size and two roots: a proof that
    # needs neither witness nor case, verified here by the library alone.
    log, roots = Ed25519PublicKey.from_public_bytes(key(bench).raw), set()
    for path in (kept, known):
        text, _, lines = path.read_bytes().rpartition(b"\n\n")
        raw = base64.b64decode(lines.split(b"\n")[0].split(b" ")[2])
        log.verify(raw[4:], text + b"\n")
        assert text.split(b"\n")[1] == b"2"
        roots.add(text.split(b"\n")[2])
    assert len(roots) == 2


def test_two_witnesses_shown_two_histories_hold_the_proof_together(
    bench: Bench, tmp_path: Path
) -> None:
    other = clone(bench, tmp_path / "other")
    note(bench)
    note(other)
    first, second = Party(tmp_path / "a"), Party(tmp_path / "b")
    first.cosign(asked(bench), key(bench))
    second.cosign(asked(other), key(bench))
    for party, shown in ((first, other), (second, bench)):
        with pytest.raises(WitnessForkError):
            party.cosign(asked(shown))


def test_a_longer_history_that_does_not_extend_is_refused(
    bench: Bench, party: Party, tmp_path: Path
) -> None:
    other = clone(bench, tmp_path / "other")
    note(bench, 2)
    note(other, 5)
    party.cosign(asked(bench), key(bench))
    with pytest.raises(WitnessForkError, match="first 3 entries"):
        party.cosign(asked(other, 3))
    assert party.size(bench.case.settings.origin) == 3


def test_a_spoiled_proof_is_refused(bench: Bench, party: Party) -> None:
    note(bench, 2)
    party.cosign(asked(bench), key(bench))
    note(bench, 2)
    good = asked(bench)
    for place in range(len(good.proofs[3])):
        proof = list(good.proofs[3])
        proof[place] = bytes(32)
        bad = Request(good.note, good.signed, good.head, {3: tuple(proof)})
        with pytest.raises(WitnessForkError):
            party.cosign(bad)
    party.cosign(good)


def test_no_proof_from_what_was_cosigned_last(bench: Bench, party: Party) -> None:
    note(bench)
    party.cosign(asked(bench), key(bench))
    note(bench, 12)
    with pytest.raises(WitnessProofMissingError, match="from the 2 entries"):
        party.cosign(asked(bench))
    assert party.cosign(asked(bench, 2)).before == 2


def test_the_same_head_again_needs_no_proof(bench: Bench, party: Party) -> None:
    first = party.cosign(asked(bench), key(bench))
    good = asked(bench)
    again = party.cosign(Request(good.note, good.signed, good.head, {0: ()}))
    assert again.head == first.head


# --- time -----------------------------------------------------------------------------


def test_the_time_is_its_own_clock_and_never_goes_back(
    bench: Bench, party: Party
) -> None:
    assert party.cosign(asked(bench), key(bench)).time == T0
    party.now = T0 - 299
    assert party.cosign(asked(bench)).time == T0
    party.now = T0 - 301
    with pytest.raises(WitnessClockError):
        party.cosign(asked(bench))
    party.now = T0 + 10
    assert party.cosign(asked(bench)).time == T0 + 10


def test_a_foreign_cosignature_in_the_request_does_not_set_its_clock(
    bench: Bench, party: Party
) -> None:
    raw = bytes(4) + (T0 * 2).to_bytes(8, "big") + bytes(64)
    line = f"— {party.name} {base64.b64encode(raw).decode()}\n".encode()
    request = read_request(make_request(bench.case)[0] + line)
    assert party.cosign(request, key(bench)).time == T0
    party.now = T0 + 1
    assert party.cosign(asked(bench)).time == T0 + 1


# --- its name and key -----------------------------------------------------------------


def test_one_key_never_has_two_names(bench: Bench, party: Party) -> None:
    party.cosign(asked(bench), key(bench))
    assert party.desk().name_of(party.signer.public, None) == party.name
    party.name = "witness.example/w2"
    with pytest.raises(WitnessKeyRefusedError, match="w1 before"):
        party.cosign(asked(bench))


@pytest.mark.parametrize(
    "name", ["https://w.example", "a b", "a+b", "W/é", "", "x" * 201, "a\nb", "/x"]
)
def test_names_that_are_none(party: Party, name: str) -> None:
    public = party.signer.public
    if not name:
        assert party.desk().name_of(public, name) == default_name(public)
        return
    with pytest.raises(WitnessKeyRefusedError):
        party.desk().name_of(public, name)


def test_a_p_256_key_cannot_witness(bench: Bench, party: Party) -> None:
    point = bytes.fromhex(
        "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
    )  # the generator of the group (SEC 2, 2.4.2)

    class Token:
        public = PublicKey(point, Algorithm.P256)
        post_quantum = None

        def sign(self, message: bytes) -> bytes:
            raise AssertionError("signed")

    with pytest.raises(WitnessKeyRefusedError):
        party.desk().cosign(asked(bench), Token(), name="w.example")


def test_a_token_that_signs_wrongly_lets_nothing_out(
    bench: Bench, party: Party
) -> None:
    class Broken:
        public = party.signer.public
        post_quantum = None

        def sign(self, message: bytes) -> bytes:
            return party.signer.sign(message + b"x")

    with pytest.raises(WitnessKeyRefusedError, match="does not verify"):
        party.desk().cosign(
            asked(bench), Broken(), name=party.name, accepted=[key(bench)]
        )
    assert party.size(bench.case.settings.origin) == 0


# --- its memory -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", [ENOSPC, EIO, SHORT, DEAD, CRASH])
def test_nothing_leaves_before_it_is_remembered(
    bench: Bench, tmp_path: Path, kind: str
) -> None:
    """Fail every system call: whoever got a cosignature is remembered to have one."""
    origin = bench.case.settings.origin
    old = clone(bench, tmp_path / "old")
    note(bench, 2)
    before, after = asked(old), asked(bench)
    calls = Trouble()
    Party(tmp_path / "count").cosign(before, key(bench), system=calls.system())
    seen = 0
    for at in range(len(calls.calls) + 1):
        party = Party(tmp_path / f"{kind}{at}")
        party.cosign(before, key(bench))
        try:
            done = party.cosign(after, system=Trouble(kind, at).system())
        except (StorageFailedError, Crash):
            assert party.size(origin) in (1, 3)
        else:
            assert (done.head.size, party.size(origin)) == (3, 3)
            seen += 1
        # Whatever happened, it goes on from what it remembers, and never back.
        assert party.cosign(after).head.size == 3
        with pytest.raises(WitnessRollbackError):
            party.cosign(before)
    assert seen, "the last position is behind every call"


@pytest.mark.parametrize("kind", [EIO, DEAD, CRASH])
def test_a_first_cosignature_under_trouble(
    bench: Bench, tmp_path: Path, kind: str
) -> None:
    request = asked(bench)
    for at in range(40):
        party = Party(tmp_path / f"{kind}{at}")
        try:
            party.cosign(request, key(bench), system=Trouble(kind, at).system())
        except (StorageFailedError, Crash):
            continue
        assert party.size(bench.case.settings.origin) == 1


DAMAGE = {
    "cut": lambda data: data[:-10],
    "empty": lambda _: b"",
    "other form": lambda data: data.replace(b"custody-witness-1", b"custody-witness-2"),
    "no time": lambda data: data.replace(b'"time":', b'"timx":'),
    "other origin": lambda data: data.replace(b"case.custody", b"cAse.custody"),
    "half other origin": lambda data: data.replace(
        b'"origin":"case', b'"origin":"cAse'
    ),
    "huge": lambda data: data + b" " * (1 << 21),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_memory_is_never_taken_for_none(
    bench: Bench, party: Party, what: str
) -> None:
    party.cosign(asked(bench), key(bench))
    path = party.desk().path(bench.case.settings.origin) / "state.json"
    path.write_bytes(DAMAGE[what](path.read_bytes()))
    note(bench)
    with pytest.raises(WitnessStateError):
        party.cosign(asked(bench), key(bench))


def test_a_memory_that_is_a_folder(bench: Bench, party: Party) -> None:
    party.cosign(asked(bench), key(bench))
    path = party.desk().path(bench.case.settings.origin) / "state.json"
    path.unlink()
    path.mkdir()
    with pytest.raises(WitnessStateError):
        party.cosign(asked(bench), key(bench))


def test_the_state_says_what_was_cosigned(bench: Bench, party: Party) -> None:
    done = party.cosign(asked(bench), key(bench))
    path = party.desk().path(bench.case.settings.origin) / "state.json"
    value = json.loads(path.read_bytes())
    assert value["note"].encode() == done.note
    assert value["keys"] == [key(bench).text]
    assert path.stat().st_mode & 0o077 == 0


def test_one_at_a_time(bench: Bench, party: Party) -> None:
    party.cosign(asked(bench), key(bench))
    with WriterLock(party.home / "witness/.lock"), pytest.raises(WitnessBusyError):
        party.cosign(asked(bench))


def test_refused_notes_do_not_fill_the_disk(
    bench: Bench, party: Party, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evidence.witness._MAX_REFUSED", 2)
    party.cosign(asked(bench), key(bench))
    note(bench)
    party.cosign(asked(bench), key(bench))
    for number in range(4):
        other = _second(bench, tmp_path / f"second{number}")
        with pytest.raises(WitnessForkError):
            party.cosign(other)
    folder = party.desk().path(bench.case.settings.origin) / "refused"
    assert len(list(folder.glob("*.note"))) == 2


def _second(bench: Bench, folder: Path) -> Request:
    """Another head of the same size, by the log's own key."""
    root = sha256(str(folder).encode()).digest()
    head = Checkpoint(bench.case.settings.origin, 2, root)
    signed = sign_checkpoint(head, bench.signer)
    return read_request(add_checkpoint_body(2, [], signed))


def test_a_plain_protocol_body_is_taken_too(bench: Bench, party: Party) -> None:
    body = add_checkpoint_body(0, [], asked(bench).note)
    assert party.cosign(read_request(body), key(bench)).head.size == 1


def test_a_checkpoint_over_nothing(bench: Bench) -> None:
    from manifests.checkpoint import Checkpoint, sign_checkpoint

    head = Checkpoint(bench.case.settings.origin, 0, EMPTY_ROOT)
    body = add_checkpoint_body(0, [], sign_checkpoint(head, bench.signer))
    with pytest.raises(MalformedError, match="covers nothing"):
        read_request(body)
