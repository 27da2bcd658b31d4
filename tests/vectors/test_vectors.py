"""The project, and a checker that does not import it, reach every verdict of v1/."""

from __future__ import annotations

import base64
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from manifests import (
    canonical,
    checkpoint,
    entries,
    keys,
    merkle,
    note,
    sealing,
    warrants,
)
from manifests.errors import MalformedError
from manifests.verifying import heads
from tests.engines import has_node
from tests.vectors.signer import SeedSigner

FOLDER = Path(__file__).resolve().parent
FILES = sorted((FOLDER / "v1").glob("*.txt"))
Header = dict[str, list[str]]


def read(path: Path) -> tuple[Header, bytes]:
    top, _, data = path.read_bytes().partition(b"\n\n")
    header: Header = {}
    for line in top.decode("ascii").split("\n"):
        name, _, value = line.partition(": ")
        header.setdefault(name, []).append(value)
    plain = header["encoding"] == ["text"]
    return header, data if plain else base64.b64decode(data)


def seeded(name: bytes) -> SeedSigner:
    return SeedSigner(sha256(b"custody test vectors v1, not secret: " + name).digest())


def judge_entry(header: Header, data: bytes) -> str:
    entry = entries.read_entry(data)
    known = {key.id: key for key in map(keys.PublicKey.from_text, header["key"])}
    message = entries.pre_authentication_encoding(entries.body_bytes(data))
    signed = [(known[k], sig) for k, sig in entry.signatures if k in known]
    if not signed:
        return "unknown-key"
    valid = all(key.is_signed(message, sig) for key, sig in signed)
    return "ok" if valid else "bad-signature"


def judge_sealed(header: Header, data: bytes) -> str:
    sealing.unseal(data)
    held = sealing.commitment(data).hex() == header["commitment"][0]
    return "ok" if held else "wrong-commitment"


def judge_checkpoint(header: Header, data: bytes) -> str:
    signed = note.read_note(data)
    head = checkpoint.read_checkpoint(signed.text)
    verdicts: list[bool] = []
    for text in header["key"]:
        if text.split("+", 2)[2].startswith("Aj"):  # type 2: SHA-256(SPKI) is the id
            name, _, body = text.split("+", 2)
            key = keys.PublicKey.from_spki(base64.b64decode(body)[1:])
            number = checkpoint.signature_id(name, key)
        else:
            name, kind, raw = note.read_vkey(text)
            number = note.note_key_id(name, raw, kind=kind)
        if (name, number) not in [(s.name, s.key_id) for s in signed.signatures]:
            continue
        if not text.split("+", 2)[2].startswith("Aj"):
            if kind == 6:
                second = keys.PostQuantumKey(raw)
                status = checkpoint.post_quantum_status(signed, head, second)
                verdicts.append(status is checkpoint.PostQuantum.HOLDS)
                continue
            key = keys.PublicKey(raw)
        verdicts.append(checkpoint.is_signed_by(signed, name, key))
    if not verdicts:
        return "unknown-key"
    if not all(verdicts):
        return "bad-signature"
    if head.origin != header["origin"][0]:
        return "wrong-origin"
    leaves = [bytes.fromhex(leaf) for leaf in header.get("leaf", [])]
    right = (head.size, head.root) == (len(leaves), merkle.tree_root(leaves))
    return "ok" if right else "wrong-root"


def judge_enrolment(header: Header, data: bytes) -> str:
    value = canonical.decode_object(data, what="a key object", max_bytes=1 << 16)
    warrants.read_warrant(value, header["origin"][0])
    return "ok"


def judge_answer(header: Header, data: bytes) -> str:
    assert judge_entry(header, data) == "ok"
    entry = entries.read_entry(data)
    answer = warrants.read_answer(entry)
    assert answer is not None
    seq, leaf, actor = header["waiting"][0].split(" ")
    right = (str(answer.seq), answer.leaf) == (seq, leaf) and entry.actor != actor
    return "ok" if right else "wrong-answer"


def judge_cosignatures(header: Header, data: bytes) -> str:
    heads.read_cosignatures(data)
    return "ok"


JUDGES = {
    "answer": judge_answer,
    "checkpoint": judge_checkpoint,
    "cosignatures": judge_cosignatures,
    "enrolment": judge_enrolment,
    "entry": judge_entry,
    "sealed": judge_sealed,
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_project_reaches_the_verdict(path: Path) -> None:
    header, data = read(path)
    try:
        found = JUDGES[header["kind"][0]](header, data)
    except MalformedError:
        found = "malformed"
    assert found == header["expect"][0], header["comment"][0]


def test_every_verdict_has_vectors() -> None:
    found = {(h["kind"][0], h["expect"][0]) for h, _ in map(read, FILES)}
    forms = {(kind, verdict) for kind in JUDGES for verdict in ("ok", "malformed")}
    signed = {
        (kind, verdict)
        for kind in ("entry", "checkpoint")
        for verdict in ("unknown-key", "bad-signature")
    }
    others = {("checkpoint", "wrong-origin"), ("checkpoint", "wrong-root")}
    others |= {("sealed", "wrong-commitment"), ("answer", "wrong-answer")}
    assert found == forms | signed | others


def test_no_two_vectors_of_a_kind_hold_the_same_bytes() -> None:
    seen: dict[tuple[str, bytes, str], str] = {}
    for path in FILES:
        header, data = read(path)
        known = repr([header.get(n) for n in ("key", "leaf", "commitment")])
        twin = seen.setdefault((header["kind"][0], data, known), path.name)
        assert twin == path.name


@pytest.fixture(scope="module")
def checker() -> dict[str, list[str]]:
    """Verdict, fault and mark the independent checker prints for each file."""
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command is not installed")
    command = [sys.executable, "-I", str(FOLDER / "check.py"), *map(str, FILES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert len(rows) == len(FILES)
    assert (done.returncode == 0) == all(row[2] == "same" for row in rows)
    return {row[3]: row[:3] for row in rows}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_independent_checker_reaches_verdict_and_fault(
    path: Path, checker: dict[str, list[str]]
) -> None:
    header, _ = read(path)
    assert checker[path.name] == [header["expect"][0], header["fault"][0], "same"]


def test_independent_checker_says_when_a_verdict_differs(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("the openssl command is not installed")
    whole = (FOLDER / "v1" / "entry-ok-plain.txt").read_bytes()
    changed = tmp_path / "changed.txt"
    changed.write_bytes(whole.replace(b"EX-0001", b"EX-0002"))
    command = [sys.executable, "-I", str(FOLDER / "check.py"), str(changed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stdout.startswith("bad-signature\tsignature\texpected ok none")


def test_checker_imports_only_the_standard_library() -> None:
    text = (FOLDER / "check.py").read_text("utf-8")
    lines = [line.split() for line in text.splitlines()]
    imported = {line[1] for line in lines if line[:1] in (["import"], ["from"])}
    own = {"independent_keys", "mldsa44"}  # tests/docs: the same holds for them
    tops = {name.split(".")[0] for name in imported}
    assert tops <= sys.stdlib_module_names | own


def test_generator_is_deterministic(tmp_path: Path) -> None:
    command = [sys.executable, str(FOLDER / "generate.py"), str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert made == {path.name: path.read_bytes() for path in FILES}


def test_project_writes_the_plain_entry() -> None:
    """The vector was put together without the project."""
    _, line = read(FOLDER / "v1" / "entry-ok-plain.txt")
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    act = entries.Act(
        entries.EntryType.ACQUIRE,
        "examiner",
        {"items": 3, "payload": {"bytes": 4096, "sha256": empty}},
        exhibits=("EX-0001",),
        authority="AU-0001",
    )
    clock = entries.Clock("2026-03-01T09:30:00.000000Z", 1500, "yes", 250)
    made = entries.write_entry(
        act,
        clock,
        origin="vectors.example/case-1",
        seq=0,
        prev=entries.NO_PREVIOUS,
        signer=seeded(b"examiner"),
    )
    assert made == line


def test_project_writes_the_plain_checkpoint() -> None:
    header, data = read(FOLDER / "v1" / "checkpoint-ok-plain.txt")
    root = "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"
    head = checkpoint.Checkpoint("vectors.example/case-1", 7, bytes.fromhex(root))
    signer = seeded(b"custodian")
    assert checkpoint.sign_checkpoint(head, signer) == data
    assert note.vkey(head.origin, signer.public.raw) == header["key"][0]


def test_project_writes_the_plain_sealed_record() -> None:
    _, data = read(FOLDER / "v1" / "sealed-ok-plain.txt")
    salt = bytes(range(16))
    fields = {"serial": "SN-77", "name": "Žana Example"}
    assert sealing.seal(fields, salt=salt) == data


@pytest.mark.skipif(not has_node(), reason="Node.js 18 or newer is not installed")
def test_the_reference_verifier_reaches_every_verdict() -> None:
    program = FOLDER.parent / "reference" / "verify.mjs"
    command = ["node", str(program), "--vectors", *map(str, FILES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    found = [line.split("\t") for line in done.stdout.splitlines()]
    expected = [[read(path)[0]["expect"][0], path.name] for path in FILES]
    assert found == expected
