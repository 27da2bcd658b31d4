"""The axis `witnessed`: whose countersignatures count, over what, and what fails."""

from __future__ import annotations

import base64
import hashlib
import shutil
import struct
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from evidence.case import open_case, writing
from evidence.checking import check_case
from evidence.countersigning import (
    add_cosignatures,
    configured_witnesses,
    list_cosignatures,
    newest_head,
)
from evidence.keyfile import FileSigner, new_signer
from evidence.proving import check_proof, make_proof
from evidence.witness_errors import CosignatureRefusedError
from manifests.cosignature import Cosigner, cosign
from manifests.entries import EntryType
from manifests.errors import CaseLockedError, MalformedError
from manifests.keys import PublicKey
from manifests.lock import WriterLock
from manifests.note import NoteSignature
from manifests.verifying.judge import Anchors
from manifests.verifying.policy import Policy, read_policy
from manifests.verifying.verdict import Axis, Code, Status, Verdict
from manifests.verifying.witnesses import Witness, judge_witnesses
from manifests.witnessing import write_cosignatures
from tests.builders import Bench, codes, new_bench

T0 = 1_700_000_000  # before the entries' own times: they are made now
NOW = datetime(2100, 1, 1, tzinfo=UTC)
LATER = int(NOW.timestamp()) - 1000


class Party:
    """A witness: its key, its name in notes, what a verifier knows of it."""

    def __init__(self, name: str) -> None:
        self.name = f"{name}.example"
        self.label = name
        self.signer: FileSigner = new_signer()

    @property
    def known(self) -> list[Witness]:
        found = [Witness(self.label, self.signer.public)]
        if self.signer.post_quantum is not None:
            found.append(Witness(self.label, self.signer.post_quantum.public))
        return found

    def lines(self, bench: Bench, time: int = LATER) -> list[NoteSignature]:
        head = newest_head(bench.case)
        text, checkpoint = head.signed.text, head.checkpoint
        return cosign(text, checkpoint, name=self.name, time=time, signer=self.signer)

    def vkeys(self) -> list[str]:
        beside = self.signer.post_quantum
        assert beside is not None
        keys = (self.signer.public, beside.public)
        return [Cosigner(self.name, key).vkey for key in keys]


def note(bench: Bench, count: int = 1) -> None:
    for _ in range(count):
        with writing(bench.case, bench.identity, bench.signer) as writer:
            writer.record(EntryType.ANNOTATE, facts={"kind": "fact"}, private={"t": ""})


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    bench = new_bench(tmp_path / "case")
    note(bench, 2)
    return bench


@pytest.fixture
def party() -> Party:
    return Party("Procura")


def put(bench: Bench, lines: Sequence[NoteSignature], tag: str = "t") -> Path:
    """Lay lines beside the newest checkpoint, whatever they are."""
    size = newest_head(bench.case).size
    path = bench.case.manifest / "checkpoints" / f"{size:010d}.{tag}.cosig"
    path.write_bytes(write_cosignatures(list(lines)))
    return path


def verify(
    bench: Bench,
    *known: Witness,
    policy: Policy | None = None,
    outside: tuple[tuple[str, bytes], ...] = (),
    **anchors: frozenset[str],
) -> Verdict:
    given = Anchors(**anchors, now=NOW, witnesses=known, policy=policy)  # type: ignore[arg-type]
    return check_case(bench.case, anchors=given, outside=outside).verdict


def axis(verdict: Verdict) -> tuple[Status, str]:
    found = verdict.axes[Axis.WITNESSED]
    return found.status, found.explanation


# --- what counts ----------------------------------------------------------------------


def test_nobody(bench: Bench) -> None:
    status, why = axis(verify(bench))
    assert status is Status.NOT_CHECKED
    assert why == "No countersignature of another party is there."
    assert verify(bench).exit_code(frozenset({Axis.WITNESSED})) == 23


def test_a_known_witness(bench: Bench, party: Party) -> None:
    put(bench, party.lines(bench))
    verdict = verify(bench, *party.known)
    status, why = axis(verdict)
    assert status is Status.PASS
    assert why == (
        "The first 3 of 3 entries are countersigned by Procura (2099-12-31T23:43:20Z)."
    )
    assert codes(verdict, failing=False) == set()
    assert verdict.exit_code(frozenset({Axis.WITNESSED})) == 0
    assert any(
        "first 3 entries are countersigned" in t for t in verdict.not_established
    )
    note(bench, 2)
    assert "The first 3 of 5 entries" in axis(verify(bench, *party.known))[1]


def test_only_strangers(bench: Bench, party: Party) -> None:
    put(bench, party.lines(bench)[:1])
    status, why = axis(verify(bench, *Party("Other").known))
    assert status is Status.NOT_CHECKED
    assert why.startswith("Countersigned by 1 key you do not know")


def test_cosignatures_of_both_kinds_and_in_the_note_itself(
    bench: Bench, party: Party
) -> None:
    classical, post_quantum = party.known
    put(bench, party.lines(bench))
    for known in (classical, post_quantum):
        assert axis(verify(bench, known))[0] is Status.PASS
    (bench.case.manifest / "checkpoints" / "0000000003.t.cosig").unlink()
    assert axis(verify(bench, classical))[0] is Status.NOT_CHECKED
    head = newest_head(bench.case)
    kept = head.note + write_cosignatures(party.lines(bench))
    verdict = verify(bench, classical, outside=(("kept.note", kept),))
    assert axis(verdict)[0] is Status.PASS


def test_a_post_quantum_cosignature_without_a_time(bench: Bench, party: Party) -> None:
    put(bench, party.lines(bench, time=0)[1:])
    status, why = axis(verify(bench, *party.known))
    assert status is Status.PASS
    assert why.endswith("by Procura (no time stated).")


def test_the_earliest_time_is_told(bench: Bench, party: Party) -> None:
    put(bench, party.lines(bench, LATER - 60), "a")
    put(bench, party.lines(bench, LATER), "b")
    assert "2099-12-31T23:42:20Z" in axis(verify(bench, *party.known))[1]


def test_a_key_of_the_case_witnesses_nothing(bench: Bench, party: Party) -> None:
    party.signer = bench.signer
    put(bench, party.lines(bench))
    verdict = verify(bench, *party.known)
    assert axis(verdict)[0] is Status.NOT_CHECKED
    assert codes(verdict) == set()
    assert codes(verdict, failing=False) == {"WITNESS_OWN_KEY"}


def test_many_signatures_on_one_note(bench: Bench, party: Party) -> None:
    """The specification asks for 16 at least; 64 are read, in any order."""
    strangers = [Party(f"s{n}").lines(bench)[0] for n in range(62)]
    put(bench, [*strangers, *party.lines(bench)])
    assert axis(verify(bench, *party.known))[0] is Status.PASS
    text = b"".join(
        b"\xe2\x80\x94 x %s\n" % base64.b64encode(bytes(9)) for _ in "x" * 65
    )
    put(bench, party.lines(bench)).write_bytes(text)
    verdict = verify(bench, *party.known)
    assert codes(verdict) == {"COSIGNATURE_MALFORMED"}
    assert verdict.exit_code() == 23


# --- what fails -----------------------------------------------------------------------


def test_any_flipped_bit_of_a_cosignature(bench: Bench, party: Party) -> None:
    put(bench, party.lines(bench))
    anchors = Anchors(witnesses=tuple(party.known))
    log = check_case(bench.case, anchors=anchors).log
    (head,) = (h for h in log.heads if h.cosignatures)
    for line in party.lines(bench):
        bits = len(line.signature) * 8
        for bit in range(0, bits, 1 if bits < 1000 else 97):
            raw = bytearray(line.signature)
            raw[bit // 8] ^= 1 << bit % 8
            altered = NoteSignature(line.name, line.key_id, bytes(raw))
            beside = (("0000000003.t.cosig", write_cosignatures([altered])),)
            changed = [replace(head, companions=beside)]
            found, verdict, _ = judge_witnesses(
                changed, [], 3, witnesses=party.known, policy=None, now=NOW
            )
            assert [f.code for f in found] == [Code.COSIGNATURE_WRONG], bit
            assert verdict.status is Status.FAIL


@pytest.mark.parametrize("where", ["another size", "another log", "later extension"])
def test_a_cosignature_of_another_head(
    bench: Bench, party: Party, tmp_path: Path, where: str
) -> None:
    lines = party.lines(bench)
    if where == "another log":
        lines = party.lines(new_bench(tmp_path / "other"))
    elif where == "another size":
        note(bench)
    else:
        head = newest_head(bench.case)
        text = head.signed.text + b"more\n"
        lines = cosign(
            text, head.checkpoint, name=party.name, time=T0, signer=party.signer
        )[:1]
    put(bench, lines)
    verdict = verify(bench, *party.known)
    assert codes(verdict) == {"COSIGNATURE_WRONG"}
    assert axis(verdict)[0] is Status.FAIL
    assert verdict.exit_code() == 23


def test_a_wrong_one_beside_a_right_one_fails(bench: Bench, party: Party) -> None:
    good = party.lines(bench)
    bad = NoteSignature(party.name, good[0].key_id, bytes(72))
    put(bench, [*good, bad])
    assert codes(verify(bench, *party.known)) == {"COSIGNATURE_WRONG"}


def test_a_truncated_one_fails(bench: Bench, party: Party) -> None:
    line = party.lines(bench)[0]
    put(bench, [NoteSignature(line.name, line.key_id, line.signature[:-1])])
    assert codes(verify(bench, *party.known)) == {"COSIGNATURE_WRONG"}


@pytest.mark.parametrize(
    "data", [b"", b"hello\n", b"\xff", b"\xe2\x80\x94 a AAAA", bytes(70_000)]
)
def test_a_file_that_is_none(bench: Bench, party: Party, data: bytes) -> None:
    put(bench, party.lines(bench)).write_bytes(data)
    assert "COSIGNATURE_MALFORMED" in codes(verify(bench, *party.known))


def test_a_head_that_does_not_hold(bench: Bench, party: Party, tmp_path: Path) -> None:
    """Rewritten behind the witness's back, its checkpoint left in place."""
    other = Path(shutil.copytree(bench.case.path, tmp_path / "other"))
    note(bench)
    put(bench, party.lines(bench))
    rewritten = Bench(open_case(other), bench.identity, bench.signer)
    note(rewritten, 2)
    for path in (bench.case.manifest / "checkpoints").glob("0000000004.*"):
        shutil.copy(path, other / "manifest/checkpoints")
    verdict = verify(rewritten, *party.known)
    assert {"CHECKPOINT_ROOT", "COSIGNATURE_HEAD"} <= codes(verdict)
    assert axis(verdict)[0] is Status.FAIL


def test_a_back_dated_insert(bench: Bench, party: Party, tmp_path: Path) -> None:
    """One more entry between two old ones, all later ones made again with the key."""
    forged = Path(shutil.copytree(bench.case.path, tmp_path / "forged"))
    put(bench, party.lines(bench))
    log = forged / "manifest/entries.jsonl"
    log.write_bytes(log.read_bytes().splitlines(keepends=True)[0])
    for path in (forged / "manifest/checkpoints").glob("000000000[23].note"):
        path.unlink()
    for path in (forged / "private").glob("000000000[12].json"):
        path.unlink()
    again = Bench(open_case(forged), bench.identity, bench.signer)
    note(again, 3)
    policy = _policy(party, rule="any")
    assert codes(verify(again, policy=policy)) == {"QUORUM_MISSED"}
    for path in (bench.case.manifest / "checkpoints").glob("*.cosig"):
        shutil.copy(path, again.case.manifest / "checkpoints")
    found = codes(verify(again, policy=policy))
    assert found == {"COSIGNATURE_WRONG", "QUORUM_MISSED"}


def test_the_end_cut_off_but_not_its_countersigned_checkpoint(
    bench: Bench, party: Party, tmp_path: Path
) -> None:
    old = Path(shutil.copytree(bench.case.path, tmp_path / "old"))
    note(bench)
    put(bench, party.lines(bench))
    for path in (bench.case.manifest / "checkpoints").glob("0000000004.*"):
        shutil.copy(path, old / "manifest/checkpoints")
    verdict = verify(Bench(open_case(old), bench.identity, bench.signer), *party.known)
    assert {"CHECKPOINT_BEYOND", "COSIGNATURE_HEAD"} <= codes(verdict)


# --- key ids that collide -------------------------------------------------------------


def test_two_witnesses_with_one_name_and_key_id(bench: Bench) -> None:
    """A 4-byte id is no proof: the line counts for whichever key made it."""
    known = [
        Witness(name, PublicKey(_twin(number).public_key().public_bytes_raw()))
        for name, number in zip(("first", "second"), _TWINS, strict=True)
    ]
    ids = [Cosigner("twin.example", w.key).note_id for w in known]
    assert ids[0] == ids[1]
    head = newest_head(bench.case)
    private = _twin(_TWINS[1])
    signed = b"cosignature/v1\ntime %d\n" % LATER + head.signed.text
    raw = struct.pack(">Q", LATER) + private.sign(signed)
    put(bench, [NoteSignature("twin.example", ids[0], raw)])
    for order in (known, known[::-1]):
        status, why = axis(verify(bench, *order))
        assert status is Status.PASS
        assert "by second" in why
    assert codes(verify(bench, known[0])) == {"COSIGNATURE_WRONG"}


# Their seeds as numbers: found by making about 2^17 keys, in half a minute.
_TWINS = (30_317, 180_465)


def _twin(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(number.to_bytes(32, "big"))


# --- time -----------------------------------------------------------------------------


def test_a_time_in_the_future_is_a_remark(bench: Bench, party: Party) -> None:
    for time in (int(NOW.timestamp()) + 301, 2**63 - 1):
        put(bench, party.lines(bench, time))
        verdict = verify(bench, *party.known)
        assert axis(verdict)[0] is Status.PASS
        assert codes(verdict, failing=False) == {"COSIGNATURE_FUTURE"}
    put(bench, party.lines(bench, int(NOW.timestamp()) + 299))
    assert codes(verify(bench, *party.known), failing=False) == set()


def test_entries_later_than_the_witness_s_time_are_a_remark(
    bench: Bench, party: Party
) -> None:
    put(bench, party.lines(bench, T0))
    verdict = verify(bench, *party.known)
    assert axis(verdict)[0] is Status.PASS
    assert codes(verdict, failing=False) == {"TIME_AFTER_WITNESS"}


# --- policies -------------------------------------------------------------------------


def _policy(*parties: Party, rule: str, log: str = "") -> Policy:
    words = []
    for party in parties:
        ed25519, ml_dsa = party.vkeys()
        words.append(f"witness {party.label}-1 {ed25519}\n")
        words.append(f"witness {party.label}-2 {ml_dsa}\n")
        words.append(f"group {party.label} any {party.label}-1 {party.label}-2\n")
    names = " ".join(party.label for party in parties)
    text = log + "".join(words) + f"group q {rule} {names}\nquorum q\n"
    return read_policy(text.encode())


def test_two_of_three(bench: Bench) -> None:
    prosecutor, ngo, court = (Party(n) for n in ("prosecutor", "ngo", "court"))
    policy = _policy(prosecutor, ngo, court, rule="2")
    missed = verify(bench, policy=policy)
    assert codes(missed) == {"QUORUM_MISSED"}
    assert missed.exit_code() == 23
    put(bench, prosecutor.lines(bench), "a")
    assert codes(verify(bench, policy=policy)) == {"QUORUM_MISSED"}
    note(bench, 2)
    put(bench, court.lines(bench)[1:], "b")
    # The prosecutor saw 3 entries, the court 5: both vouch for the first 3.
    verdict = verify(bench, policy=policy)
    assert axis(verdict)[0] is Status.PASS
    assert "The first 3 of 5 entries" in axis(verdict)[1]
    put(bench, ngo.lines(bench), "c")
    assert "The first 5 of 5 entries" in axis(verify(bench, policy=policy))[1]


def test_a_witness_the_policy_does_not_name_counts_for_nothing(
    bench: Bench, party: Party
) -> None:
    put(bench, party.lines(bench))
    policy = _policy(Party("court"), rule="any")
    verdict = verify(bench, *party.known, policy=policy)
    assert codes(verdict) == {"QUORUM_MISSED"}


def test_a_policy_name_is_bound_to_the_name_in_the_note(
    bench: Bench, party: Party
) -> None:
    policy = _policy(party, rule="any")
    party.name = "other.example"
    put(bench, party.lines(bench))
    assert codes(verify(bench, policy=policy)) == {"QUORUM_MISSED"}


def test_a_policy_whose_witness_is_the_case_s_own_key(bench: Bench) -> None:
    own = Party("own")
    own.signer = bench.signer
    put(bench, own.lines(bench))
    verdict = verify(bench, policy=_policy(own, rule="any"))
    assert codes(verdict) == {"QUORUM_MISSED"}
    assert "WITNESS_OWN_KEY" in codes(verdict, failing=False)


def _log_line(bench: Bench, signer: FileSigner, origin: str = "") -> str:
    name = origin or bench.case.settings.origin
    raw = b"\x01" + signer.public.raw
    identity = hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8]
    return f"log {name}+{identity}+{base64.b64encode(raw).decode()}\n"


def test_the_logs_of_a_policy(bench: Bench, party: Party) -> None:
    put(bench, party.lines(bench))
    good = _policy(party, rule="any", log=_log_line(bench, bench.signer))
    verdict = verify(bench, policy=good)
    assert codes(verdict) == set()
    assert verdict.axes[Axis.TRUSTED].status is Status.PASS
    for line in (
        _log_line(bench, new_signer()),
        _log_line(bench, bench.signer, "another.example/log"),
    ):
        verdict = verify(bench, policy=_policy(party, rule="any", log=line))
        assert codes(verdict) == {"KEY_NOT_ANCHORED"}
        assert verdict.exit_code() == 21
    beside = bench.signer.post_quantum
    assert beside is not None
    log = f"log {Cosigner(bench.case.settings.origin, beside.public).vkey}\n"
    verdict = verify(bench, policy=_policy(party, rule="any", log=log))
    assert codes(verdict) == set()


def test_a_proof_of_one_exhibit_brings_its_countersignatures(
    bench: Bench, party: Party, tmp_path: Path
) -> None:
    (tmp_path / "source.txt").write_text("x")
    bench.acquire(tmp_path / "source.txt")
    put(bench, party.lines(bench))
    path = tmp_path / "proof"
    path.write_bytes(make_proof(bench.case, "EX-0001").data)
    own = Party("own")
    own.signer = bench.signer
    for known, policy, status, expected in (
        (party.known, None, Status.PASS, set()),
        (Party("Other").known, None, Status.NOT_CHECKED, set()),
        (own.known, None, Status.NOT_CHECKED, set()),
        ([], _policy(party, rule="all"), Status.PASS, set()),
        ([], _policy(Party("court"), rule="any"), Status.FAIL, {"QUORUM_MISSED"}),
        (
            [],
            _policy(party, rule="any", log=_log_line(bench, new_signer())),
            Status.PASS,
            {"KEY_NOT_ANCHORED"},
        ),
    ):
        anchors = Anchors(now=NOW, witnesses=tuple(known), policy=policy)
        verdict = check_proof(path, anchors=anchors).verdict
        assert (axis(verdict)[0], codes(verdict)) == (status, expected)


def test_a_policy_that_asks_for_nobody(bench: Bench, party: Party) -> None:
    policy = read_policy(b"quorum none\n")
    status, why = axis(verify(bench, policy=policy))
    assert status is Status.NOT_CHECKED
    assert why.startswith("Your policy asks for no countersignature")
    text = f"witness w {party.vkeys()[0]}\nquorum none\n".encode()
    put(bench, party.lines(bench))
    assert axis(verify(bench, policy=read_policy(text)))[0] is Status.PASS


# --- adding to a case -----------------------------------------------------------------


def add(bench: Bench, party: Party, lines: Sequence[NoteSignature]) -> object:
    data = write_cosignatures(list(lines))
    return add_cosignatures(bench.case, data, party.known, what="it")


def test_what_is_added_belongs_to_its_checkpoint_and_stays(
    bench: Bench, party: Party
) -> None:
    lines = party.lines(bench)
    note(bench, 3)
    before = {p: p.read_bytes() for p in bench.case.path.rglob("*") if p.is_file()}
    data = write_cosignatures([*lines, *Party("stranger").lines(bench)])
    added = add_cosignatures(bench.case, data, party.known, what="it")
    assert (added.size, added.new, added.strangers) == (3, True, 2)
    (new,) = (bench.case.manifest / "checkpoints").glob("*.cosig")
    assert new.name == added.name
    assert new.name.startswith("0000000003.")
    assert new.read_bytes() == write_cosignatures(lines)
    assert {p: p.read_bytes() for p in before} == before
    again = add_cosignatures(bench.case, data, party.known, what="it")
    assert (again.name, again.new) == (added.name, False)
    verdict = verify(bench, *party.known)
    assert codes(verdict, failing=False) == set()
    assert "The first 3 of 6" in axis(verdict)[1]
    listed = list_cosignatures(bench.case, party.known)
    assert [(i.size, i.time, i.holds) for i in listed] == [(3, LATER, True)] * 2
    assert {i.holds for i in list_cosignatures(bench.case, ())} == {None}


@pytest.mark.parametrize(
    "what", ["wrong", "half wrong", "other log", "own", "stranger"]
)
def test_what_is_not_added(
    bench: Bench, party: Party, tmp_path: Path, what: str
) -> None:
    lines = party.lines(bench)
    if what == "wrong":
        lines = [NoteSignature(lines[0].name, lines[0].key_id, bytes(72))]
    elif what == "half wrong":
        lines[1] = NoteSignature(lines[1].name, lines[1].key_id, bytes(2428))
    elif what == "other log":
        lines = party.lines(new_bench(tmp_path / "other"))
    elif what == "own":
        party.signer = bench.signer
        lines = party.lines(bench)
    else:
        lines = Party("stranger").lines(bench)
    before = sorted(bench.case.path.rglob("*"))
    with pytest.raises(CosignatureRefusedError):
        add(bench, party, lines)
    assert sorted(bench.case.path.rglob("*")) == before


def test_not_while_somebody_writes(bench: Bench, party: Party) -> None:
    with WriterLock(bench.case.path / ".lock"), pytest.raises(CaseLockedError):
        add(bench, party, party.lines(bench))


# --- settings -------------------------------------------------------------------------


def test_witnesses_in_the_settings(bench: Bench) -> None:
    path = bench.case.path / "custody.toml"
    plain = path.read_text()
    assert configured_witnesses(bench.case) == []
    path.write_text(plain + '\n[[witness]]\nname = "w"\nurl = "http://x"\nkey = "k"\n')
    (found,) = configured_witnesses(bench.case)
    assert (found.name, found.url, found.key) == ("w", "http://x", "k")
    for bad in (
        "witness = 1",
        "[[witness]]\nurl = 'x'",
        "[[witness]]\nname = 3",
        "x =",
    ):
        path.write_text(f"{plain}\n{bad}\n")
        with pytest.raises(MalformedError):
            configured_witnesses(bench.case)
