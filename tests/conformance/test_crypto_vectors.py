"""Formats and cryptography against files of other projects (shared data, `crypto`)."""

from __future__ import annotations

import base64
import importlib.util
import json
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from manifests import canonical, checkpoint, merkle, note
from manifests.errors import MalformedError
from manifests.keys import PublicKey

pytestmark = pytest.mark.conformance

CHECKER = Path(__file__).resolve().parents[1] / "vectors" / "check.py"


@pytest.fixture(scope="module")
def checker() -> ModuleType:
    """The independent reader of canonical JSON that stands beside the vectors."""
    spec = importlib.util.spec_from_file_location("vector_check", CHECKER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- RFC 8785: cyberphone/json-canonicalization ---------------------------------------

JCS_INSIDE = ("arrays", "structures", "unicode")
JCS_OUTSIDE = {
    "french": "a key is not ASCII",
    "values": "is not an integer",
    "weird": "a key is not ASCII",
}


def jcs(shared_data: Path, part: str, name: str) -> bytes:
    folder = shared_data / "crypto" / "cyberphone+json-canonicalization" / "testdata"
    return (folder / part / name).read_bytes()


def es6_number(text: str) -> int | float:
    """56.0 is the number 56 to RFC 8785, which knows no other kind."""
    value = float(text)
    return int(value) if value.is_integer() else value


def test_jcs_every_vector_is_placed(shared_data: Path) -> None:
    folder = shared_data / "crypto" / "cyberphone+json-canonicalization" / "testdata"
    names = {path.stem for path in (folder / "input").iterdir()}
    assert names == {*JCS_INSIDE, *JCS_OUTSIDE}


@pytest.mark.parametrize("name", JCS_INSIDE)
def test_jcs_inside_the_profile(shared_data: Path, name: str) -> None:
    expected = bytes.fromhex(jcs(shared_data, "outhex", f"{name}.txt").decode())
    assert jcs(shared_data, "output", f"{name}.json") == expected
    value = json.loads(
        jcs(shared_data, "input", f"{name}.json"), parse_float=es6_number
    )
    assert canonical.encode(value) == expected
    assert canonical.decode(expected) == value


@pytest.mark.parametrize("name", JCS_OUTSIDE)
def test_jcs_outside_the_profile(shared_data: Path, name: str) -> None:
    expected = bytes.fromhex(jcs(shared_data, "outhex", f"{name}.txt").decode())
    with pytest.raises(MalformedError, match=JCS_OUTSIDE[name]):
        canonical.decode(expected)
    with pytest.raises(MalformedError):
        canonical.encode(json.loads(jcs(shared_data, "input", f"{name}.json")))


def test_jcs_values_without_its_floats(shared_data: Path) -> None:
    value = json.loads(jcs(shared_data, "input", "values.json"))
    output = jcs(shared_data, "output", "values.json")
    start, end = output.index(b'"numbers":'), output.index(b'"string":')
    del value["numbers"]
    assert canonical.encode(value) == output[:start] + output[end:]


# --- JSON: nst/JSONTestSuite ----------------------------------------------------------

# The files that are canonical as they stand (read one by one); the rest have white
# space, escapes that are not needed, floats, keys outside ASCII or repeated keys.
SUITE_CANONICAL = {
    "y_array_empty-string.json",
    "y_array_ending_with_newline.json",  # it does not, whatever its name says
    "y_array_false.json",
    "y_array_with_several_null.json",
    "y_number_negative_one.json",
    "y_object_basic.json",
    "y_object_empty.json",
    "y_object_simple.json",
    "y_string_backslash_and_u_escaped_zero.json",
    "y_string_escaped_control_character.json",
    "y_string_nonCharacterInUTF-8_U+FFFF.json",
    "y_string_space.json",
    "y_string_unicode_2.json",
    "y_structure_lonely_string.json",
}


def suite(shared_data: Path, prefix: str) -> list[Path]:
    folder = shared_data / "malicious" / "nst+JSONTestSuite" / "test_parsing"
    paths = sorted(folder.glob(f"{prefix}_*.json"))
    assert paths
    return paths


def is_refused(data: bytes) -> bool:
    """Anything but `MalformedError` escapes and fails the test."""
    try:
        canonical.decode(data)
    except MalformedError:
        return True
    return False


def test_suite_invalid_files_are_refused(shared_data: Path) -> None:
    paths = suite(shared_data, "n")
    assert len(paths) == 97
    assert [path.name for path in paths if not is_refused(path.read_bytes())] == []


def test_suite_valid_files_pass_only_when_canonical(shared_data: Path) -> None:
    paths = suite(shared_data, "y")
    passed = {path.name for path in paths if not is_refused(path.read_bytes())}
    assert len(paths) == 47
    assert passed == SUITE_CANONICAL


def test_suite_disputed_files_are_refused(shared_data: Path) -> None:
    paths = suite(shared_data, "i")
    assert [path.name for path in paths if not is_refused(path.read_bytes())] == []


def test_suite_two_readers_agree(shared_data: Path, checker: ModuleType) -> None:
    for path in (p for prefix in "nyi" for p in suite(shared_data, prefix)):
        data = path.read_bytes()
        try:
            value = checker.Reader(data).whole()
        except checker.Refused:
            assert is_refused(data), path.name
        else:
            assert canonical.decode(data) == value, path.name


# --- Ed25519: Wycheproof --------------------------------------------------------------


def test_wycheproof_ed25519(shared_data: Path) -> None:
    folder = shared_data / "crypto" / "C2SP+wycheproof" / "testvectors_v1"
    vectors = json.loads((folder / "ed25519_test.json").read_bytes())
    wrong, count = [], 0
    for group in vectors["testGroups"]:
        key = PublicKey(bytes.fromhex(group["publicKey"]["pk"]))
        assert key.spki.hex() == group["publicKeyDer"]
        for case in group["tests"]:
            count += 1
            message, sig = bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
            assert case["result"] in ("valid", "invalid")
            if key.is_signed(message, sig) != (case["result"] == "valid"):
                wrong.append((case["tcId"], case["comment"]))
    assert wrong == []
    assert count == vectors["numberOfTests"] == 151


# --- RFC 6962 proofs: transparency-dev/merkle -----------------------------------------

# Good there, refused here: its roots are 12 bytes ("don't care 2"), and no hash of a
# tree is. Everything else has the same verdict.
TWELVE_BYTE_ROOTS = "consistency/additional/sizes-are-equal-one-and-proof-is-empty.json"


def proof_files(shared_data: Path, kind: str) -> dict[str, Any]:
    folder = shared_data / "crypto" / "transparency-dev+merkle" / "testdata"
    paths = [path for path in (folder / kind).rglob("*") if path.suffix == ".json"]
    return {
        path.relative_to(folder).as_posix(): json.loads(path.read_bytes())
        for path in paths
    }


def decoded(case: dict[str, Any], *names: str) -> list[bytes]:
    return [base64.b64decode(case[name]) for name in names]


def test_merkle_inclusion(shared_data: Path) -> None:
    wrong = []
    cases = proof_files(shared_data, "inclusion")
    for name, case in cases.items():
        leaf, root = decoded(case, "leafHash", "root")
        proof = [base64.b64decode(text) for text in case["proof"]]
        try:
            merkle.verify_inclusion(
                leaf, case["leafIdx"], case["treeSize"], proof, root
            )
            held = True
        except merkle.ProofError:
            held = False
        if held == case["wantErr"]:
            wrong.append(name)
    assert (len(cases), wrong) == (34, [])


def test_merkle_consistency(shared_data: Path) -> None:
    wrong = []
    cases = proof_files(shared_data, "consistency")
    for name, case in cases.items():
        old, new = decoded(case, "root1", "root2")
        proof = [base64.b64decode(text) for text in case["proof"]]
        try:
            merkle.verify_consistency(case["size1"], case["size2"], proof, old, new)
            held = True
        except merkle.ProofError:
            held = False
        if held == case["wantErr"]:
            wrong.append(name)
    assert (len(cases), wrong) == (55, [TWELVE_BYTE_ROOTS])
    case = cases[TWELVE_BYTE_ROOTS]
    whole = sha256(case["root1"].encode()).digest()
    assert case["root1"] == case["root2"]
    merkle.verify_consistency(case["size1"], case["size2"], [], whole, whole)


# --- a log with 16 checkpoints: transparency-dev/tessera ------------------------------

# Stands in tessera's testdata/build_log.sh; the key that made the log is public too.
TESSERA_VKEY = (
    "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
)


@pytest.fixture
def tessera(shared_data: Path) -> Path:
    return shared_data / "crypto" / "transparency-dev+tessera" / "testdata" / "log"


def bundle(data: bytes) -> list[bytes]:
    """Entries of a C2SP tlog-tiles bundle: each behind its length, uint16."""
    entries = []
    while data:
        length = int.from_bytes(data[:2], "big")
        entries.append(data[2 : 2 + length])
        assert len(entries[-1]) == length
        data = data[2 + length :]
    return entries


@pytest.fixture
def leaves(tessera: Path) -> list[bytes]:
    data = (tessera / "tile" / "entries" / "000.p" / "15").read_bytes()
    entries = bundle(data)
    assert entries[:4] == [b"one", b"two", b"three", b"four"]
    return [merkle.leaf_hash(entry) for entry in entries]


def heads(tessera: Path) -> list[checkpoint.Checkpoint]:
    name, kind, raw = note.read_vkey(TESSERA_VKEY)
    assert kind == note.ED25519
    found = []
    for size in range(16):
        data = (tessera / f"checkpoint.{size}").read_bytes()
        signed = note.read_note(data)
        assert checkpoint.is_signed_by(signed, name, PublicKey(raw)), size
        assert note.write_note(signed.text, list(signed.signatures)) == data
        head = checkpoint.read_checkpoint(signed.text)
        assert (head.origin, head.size, head.extensions) == (name, size, ())
        assert head.text == signed.text
        found.append(head)
    return found


def test_tessera_checkpoints_are_signed_and_their_roots_recomputed(
    tessera: Path, leaves: list[bytes]
) -> None:
    frontier = merkle.Frontier()
    roots = [frontier.root()]
    for leaf in leaves:
        frontier.append(leaf)
        roots.append(frontier.root())
    assert roots == [head.root for head in heads(tessera)]
    latest = (tessera / "checkpoint").read_bytes()
    assert checkpoint.read_checkpoint(note.read_note(latest).text).size == 15


def test_tessera_tiles_hold_the_same_leaf_hashes(
    tessera: Path, leaves: list[bytes]
) -> None:
    for size in range(1, 16):
        tile = (tessera / "tile" / "0" / "000.p" / str(size)).read_bytes()
        assert tile == b"".join(leaves[:size])
        part = (tessera / "tile" / "entries" / "000.p" / str(size)).read_bytes()
        assert [merkle.leaf_hash(entry) for entry in bundle(part)] == leaves[:size]


def test_tessera_consistency_of_all_pairs(tessera: Path, leaves: list[bytes]) -> None:
    signed = heads(tessera)
    for old in range(1, 16):
        for new in range(old, 16):
            proof = merkle.consistency_proof(leaves[:new], old)
            before, after = signed[old].root, signed[new].root
            merkle.verify_consistency(old, new, proof, before, after)
            with pytest.raises(merkle.ProofError):
                wrong = signed[old - 1].root
                merkle.verify_consistency(old, new, proof, wrong, after)


def test_tessera_inclusion_of_every_entry(tessera: Path, leaves: list[bytes]) -> None:
    for head in heads(tessera):
        for index in range(head.size):
            proof = merkle.inclusion_proof(leaves[: head.size], index)
            merkle.verify_inclusion(leaves[index], index, head.size, proof, head.root)
            with pytest.raises(merkle.ProofError):
                other = leaves[index - 1] if head.size > 1 else leaves[1]
                merkle.verify_inclusion(other, index, head.size, proof, head.root)


def test_tessera_signatures_of_other_sizes_do_not_fit(tessera: Path) -> None:
    name, _, raw = note.read_vkey(TESSERA_VKEY)
    notes = [note.read_note((tessera / f"checkpoint.{n}").read_bytes()) for n in (7, 8)]
    mixed = note.SignedNote(notes[0].text, notes[1].signatures)
    assert not checkpoint.is_signed_by(mixed, name, PublicKey(raw))
