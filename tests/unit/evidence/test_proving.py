"""Proof files under attack, and cases whose keys changed: each fault has its code."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evidence import proving
from evidence.case import Case
from evidence.errors import ProofImpossibleError
from evidence.keyfile import new_signer
from evidence.proving import Made, check_proof, is_proof_file, make_proof
from manifests import canonical
from manifests.checkpoint import Checkpoint, sign_checkpoint
from manifests.cosignature import cosign
from manifests.errors import MalformedError, NewerFormatError, ProofTooLargeError
from manifests.note import read_note, write_note
from manifests.proof import (
    MAX_PROOF_BYTES,
    ExhibitProof,
    Placed,
    read_proof,
    write_proof,
)
from manifests.verifying.judge import Anchors, SeenFile
from manifests.verifying.proofs import ProofReading, read
from manifests.verifying.verdict import Axis, Status
from manifests.witnessing import write_cosignatures
from tests.builders import Bench, codes, new_bench
from tests.proofs import HELLO, changed, opening, verdict_on, with_extra
from tests.stamping import Forge, new_authority

needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="needs openssl")


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Three exhibits, of which the second is a tree."""
    folder = tmp_path_factory.mktemp("bench")
    (folder / "hello").write_bytes(b"hello\n")
    (folder / "tree").mkdir()
    for name in "abc":
        (folder / "tree" / name).write_text(name * 100)
    (folder / "other").write_bytes(b"other\n")
    bench = new_bench(folder / "case")
    for name in ("hello", "tree", "other"):
        bench.acquire(folder / name)
    return bench


@pytest.fixture(scope="module")
def made(bench: Bench) -> Made:
    return make_proof(bench.case, "EX-0001")


@pytest.fixture(scope="module")
def records(bench: Bench) -> Made:
    return make_proof(bench.case, "EX-0002", records=(1, 3))


# -- a good proof, by an engine of its own -------------------------------------------


def independent(data: bytes) -> tuple[str, str]:
    """Check a proof with hashlib and openssl; return (payload digest, key id)."""
    top, _, note = data.partition(b"\n\n")
    header, extra_line, index_line, *hashes = top.decode().split("\n")
    assert header == "c2sp.org/tlog-proof@v1"
    extra = json.loads(base64.b64decode(extra_line.split(" ")[1]))
    text, _, signatures = note.partition(b"\n\n")
    text += b"\n"
    origin, size, root = text.decode().split("\n")[:3]

    def rises(line: str, index: int, proof: list[str]) -> bytes:
        """Fold the path by halving the tree from the top (RFC 6962 2.1.1)."""

        def fold(leaf: bytes, at: int, count: int, path: list[bytes]) -> bytes:
            if count == 1:
                assert not path
                return leaf
            half = 1 << (count - 1).bit_length() - 1
            if at < half:
                left, right = fold(leaf, at, half, path[:-1]), path[-1]
            else:
                rest = fold(leaf, at - half, count - half, path[:-1])
                left, right = path[-1], rest
            return hashlib.sha256(b"\x01" + left + right).digest()

        leaf = hashlib.sha256(b"\x00" + line.encode()).digest()
        return fold(leaf, index, int(size), [base64.b64decode(h) for h in proof])

    lines = [(extra["entry"], int(index_line.removeprefix("index ")), hashes)]
    lines += [(s["entry"], s["index"], s["proof"]) for s in extra["standing"]]
    for line, index, proof in lines:
        assert rises(line, index, proof) == base64.b64decode(root)
        assert json.loads(line)["body"]["seq"] == index
        assert json.loads(line)["body"]["log"] == origin
    opened = json.loads(extra["standing"][0]["entry"])["body"]
    spki = base64.b64decode(opened["facts"]["founder"]["public"])
    for line, _, _ in lines:
        body = line[8 : line.rindex(',"signatures":')].encode()
        kind = b"application/vnd.custody.entry.v1+json"
        signed = b"DSSEv1 %d %s %d %s" % (len(kind), kind, len(body), body)
        signature = base64.b64decode(json.loads(line)["signatures"][0]["sig"])
        assert openssl_verifies(spki, signed, signature)
    first = signatures.split(b"\n")[0].split(b" ")
    assert first[1].decode() == origin
    assert openssl_verifies(spki, text, base64.b64decode(first[2])[4:])
    acquired = json.loads(extra["entry"])["body"]
    return acquired["facts"]["payload"]["sha256"], hashlib.sha256(spki).hexdigest()


def openssl_verifies(spki: bytes, message: bytes, signature: bytes) -> bool:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as name:
        folder = Path(name)
        for part, data in (("k", spki), ("m", message), ("s", signature)):
            (folder / part).write_bytes(data)
        words = "pkeyutl -verify -rawin -pubin -keyform DER -inkey k -sigfile s -in m"
        ended = subprocess.run(
            ["openssl", *words.split()], cwd=folder, capture_output=True, check=False
        )
    return ended.returncode == 0


@needs_openssl
@pytest.mark.parametrize("exhibit", ["EX-0001", "EX-0002", "EX-0003"])
def test_an_independent_checker_agrees(bench: Bench, exhibit: str) -> None:
    digest, key = independent(make_proof(bench.case, exhibit).data)
    payload = next(bench.case.exhibit_folder(exhibit).glob("payload*"))
    assert digest == hashlib.sha256(payload.read_bytes()).hexdigest()
    assert key == bench.identity.key


def test_a_good_proof_passes(made: Made, bench: Bench) -> None:
    verdict = verdict_on(made.data, demanded=frozenset({bench.identity.key}))
    assert verdict.findings == ()
    passing = {a for a in Axis if verdict.axes[a].status is Status.PASS}
    assert passing == set(Axis) - {Axis.TIMESTAMPED, Axis.WITNESSED}
    assert verdict.size == 4


def test_a_key_nobody_vouched_for_is_not_trusted(made: Made) -> None:
    stranger = new_signer().public.id
    verdict = verdict_on(made.data, demanded=frozenset({stranger}))
    assert codes(verdict) == {"KEY_NOT_ANCHORED"}
    assert verdict.exit_code() == 21
    assert verdict_on(made.data).axes[Axis.TRUSTED].status is Status.NOT_CHECKED


def test_making_one_writes_nothing_into_the_case(bench: Bench) -> None:
    def look() -> list[tuple[Path, int, int]]:
        found = sorted(bench.case.path.rglob("*"))
        return [(p, p.lstat().st_mtime_ns, p.lstat().st_size) for p in found]

    before = look()
    make_proof(bench.case, "EX-0002", records=(2,))
    assert look() == before


def test_an_older_checkpoint_can_be_used(bench: Bench) -> None:
    made = make_proof(bench.case, "EX-0001", at=2)
    assert verdict_on(made.data).size == 2
    assert codes(verdict_on(made.data)) == set()


def test_a_case_without_checkpoints_gives_no_proof(
    bench: Bench, tmp_path: Path
) -> None:
    case, _ = beside(bench, tmp_path)
    for note in (case.manifest / "checkpoints").iterdir():
        note.unlink()
    with pytest.raises(ProofImpossibleError, match="no checkpoint"):
        make_proof(case, "EX-0001")


def test_a_writer_at_work_does_not_disturb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something is appended before each part of the case is read."""
    (tmp_path / "hello").write_bytes(b"hello\n")
    bench = new_bench(tmp_path / "case")
    bench.acquire(tmp_path / "hello")
    for name in ("_read_log", "countersigned"):
        real = getattr(proving, name)

        def slowly(*words: Any, real: Any = real) -> Any:
            bench.acquire(tmp_path / "hello")
            return real(*words)

        monkeypatch.setattr(proving, name, slowly)
    assert codes(verdict_on(make_proof(bench.case, "EX-0001").data)) == set()


# -- attacks -------------------------------------------------------------------------


def swap(data: bytes, old: bytes, new: bytes) -> bytes:
    assert data.count(old) >= 1
    return data.replace(old, new, 1)


def test_a_flipped_payload(made: Made) -> None:
    seen = SeenFile(6, hashlib.sha256(b"hellp\n").hexdigest())
    assert codes(verdict_on(made.data, seen)) == {"PAYLOAD_MODIFIED"}


def test_a_payload_of_another_length(made: Made) -> None:
    """A digest alone does not pass: the size stands in the entry, too."""
    assert codes(verdict_on(made.data, replace(HELLO, bytes=7))) == {"PAYLOAD_MODIFIED"}


def test_the_payload_of_another_exhibit(made: Made) -> None:
    other = SeenFile(6, hashlib.sha256(b"other\n").hexdigest())
    verdict = verdict_on(made.data, other)
    assert codes(verdict) == {"PAYLOAD_MODIFIED"}
    assert verdict.exit_code() == 10


def test_an_altered_entry(made: Made) -> None:
    other = hashlib.sha256(b"other\n").hexdigest()
    data = changed(
        made.data,
        lambda e: e.update(entry=e["entry"].replace(HELLO.sha256, other)),
    )
    verdict = verdict_on(data, SeenFile(6, other))
    assert codes(verdict) == {"NOT_INCLUDED", "SIGNATURE_WRONG"}


def test_an_altered_hash(made: Made) -> None:
    data = bytearray(made.data)
    at = data.index(b"\n", data.index(b"\nindex ") + 1) + 1
    data[at] = ord("A") if data[at] != ord("A") else ord("B")
    assert codes(verdict_on(bytes(data))) == {"NOT_INCLUDED"}


def test_a_hash_left_out_or_added(made: Made) -> None:
    lines = made.data.split(b"\n")
    shorter = b"\n".join([*lines[:3], *lines[4:]])
    longer = b"\n".join([*lines[:4], *lines[3:]])
    for data in (shorter, longer):
        assert codes(verdict_on(data)) == {"NOT_INCLUDED"}


def test_an_altered_index(made: Made) -> None:
    data = swap(made.data, b"\nindex 1\n", b"\nindex 2\n")
    assert codes(verdict_on(data)) == {"NOT_INCLUDED", "ENTRY_SWAPPED"}
    beyond = swap(made.data, b"\nindex 1\n", b"\nindex 999999\n")
    assert codes(verdict_on(beyond)) == {"NOT_INCLUDED", "ENTRY_SWAPPED"}


def with_note(data: bytes, note: bytes) -> bytes:
    return data.partition(b"\n\n")[0] + b"\n\n" + note


def test_the_checkpoint_of_another_log(made: Made, tmp_path: Path) -> None:
    other = new_bench(tmp_path / "other")
    notes = sorted((other.case.manifest / "checkpoints").glob("*.note"))
    verdict = verdict_on(with_note(made.data, notes[-1].read_bytes()))
    assert {"ENTRY_FOREIGN", "NOT_INCLUDED", "NO_CASE_OPEN"} <= codes(verdict)
    assert {"SIGNER_UNKNOWN", "CHECKPOINT_SIGNATURE"} <= codes(verdict)


def test_a_checkpoint_of_the_same_log_and_another_size(
    made: Made, bench: Bench
) -> None:
    older = bench.case.manifest / "checkpoints" / "0000000003.note"
    verdict = verdict_on(with_note(made.data, older.read_bytes()))
    assert "NOT_INCLUDED" in codes(verdict)


def test_a_checkpoint_signed_by_a_stranger(made: Made, bench: Bench) -> None:
    head = made.proof.checkpoint
    note = sign_checkpoint(head, new_signer())
    assert codes(verdict_on(with_note(made.data, note))) == {"CHECKPOINT_SIGNATURE"}


def test_a_forged_root_signed_by_a_stranger(made: Made) -> None:
    head = Checkpoint(made.proof.checkpoint.origin, 4, bytes(32))
    note = sign_checkpoint(head, new_signer())
    found = codes(verdict_on(with_note(made.data, note)))
    assert {"NOT_INCLUDED", "CHECKPOINT_SIGNATURE"} <= found


def test_the_proof_of_another_exhibit(made: Made, records: Made) -> None:
    mine, theirs = made.data.split(b"\n"), records.data.split(b"\n")
    data = b"\n".join([mine[0], mine[1], *theirs[2:]])
    assert {"NOT_INCLUDED", "ENTRY_SWAPPED"} <= codes(verdict_on(data))


def test_no_first_entry(made: Made) -> None:
    verdict = verdict_on(changed(made.data, lambda e: e["standing"].clear()))
    found = {"NO_CASE_OPEN", "SIGNER_UNKNOWN", "CHECKPOINT_SIGNATURE"}
    assert codes(verdict) == found


def test_a_forged_first_entry(made: Made, tmp_path: Path) -> None:
    """A stranger's case_open for the same log, signed well, gives no right."""
    stranger = new_signer()
    line = opening(stranger, made.proof.checkpoint.origin)
    verdict = verdict_on(
        changed(made.data, lambda e: e["standing"][0].update(entry=line.decode()))
    )
    assert {"NOT_INCLUDED", "NO_CASE_OPEN", "SIGNER_UNKNOWN"} <= codes(verdict)


def test_the_first_entry_of_another_case(made: Made, tmp_path: Path) -> None:
    other = new_bench(tmp_path / "other")
    line = next(other.case.entries()).line.decode()
    verdict = verdict_on(
        changed(made.data, lambda e: e["standing"][0].update(entry=line))
    )
    assert {"NOT_INCLUDED", "ENTRY_FOREIGN", "NO_CASE_OPEN"} <= codes(verdict)


def test_a_whole_forgery_passes_but_for_trust(made: Made, tmp_path: Path) -> None:
    """Anybody can make a log: only a key from outside tells whose it is."""
    (tmp_path / "f").write_bytes(b"hello\n")
    other = new_bench(tmp_path / "other")
    other.acquire(tmp_path / "f")
    forged = make_proof(other.case, "EX-0001").data
    assert codes(verdict_on(forged)) == set()
    real = read(read_proof(made.data)).actor
    assert codes(verdict_on(forged, demanded=frozenset({real}))) == {"KEY_NOT_ANCHORED"}


def _malformed() -> dict[str, Callable[[bytes], bytes]]:
    def extra(change: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
        return lambda data: changed(data, change)

    def raw(change: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
        def apply(data: bytes) -> bytes:
            line = data.split(b"\n")[1].removeprefix(b"extra ")
            return with_extra(data, change(base64.b64decode(line)))

        return apply

    def lines(change: Callable[[list[bytes]], object]) -> Callable[[bytes], bytes]:
        def apply(data: bytes) -> bytes:
            parts = data.split(b"\n")
            change(parts)
            return b"\n".join(parts)

        return apply

    def seventeen(value: dict[str, Any]) -> None:
        entry = json.loads(value["entry"])
        entry["signatures"] *= 17
        value["entry"] = canonical.encode(entry).decode()

    def too_many(data: bytes) -> bytes:
        last = data.rstrip(b"\n").split(b"\n")[-1]
        return data + (last + b"\n") * 64

    first = b'{"entry":"'
    return {
        "empty": lambda _: b"",
        "header only": lambda data: data.split(b"\n")[0] + b"\n",
        "byte order mark": lambda data: b"\xef\xbb\xbf" + data,
        "CRLF": lambda data: data.replace(b"\n", b"\r\n"),
        "CRLF before the note": lambda d: d.replace(b"\n", b"\r\n", 3),
        "trailing newline": lambda data: data + b"\n",
        "trailing bytes": lambda data: data + b"x",
        "no final newline": lambda data: data[:-1],
        "65 signatures": too_many,
        "17 signatures on the entry": extra(seventeen),
        "version 0": lambda data: swap(data, b"@v1", b"@v0"),
        "no extra": lines(lambda p: p.pop(1)),
        "two extras": lines(lambda p: p.insert(1, p[1])),
        "no index": lines(lambda p: p.pop(2)),
        "leading zero": lambda data: swap(data, b"index 1", b"index 01"),
        "signed index": lambda data: swap(data, b"index 1", b"index +1"),
        "other digits": lambda d: swap(d, b"index 1", "index \u0661".encode()),
        "huge index": lambda d: swap(d, b"index 1", b"index 1" + b"0" * 5000),
        "short hash": lines(lambda p: p.__setitem__(3, b"AAAA")),
        "hash not base64": lines(lambda p: p.__setitem__(3, b"?" * 44)),
        "64 hashes": lines(lambda p: p.__setitem__(slice(3, 4), [p[3]] * 64)),
        "space after extra": lines(lambda p: p.__setitem__(1, p[1] + b" ")),
        "extra not base64": lines(lambda p: p.__setitem__(1, b"extra !!!!")),
        "white space in JSON": raw(lambda v: v.replace(b'","format', b'", "format', 1)),
        "key twice": raw(lambda v: swap(v, first, b'{"entry":"","entry":"')),
        "key twice, sorted": raw(
            lambda v: swap(v, b'"format":', b'"format":"x","format":')
        ),
        "keys out of order": raw(
            lambda v: (
                b'{"format":"custody-proof-1",'
                + v[1:].replace(b'"format":"custody-proof-1",', b"", 1)
            )
        ),
        "escaped otherwise": raw(lambda v: swap(v, b"body", b"\\u0062ody")),
        "a float": raw(lambda v: swap(v, b'"index":0', b'"index":0.0')),
        "JSON cut": raw(lambda v: v[:-1]),
        "JSON with a tail": raw(lambda v: v + b"{}"),
        "JSON with a mark": raw(lambda v: b"\xef\xbb\xbf" + v),
        "not an object": raw(lambda _: b"[]"),
        "deep": raw(lambda _: b"[" * 100_000 + b"]" * 100_000),
        "more members": extra(lambda e: e.update(note="x")),
        "member missing": extra(lambda e: e.pop("standing")),
        "another format": extra(lambda e: e.update(format="other-1")),
        "entry no text": extra(lambda e: e.update(entry=1)),
        "entry with newline": extra(lambda e: e.update(entry=e["entry"] + "\n")),
        "entry cut": extra(lambda e: e.update(entry=e["entry"][:-1])),
        "entry of keys as subject": extra(
            lambda e: e.update(entry=e["standing"][0]["entry"])
        ),
        "acquire entry in standing": extra(
            lambda e: e["standing"].append(
                {"entry": e["entry"], "index": 2, "proof": []}
            )
        ),
        "standing twice": extra(lambda e: e.update(standing=e["standing"] * 2)),
        "standing at the subject's number": extra(
            lambda e: e["standing"][0].update(index=1)
        ),
        "standing no list": extra(lambda e: e.update(standing={})),
        "standing too long": extra(lambda e: e.update(standing=e["standing"] * 65)),
        "index true": extra(lambda e: e["standing"][0].update(index=True)),
        "index negative": extra(lambda e: e["standing"][0].update(index=-1)),
        "standing hash": extra(lambda e: e["standing"][0].update(proof=["AA=="])),
        "standing hash no text": extra(lambda e: e["standing"][0].update(proof=[1])),
        "records empty": extra(lambda e: e.update(records=[])),
        "records without salt": extra(
            lambda e: e.update(records=[{"index": 0, "proof": [], "record": "{}"}])
        ),
        "tokens empty": extra(lambda e: e.update(tokens=[])),
        "token name": extra(
            lambda e: e.update(tokens=[{"name": "../x.tsr", "token": "AAAA"}])
        ),
        "token empty": extra(
            lambda e: e.update(tokens=[{"name": "0000000004.a.tsr", "token": ""}])
        ),
        "no checkpoint": lambda data: data.partition(b"\n\n")[0] + b"\n",
        "checkpoint unsigned": lambda d: d.rpartition("\n— ".encode())[0],
    }


MALFORMED = _malformed()


@pytest.mark.parametrize("name", MALFORMED)
def test_what_has_not_the_form_is_refused(made: Made, name: str) -> None:
    data = MALFORMED[name](made.data)
    assert data != made.data
    with pytest.raises(MalformedError):
        read_proof(data)


def test_newer_versions_are_told_apart(made: Made) -> None:
    with pytest.raises(NewerFormatError):
        read_proof(swap(made.data, b"@v1", b"@v2"))
    with pytest.raises(NewerFormatError):
        read_proof(changed(made.data, lambda e: e.update(format="custody-proof-2")))


def test_oversized_is_refused_before_it_is_parsed(made: Made, tmp_path: Path) -> None:
    data = made.data + b" " * MAX_PROOF_BYTES
    with pytest.raises(ProofTooLargeError):
        read_proof(data)
    (tmp_path / "p").write_bytes(data)
    assert is_proof_file(tmp_path / "p")
    with pytest.raises(ProofTooLargeError):
        check_proof(tmp_path / "p", anchors=Anchors())


def test_a_checkpoint_over_nothing_is_refused(made: Made, bench: Bench) -> None:
    head = Checkpoint(made.proof.checkpoint.origin, 0, hashlib.sha256().digest())
    note = sign_checkpoint(head, bench.signer)
    with pytest.raises(MalformedError):
        read(read_proof(with_note(made.data, note)))


# -- records -------------------------------------------------------------------------


def test_records_are_shown_and_hold(records: Made, bench: Bench) -> None:
    reading = read(read_proof(records.data))
    path = bench.case.exhibit_folder("EX-0002") / "inventory.jsonl"
    lines = path.read_bytes().splitlines()
    assert [(r.index, r.holds) for r in reading.records] == [(0, True), (2, True)]
    for record in reading.records:
        assert json.loads(lines[record.index]) == record.fields


def test_a_member_alone_is_part_of_the_exhibit(records: Made) -> None:
    reading = read(read_proof(records.data))
    fields = reading.records[0].fields
    name = str(fields["path"])[-1]
    seen = SeenFile(100, hashlib.sha256(name.encode() * 100).hexdigest())
    verdict = verdict_on(records.data, seen)
    assert verdict.axes[Axis.INTACT].status is Status.PASS
    assert verdict.axes[Axis.COMPLETE].status is Status.NOT_CHECKED
    assert codes(verdict_on(records.data, replace(seen, bytes=99))) == {
        "PAYLOAD_MODIFIED"
    }


def test_a_member_that_was_not_shown_is_not_accepted(records: Made) -> None:
    shown = {str(r.fields["path"])[-1] for r in read(read_proof(records.data)).records}
    hidden = ({"a", "b", "c"} - shown).pop()
    seen = SeenFile(100, hashlib.sha256(hidden.encode() * 100).hexdigest())
    assert codes(verdict_on(records.data, seen)) == {"PAYLOAD_MODIFIED"}


def test_a_forged_record_vouches_for_nothing(records: Made) -> None:
    forged = hashlib.sha256(b"forged").hexdigest()

    def forge(extra: dict[str, Any]) -> None:
        record = json.loads(extra["records"][0]["record"])
        record |= {"sha256": forged, "bytes": 6}
        extra["records"][0]["record"] = canonical.encode(record).decode()

    verdict = verdict_on(changed(records.data, forge), SeenFile(6, forged))
    assert codes(verdict) == {"RECORD_WRONG", "PAYLOAD_MODIFIED"}


def test_a_record_at_another_place(records: Made) -> None:
    data = changed(records.data, lambda e: e["records"][0].update(index=1))
    assert codes(verdict_on(data, None)) == {"RECORD_WRONG"}


def test_an_inventory_that_was_altered_gives_no_proof(
    bench: Bench, tmp_path: Path
) -> None:
    shutil.copytree(bench.case.path, tmp_path / "case")
    case = replace(bench.case, path=tmp_path / "case")
    path = case.exhibit_folder("EX-0002") / "inventory.jsonl"
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b'"bytes":100', b'"bytes":101', 1))
    with pytest.raises(ProofImpossibleError, match="RECORD_WRONG"):
        make_proof(case, "EX-0002", records=(1,))


def test_a_log_that_was_altered_gives_no_proof(bench: Bench, tmp_path: Path) -> None:
    shutil.copytree(bench.case.path, tmp_path / "case")
    case = replace(bench.case, path=tmp_path / "case")
    path = case.manifest / "entries.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b'"complete":true', b'"complete":null')
    path.write_bytes(b"".join(lines))
    with pytest.raises(ProofImpossibleError, match="NOT_INCLUDED"):
        make_proof(case, "EX-0001")
    path.write_bytes(b"".join(lines[:3]))
    with pytest.raises(ProofImpossibleError, match="missing"):
        make_proof(case, "EX-0001")


# -- what stands beside the checkpoint -----------------------------------------------


def beside(bench: Bench, folder: Path) -> tuple[Case, bytes]:
    shutil.copytree(bench.case.path, folder / "case")
    case = replace(bench.case, path=folder / "case")
    note = case.manifest / "checkpoints" / "0000000004.note"
    return case, note.read_bytes()


def test_cosignatures_and_tokens_travel_with_it(bench: Bench, tmp_path: Path) -> None:
    case, note = beside(bench, tmp_path)
    signed, witness = read_note(note), new_signer()
    head = make_proof(case, "EX-0001").proof.checkpoint
    lines = cosign(
        signed.text, head, name="witness.invalid", time=1_800_000_000, signer=witness
    )
    folder = case.manifest / "checkpoints"
    data = write_cosignatures(lines)
    (folder / "0000000004.court.cosig").write_bytes(data)
    (folder / "0000000003.court.cosig").write_bytes(data)
    token = Forge(new_authority(), note).answer()
    (folder / "0000000004.tsa.tsr").write_bytes(token)
    (folder / "0000000004.desk.p7s").write_bytes(b"not carried")
    made = make_proof(case, "EX-0001")
    assert made.left_out == ()
    assert read_note(made.proof.note).signatures == (*signed.signatures, *lines)
    reading = read(read_proof(made.data))
    # The seam for whoever judges them: what a case's own heads hold.
    assert reading.head.holds
    assert reading.head.note == note
    assert [data for _, data in reading.head.cosignatures] == [data]
    assert reading.head.tokens == (("0000000004.tsa.tsr", token),)
    assert codes(verdict_on(made.data)) == set()
    other = replace(made.proof, tokens=(("0000000004.tsa.tsr", b"a token"),))
    assert codes(verdict_on(write_proof(other))) == {"TIMESTAMP_MALFORMED"}


def test_what_cannot_be_carried_is_said(bench: Bench, tmp_path: Path) -> None:
    case, note = beside(bench, tmp_path)
    folder = case.manifest / "checkpoints"
    (folder / "0000000004.bad.cosig").write_bytes(b"no lines\n")
    own = replace(read_note(note).signatures[0], key_id=b"none")
    (folder / "0000000004.own.cosig").write_bytes(write_cosignatures([own]))
    (folder / "0000000004.empty.tsr").write_bytes(b"")
    (folder / "0000000004.rubbish.tsr").write_bytes(b"token")
    token = Forge(new_authority(), note).answer()
    for number in range(9):
        (folder / f"0000000004.t{number}.tsr").write_bytes(token)
    made = make_proof(case, "EX-0001")
    said = sorted(text.partition(":")[0] for text in made.left_out)
    assert said == [
        "0000000004.bad.cosig",
        "0000000004.empty.tsr",
        "0000000004.own.cosig",
        "0000000004.rubbish.tsr",
        "0000000004.t8.tsr",
    ]


def test_a_note_holds_sixty_four_signatures(bench: Bench, tmp_path: Path) -> None:
    case, note = beside(bench, tmp_path)
    head = make_proof(case, "EX-0001").proof.checkpoint
    signed = read_note(note)
    witness = new_signer()
    lines = [
        line
        for n in range(64)
        for line in cosign(
            signed.text, head, name=f"w{n}.invalid", time=n + 1, signer=witness
        )
    ]
    folder = case.manifest / "checkpoints"
    for start in (0, 32):
        data = write_cosignatures(lines[start : start + 32])
        (folder / f"0000000004.w{start}.cosig").write_bytes(data)
    made = make_proof(case, "EX-0001")
    assert len(read_note(made.proof.note).signatures) == 64
    assert len(made.left_out) == len(signed.signatures)
    assert codes(verdict_on(made.data)) == set()


def test_a_wrong_post_quantum_signature_fails(made: Made, bench: Bench) -> None:
    if bench.signer.post_quantum is None:
        pytest.skip("this installation has no ML-DSA-44")
    signed = read_note(made.proof.note)
    line = signed.signatures[1]
    raw = bytearray(line.signature)
    raw[100] ^= 1
    note = write_note(
        signed.text, [signed.signatures[0], replace(line, signature=bytes(raw))]
    )
    assert codes(verdict_on(with_note(made.data, note))) == {"CHECKPOINT_SIGNATURE"}


def test_writer_and_reader_agree_on_the_form(made: Made) -> None:
    assert write_proof(read_proof(made.data)) == made.data
    bad = replace(made.proof, standing=made.proof.standing * 2)
    with pytest.raises(MalformedError):
        write_proof(bad)
    assert isinstance(made.proof, ExhibitProof)
    assert isinstance(made.proof.subject, Placed)
    assert isinstance(read(made.proof), ProofReading)
